// Leads a browser that holds no grant through the portal and back: what it is given, and where it goes.
import { randomBytes } from 'node:crypto';
import type { App } from '#server/core/app.ts';
import { type Attempt, hashNonce, sealAttempt } from '#server/core/attempt.ts';
import type { Hostname } from '#server/core/hostname.ts';
import { isReturnTarget } from '#server/core/return-target.ts';
import { NONCE_BYTES, type SealKey } from '#server/core/seal.ts';
import { appOrigin, type Portal } from '#server/core/snapshot.ts';
import { readCookie, TRY_COOKIE } from './cookies.ts';

export const MAX_ROUNDS = 3;
const NONCE = /^[A-Za-z0-9_-]{43}$/;
const TRY_MAX_AGE_SECONDS = 600;

/** The first attempt for a request on `host`: the deep link byte for byte, or the root where it cannot be kept. */
export function firstAttempt(app: App, host: Hostname, portal: Portal, target: string, now: number): Attempt {
  return {
    appId: app.id,
    host,
    home: host,
    target: isReturnTarget(appOrigin(portal, host), target) ? target : '/',
    pending: app.hosts.filter((other) => other !== host),
    nonceHash: '',
    startedAt: now,
    round: 1,
  };
}

/** The nonce that this browser already holds on this host, or null. */
export function heldNonce(headers: readonly string[]): string | null {
  const nonce = readCookie(headers, TRY_COOKIE);
  return nonce !== null && NONCE.test(nonce) ? nonce : null;
}

/**
 * The portal address for an attempt, and the cookie that ties it to this browser. One nonce per browser and host, reused
 * while valid: forty tabs share it.
 */
export function toPortal(
  attempt: Attempt,
  headers: readonly string[],
  portal: Portal,
  key: SealKey,
): { location: string; setCookie: string } {
  const nonce = heldNonce(headers) ?? randomBytes(32).toString('base64url');
  const bound = { ...attempt, nonceHash: hashNonce(nonce) };
  return {
    location: `${portal.origin}/open?try=${sealAttempt(key, randomBytes(NONCE_BYTES), bound)}`,
    setCookie: `${TRY_COOKIE}=${nonce}; Path=/; Max-Age=${TRY_MAX_AGE_SECONDS}; Secure; HttpOnly; SameSite=None`,
  };
}

/** Where a visit goes when `attempt.host` has its grant: the app's next host, or the deep link. */
export function nextStop(
  attempt: Attempt,
  app: App,
  portal: Portal,
  key: SealKey,
): { kind: 'next-host'; url: string } | { kind: 'home'; origin: string; target: string } {
  const pending = attempt.pending.filter((host) => app.hosts.includes(host));
  const [next, ...rest] = pending;
  if (next === undefined) return { kind: 'home', origin: appOrigin(portal, attempt.home), target: attempt.target };
  const onward = { ...attempt, host: next, pending: rest, nonceHash: '', round: 1 };
  const sealed = sealAttempt(key, randomBytes(NONCE_BYTES), onward);
  return { kind: 'next-host', url: `${appOrigin(portal, next)}/.foyer/continue?try=${sealed}` };
}
