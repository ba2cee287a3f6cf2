// Support ids: short enough to read out over the phone, random enough not to be guessed.
import { randomFillSync } from 'node:crypto';

// Crockford's alphabet: no I, L, O or U to be misread.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CHARACTERS = 13;
const pool = Buffer.alloc(CHARACTERS * 512);
let drawn = '';
let used = 0;

/** 13 characters, 65 random bits. Drawn in bulk, since every request needs one. */
export function newSupportId(): string {
  if (used === drawn.length) {
    randomFillSync(pool);
    for (let i = 0; i < pool.length; i += 1) pool[i] = ALPHABET.charCodeAt((pool[i] ?? 0) & 31);
    drawn = pool.toString('latin1');
    used = 0;
  }
  used += CHARACTERS;
  return drawn.slice(used - CHARACTERS, used);
}
