// Opens the store: the one handle that every function of this room takes first. Importing this file opens nothing.
import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Kysely, sql } from 'kysely';
import type { Endpoint } from '#server/core/app.ts';
import { isFault } from '#server/core/fault.ts';
import type { Hostname } from '#server/core/hostname.ts';
import type { Portal } from '#server/core/snapshot.ts';
import { epochFile, makeEpoch, readEpoch, rememberRevision } from './epoch.ts';
import { type Feed, startFeed } from './feed.ts';
import { migrate, type SchemaState, schemaState } from './migrate.ts';
import { endOlderCopy, RESTORED, settleEpoch } from './restored.ts';
import { copyDatabase } from './sqlite/copy.ts';
import { type SqliteConfig, sqliteDialect } from './sqlite/dialect.ts';
import type { Tables } from './tables.ts';

export type Store = {
  db: Kysely<Tables>;
  /** 32 bytes; keys are derived from it and never are it. */
  secret: Buffer;
  portal: Portal;
  /** The gateway's own name; null where it has none, or where nothing is saved that could take it away. */
  gatewayName: Hostname | null;
  /** Where Foyer itself listens: no app may have its upstream there. */
  listeners: readonly Endpoint[];
  now(): number;
  /** Milliseconds of a clock that nobody sets, for ages. */
  steadyNow(): number;
  feed: Feed;
  /** Told of what nobody asked for and somebody has to see, such as a row that makes no sense. */
  onProblem(problem: Error): void;
  close(): Promise<void>;
};

export type StoreOptions = {
  dataDir: string;
  secret: Buffer;
  now(): number;
  /** Default: `performance.now`. */
  steadyNow?(): number;
  portal: Portal;
  gatewayName?: Hostname | null;
  listeners?: readonly Endpoint[];
  /** Told when the store fails behind everybody's back (the feed cannot be read, a listener threw). Default: a process warning. */
  onProblem?(problem: Error): void;
};

/** Opens `${dataDir}/foyer.db`. Throws a sentence when there is none, or when its schema is not this version's. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const {
    secret,
    portal,
    now,
    gatewayName = null,
    listeners = [],
    onProblem = (problem) => process.emitWarning(problem),
  } = options;
  const { steadyNow = () => performance.now() } = options;
  const file = databaseFile(options.dataDir);
  if (!existsSync(file)) throw new Error(`There is no store at ${file}. Run \`foyer start\`, which makes it.`);
  let hint = (): void => {};
  const epoch = rememberedRevisions(epochFile(options.dataDir), onProblem);
  const db = openDatabase(file, () => hint(), epoch.committed);
  try {
    refuseOtherSchema(file, await schemaState(db));
    const settle = async (seen: number): Promise<void> => {
      if (await endOlderCopy(db, epoch.highest(seen), now())) onProblem(new Error(RESTORED));
    };
    await settle(0);
    const { acknowledged } = epoch;
    const running = await startFeed(db, { now, steadyNow, onProblem, acknowledged, onOlder: settle });
    hint = running.hint;
    return {
      db,
      secret,
      portal,
      gatewayName,
      listeners,
      now,
      steadyNow,
      feed: running.feed,
      onProblem,
      async close() {
        running.stop();
        await db.destroy();
      },
    };
  } catch (error) {
    await db.destroy();
    throw isDamage(error) ? damaged(file, error) : error;
  }
}

/**
 * Creates the store or brings it to this version's schema. The supervisor does this alone, before any child starts. True when
 * the store turned out to be an older copy, whose sessions have ended (`RESTORED`). Throws a sentence for a damaged one.
 */
export async function migrateStore({ dataDir, now }: { dataDir: string; now(): number }): Promise<boolean> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = databaseFile(dataDir);
  const epoch = epochFile(dataDir);
  // SQLite gives the log and its index the mode of the database.
  closeSync(openSync(file, 'a', 0o600));
  if (statSync(file).size === 0) beginEpoch(file, epoch);
  const db = openDatabase(file, () => {});
  try {
    await refuseDamage(db, file);
    const state = await schemaState(db);
    if (state.kind === 'ahead') refuseOtherSchema(file, state);
    if (state.kind === 'behind') {
      if (state.fresh) beginEpoch(file, epoch);
      else await copyDatabase(db, `${file}.before-${now()}`);
      await migrate(db);
    }
    return await settleEpoch(db, epoch, now());
  } finally {
    await db.destroy();
  }
}

type Committed = NonNullable<SqliteConfig['committed']>;

function openDatabase(file: string, onHint: () => void, committed?: Committed): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: sqliteDialect({ file, onHint, committed }) });
}

/** Every revision is in the file before the change that raised it is acknowledged. A failure is told once, until one succeeds. */
function rememberedRevisions(
  file: string,
  onProblem: (problem: Error) => void,
): { committed: Committed; acknowledged(): number; highest(seen: number): number } {
  let remembered = 0;
  let failing = false;
  return {
    committed: async (ask) => {
      try {
        const { rows } = await ask('select value from revision where id = 1');
        const revision = (rows[0] as { value: number }).value;
        if (revision > remembered) await rememberRevision(file, revision);
        remembered = Math.max(remembered, revision);
        failing = false;
      } catch (cause) {
        if (!failing) onProblem(new Error(`${file} cannot be kept: ${messageOf(cause)}`, { cause }));
        failing = true;
      }
    },
    acknowledged: () => remembered,
    highest: (seen) => {
      const kept = readEpoch(file);
      return kept.kind === 'kept' ? Math.max(seen, kept.highest) : seen;
    },
  };
}

/** A store is checked where that takes a moment: a second for each half gigabyte. */
const CHECKED_BYTES = 512 * 1024 * 1024;

async function refuseDamage(db: Kysely<Tables>, file: string): Promise<void> {
  try {
    const check = statSync(file).size > CHECKED_BYTES ? sql`pragma schema_version` : sql`pragma quick_check(1)`;
    const { rows } = await check.execute(db);
    const found = (rows[0] as { quick_check?: string } | undefined)?.quick_check ?? 'ok';
    if (found !== 'ok') throw new Error(found);
  } catch (cause) {
    // A lock, a missing right or a broken disk leaves the store as it is; a backup in its place would lose what is in it.
    if (!isFault(cause) || isDamage(cause)) throw damaged(file, cause);
    const sentence = `The store at ${file} cannot be read (${messageOf(cause)}). Nothing was changed: see to its disk, its owner and whoever else has it open.`;
    throw new Error(sentence, { cause });
  }
}

function damaged(file: string, cause: unknown): Error {
  const sentence = `The store at ${file} is damaged (${messageOf(cause)}). Put a backup of it in its place; nothing was changed.`;
  return new Error(sentence, { cause });
}

/** SQLite's own words for CORRUPT and NOTADB (https://sqlite.org/rescode.html). */
function isDamage(error: unknown): boolean {
  return isFault(error) && /malformed|not a database/.test(error.detail);
}

/** A truncated or lost database must not become a new Foyer that asks for its first administrator. */
function beginEpoch(file: string, epoch: string): void {
  if (readEpoch(epoch).highest === 0) return makeEpoch(epoch, 0);
  throw new Error(
    `The store at ${file} is empty, and it was not when Foyer last ran. Put a backup of it in its place; to begin anew instead, delete ${epoch}.`,
  );
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
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
