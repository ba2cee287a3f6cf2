// The choice of a language, kept on this device.
'use client';
import { useRouter } from 'next/navigation';
import { useLocale, useTranslations } from 'next-intl';
import { useTransition } from 'react';
import { LANGUAGE_NAMES, LANGUAGES } from '#server/core/language.ts';
import { LANGUAGE_COOKIE, readingCookie } from './cookie-names.ts';

export function LanguageChoice() {
  const t = useTranslations('common');
  const router = useRouter();
  const [isChanging, start] = useTransition();
  const language = useLocale();

  function choose(next: string) {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser that Foyer serves
    document.cookie = readingCookie(LANGUAGE_COOKIE, next);
    start(() => router.refresh());
  }

  return (
    <label className="inline-flex items-center gap-2 text-[0.8125rem] text-muted">
      {t('language')}
      <select
        className="rounded-md border border-line bg-surface px-2 py-1 text-text"
        value={language}
        disabled={isChanging}
        onChange={(event) => choose(event.target.value)}
      >
        {LANGUAGES.map((each) => (
          <option key={each} value={each} lang={each}>
            {LANGUAGE_NAMES[each]}
          </option>
        ))}
      </select>
    </label>
  );
}
