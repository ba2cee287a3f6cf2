// An app's drawn icon: its initials on one of eight inks, the same on every screen and for everybody.

const INKS = 8;

/** Initials of the first two words, or the first two letters of a single one. */
export function initials(name: string): string {
  const words = name
    .trim()
    .split(/[\s\-_/.]+/u)
    .filter(Boolean);
  const [first = '', second] = words;
  const letters = second ? [firstLetter(first), firstLetter(second)] : Array.from(first).slice(0, 2);
  const [a = '', b = ''] = letters;
  return a.toLocaleUpperCase('en') + (second ? b.toLocaleUpperCase('en') : b);
}

/** Spread over the inks by the id, so that two apps with one name still differ. */
export function ink(id: string): number {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65521;
  return sum % INKS;
}

function firstLetter(word: string): string {
  return Array.from(word)[0] ?? '';
}
