// A browser and system in two words, from the User-Agent. It only helps people to recognise a session; nothing is decided by it.
import type { useTranslations } from 'next-intl';

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:HeadlessChrome|Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:iPhone|iPod)\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

/** `browser` or `system` is null where only the browser is known. */
export function readDevice(userAgent: string): { browser: string | null; system: string | null } {
  return { browser: find(BROWSERS, userAgent), system: find(SYSTEMS, userAgent) };
}

/** In the reader's words. */
export function deviceName(t: ReturnType<typeof useTranslations<'common'>>, userAgent: string): string {
  const { browser, system } = readDevice(userAgent);
  if (browser && system) return t('device', { browser, system });
  return browser ?? system ?? t('unknownDevice');
}

function find(list: typeof BROWSERS, userAgent: string): string | null {
  return list.find(([pattern]) => pattern.test(userAgent))?.[1] ?? null;
}
