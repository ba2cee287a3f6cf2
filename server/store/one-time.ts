// One-time secrets: 32 random bytes that the store knows only by their hash.
import { createHash, randomBytes } from 'node:crypto';

/** For a URL or a form field: base64url. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** A token has 256 bits of chance, so a plain SHA-256 of it gives nothing away. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('base64url');
}
