// One person, with their groups and their open sessions.
import type { Metadata } from 'next';
import { listSessions } from '#server/store/sessions.ts';
import { getUser } from '#server/store/users.ts';
import { PageHead } from '../../../ui/page-head.tsx';
import { PageLink } from '../../../ui/page-link.tsx';
import { SessionTable } from '../../../ui/session-table.tsx';
import { enter, granted } from '../../enter.ts';
import { endSessionAction } from '../../sessions/actions.ts';
import { UserForm } from '../user-form.tsx';

export const metadata: Metadata = { title: 'User' };

export default async function UserPage({ params }: { params: Promise<{ id: string }> }) {
  const { store, actor, can, session } = await enter('people.read');
  const user = granted(await getUser(store, actor, (await params).id));
  const sessions = await listSessions(store, actor, user.id);
  return (
    <>
      <PageHead title={user.name} about={user.email} />
      <UserForm user={user} providers={[]} isReadOnly={!can('people.write')} />
      <section className="mt-10">
        <h2 className="mb-3 font-medium">Groups</h2>
        <p className="text-sm text-muted">
          {user.groups.length === 0
            ? 'In no group.'
            : user.groups.map(({ id, name }, at) => (
                <span key={id}>
                  {at > 0 && ', '}
                  <PageLink className="link" href={`/admin/groups/${id}`}>
                    {name}
                  </PageLink>
                </span>
              ))}
        </p>
      </section>
      {sessions.kind === 'listed' && (
        <section className="mt-10">
          <h2 className="mb-3 font-medium">Open sessions</h2>
          <SessionTable
            sessions={sessions.rows}
            currentId={session.id}
            endAction={can('sessions.end') ? endSessionAction : null}
          />
        </section>
      )}
    </>
  );
}
