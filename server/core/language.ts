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

function isLanguage(value: unknown): value is Language {
  return LANGUAGES.some((language) => language === value);
}

/** `chosen`: the value of the language cookie; `accepted`: an Accept-Language field (RFC 9110 §12.5.4), of which 20 ranges are read. */
export function chooseLanguage(chosen: string | null | undefined, accepted: string | null | undefined): Language {
  if (isLanguage(chosen)) return chosen;
  return (
    wishesIn(accepted)
      .map(({ language }) => language)
      .find(isLanguage) ?? DEFAULT_LANGUAGE
  );
}

/** The language with the region that a browser asks for first, such as `en-GB`: how dates and numbers are written. `accepted` as above. */
export function regionalLanguage(language: Language, accepted: string | null | undefined): string {
  return wishesIn(accepted).find((wish) => wish.language === language && isTag(wish.tag))?.tag ?? language;
}

/** What is wished for most comes first; of equal wishes, what was said first. */
function wishesIn(accepted: string | null | undefined): { tag: string; language: string; weight: number }[] {
  return (accepted ?? '')
    .split(',', 20)
    .map((range) => {
      const [tag = '', ...parameters] = range.trim().split(';');
      return { tag, language: tag.toLowerCase().split('-', 1)[0] ?? '', weight: weightOf(parameters) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight);
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
  const q = parameters
    .map((parameter) => parameter.trim().toLowerCase())
    .find((parameter) => parameter.startsWith('q='));
  if (q === undefined) return 1;
  return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(q.slice(2)) ? Number(q.slice(2)) : 0;
}
