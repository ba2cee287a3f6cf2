// A token that was just made: shown once, with the first request to try it by.
'use client';
import { useTranslations } from 'next-intl';
import { useEffect, useRef } from 'react';
import { CopyButton } from '../../ui/copy-button.tsx';
import { PageLink } from '../../ui/page-link.tsx';
import { Time } from '../../ui/time.tsx';

type Props = { token: string; expiresAt: number; portalOrigin: string };

export function NewToken({ token, expiresAt, portalOrigin }: Props) {
  const t = useTranslations('tokens');
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const command = `curl -H "Authorization: Bearer $FOYER_TOKEN" ${portalOrigin}/api/v1/token`;
  return (
    <section data-shown-once aria-labelledby="new-token" className="max-w-2xl">
      <h2 id="new-token" ref={heading} tabIndex={-1} className="font-medium outline-none">
        {t('copyNow')}
      </h2>
      <p className="mt-1 text-sm text-muted">{t('copyNowAbout')}</p>
      <Line text={token} label={t('copyToken')} />
      <p className="mt-2 text-sm text-muted">{t.rich('until', { time: () => <Time at={expiresAt} look="long" /> })}</p>
      <h3 className="mt-8 text-sm font-medium">{t('tryIt')}</h3>
      <Line text={command} label={t('copyCommand')} />
      <p className="mt-2 text-sm text-muted">
        {t.rich('document', { path: () => <code className="text-[0.8125rem]">/api/v1/openapi.json</code> })}
      </p>
      <PageLink className="button mt-8" data-kind="primary" href="/admin/tokens">
        {t('done')}
      </PageLink>
    </section>
  );
}

function Line({ text, label }: { text: string; label: string }) {
  return (
    <div className="mt-3 flex items-center justify-between gap-2 rounded-lg bg-sunken px-3 py-2">
      <code className="min-w-0 text-[0.8125rem] break-all">{text}</code>
      <CopyButton text={text} label={label} />
    </div>
  );
}
