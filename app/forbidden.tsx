// Signed in, but not allowed here.
import { headers } from 'next/headers';
import { supportId } from './request/request-facts.ts';
import { currentSession } from './session/current.ts';
import { Notice } from './ui/notice.tsx';

export default async function Forbidden() {
  const session = await currentSession();
  return (
    <Notice
      title="You cannot open this page"
      supportId={supportId(await headers())}
      actions={
        <a className="button" data-kind="primary" href="/">
          Go to your apps
        </a>
      }
    >
      <p>
        {session ? (
          <>
            You are signed in as <strong>{session.identity.email}</strong>, and your role does not include this area.
          </>
        ) : (
          'Your role does not include this area.'
        )}{' '}
        Ask an administrator if you need it.
      </p>
    </Notice>
  );
}
