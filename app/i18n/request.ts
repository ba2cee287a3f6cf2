// What next-intl knows of a request: the reader's language, texts and time zone.
import { cookies, headers } from 'next/headers';
import { getRequestConfig } from 'next-intl/server';
import { chooseLanguage } from '#server/core/language.ts';
import { LANGUAGE_COOKIE, ZONE_COOKIE } from './cookie-names.ts';
import { MESSAGES } from './messages.ts';
import { zoneOr } from './zone.ts';

export default getRequestConfig(async () => {
  const [jar, received] = await Promise.all([cookies(), headers()]);
  const locale = chooseLanguage(jar.get(LANGUAGE_COOKIE)?.value, received.get('accept-language'));
  return { locale, messages: MESSAGES[locale], timeZone: zoneOr(jar.get(ZONE_COOKIE)?.value, 'UTC') };
});
