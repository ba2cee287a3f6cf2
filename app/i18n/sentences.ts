// What the store answers in English, in the reader's language: as gettext does, the English sentence is the key.
import type { Language } from '#server/core/language.ts';
import de from './sentences/de.json' with { type: 'json' };

/** English to translation. `{0}`, `{1}` … stand for what a sentence puts in: names, numbers, other sentences. */
type Sentences = Readonly<Record<string, string>>;

const SENTENCES: Partial<Record<Language, Sentences>> = { de };

/** A sentence that nobody translated stays English: a test of this room names it. */
export function sentenceIn(language: Language, sentence: string): string {
  const book = bookOf(language);
  if (!book) return sentence;
  const exact = book.exact.get(sentence);
  if (exact !== undefined) return exact;
  for (const { pattern, translation } of book.patterns) {
    const match = pattern.exec(sentence);
    if (match) return translation.replace(/\{(\d)\}/g, (_, at) => match[Number(at) + 1] ?? '');
  }
  return sentence;
}

/** The same outcome, with every sentence of it in the reader's language. */
export function outcomeIn<Outcome extends object>(language: Language, outcome: Outcome): Outcome {
  const translated: Record<string, unknown> = {};
  if ('sentence' in outcome && typeof outcome.sentence === 'string') {
    translated.sentence = sentenceIn(language, outcome.sentence);
  }
  if ('errors' in outcome && outcome.errors && typeof outcome.errors === 'object') {
    const entries = Object.entries(outcome.errors).map(([path, sentence]) => [
      path,
      sentenceIn(language, String(sentence)),
    ]);
    translated.errors = Object.fromEntries(entries);
  }
  return { ...outcome, ...translated };
}

type Book = { exact: ReadonlyMap<string, string>; patterns: readonly { pattern: RegExp; translation: string }[] };
const books = new Map<Language, Book>();

function bookOf(language: Language): Book | null {
  const sentences = SENTENCES[language];
  if (!sentences) return null;
  const known = books.get(language) ?? makeBook(sentences);
  books.set(language, known);
  return known;
}

function makeBook(sentences: Sentences): Book {
  const entries = Object.entries(sentences);
  const patterns = entries
    .filter(([english]) => /\{\d\}/.test(english))
    // The one with more words of its own is the closer one.
    .sort(([a], [b]) => b.length - a.length)
    .map(([english, translation]) => ({ pattern: patternOf(english), translation }));
  return { exact: new Map(entries), patterns };
}

/** Values are short in practice and never empty; the whole sentence has to fit. */
function patternOf(english: string): RegExp {
  const parts = english.split(/\{\d\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('([\\s\\S]{1,2000}?)')}$`);
}
