// The document of every portal page. Everything is rendered for one request: no page of the portal is ever stored.
import './globals.css';
import { createHash } from 'node:crypto';
import type { Metadata, Viewport } from 'next';
import { cookies, headers } from 'next/headers';
import { getLocale } from 'next-intl/server';
import type { ReactNode } from 'react';
import { sessionEndsAt } from '#server/core/authorize.ts';
import { directionOf, regionalLanguage } from '#server/core/language.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { BrandProvider } from './brand/brand-context.tsx';
import { BrandStyle } from './brand/brand-style.tsx';
import { currentBrand, productName } from './brand/current-brand.ts';
import { EARLY_PRESS_SCRIPT } from './early-press/early-press-script.ts';
import { ReaderZone } from './i18n/reader-zone.tsx';
import { RegionProvider } from './i18n/region.tsx';
import { Texts } from './i18n/texts.tsx';
import { Installed } from './offline/installed.tsx';
import type { KeepFor } from './offline/keep-catalogue.ts';
import { KEEP_COOKIE } from './offline/keep-cookie.ts';
import { scriptNonce } from './request/request-facts.ts';
import { currentSession } from './session/current.ts';

export const dynamic = 'force-dynamic';

export function generateMetadata(): Metadata {
  const product = productName();
  return {
    title: { default: product, template: `%s · ${product}` },
    icons: { icon: '/icon.svg', apple: '/apple-touch-icon.png' },
    appleWebApp: { capable: true, title: product, statusBarStyle: 'default' },
    formatDetection: { telephone: false, email: false, address: false },
    referrer: 'same-origin',
    robots: { index: false, follow: false },
  };
}

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  colorScheme: 'light dark',
  // The canvas of public/foyer.css: the window of an installed portal continues its page.
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fafafa' },
    { media: '(prefers-color-scheme: dark)', color: '#0e0e10' },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const [language, keepFor, received] = await Promise.all([getLocale(), catalogueToKeep(), headers()]);
  const brand = currentBrand();
  const nonce = scriptNonce(received);
  return (
    <html lang={language} dir={directionOf(language)}>
      <head>
        <BrandStyle brand={brand} nonce={nonce} />
      </head>
      <body>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: our own words, and nothing else can be run inline */}
        <script nonce={nonce} suppressHydrationWarning dangerouslySetInnerHTML={{ __html: EARLY_PRESS_SCRIPT }} />
        {/* With credentials: its shortcuts are the person's favourites. */}
        <link rel="manifest" href="/manifest.webmanifest" crossOrigin="use-credentials" />
        <Texts of={['common', 'offline', 'problems']}>
          <ReaderZone />
          <RegionProvider language={regionalLanguage(language, received.get('accept-language'))}>
            <BrandProvider brand={brand}>
              {children}
              <Installed workerOn={portalContext().serviceWorker} keepFor={keepFor} />
            </BrandProvider>
          </RegionProvider>
        </Texts>
      </body>
    </html>
  );
}

/** Whose catalogue this device may keep, and how long; null where nobody is signed in, or they did not choose it. */
async function catalogueToKeep(): Promise<KeepFor | null> {
  const [session, jar] = await Promise.all([currentSession(), cookies()]);
  if (!session || !jar.has(KEEP_COOKIE)) return null;
  const owner = createHash('sha256').update(`kept:${session.id}`).digest('base64url').slice(0, 16);
  return { owner, forMs: Math.max(0, sessionEndsAt(session) - portalContext().now()) };
}
