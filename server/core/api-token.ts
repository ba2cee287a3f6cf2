// The form of an API token: a prefix that secret scanners look for, 32 random bytes, and a checksum that tells a typo.
import { createHash } from 'node:crypto';

export const TOKEN_PREFIX = 'foyer_';
export const TOKEN_SECRET_BYTES = 32;
/** Of the token, as lists show it. */
export const TOKEN_HINT_LENGTH = 4;

/** The header that tells the API which token was shown. Set by the portal program alone, which removes every other copy. */
export const API_TOKEN_HEADER = 'foyer-api-token';

/** `foyer_`, 43 characters of secret, 6 of checksum; all of base64url. */
const FORM = /^foyer_([A-Za-z0-9_-]{43})([A-Za-z0-9_-]{6})$/;

export function writeToken(secret: Uint8Array): string {
  const text = Buffer.from(secret).toString('base64url');
  return `${TOKEN_PREFIX}${text}${checksum(text)}`;
}

/** `damaged`: it was one of ours, and a part is missing or mistyped. `foreign`: it never was. */
export function tokenForm(text: string): 'whole' | 'damaged' | 'foreign' {
  const [, secret, sum] = FORM.exec(text) ?? [];
  if (secret !== undefined && sum === checksum(secret)) return 'whole';
  return text.startsWith(TOKEN_PREFIX) ? 'damaged' : 'foreign';
}

/** Reports whether a text from outside, such as a URL, holds what looks like a token. */
export function holdsToken(text: string): boolean {
  return /foyer_[A-Za-z0-9_-]{43}/.test(text);
}

/** The first 36 bits of a SHA-256, which is not the hash that the store keeps: that one is of the whole token. */
function checksum(text: string): string {
  return createHash('sha256').update(text, 'latin1').digest('base64url').slice(0, 6);
}
