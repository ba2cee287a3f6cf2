// It is published: where to look now.
'use client';
import { CircleCheck } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { RefObject } from 'react';
import { templateOf } from '#server/core/app-templates.ts';
import { compileAccessRule, isAssigned } from '#server/core/policy.ts';
import { PageLink } from '../../../ui/page-link.tsx';
import type { Draft } from './draft.ts';
import type { Place } from './wizard.tsx';

export function DoneStep(props: {
  appId: string;
  draft: Draft;
  place: Pick<Place, 'portal' | 'viewer'>;
  heading: RefObject<HTMLHeadingElement | null>;
}) {
  const { appId, draft } = props;
  const { portal, viewer } = props.place;
  const rule = compileAccessRule(draft.chosen.map(({ assignment }) => assignment));
  const mayOpen = isAssigned(rule, viewer);
  const who = draft.chosen.map(({ name }) => name).join(', ');
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
      {!mayOpen && (
        <div className="mt-3 text-[0.9375rem]">
          <p>{who ? t('done.notYou', { who }) : t('done.nobody')}</p>
          <PageLink className="link" href={`/admin/apps/${appId}#who`}>
            {t('done.assign')}
          </PageLink>
        </div>
      )}
      <div className="mt-6 flex flex-wrap gap-2">
        {mayOpen && (
          <a className="button" data-kind="primary" href={address} target="_blank" rel="noreferrer">
            {t('done.open')}
          </a>
        )}
        <PageLink className="button" data-kind={mayOpen ? undefined : 'primary'} href={`/admin/apps/${appId}/path`}>
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
