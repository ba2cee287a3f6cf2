// One person, with their groups, their open sessions, and what is kept of them.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { countAuditOf } from '#server/store/erasure.ts';
import { listSessions } from '#server/store/sessions.ts';
import { getUser } from '#server/store/users.ts';
import { PageHead } from '../../../ui/page-head.tsx';
import { PageLink } from '../../../ui/page-link.tsx';
import { SessionTable } from '../../../ui/session-table.tsx';
import { enter, granted } from '../../enter.ts';
import { endSessionAction } from '../../sessions/actions.ts';
import { PersonData } from '../person-data.tsx';
import { UserForm } from '../user-form.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('people'))('user') };
}

export default async function UserPage({ params }: { params: Promise<{ id: string }> }) {
  const { store, actor, can, session } = await enter('people.read');
  const t = await getTranslations('people');
  const user = granted(await getUser(store, actor, (await params).id));
  const [sessions, audit] = await Promise.all([
    listSessions(store, actor, user.id),
    countAuditOf(store, actor, user.id),
  ]);
  return (
    <>
      <PageHead title={user.name} about={user.email} />
      <UserForm user={user} providers={[]} isReadOnly={!can('people.write')} />
      <section className="mt-10">
        <h2 className="mb-3 font-medium">{t('groups')}</h2>
        <p className="text-sm text-muted">
          {user.groups.length === 0
            ? t('inNoGroup')
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
          <h2 className="mb-3 font-medium">{t('openSessions')}</h2>
          <SessionTable
            sessions={sessions.rows}
            currentId={session.id}
            endAction={can('sessions.end') ? endSessionAction : null}
          />
        </section>
      )}
      {audit.kind === 'found' && can('audit.read') && (
        <PersonData
          person={{ id: user.id, name: user.name, email: user.email }}
          events={audit.events}
          canErase={can('people.write')}
        />
      )}
    </>
  );
}
