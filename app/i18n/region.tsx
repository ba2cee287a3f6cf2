// Hands the reader's language with its region to what is rendered twice, so that the server writes a date as the browser would.
'use client';
import { useLocale } from 'next-intl';
import { createContext, type ReactNode, use } from 'react';

const Region = createContext<string | null>(null);

/** `language`: as the browser asked for it, such as `en-GB`. */
export function RegionProvider({ language, children }: { language: string; children: ReactNode }) {
  return <Region value={language}>{children}</Region>;
}

export function useRegionalLanguage(): string {
  const locale = useLocale();
  return use(Region) ?? locale;
}
