// The body of a request as JSON that has one meaning: no key twice, no `__proto__`, no depths that nobody needs.
import { type Problem, problem } from './reply.ts';

export type ReadJson = { kind: 'json'; value: unknown } | Problem;

/** An app's routes nest six levels deep. */
const MAX_DEPTH = 32;

export function readJson(bytes: Uint8Array): ReadJson {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bad('It is not in UTF-8.');
  }
  const flaw = flawOf(text);
  if (flaw !== null) return bad(flaw);
  try {
    return { kind: 'json', value: JSON.parse(text) };
  } catch {
    return bad('Nothing was done: the text ends too early or holds what JSON does not know.');
  }
}

function bad(detail: string): Problem {
  return problem('json-malformed', { detail });
}

/** A string with its escapes, or one of the characters that make the structure. Numbers and words are passed over. */
const PARTS = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/gs;

/** What JSON.parse lets pass, in a text that it has yet to judge. */
function flawOf(text: string): string | null {
  const open: (Set<string> | null)[] = [];
  let last = '';
  for (const [part] of text.matchAll(PARTS)) {
    if (part === '{' || part === '[') {
      open.push(part === '{' ? new Set() : null);
      if (open.length > MAX_DEPTH) return `It is nested deeper than ${MAX_DEPTH} levels.`;
    } else if (part === '}' || part === ']') open.pop();
    else if (part === ':') {
      const key = keyOf(last);
      const seen = open.at(-1);
      if (key === '__proto__') return 'A key is called __proto__, which no field is.';
      if (key !== null && seen?.has(key)) return `The key ${last.slice(0, 100)} is there twice.`;
      if (key !== null) seen?.add(key);
    }
    last = part;
  }
  return null;
}

/** The same key in two spellings is the same key. */
function keyOf(quoted: string): string | null {
  try {
    return JSON.parse(quoted);
  } catch {
    return null;
  }
}
