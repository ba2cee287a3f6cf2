// Sign-in: a password where there are local accounts, one button for each provider.
import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { portalContext } from '#server/store/portal-context.ts';
import { signInProviders } from '#server/store/providers.ts';
import { hasLocalAccounts } from '#server/store/users.ts';
import { returnPath } from '../auth/return-path.ts';
import { scriptNonce } from '../request/request-facts.ts';
import { currentSession } from '../session/current.ts';
import { Logo } from '../ui/logo.tsx';
import { SignInForm } from './form.tsx';
import { problemSentence } from './problem-sentence.ts';

export const metadata: Metadata = { title: 'Sign in' };

const NOTES = new Map([
  ['signed-out', 'You are signed out, here and in every app.'],
  ['ready', 'Your account is ready. Sign in with it.'],
]);

type Query = { to?: string; again?: string; problem?: string; wait?: string; note?: string };

/** Runs while the page is parsed: a browser that drops this cookie would only go round in circles. */
const COOKIE_PROBE = `document.cookie='__Host-foyer-probe=1; Path=/; Secure; SameSite=Lax';
if(!/(^|; )__Host-foyer-probe=1/.test(document.cookie))location.replace('/sign-in/cookies');
else document.cookie='__Host-foyer-probe=; Path=/; Secure; SameSite=Lax; Max-Age=0';`;

export default async function SignInPage({ searchParams }: { searchParams: Promise<Query> }) {
  const query = await searchParams;
  const { store, portal } = portalContext();
  const to = returnPath(portal.origin, query.to);
  // Of several tabs that came here, the first to sign in opens the way for all.
  if (!query.again && !query.problem && (await currentSession())) redirect(to);
  const [providers, isLocal] = await Promise.all([signInProviders(store), hasLocalAccounts(store)]);
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-[23.5rem] flex-col justify-center px-5 py-10">
      <script
        nonce={scriptNonce(await headers())}
        suppressHydrationWarning
        // biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of this file, allowed by the request's nonce
        dangerouslySetInnerHTML={{ __html: COOKIE_PROBE }}
      />
      <Logo />
      <h1 className="mt-5 text-[1.375rem] font-semibold tracking-tight">Sign in to Foyer</h1>
      <p className="mt-1 mb-7 text-[0.9375rem] text-muted">
        {to.startsWith('/open?') ? 'The app opens as soon as you are signed in.' : 'Your apps are one step away.'}
      </p>
      <SignInForm
        to={to}
        providers={providers}
        isLocal={isLocal || providers.length === 0}
        problem={query.problem ? problemSentence({ kind: query.problem, waitSeconds: Number(query.wait) }) : null}
        note={NOTES.get(query.note ?? '') ?? null}
      />
    </main>
  );
}
