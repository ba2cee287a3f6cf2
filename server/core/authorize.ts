// May this session open this app now? A pure function whose ladder is the policy; everything unknown is no.
import type { App } from './app.ts';
import type { Session } from './identity.ts';
import { type AccessRule, isAssigned } from './policy.ts';
import type { Snapshot } from './snapshot.ts';

/** Why: stable kebab-case words, the same in the access log, the audit, tests and pages. */
export const REASONS = {
  allow: ['assigned'],
  signIn: [
    'no-grant',
    'grant-invalid',
    'grant-expired',
    'session-unknown',
    'session-expired',
    'session-idle',
    'app-session-expired',
    'app-signed-out',
  ],
  deny: ['not-assigned', 'app-disabled', 'app-moved', 'user-disabled'],
  unavailable: ['change-feed-lost', 'session-unreadable', 'policy-failed'],
} as const;

export type SignInReason = (typeof REASONS.signIn)[number];
export type DenyReason = (typeof REASONS.deny)[number];
export type UnavailableReason = (typeof REASONS.unavailable)[number];

/** The outcome as a value. `allow` is good until `until` (epoch ms); nothing outlives it, streams and sockets included. */
export type Decision =
  | { kind: 'allow'; reason: 'assigned'; until: number }
  | { kind: 'sign-in'; reason: SignInReason }
  | { kind: 'deny'; reason: DenyReason }
  | { kind: 'unavailable'; reason: UnavailableReason };

/** What the process knows of itself: when it last heard that its snapshot and sessions are current. */
export type Facts = { feedConfirmedAt: number };

/** A process that has heard nothing for longer decides nothing any more. */
export const FEED_MAX_AGE_MS = 15 * 60_000;

/** What a request proves: a session, and when its grant for this app was issued; or nothing, and why. */
export type Proof = { kind: 'session'; session: Session; grantedAt: number } | { kind: 'none'; reason: SignInReason };

/** What a snapshot says of who may open an app: the app as it is there, and its rule. Null when it has no such app. */
export type Permit = { app: App; rule: AccessRule | undefined };

export function permitOf(snapshot: Snapshot, { id }: App): Permit | null {
  const app = snapshot.appsById.get(id);
  return app === undefined ? null : { app, rule: snapshot.rulesByApp.get(id) };
}

/** Decides by the `permit` of the current snapshot. Recording last-seen is the caller's; a session that was idle for too long is over even if a request arrives. */
export function authorize(permit: Permit | null, app: App, proof: Proof, facts: Facts, now: number): Decision {
  if (now - facts.feedConfirmedAt > FEED_MAX_AGE_MS) return { kind: 'unavailable', reason: 'change-feed-lost' };
  if (proof.kind === 'none') return { kind: 'sign-in', reason: proof.reason };
  const { session, grantedAt } = proof;
  const ended = sessionEnd(session, now);
  if (ended) return { kind: 'sign-in', reason: ended };
  if (session.appSignOuts.size > 0 && grantedAt < (session.appSignOuts.get(app.id) ?? 0))
    return { kind: 'sign-in', reason: 'app-signed-out' };
  if (session.identity.disabled) return { kind: 'deny', reason: 'user-disabled' };
  const current = permit?.app;
  if (!current?.enabled) return { kind: 'deny', reason: 'app-disabled' };
  const appEnd = current.maxSessionMs === null ? Number.POSITIVE_INFINITY : session.createdAt + current.maxSessionMs;
  if (now >= appEnd) return { kind: 'sign-in', reason: 'app-session-expired' };
  const rule = permit?.rule;
  if (!rule || !isAssigned(rule, session.identity)) return { kind: 'deny', reason: 'not-assigned' };
  return { kind: 'allow', reason: 'assigned', until: Math.min(session.expiresAt, appEnd) };
}

/** When a session ends if nothing more is heard of it, in epoch milliseconds. */
export function sessionEndsAt({ expiresAt, lastSeenAt, idleTimeoutMs }: Session): number {
  return Math.min(expiresAt, lastSeenAt + idleTimeoutMs);
}

/** Why a session is over, or null while it lives. */
export function sessionEnd(session: Session, now: number): 'session-expired' | 'session-idle' | null {
  // Put so that a time which is no number ends the session.
  if (!(now < session.expiresAt)) return 'session-expired';
  if (!(now - session.lastSeenAt < session.idleTimeoutMs)) return 'session-idle';
  return null;
}
