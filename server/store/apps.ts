// The catalogue's apps: who may see and change which, and what has to be true of one before it is saved.
import type { App } from '#server/core/app.ts';
import type { Assignment } from '#server/core/policy.ts';
import type { Store } from './handle.ts';
import type { Actor, Found, Listed, ListQuery, Saved } from './saved.ts';

/** An app as administrators see it. `problem` says why a row that cannot be read is disabled; its app then holds what could be read. */
export type AppRecord = {
  app: App;
  ownerUserId: string | null;
  assignments: readonly Assignment[];
  createdAt: number;
  updatedAt: number;
};
/** A line of the list; a broken row has no app, only its problem. */
export type AppLine = ({ kind: 'app' } & AppRecord) | { kind: 'broken'; id: string; name: string; problem: string };

export declare function listApps(store: Store, actor: Actor, query?: ListQuery): Promise<Listed<AppLine>>;
export declare function getApp(store: Store, actor: Actor, id: string): Promise<Found<AppRecord>>;
/** Creates (`id` null) or replaces an app; its assignments stay as they are. `input`: schema/app.ts. */
export declare function saveApp(store: Store, actor: Actor, id: string | null, input: unknown): Promise<Saved>;
export declare function deleteApp(store: Store, actor: Actor, id: string): Promise<Saved>;
/** Replaces who may open the app. `input`: an array of core `Assignment`. */
export declare function setAssignments(store: Store, actor: Actor, appId: string, input: unknown): Promise<Saved>;
