// Groups: local ones that administrators fill, and those that a provider's claim names.

import type { Store } from './handle.ts';
import type { Actor, Found, Listed, ListQuery, Saved } from './saved.ts';
import type { GroupSource } from './words.ts';

export type GroupRecord = {
  id: string;
  name: string;
  source: GroupSource;
  providerId: string | null;
  memberCount: number;
};
export type GroupMember = { userId: string; email: string; name: string };

export declare function listGroups(store: Store, actor: Actor, query?: ListQuery): Promise<Listed<GroupRecord>>;
export declare function getGroup(
  store: Store,
  actor: Actor,
  id: string,
): Promise<Found<{ group: GroupRecord; members: readonly GroupMember[] }>>;
/** `input`: { name }. */
export declare function saveGroup(store: Store, actor: Actor, id: string | null, input: unknown): Promise<Saved>;
export declare function deleteGroup(store: Store, actor: Actor, id: string): Promise<Saved>;
/** Replaces the members of a local group. `input`: an array of user ids. */
export declare function setMembers(store: Store, actor: Actor, id: string, input: unknown): Promise<Saved>;
