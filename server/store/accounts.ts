// Signing in with a password: argon2id, the same work for accounts that do not exist, and a throttle that survives restarts.

import type { Store } from './handle.ts';
import type { PersonActor, Saved } from './saved.ts';

export type PasswordVerdict =
  | { kind: 'ok'; userId: string }
  | { kind: 'refused' }
  | { kind: 'throttled'; retryAfterMs: number };

export declare function verifyPassword(
  store: Store,
  attempt: { email: string; password: string; address: string | null },
): Promise<PasswordVerdict>;

/** `input`: { current, next }. Every other session of the person ends. */
export declare function changePassword(store: Store, actor: PersonActor, input: unknown): Promise<Saved>;
