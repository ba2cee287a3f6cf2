// What a one-time link leads to: the first administrator, the way back in, or a person's first password.
import type { Metadata } from 'next';
import { portalContext } from '#server/store/portal-context.ts';
import { readLink } from '#server/store/setup-links.ts';
import { Logo } from '../ui/logo.tsx';
import { Notice } from '../ui/notice.tsx';
import { SetupForm } from './form.tsx';

export const metadata: Metadata = { title: 'Set up' };

type Query = { token?: string; problem?: string };

export default async function SetupPage({ searchParams }: { searchParams: Promise<Query> }) {
  const { token = '', problem } = await searchParams;
  const link = typeof token === 'string' && token ? await readLink(portalContext().store, token) : null;
  if (!link) {
    return (
      <Notice
        title="This link is no longer good"
        actions={
          <a className="button" data-kind="primary" href="/sign-in">
            Go to sign-in
          </a>
        }
      >
        <p>It was used already, it is too old, or it is incomplete.</p>
        <p>
          An administrator’s link is made with <code>foyer admin link</code> on the machine that Foyer runs on; a link
          for a password, by an administrator on the Users page.
        </p>
      </Notice>
    );
  }
  return (
    <main className="mx-auto w-full max-w-[25rem] px-5 py-16">
      <Logo />
      <h1 className="mt-5 text-[1.375rem] font-semibold tracking-tight">
        {link.kind === 'admin' ? 'Create your administrator account' : 'Choose your password'}
      </h1>
      <p className="mt-1 mb-7 text-[0.9375rem] text-muted">
        {link.kind === 'admin'
          ? 'With an e-mail that exists already, that account becomes an administrator with this password.'
          : `For ${link.email}. Every open session of this account ends.`}
      </p>
      <SetupForm token={token} isAdmin={link.kind === 'admin'} hasProblem={problem !== undefined} />
    </main>
  );
}
