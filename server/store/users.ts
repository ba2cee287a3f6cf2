// The people: local accounts, and those whom a provider vouches for.
import type { Role } from '#server/core/identity.ts';
import type { Store } from './handle.ts';
import type { Actor, Found, Listed, ListQuery, Saved } from './saved.ts';

/** How a person signs in. An invited one has no subject yet: the provider's first verified sign-in with that e-mail fills it. */
export type SignInMethod =
  | { kind: 'password'; hasPassword: boolean }
  | { kind: 'provider'; issuer: string; providerId: string | null; linked: boolean };

export type UserRecord = {
  id: string;
  email: string;
  name: string;
  role: Role;
  disabled: boolean;
  signIn: SignInMethod;
  groups: readonly { id: string; name: string }[];
  createdAt: number;
  lastSignInAt: number | null;
};

export declare function listUsers(store: Store, actor: Actor, query?: ListQuery): Promise<Listed<UserRecord>>;
export declare function getUser(store: Store, actor: Actor, id: string): Promise<Found<UserRecord>>;
/** Creates or changes a person. `input`: schema/user.ts. The last enabled admin keeps the role. A new role or password ends their sessions. */
export declare function saveUser(store: Store, actor: Actor, id: string | null, input: unknown): Promise<Saved>;
export declare function deleteUser(store: Store, actor: Actor, id: string): Promise<Saved>;
/** Reports whether any enabled administrator exists: without one, `foyer start` prints a set-up link. */
export declare function hasAdmin(store: Store): Promise<boolean>;
