// Who did what, to what, and what was decided: newest first.
import type { Metadata } from 'next';
import { getTimeZone, getTranslations } from 'next-intl/server';
import { listAudit } from '#server/store/audit.ts';
import { Empty } from '../../ui/empty.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { PageLink } from '../../ui/page-link.tsx';
import { enter, granted } from '../enter.ts';
import { AuditFilterForm } from './audit-filter-form.tsx';
import { type AuditParams, auditAddress, auditQuery } from './audit-query.ts';
import { AuditTable } from './audit-table.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('audit'))('title') };
}

const PAGE_SIZE = 50;

export default async function AuditPage({ searchParams }: { searchParams: Promise<AuditParams> }) {
  const { store, actor, can } = await enter('audit.read');
  const [t, zone] = await Promise.all([getTranslations('audit'), getTimeZone()]);
  const { filters, before } = auditQuery(await searchParams, zone);
  const { rows, next } = granted(await listAudit(store, actor, { before, limit: PAGE_SIZE, filters }));
  return (
    <>
      <PageHead title={t('title')} about={t('about')}>
        {can('settings.read') && (
          <PageLink className="button" data-kind="quiet" href="/admin/audit/retention">
            {t('retention.title')}
          </PageLink>
        )}
        <a className="button" href={`/admin/audit/export?${auditAddress(filters, { format: 'csv' })}`} download>
          {t('exportCsv')}
        </a>
        <a className="button" href={`/admin/audit/export?${auditAddress(filters, { format: 'jsonl' })}`} download>
          {t('exportJson')}
        </a>
      </PageHead>
      <AuditFilterForm filters={filters} />
      {rows.length === 0 ? <Empty title={t('none')}>{t('noneAbout')}</Empty> : <AuditTable events={rows} />}
      <nav aria-label={t('pages')} className="mt-4 flex gap-3">
        {before && (
          <a className="button" href={`?${auditAddress(filters)}`}>
            {t('newest')}
          </a>
        )}
        {next && (
          <a className="button" href={`?${auditAddress(filters, { before: next })}`}>
            {t('older')}
          </a>
        )}
      </nav>
    </>
  );
}
