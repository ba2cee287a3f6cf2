// The catalogue: every app with its names, where it leads, who may open it, and what is wrong with it.
import type { Metadata } from 'next';
import { type AppLine, listApps } from '#server/store/apps.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { initials, ink } from '../../launcher/monogram.ts';
import { Empty } from '../../ui/empty.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { PageLink } from '../../ui/page-link.tsx';
import { Cell, Row, Table } from '../../ui/table.tsx';
import { Tag } from '../../ui/tag.tsx';
import { enter, granted } from '../enter.ts';
import { type ListParams, listQuery } from '../list-query.ts';
import { Pager } from '../pager.tsx';
import { SearchForm } from '../search-form.tsx';
import { assignedText } from './assigned-text.ts';

export const metadata: Metadata = { title: 'Apps' };

export default async function AppsPage({ searchParams }: { searchParams: ListParams }) {
  const { store, actor, can } = await enter('apps.read');
  const query = await listQuery(searchParams);
  const { rows, total } = granted(await listApps(store, actor, query));
  const { sitesById } = portalContext().snapshot();
  return (
    <>
      <PageHead title="Apps" about="What people can open, at its own name.">
        {can('apps.place') && (
          <PageLink className="button" data-kind="primary" href="/admin/apps/new">
            Add app
          </PageLink>
        )}
      </PageHead>
      {(total > 0 || query.search) && <SearchForm label="Search name or host" search={query.search} />}
      {rows.length === 0 ? (
        <Empty title={query.search ? 'No app matches' : 'No apps yet'}>
          {query.search ? 'Try fewer letters.' : 'Add the first: its public name, and where it is inside.'}
        </Empty>
      ) : (
        <Table label="Apps" heads={['App', 'Public names', 'Upstream', 'Who']}>
          {rows.map((line) =>
            line.kind === 'app' ? (
              <AppRow key={line.app.id} line={line} siteName={sitesById.get(line.app.siteId)?.name ?? 'no site'} />
            ) : (
              <BrokenRow key={line.id} line={line} />
            ),
          )}
        </Table>
      )}
      <Pager total={total} {...query} />
    </>
  );
}

function AppRow({ line, siteName }: { line: Extract<AppLine, { kind: 'app' }>; siteName: string }) {
  const { app, assignments } = line;
  const { scheme, host, port } = app.upstream;
  const upstreams = [app.upstream, ...app.traffic.routes.map(({ upstream }) => upstream)];
  const isUnverified = upstreams.some((each) => each.scheme === 'https' && each.tls.kind === 'unverified');
  return (
    <Row>
      <Cell>
        <div className="flex gap-3">
          <span aria-hidden className={`monogram ink-${ink(app.id)} size-8 text-xs`}>
            {initials(app.name)}
          </span>
          <div className="min-w-0">
            <PageLink href={`/admin/apps/${app.id}`} className="font-medium hover:underline">
              {app.name}
            </PageLink>
            <div className="flex flex-wrap gap-1">
              {!app.enabled && <Tag kind="warn">off</Tag>}
              {app.traffic.maintenance !== null && <Tag kind="warn">closed for maintenance</Tag>}
              {!app.showInLauncher && <Tag>not in launcher</Tag>}
              {isUnverified && <Tag kind="danger">certificate not verified</Tag>}
            </div>
          </div>
        </div>
      </Cell>
      <Cell name="Names">
        {app.hosts[0]}
        {app.hosts.length > 1 && <span className="text-muted"> and {app.hosts.length - 1} more</span>}
      </Cell>
      <Cell name="Upstream">
        <span className="break-all">
          {scheme}://{host.includes(':') ? `[${host}]` : host}:{port}
        </span>
        <div className="text-muted">{siteName}</div>
      </Cell>
      <Cell name="Who" className="text-muted">
        {assignedText(assignments)}
      </Cell>
    </Row>
  );
}

function BrokenRow({ line }: { line: Extract<AppLine, { kind: 'broken' }> }) {
  return (
    <Row>
      <Cell>
        <span className="font-medium">{line.name}</span> <Tag kind="danger">cannot be read</Tag>
      </Cell>
      <td colSpan={3} className="block px-4 py-0.5 text-danger md:table-cell md:py-3">
        {line.problem}
      </td>
    </Row>
  );
}
