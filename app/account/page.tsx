// Who am I here, on which devices am I signed in, and until when.
import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { portalContext } from '#server/store/portal-context.ts';
import { listSessions } from '#server/store/sessions.ts';
import { LOCAL_ISSUER } from '#server/store/words.ts';
import { ROLE_NAMES } from '../admin/users/role-names.ts';
import { currentActor, currentSession } from '../session/current.ts';
import { Shell } from '../shell/shell.tsx';
import { ConfirmButton } from '../ui/confirm-button.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { SessionTable } from '../ui/session-table.tsx';
import { Time } from '../ui/time.tsx';
import { endMySessionAction, endOtherSessionsAction } from './actions.ts';
import { PasswordForm } from './password-form.tsx';

export const metadata: Metadata = { title: 'Account' };

export default async function AccountPage() {
  const [session, actor] = await Promise.all([currentSession(), currentActor()]);
  if (!session || !actor) redirect('/sign-in');
  const { name, email, role, groupNames, issuer, userId } = session.identity;
  const sessions = await listSessions(portalContext().store, actor, userId);
  const facts = [
    ['E-mail', email],
    ['Role', ROLE_NAMES[role]],
    ['Groups', groupNames.join(', ') || 'none'],
    ['Signs in with', issuer === LOCAL_ISSUER ? 'a password here' : issuer],
  ];
  return (
    <Shell session={session} active="account">
      <main className="max-w-4xl">
        <PageHead title={name} />
        <dl className="card grid gap-x-8 gap-y-3 px-5 py-4 text-sm sm:grid-cols-[9rem_minmax(0,1fr)]">
          {facts.map(([term, value]) => (
            <div key={term} className="contents">
              <dt className="text-muted max-sm:-mb-3">{term}</dt>
              <dd className="break-words">{value}</dd>
            </div>
          ))}
          <dt className="text-muted max-sm:-mb-3">Signed in until</dt>
          <dd>
            <Time at={session.expiresAt} />, or after {Math.round(session.idleTimeoutMs / 3_600_000)} hours without use
          </dd>
        </dl>
        <section className="mt-10">
          <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
            <h2 className="font-medium">Your sessions</h2>
            <div className="flex flex-wrap gap-2">
              <ConfirmButton
                label="Sign out everywhere else"
                kind="quiet"
                title="Sign out everywhere else?"
                confirmLabel="Sign out"
                action={endOtherSessionsAction}
              >
                Every other browser is signed out of every app within a second. This one stays.
              </ConfirmButton>
              <form method="post" action="/sign-out">
                <input type="hidden" name="everywhere" value="yes" />
                <button type="submit" className="button" data-kind="danger">
                  Sign out everywhere
                </button>
              </form>
            </div>
          </div>
          {sessions.kind === 'listed' && (
            <SessionTable sessions={sessions.rows} currentId={session.id} endAction={endMySessionAction} />
          )}
        </section>
        {issuer === LOCAL_ISSUER && (
          <section className="mt-10 max-w-sm">
            <h2 className="mb-3 font-medium">Change password</h2>
            <PasswordForm email={email} />
          </section>
        )}
      </main>
    </Shell>
  );
}
