// The `try`: what the gateway hands the portal so that a first visit finds its way back, sealed because it is a secret.
import { createHash } from 'node:crypto';
import type { Hostname } from './hostname.ts';
import { deriveKey, open, type SealKey, seal } from './seal.ts';

/** One first visit under way. Times are epoch milliseconds. */
export type Attempt = {
  appId: string;
  /** The host that this grant is for. */
  host: Hostname;
  /** The host that the person opened, where the visit ends. */
  home: Hostname;
  /** Path and query at `home`, byte for byte. */
  target: string;
  /** Hosts of the same app that need their grants before the visit ends. */
  pending: readonly Hostname[];
  /** base64url SHA-256 of the browser's nonce cookie on `host`; empty on the way from one host to the next. */
  nonceHash: string;
  startedAt: number;
  /** 1 for the first; the fourth is a diagnosis page. */
  round: number;
};

const ATTEMPT_LIFETIME_MS = 10 * 60_000;
/** Longer return paths than this lead to the app's root. */
export const MAX_TARGET_BYTES = 6 * 1024;

export function attemptKey(secret: Buffer): SealKey {
  return deriveKey(secret, 'try/1');
}

/** As base64url. `nonce` is 12 fresh random bytes, not the browser's; the target's length is the caller's concern. */
export function sealAttempt(key: SealKey, nonce: Buffer, attempt: Attempt): string {
  const { appId, host, home, target, pending, nonceHash, startedAt, round } = attempt;
  const fields = [appId, host, home, target, pending, nonceHash, startedAt, round];
  return seal(key, nonce, Buffer.from(JSON.stringify(fields), 'utf8'));
}

/** The attempt, or null when it is not ours, older than ten minutes, or from the future. */
export function openAttempt(key: SealKey, sealed: string, now: number): Attempt | null {
  const plain = open(key, sealed);
  if (!plain) return null;
  const [appId, host, home, target, pending, nonceHash, startedAt, round] = JSON.parse(plain.toString('utf8'));
  if (now - startedAt > ATTEMPT_LIFETIME_MS || startedAt - now > 60_000) return null;
  return { appId, host, home, target, pending, nonceHash, startedAt, round };
}

export function hashNonce(nonce: string): string {
  return createHash('sha256').update(nonce, 'latin1').digest('base64url');
}
