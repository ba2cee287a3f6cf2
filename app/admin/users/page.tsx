// The people: who they are, how they sign in, what they may do.
import type { Metadata } from 'next';
import { useTranslations } from 'next-intl';
import { getTranslations } from 'next-intl/server';
import { listUsers, type UserRecord } from '#server/store/users.ts';
import { Empty } from '../../ui/empty.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { PageLink } from '../../ui/page-link.tsx';
import { Cell, Row, Table } from '../../ui/table.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Time } from '../../ui/time.tsx';
import { enter, granted } from '../enter.ts';
import { type ListParams, listQuery } from '../list-query.ts';
import { Pager } from '../pager.tsx';
import { SearchForm } from '../search-form.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('people'))('users') };
}

export default async function UsersPage({ searchParams }: { searchParams: ListParams }) {
  const { store, actor, can } = await enter('people.read');
  const t = await getTranslations('people');
  const query = await listQuery(searchParams);
  const { rows, total } = granted(await listUsers(store, actor, query));
  return (
    <>
      <PageHead title={t('users')} about={t('usersAbout')}>
        {can('people.write') && (
          <PageLink className="button" data-kind="primary" href="/admin/users/new">
            {t('addUser')}
          </PageLink>
        )}
      </PageHead>
      <SearchForm label={t('searchUsers')} search={query.search} />
      {rows.length === 0 ? (
        <Empty title={t('nobodyMatches')}>{t('fewerLetters')}</Empty>
      ) : (
        <Table label={t('users')} heads={[t('name'), t('role'), t('signsInWith'), t('groups'), t('lastSignIn')]}>
          {rows.map((user) => (
            <UserRow key={user.id} user={user} />
          ))}
        </Table>
      )}
      <Pager total={total} {...query} />
    </>
  );
}

function UserRow({ user }: { user: UserRecord }) {
  const t = useTranslations('people');
  return (
    <Row>
      <Cell>
        <PageLink href={`/admin/users/${user.id}`} className="font-medium hover:underline">
          {user.name}
        </PageLink>{' '}
        {user.disabled && <Tag kind="warn">{t('off')}</Tag>}
        <div className="break-all text-muted">{user.email}</div>
      </Cell>
      <Cell name={t('role')}>{t(`roles.${user.role}`)}</Cell>
      <Cell name={t('signsInWith')}>
        <SignIn user={user} />
      </Cell>
      <Cell name={t('groups')} className="text-muted">
        {user.groups.map(({ name }) => name).join(', ') || t('noGroups')}
      </Cell>
      <Cell name={t('lastSignIn')} className="text-muted">
        {user.lastSignInAt === null ? t('never') : <Time at={user.lastSignInAt} />}
      </Cell>
    </Row>
  );
}

function SignIn({ user: { signIn } }: { user: UserRecord }) {
  const t = useTranslations('people');
  if (signIn.kind === 'password')
    return signIn.hasPassword ? t('password') : <Tag kind="warn">{t('noPasswordYet')}</Tag>;
  return (
    <>
      <span className="break-all">{signIn.issuer}</span> {!signIn.linked && <Tag>{t('invited')}</Tag>}
    </>
  );
}
