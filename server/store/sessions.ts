// Sessions: one sign-in on one browser, ended by deleting its row.
import type { Session } from '#server/core/identity.ts';
import type { Store } from './handle.ts';
import type { Actor, Listed, Saved } from './saved.ts';
import type { SessionKind } from './words.ts';

export type NewSession = {
  userId: string;
  kind: SessionKind;
  address: string | null;
  userAgent: string;
  /** The session that this browser had before: it ends in the same transaction. */
  replaces?: string | null;
  /** How the person signed in: the audit event's reason, e.g. 'password' or a provider's name. */
  method?: string;
  supportId?: string | null;
};

/** A session as lists show it. */
export type SessionLine = {
  id: string;
  userId: string;
  email: string;
  name: string;
  kind: SessionKind;
  createdAt: number;
  expiresAt: number;
  lastSeenAt: number;
  address: string | null;
  userAgent: string;
};

/** Always a new id. Null when the person is gone or disabled since. Audited as 'sign-in'; raises no revision. */
export declare function createSession(store: Store, input: NewSession): Promise<Session | null>;
/** `revision` was read before the session: a copy is current while nothing that concerns it was delivered after that revision. */
export declare function loadSession(store: Store, id: string): Promise<{ session: Session; revision: number } | null>;
export declare function loadSessions(
  store: Store,
  ids: readonly string[],
): Promise<{ sessions: ReadonlyMap<string, Session>; revision: number }>;
/** Ends one's own session, or any with the right to. `reason` is a kebab-case word. */
export declare function endSession(store: Store, actor: Actor, id: string, reason: string): Promise<Saved>;
/** Ends all sessions of a person, except the one to keep. */
export declare function endSessionsOfUser(
  store: Store,
  actor: Actor,
  userId: string,
  options: { reason: string; keep?: string | null },
): Promise<Saved<{ ended: number }>>;
/** Grants of this app that the session holds are dead everywhere. */
export declare function signOutOfApp(store: Store, sessionId: string, appId: string): Promise<void>;
/** Writes when sessions were last seen; times never go back. Raises nothing. */
export declare function touchSessions(store: Store, seen: readonly { id: string; at: number }[]): Promise<void>;
/** One person's sessions (their own need no right), or everybody's with `userId` null. Only living ones. */
export declare function listSessions(store: Store, actor: Actor, userId: string | null): Promise<Listed<SessionLine>>;
