// The people: who they are, how they sign in, what they may do.
import type { Metadata } from 'next';
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
import { ROLE_NAMES } from './role-names.ts';

export const metadata: Metadata = { title: 'Users' };

export default async function UsersPage({ searchParams }: { searchParams: ListParams }) {
  const { store, actor, can } = await enter('people.read');
  const query = await listQuery(searchParams);
  const { rows, total } = granted(await listUsers(store, actor, query));
  return (
    <>
      <PageHead title="Users" about="People who may sign in.">
        {can('people.write') && (
          <PageLink className="button" data-kind="primary" href="/admin/users/new">
            Add user
          </PageLink>
        )}
      </PageHead>
      <SearchForm label="Search name or e-mail" search={query.search} />
      {rows.length === 0 ? (
        <Empty title="Nobody matches">Try fewer letters.</Empty>
      ) : (
        <Table label="Users" heads={['Name', 'Role', 'Signs in with', 'Groups', 'Last sign-in']}>
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
  return (
    <Row>
      <Cell>
        <PageLink href={`/admin/users/${user.id}`} className="font-medium hover:underline">
          {user.name}
        </PageLink>{' '}
        {user.disabled && <Tag kind="warn">off</Tag>}
        <div className="break-all text-muted">{user.email}</div>
      </Cell>
      <Cell name="Role">{ROLE_NAMES[user.role]}</Cell>
      <Cell name="Signs in with">
        <SignIn user={user} />
      </Cell>
      <Cell name="Groups" className="text-muted">
        {user.groups.map(({ name }) => name).join(', ') || 'none'}
      </Cell>
      <Cell name="Last sign-in" className="text-muted">
        {user.lastSignInAt === null ? 'never' : <Time at={user.lastSignInAt} />}
      </Cell>
    </Row>
  );
}

function SignIn({ user: { signIn } }: { user: UserRecord }) {
  if (signIn.kind === 'password') return signIn.hasPassword ? 'Password' : <Tag kind="warn">no password yet</Tag>;
  return (
    <>
      <span className="break-all">{signIn.issuer}</span> {!signIn.linked && <Tag>invited</Tag>}
    </>
  );
}
