// The `try`: what the gateway hands the portal so that a first visit finds its way back, sealed because it is a secret.
import { createHash } from 'node:crypto';
import type { Hostname } from './hostname.ts';
import { deriveKey, open, type SealKey, seal } from './seal.ts';

/** One first visit under way. `target` is the path and query, byte for byte. Times are epoch milliseconds. */
export type Attempt = {
  appId: string;
  host: Hostname;
  target: string;
  /** base64url SHA-256 of the browser's nonce cookie on the app host. */
  nonceHash: string;
  startedAt: number;
  /** 1 for the first; the fourth is a diagnosis page. */
  round: number;
};

export const ATTEMPT_LIFETIME_MS = 10 * 60_000;
/** Longer return paths than this lead to the app's root. */
export const MAX_TARGET_BYTES = 6 * 1024;

export function attemptKey(secret: Buffer): SealKey {
  return deriveKey(secret, 'try/1');
}

export function sealAttempt(key: SealKey, nonce: Buffer, attempt: Attempt): string {
  const { appId, host, target, nonceHash, startedAt, round } = attempt;
  return seal(key, nonce, Buffer.from(JSON.stringify([appId, host, target, nonceHash, startedAt, round]), 'latin1'));
}

/** The attempt, or null when it is not ours, older than ten minutes, or from the future. */
export function openAttempt(key: SealKey, sealed: string, now: number): Attempt | null {
  const plain = open(key, sealed);
  if (!plain) return null;
  const [appId, host, target, nonceHash, startedAt, round] = JSON.parse(plain.toString('latin1'));
  if (now - startedAt > ATTEMPT_LIFETIME_MS || startedAt - now > 60_000) return null;
  return { appId, host, target, nonceHash, startedAt, round };
}

export function hashNonce(nonce: string): string {
  return createHash('sha256').update(nonce, 'latin1').digest('base64url');
}
