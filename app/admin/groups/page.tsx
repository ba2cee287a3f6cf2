// The groups: local ones, and those that a sign-in provider names.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
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

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('people'))('groups') };
}

export default async function GroupsPage({ searchParams }: { searchParams: ListParams }) {
  const { store, actor, can } = await enter('people.read');
  const t = await getTranslations('people');
  const query = await listQuery(searchParams);
  const { rows, total } = granted(await listGroups(store, actor, query));
  return (
    <>
      <PageHead title={t('groups')} about={t('groupsAbout')}>
        {can('people.write') && (
          <PageLink className="button" data-kind="primary" href="/admin/groups/new">
            {t('addGroup')}
          </PageLink>
        )}
      </PageHead>
      {(total > 0 || query.search) && <SearchForm label={t('searchGroups')} search={query.search} />}
      {rows.length === 0 ? (
        <Empty title={query.search ? t('noGroupMatches') : t('noGroupsYet')}>{t('groupsFromProvider')}</Empty>
      ) : (
        <Table label={t('groups')} heads={[t('group'), t('members'), t('comesFrom')]}>
          {rows.map((group) => (
            <Row key={group.id}>
              <Cell>
                <PageLink href={`/admin/groups/${group.id}`} className="font-medium hover:underline">
                  {group.name}
                </PageLink>
              </Cell>
              <Cell name={t('members')} className="text-muted">
                {t('memberCount', { count: group.memberCount })}
              </Cell>
              <Cell name={t('comesFrom')}>
                {group.source === 'provider' ? (
                  <Tag>{t('provider')}</Tag>
                ) : (
                  <span className="text-muted">{t('here')}</span>
                )}
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      <Pager total={total} {...query} />
    </>
  );
}
