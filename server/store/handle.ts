// Opens the store: the one handle that every function of this room takes first. Importing this file opens nothing.
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { Kysely } from 'kysely';
import type { Endpoint } from '#server/core/app.ts';
import type { Portal } from '#server/core/snapshot.ts';
import { type Feed, startFeed } from './feed.ts';
import { migrate, type SchemaState, schemaState } from './migrate.ts';
import { copyDatabase } from './sqlite/copy.ts';
import { sqliteDialect } from './sqlite/dialect.ts';
import type { Tables } from './tables.ts';

export type Store = {
  db: Kysely<Tables>;
  /** 32 bytes; keys are derived from it and never are it. */
  secret: Buffer;
  portal: Portal;
  /** Where Foyer itself listens: no app may have its upstream there. */
  listeners: readonly Endpoint[];
  now(): number;
  /** Milliseconds of a clock that nobody sets, for ages. */
  steadyNow(): number;
  feed: Feed;
  close(): Promise<void>;
};

export type StoreOptions = {
  dataDir: string;
  secret: Buffer;
  now(): number;
  /** Default: `performance.now`. */
  steadyNow?(): number;
  portal: Portal;
  listeners?: readonly Endpoint[];
  /** Told when the store fails behind everybody's back (the feed cannot be read, a listener threw). Default: a process warning. */
  onProblem?(problem: Error): void;
};

/** Opens `${dataDir}/foyer.db`. Throws a sentence when there is none, or when its schema is not this version's. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { secret, portal, now, listeners = [], onProblem = (problem) => process.emitWarning(problem) } = options;
  const { steadyNow = () => performance.now() } = options;
  const file = databaseFile(options.dataDir);
  if (!existsSync(file)) throw new Error(`There is no store at ${file}. Run \`foyer start\`, which makes it.`);
  let hint = (): void => {};
  const db = openDatabase(file, () => hint());
  try {
    refuseOtherSchema(file, await schemaState(db));
    const running = await startFeed(db, { now, steadyNow, onProblem });
    hint = running.hint;
    return {
      db,
      secret,
      portal,
      listeners,
      now,
      steadyNow,
      feed: running.feed,
      async close() {
        running.stop();
        await db.destroy();
      },
    };
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

/** Creates the store or brings it to this version's schema. The supervisor does this alone, before any child starts. */
export async function migrateStore({ dataDir, now }: { dataDir: string; now(): number }): Promise<void> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = databaseFile(dataDir);
  // SQLite gives the log and its index the mode of the database.
  closeSync(openSync(file, 'a', 0o600));
  const db = openDatabase(file, () => {});
  try {
    const state = await schemaState(db);
    if (state.kind === 'current') return;
    if (state.kind === 'ahead') refuseOtherSchema(file, state);
    if (state.kind === 'behind' && !state.fresh) await copyDatabase(db, `${file}.before-${now()}`);
    await migrate(db);
  } finally {
    await db.destroy();
  }
}

function openDatabase(file: string, onHint: () => void): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: sqliteDialect({ file, onHint }) });
}

function refuseOtherSchema(file: string, state: SchemaState): void {
  switch (state.kind) {
    case 'current':
      return;
    case 'behind':
      throw new Error(`The store at ${file} has an older schema. Run \`foyer start\`, which brings it up to date.`);
    case 'ahead':
      throw new Error(
        `The store at ${file} was written by a newer Foyer (${state.unknown.join(', ')}). Run that version, or restore the copy it made before it changed the schema.`,
      );
    default:
      state satisfies never;
  }
}

function databaseFile(dataDir: string): string {
  return join(dataDir, 'foyer.db');
}
