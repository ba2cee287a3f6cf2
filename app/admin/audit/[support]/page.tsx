// What the audit knows of one request, by the support id that its page showed: an address to send to a colleague.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { listAudit } from '#server/store/audit.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { parseSupportId } from '../../../request/request-facts.ts';
import { CopyButton } from '../../../ui/copy-button.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { PageHead } from '../../../ui/page-head.tsx';
import { PageLink } from '../../../ui/page-link.tsx';
import { enter, granted } from '../../enter.ts';
import { AuditTable } from '../audit-table.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('audit'))('request') };
}

const MOST = 200;

export default async function SupportPage({ params }: { params: Promise<{ support: string }> }) {
  const { store, actor } = await enter('audit.read');
  const t = await getTranslations('audit');
  // People write them down, and read them out: small letters mean the same.
  const supportId = parseSupportId((await params).support)?.toUpperCase() ?? null;
  const { rows } = supportId
    ? granted(await listAudit(store, actor, { limit: MOST, filters: { supportId } }))
    : { rows: [] };
  const address = `${portalContext().portal.origin}/admin/audit/${supportId}`;
  return (
    <>
      <PageHead title={t('request')} about={t('requestAbout')}>
        <PageLink className="button" data-kind="quiet" href="/admin/audit">
          {t('all')}
        </PageLink>
      </PageHead>
      {supportId && (
        <p className="card mb-5 flex items-center justify-between gap-3 px-4 py-2.5 text-sm">
          <code className="min-w-0 break-all">{address}</code>
          <CopyButton text={address} label={t('copyAddress')} />
        </p>
      )}
      {rows.length === 0 ? (
        <Empty title={t('requestNone')}>{t('requestNoneAbout')}</Empty>
      ) : (
        <AuditTable events={[...rows].reverse()} />
      )}
    </>
  );
}
