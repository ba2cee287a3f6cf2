// Which language a person reads: what they chose, else what their browser asks for, else English.

export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

export const DEFAULT_LANGUAGE: Language = 'en';

/** The name of each language in itself, as a menu of languages shows it. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: 'English', de: 'Deutsch' };

/** Languages that are written from right to left; none is shipped yet, and the pages are ready for them. */
const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(['ar', 'fa', 'he', 'ur']);

export function directionOf(language: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.has(language) ? 'rtl' : 'ltr';
}

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.some((language) => language === value);
}

/** `chosen`: the value of the language cookie; `accepted`: an Accept-Language field (RFC 9110 §12.5.4), of which 20 ranges are read. */
export function chooseLanguage(chosen: string | null | undefined, accepted: string | null | undefined): Language {
  if (isLanguage(chosen)) return chosen;
  let best: { language: Language; weight: number } | null = null;
  for (const range of (accepted ?? '').split(',', 20)) {
    const [tag = '', ...parameters] = range.trim().toLowerCase().split(';');
    const language = tag.split('-', 1)[0];
    const weight = weightOf(parameters);
    if (isLanguage(language) && weight > (best?.weight ?? 0)) best = { language, weight };
  }
  return best?.language ?? DEFAULT_LANGUAGE;
}

/** The language with the region that a browser asks for first, such as `en-GB`: how dates and numbers are written. `accepted` as above. */
export function regionalLanguage(language: Language, accepted: string | null | undefined): string {
  let best = { tag: language as string, weight: 0 };
  for (const range of (accepted ?? '').split(',', 20)) {
    const [tag = '', ...parameters] = range.trim().split(';');
    const weight = weightOf(parameters);
    if (tag.split('-', 1)[0]?.toLowerCase() === language && weight > best.weight && isTag(tag)) best = { tag, weight };
  }
  return best.tag;
}

function isTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    // A RangeError: no language tag (RFC 5646 §2.1).
    return false;
  }
}

/** `q=0.8`; anything else that is not a number from 0 to 1 is no wish. */
function weightOf(parameters: readonly string[]): number {
  const q = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('q='));
  if (q === undefined) return 1;
  return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(q.slice(2)) ? Number(q.slice(2)) : 0;
}
