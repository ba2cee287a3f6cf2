// What the gateway says to people, by language: the texts of faults and of its own pages. The portal's pages: app/i18n.
import type { FaultCode } from './fault.ts';
import type { Language } from './language.ts';
import de from './texts/de.json' with { type: 'json' };
import en from './texts/en.json' with { type: 'json' };

export type FaultText = { title: string; sentence: string };

export type Texts = {
  /** What happened and what to do. */
  faults: Record<FaultCode, FaultText>;
  pages: (typeof en)['pages'];
};

const TEXTS: Record<Language, Texts> = { en, de };

export function textsIn(language: Language): Texts {
  return TEXTS[language];
}

export function faultText(code: FaultCode, language: Language = 'en'): FaultText {
  return TEXTS[language].faults[code];
}

/** Puts values where a text names them: `{email}`. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
