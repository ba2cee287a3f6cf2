// May this session open this app now? A pure function whose ladder is the policy; everything unknown is no.
import type { App } from './app.ts';
import type { Session } from './identity.ts';
import { isAssigned } from './policy.ts';
import type { Snapshot } from './snapshot.ts';

/** Why: stable kebab-case words, the same in the access log, the audit, tests and pages. */
export const REASONS = {
  allow: ['assigned'],
  signIn: ['no-grant', 'grant-expired', 'session-unknown', 'session-expired', 'session-idle', 'app-session-expired'],
  deny: ['not-assigned', 'app-disabled', 'user-disabled'],
  unavailable: ['change-feed-lost'],
} as const;

export type SignInReason = (typeof REASONS.signIn)[number];
export type DenyReason = (typeof REASONS.deny)[number];

/** The outcome as a value. `allow` is good until `until` (epoch ms); nothing outlives it, streams and sockets included. */
export type Decision =
  | { kind: 'allow'; reason: 'assigned'; until: number }
  | { kind: 'sign-in'; reason: SignInReason }
  | { kind: 'deny'; reason: DenyReason }
  | { kind: 'unavailable'; reason: 'change-feed-lost' };

/** What the process knows of itself: when it last heard that its snapshot and sessions are current. */
export type Facts = { feedConfirmedAt: number };

/** A process that has heard nothing for longer decides nothing any more. */
export const FEED_MAX_AGE_MS = 15 * 60_000;

/**
 * Decides. `session` is null where the grant is missing, invalid, expired or names no live session; `missing` says which.
 * Idle time is not an end on its own while a request arrives: the caller records last-seen, at most a minute late.
 */
export function authorize(
  snapshot: Snapshot,
  app: App,
  session: Session | null,
  facts: Facts,
  now: number,
  missing: SignInReason = 'no-grant',
): Decision {
  if (now - facts.feedConfirmedAt > FEED_MAX_AGE_MS) return { kind: 'unavailable', reason: 'change-feed-lost' };
  if (!session) return { kind: 'sign-in', reason: missing };
  const ended = sessionEnd(session, now);
  if (ended) return { kind: 'sign-in', reason: ended };
  if (session.identity.disabled) return { kind: 'deny', reason: 'user-disabled' };
  const current = snapshot.appsById.get(app.id);
  if (!current?.enabled) return { kind: 'deny', reason: 'app-disabled' };
  const appEnd = current.maxSessionMs === null ? Number.POSITIVE_INFINITY : session.createdAt + current.maxSessionMs;
  if (now >= appEnd) return { kind: 'sign-in', reason: 'app-session-expired' };
  const rule = snapshot.rulesByApp.get(current.id);
  if (!rule || !isAssigned(rule, session.identity)) return { kind: 'deny', reason: 'not-assigned' };
  return { kind: 'allow', reason: 'assigned', until: Math.min(session.expiresAt, appEnd) };
}

/** Why a session is over, or null while it lives. */
export function sessionEnd(session: Session, now: number): 'session-expired' | 'session-idle' | null {
  if (now >= session.expiresAt) return 'session-expired';
  if (now - session.lastSeenAt >= session.idleTimeoutMs) return 'session-idle';
  return null;
}
