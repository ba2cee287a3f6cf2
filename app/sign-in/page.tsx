// Sign-in: a password where there are local accounts, one button for each provider.
import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { getTranslations } from 'next-intl/server';
import { portalContext } from '#server/store/portal-context.ts';
import { signInProviders } from '#server/store/providers.ts';
import { hasLocalAccounts } from '#server/store/users.ts';
import { returnPath } from '../auth/return-path.ts';
import { BrandMark } from '../brand/brand-mark.tsx';
import { currentBrand, productName } from '../brand/current-brand.ts';
import { SupportLink } from '../brand/support-link.tsx';
import { LanguageChoice } from '../i18n/language-choice.tsx';
import { Texts } from '../i18n/texts.tsx';
import { cookieProbeScript } from '../request/cookie-probe.ts';
import { scriptNonce } from '../request/request-facts.ts';
import { currentSession } from '../session/current.ts';
import { SignInForm } from './form.tsx';
import { problemSentence } from './problem-sentence.ts';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('signIn'))('title') };
}

const NOTES = new Map([
  ['signed-out', 'signedOut'],
  ['ready', 'ready'],
] as const);

type Query = { to?: string; again?: string; problem?: string; wait?: string; note?: string };

/** Runs while the page is parsed: a browser that drops our cookies would only go round in circles. */
const COOKIE_PROBE = cookieProbeScript('/sign-in/cookies');

export default async function SignInPage({ searchParams }: { searchParams: Promise<Query> }) {
  const query = await searchParams;
  const { store, portal } = portalContext();
  const to = returnPath(portal.origin, query.to);
  // Of several tabs that came here, the first to sign in opens the way for all.
  if (!query.again && !query.problem && (await currentSession())) redirect(to);
  const [providers, isLocal, t] = await Promise.all([
    signInProviders(store),
    hasLocalAccounts(store),
    getTranslations('signIn'),
  ]);
  const brand = currentBrand();
  const note = NOTES.get((query.note ?? '') as never);
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-[23.5rem] flex-col justify-center px-5 py-10">
      <script
        nonce={scriptNonce(await headers())}
        suppressHydrationWarning
        // biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of this file, allowed by the request's nonce
        dangerouslySetInnerHTML={{ __html: COOKIE_PROBE }}
      />
      <BrandMark brand={brand} />
      <h1 className="mt-5 text-[1.375rem] font-semibold tracking-tight">
        {t('heading', { product: productName(brand) })}
      </h1>
      <p className="mt-1 mb-7 text-[0.9375rem] text-muted">{to.startsWith('/open?') ? t('aboutApp') : t('about')}</p>
      <Texts of={['common', 'signIn', 'offline']}>
        <SignInForm
          to={to}
          providers={providers}
          isLocal={isLocal || providers.length === 0}
          problem={query.problem ? problemSentence(t, { kind: query.problem, waitSeconds: Number(query.wait) }) : null}
          note={note ? t(note) : null}
        />
      </Texts>
      <div className="mt-8 flex flex-wrap items-center justify-between gap-3">
        <LanguageChoice />
        {brand.support && (
          <p className="text-[0.8125rem] text-muted">
            {t.rich('help', { contact: () => <SupportLink contact={brand.support} /> })}
          </p>
        )}
      </div>
    </main>
  );
}
