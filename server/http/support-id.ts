// Support ids: short enough to read out over the phone, random enough not to be guessed.
import { randomFillSync } from 'node:crypto';

// Crockford's alphabet: no I, L, O or U to be misread.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CHARACTERS = 13;
const pool = Buffer.alloc(CHARACTERS * 512);
let used = pool.length;

/** 13 characters, 65 random bits. Random bytes are drawn in bulk, since every request needs one. */
export function newSupportId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  let id = '';
  for (const end = used + CHARACTERS; used < end; used += 1) id += ALPHABET[(pool[used] ?? 0) & 31];
  return id;
}
