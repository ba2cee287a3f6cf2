// A provider's answer that could not be accepted. One page for every cause: the cause is in the log, not here.
import type { Metadata } from 'next';
import { parseSupportId } from '../../request/request-facts.ts';
import { Notice } from '../../ui/notice.tsx';

export const metadata: Metadata = { title: 'Sign-in did not complete' };

type Query = { reason?: string; support?: string };

export default async function SignInProblemPage({ searchParams }: { searchParams: Promise<Query> }) {
  const { reason, support } = await searchParams;
  const isNotInvited = reason === 'not-invited';
  return (
    <Notice
      title={isNotInvited ? 'This account is not invited here' : 'The sign-in did not complete'}
      supportId={parseSupportId(support)}
      actions={
        <a className="button" data-kind="primary" href="/sign-in">
          Back to sign-in
        </a>
      }
    >
      {isNotInvited ? (
        <p>
          Your sign-in provider confirmed who you are, but nobody has added that account to Foyer. Ask an administrator
          to invite you, or use another account.
        </p>
      ) : (
        <p>
          The answer from the sign-in provider could not be accepted: it may have been too old, used twice, or meant for
          another browser tab. Nothing was changed. Start again; if it happens twice, report the support id.
        </p>
      )}
    </Notice>
  );
}
