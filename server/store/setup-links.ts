// One-time links: the first administrator, the way back in, and a person's first password.

import type { Store } from './handle.ts';
import type { Actor, Saved } from './saved.ts';

/** Returns the token of a link that makes or restores an administrator: one use, one hour. */
export declare function createAdminLink(store: Store): Promise<string>;
/** The token of a link with which one local person sets a password: one use, 24 hours. */
export declare function createPasswordLink(
  store: Store,
  actor: Actor,
  userId: string,
): Promise<Saved<{ token: string }>>;
/** What a link is good for, without using it up; null when it is used, old or unknown. */
export declare function readLink(
  store: Store,
  token: string,
): Promise<{ kind: 'admin' } | { kind: 'password'; email: string } | null>;
/** `input`: { email, name, password }. A mistake in the form does not use up the link. */
export declare function consumeAdminLink(store: Store, token: string, input: unknown): Promise<Saved>;
/** `input`: { password }. Ends the person's sessions. */
export declare function consumePasswordLink(store: Store, token: string, input: unknown): Promise<Saved>;
