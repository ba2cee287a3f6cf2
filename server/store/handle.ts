// Opens the store: the one handle that every function of this room takes first. Importing this file opens nothing.
import type { Kysely } from 'kysely';
import type { Endpoint } from '#server/core/app.ts';
import type { Portal } from '#server/core/snapshot.ts';
import type { Feed } from './feed.ts';
import type { Tables } from './tables.ts';

export type Store = {
  db: Kysely<Tables>;
  /** 32 bytes; keys are derived from it and never are it. */
  secret: Buffer;
  portal: Portal;
  /** Where Foyer itself listens: no app may have its upstream there. */
  listeners: readonly Endpoint[];
  now(): number;
  feed: Feed;
  close(): Promise<void>;
};

export type StoreOptions = {
  dataDir: string;
  secret: Buffer;
  now(): number;
  portal: Portal;
  listeners?: readonly Endpoint[];
  /** Told when the store fails behind everybody's back (the feed cannot be read, a listener threw). Default: a process warning. */
  onProblem?(problem: Error): void;
};

/** Opens `${dataDir}/foyer.db`. Throws a sentence when there is none, or when its schema is not this version's. */
export declare function openStore(options: StoreOptions): Promise<Store>;

/** Creates the store or brings it to this version's schema. The supervisor does this alone, before any child starts. */
export declare function migrateStore(options: { dataDir: string; now(): number }): Promise<void>;
