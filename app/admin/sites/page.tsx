// The private networks that apps live in.
import type { Metadata } from 'next';
import { listSites } from '#server/store/sites.ts';
import { Empty } from '../../ui/empty.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { PageLink } from '../../ui/page-link.tsx';
import { Cell, Row, Table } from '../../ui/table.tsx';
import { enter, granted } from '../enter.ts';
import { endpointText } from '../form/form-values.ts';
import { type ListParams, listQuery } from '../list-query.ts';
import { Pager } from '../pager.tsx';

export const metadata: Metadata = { title: 'Sites' };

export default async function SitesPage({ searchParams }: { searchParams: ListParams }) {
  const { store, actor, can } = await enter('sites.read');
  const query = await listQuery(searchParams);
  const { rows, total } = granted(await listSites(store, actor, query));
  return (
    <>
      <PageHead
        title="Sites"
        about="A site is a private network: its DNS servers, and the addresses that may be reached there."
      >
        {can('sites.write') && (
          <PageLink className="button" data-kind="primary" href="/admin/sites/new">
            Add site
          </PageLink>
        )}
      </PageHead>
      {rows.length === 0 ? (
        <Empty title="No sites yet">Add the network that your apps live in; then add the first app.</Empty>
      ) : (
        <Table label="Sites" heads={['Site', 'DNS servers', 'Zones', 'May be reached', 'Apps']}>
          {rows.map(({ site, appCount }) => (
            <Row key={site.id}>
              <Cell>
                <PageLink href={`/admin/sites/${site.id}`} className="font-medium hover:underline">
                  {site.name}
                </PageLink>
              </Cell>
              <Cell name="DNS servers">
                {site.dnsServers.map(endpointText).join(', ') || <span className="text-muted">none</span>}
              </Cell>
              <Cell name="Zones">{site.zones.join(', ') || <span className="text-muted">every name</span>}</Cell>
              <Cell name="May be reached">
                {[...site.ranges, ...site.endpoints.map(endpointText)].join(', ') || (
                  <span className="text-muted">nothing yet</span>
                )}
              </Cell>
              <Cell name="Apps" className="text-muted">
                {appCount} {appCount === 1 ? 'app' : 'apps'}
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      <Pager total={total} {...query} />
    </>
  );
}
