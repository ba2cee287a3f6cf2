// The terms of use: read, accepted by a click that is recorded, and on to where the person was going.
import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { getTranslations } from 'next-intl/server';
import { portalContext } from '#server/store/portal-context.ts';
import { pendingTerms } from '#server/store/terms.ts';
import { returnPath } from '../auth/return-path.ts';
import { currentSession } from '../session/current.ts';
import { Time } from '../ui/time.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('notices.terms'))('title') };
}

/** `problem`: what was accepted was not the newest text. */
export default async function TermsPage({
  searchParams,
}: {
  searchParams: Promise<{ to?: string | string[]; problem?: string | string[] }>;
}) {
  const session = await currentSession();
  if (!session) redirect('/sign-in');
  const [query, t] = await Promise.all([searchParams, getTranslations('notices.terms')]);
  const { store, portal } = portalContext();
  const to = returnPath(portal.origin, query.to);
  const terms = await pendingTerms(store, session.identity.userId);
  if (!terms) redirect(to);
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-2xl flex-col justify-center px-5 py-10">
      <h1 className="text-[1.375rem] font-semibold tracking-tight">{t('title')}</h1>
      <p className="mt-1 text-[0.9375rem] text-muted">
        {t('about')} {t.rich('version', { version: terms.version, when: () => <Time at={terms.publishedAt} /> })}
      </p>
      {query.problem === 'changed' && (
        <p role="alert" className="mt-4 rounded-lg bg-warn-soft px-3 py-2.5 text-sm">
          {t('changed')}
        </p>
      )}
      <div className="card my-6 px-6 py-5 text-[0.9375rem] leading-relaxed break-words whitespace-pre-line">
        {terms.text}
      </div>
      <div className="flex flex-wrap items-center gap-3">
        <form method="post" action="/terms/accept">
          <input type="hidden" name="version" value={terms.version} />
          <input type="hidden" name="to" value={to} />
          <button type="submit" className="button" data-kind="primary">
            {t('accept')}
          </button>
        </form>
        <form method="post" action="/sign-out">
          <button type="submit" className="button" data-kind="quiet">
            {t('signOut')}
          </button>
        </form>
      </div>
      <p className="mt-4 text-[0.8125rem] text-muted">{t('recorded', { email: session.identity.email })}</p>
    </main>
  );
}
