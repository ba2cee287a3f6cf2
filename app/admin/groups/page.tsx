// The groups: local ones, and those that a sign-in provider names.
import type { Metadata } from 'next';
import { listGroups } from '#server/store/groups.ts';
import { Empty } from '../../ui/empty.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { PageLink } from '../../ui/page-link.tsx';
import { Cell, Row, Table } from '../../ui/table.tsx';
import { Tag } from '../../ui/tag.tsx';
import { enter, granted } from '../enter.ts';
import { type ListParams, listQuery } from '../list-query.ts';
import { Pager } from '../pager.tsx';
import { SearchForm } from '../search-form.tsx';

export const metadata: Metadata = { title: 'Groups' };

export default async function GroupsPage({ searchParams }: { searchParams: ListParams }) {
  const { store, actor, can } = await enter('people.read');
  const query = await listQuery(searchParams);
  const { rows, total } = granted(await listGroups(store, actor, query));
  return (
    <>
      <PageHead title="Groups" about="Assign an app to a group once, instead of to each person.">
        {can('people.write') && (
          <PageLink className="button" data-kind="primary" href="/admin/groups/new">
            Add group
          </PageLink>
        )}
      </PageHead>
      {(total > 0 || query.search) && <SearchForm label="Search name" search={query.search} />}
      {rows.length === 0 ? (
        <Empty title={query.search ? 'No group matches' : 'No groups yet'}>
          Groups that a sign-in provider sends appear here by themselves.
        </Empty>
      ) : (
        <Table label="Groups" heads={['Group', 'Members', 'Comes from']}>
          {rows.map((group) => (
            <Row key={group.id}>
              <Cell>
                <PageLink href={`/admin/groups/${group.id}`} className="font-medium hover:underline">
                  {group.name}
                </PageLink>
              </Cell>
              <Cell name="Members" className="text-muted">
                {group.memberCount} {group.memberCount === 1 ? 'member' : 'members'}
              </Cell>
              <Cell name="Comes from">
                {group.source === 'provider' ? <Tag>sign-in provider</Tag> : <span className="text-muted">Foyer</span>}
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      <Pager total={total} {...query} />
    </>
  );
}
