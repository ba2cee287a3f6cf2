// What the DNS doctor found about public and internal names, by app, with the records that mend it.
import { CircleCheck } from 'lucide-react';
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { type NamesReport, readNamesReport } from '#server/store/name-findings.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { Empty } from '../../ui/empty.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { PageLink } from '../../ui/page-link.tsx';
import { Time } from '../../ui/time.tsx';
import { enter, granted } from '../enter.ts';
import { CheckNow } from './check-now.tsx';
import { type FindingGroup, findingGroups } from './finding-groups.ts';
import { FindingItem } from './finding-item.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('names'))('title') };
}

/** More are no list that anybody reads: what is mended makes room for the rest. */
const MOST_GROUPS = 100;

export default async function NamesPage() {
  const { store, actor, can } = await enter('apps.read');
  const t = await getTranslations('names');
  const report = granted(await readNamesReport(store, actor));
  const { namesProgress, snapshot } = portalContext();
  const { appsById } = snapshot();
  const groups = findingGroups(report.findings, (id) => appsById.get(id)?.name);
  return (
    <>
      <PageHead title={t('title')} about={t('about')}>
        {can('apps.place') && <CheckNow progress={namesProgress()} />}
      </PageHead>
      {report.checkedAt === null ? <Empty title={t('never')}>{t('neverAbout')}</Empty> : <Checked report={report} />}
      {groups.slice(0, MOST_GROUPS).map((group) => (
        <Group key={group.appId ?? ''} group={group} />
      ))}
      {groups.length > MOST_GROUPS && (
        <p className="mt-4 text-sm text-muted">{t('more', { count: groups.length - MOST_GROUPS })}</p>
      )}
    </>
  );
}

async function Checked({ report }: { report: NamesReport }) {
  const t = await getTranslations('names');
  const { checkedAt, findings, isComplete, names } = report;
  const errors = findings.filter(({ level }) => level === 'error').length;
  const time = () => <Time at={checkedAt ?? 0} />;
  return (
    <div className="card mb-6 flex gap-3 px-4 py-3.5 text-[0.9375rem]">
      {findings.length === 0 && isComplete && <CircleCheck size={20} aria-hidden className="flex-none text-ok" />}
      <div className="min-w-0">
        <p className="font-medium">
          {findings.length === 0 ? t('good') : t('found', { errors, warnings: findings.length - errors })}
        </p>
        <p className="mt-0.5 text-sm text-muted">{t.rich('checked', { count: names, time })}</p>
        {!isComplete && <p className="mt-0.5 text-sm text-warn">{t('incomplete')}</p>}
      </div>
    </div>
  );
}

async function Group({ group: { appId, findings, name } }: { group: FindingGroup }) {
  const t = await getTranslations('names');
  const title = appId === null ? t('everything') : name;
  return (
    <section aria-label={title} className="card mb-4 px-4 pt-3.5">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <h2 className="min-w-0 font-medium break-words">{title}</h2>
        {appId !== null && (
          <span className="flex gap-4 text-sm">
            <PageLink className="link" href={`/admin/apps/${appId}`}>
              {t('edit')}
            </PageLink>
            <PageLink className="link" href={`/admin/apps/${appId}/path`}>
              {t('path')}
            </PageLink>
          </span>
        )}
      </div>
      <ul className="mt-1 divide-y divide-line">
        {findings.map((finding) => (
          <FindingItem key={`${finding.code} ${finding.name} ${finding.by}`} finding={finding} />
        ))}
      </ul>
    </section>
  );
}
