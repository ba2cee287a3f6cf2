// Authenticated encryption of small tokens: AES-256-GCM under a key derived per purpose (RFC 5869 HKDF-SHA-256).
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

export type SealKey = Buffer & { readonly __brand: 'SealKey' };

export const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Derives a 32-byte key for one purpose from the installation's secret. Labels are never reused for another format. */
export function deriveKey(secret: Buffer, ...label: string[]): SealKey {
  if (secret.length !== 32) throw new Error('The secret key must have 32 bytes.');
  return Buffer.from(hkdfSync('sha256', secret, '', `foyer/${label.join('\u0000')}`, 32)) as SealKey;
}

/** nonce ‖ ciphertext ‖ tag, base64url. `nonce` is 12 fresh random bytes. */
export function seal(key: SealKey, nonce: Buffer, plaintext: Buffer): string {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

/** The plaintext, or null for anything that was not sealed under this key. */
export function open(key: SealKey, sealed: string): Buffer | null {
  if (!/^[A-Za-z0-9_-]+$/.test(sealed)) return null;
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== sealed) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    return null;
  }
}
