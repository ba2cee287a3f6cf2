// Hands texts to the client components below it: only the namespaces that they read, so that a page carries no other's.
import { NextIntlClientProvider } from 'next-intl';
import { getLocale, getTimeZone } from 'next-intl/server';
import type { ReactNode } from 'react';
import { MESSAGES, type Namespace } from './messages.ts';

/** An inner `Texts` replaces an outer one whole: name `common` again. */
export async function Texts({ of, children }: { of: readonly Namespace[]; children: ReactNode }) {
  const [locale, timeZone] = await Promise.all([getLocale(), getTimeZone()]);
  const messages = Object.fromEntries(of.map((namespace) => [namespace, MESSAGES[locale][namespace]]));
  return (
    <NextIntlClientProvider locale={locale} timeZone={timeZone} messages={messages}>
      {children}
    </NextIntlClientProvider>
  );
}
