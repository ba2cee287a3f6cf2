// It is published: where to look now.
'use client';
import { CircleCheck } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { RefObject } from 'react';
import { templateOf } from '#server/core/app-templates.ts';
import type { Portal } from '#server/core/snapshot.ts';
import { PageLink } from '../../../ui/page-link.tsx';
import type { Draft } from './draft.ts';

export function DoneStep(props: {
  appId: string;
  draft: Draft;
  portal: Pick<Portal, 'scheme' | 'port'>;
  heading: RefObject<HTMLHeadingElement | null>;
}) {
  const { appId, draft, portal } = props;
  const t = useTranslations('apps.publish');
  const template = templateOf(draft.template);
  const isPlain = portal.port === (portal.scheme === 'https' ? 443 : 80);
  const address = `${portal.scheme}://${draft.host.trim()}${isPlain ? '' : `:${portal.port}`}/`;
  return (
    <section className="max-w-2xl">
      <h2
        ref={props.heading}
        tabIndex={-1}
        className="flex items-center gap-2 text-lg font-semibold tracking-tight outline-none"
      >
        <CircleCheck size={20} aria-hidden className="text-ok" />
        {t('done.title', { name: draft.name })}
      </h2>
      <p className="mt-1.5 text-[0.9375rem] text-muted">{t('done.about', { address })}</p>
      {template && (
        <p className="mt-3 text-[0.9375rem] text-muted">
          {t(`template.${draft.template as 'grafana'}`, { host: draft.host.trim() })}
        </p>
      )}
      <div className="mt-6 flex flex-wrap gap-2">
        <a className="button" data-kind="primary" href={address} target="_blank" rel="noreferrer">
          {t('done.open')}
        </a>
        <PageLink className="button" href={`/admin/apps/${appId}/path`}>
          {t('done.path')}
        </PageLink>
        <PageLink className="button" href={`/admin/apps/${appId}`}>
          {t('done.settings')}
        </PageLink>
        <a className="button" data-kind="quiet" href="/admin/apps/publish">
          {t('done.another')}
        </a>
      </div>
    </section>
  );
}
