// The private networks that apps live in.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { dnsServerText, endpointText } from '#server/core/dns-server.ts';
import { listSites } from '#server/store/sites.ts';
import { Empty } from '../../ui/empty.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { PageLink } from '../../ui/page-link.tsx';
import { Cell, Row, Table } from '../../ui/table.tsx';
import { enter, granted } from '../enter.ts';
import { type ListParams, listQuery } from '../list-query.ts';
import { Pager } from '../pager.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('sites'))('title') };
}

export default async function SitesPage({ searchParams }: { searchParams: ListParams }) {
  const { store, actor, can } = await enter('sites.read');
  const t = await getTranslations('sites');
  const query = await listQuery(searchParams);
  const { rows, total } = granted(await listSites(store, actor, query));
  return (
    <>
      <PageHead title={t('title')} about={t('about')}>
        {can('sites.write') && (
          <PageLink className="button" data-kind="primary" href="/admin/sites/new">
            {t('add')}
          </PageLink>
        )}
      </PageHead>
      {rows.length === 0 ? (
        <Empty title={t('none')}>{t('noneAbout')}</Empty>
      ) : (
        <Table
          label={t('title')}
          heads={[t('head.site'), t('head.servers'), t('head.zones'), t('head.reach'), t('head.apps')]}
        >
          {rows.map(({ site, appCount }) => (
            <Row key={site.id}>
              <Cell>
                <PageLink href={`/admin/sites/${site.id}`} className="font-medium hover:underline">
                  {site.name}
                </PageLink>
              </Cell>
              <Cell name={t('head.servers')}>
                {site.dnsServers.map(dnsServerText).join(', ') || <span className="text-muted">{t('noneOfThem')}</span>}
              </Cell>
              <Cell name={t('head.zones')}>
                {site.zones.join(', ') || <span className="text-muted">{t('everyName')}</span>}
              </Cell>
              <Cell name={t('head.reach')}>
                {[...site.ranges, ...site.endpoints.map(endpointText)].join(', ') || (
                  <span className="text-muted">{t('nothingYet')}</span>
                )}
              </Cell>
              <Cell name={t('head.apps')} className="text-muted">
                {t('apps', { count: appCount })}
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      <Pager total={total} {...query} />
    </>
  );
}
