// Header names that were read before: the same string object each time makes every later question about a name a cheap one.
import { ownText } from '#server/core/own-text.ts';

const names = new Map<string, string>();
/** Clients choose names, so what is remembered has an end. */
const MAX_NAMES = 2_000;
/** Longer ones are nobody's usual headers, and not worth their memory. */
const MAX_NAME_LENGTH = 64;

export function oneSpelling(name: string): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  if (names.size >= MAX_NAMES || name.length > MAX_NAME_LENGTH) return name;
  const own = ownText(name);
  names.set(own, own);
  return own;
}
