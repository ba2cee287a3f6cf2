// The last resort, when even the frame of a page threw. It brings its own document, texts and language.
'use client';
import './globals.css';
import { NextIntlClientProvider } from 'next-intl';
import { chooseLanguage, directionOf } from '#server/core/language.ts';
import ErrorPage from './error.tsx';
import deCommon from './i18n/messages/de/common.json';
import deProblems from './i18n/messages/de/problems.json';
import enCommon from './i18n/messages/en/common.json';
import enProblems from './i18n/messages/en/problems.json';

const MESSAGES = { en: { common: enCommon, problems: enProblems }, de: { common: deCommon, problems: deProblems } };

export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  const language = chooseLanguage(null, typeof navigator === 'undefined' ? null : navigator.languages.join(','));
  return (
    <html lang={language} dir={directionOf(language)}>
      <body>
        <NextIntlClientProvider locale={language} messages={MESSAGES[language]} timeZone="UTC">
          <ErrorPage error={error} />
        </NextIntlClientProvider>
      </body>
    </html>
  );
}
