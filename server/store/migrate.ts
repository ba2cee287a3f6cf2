// Brings a database to this version's schema, and says when a database is not at it.
import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import * as initial from './migrations/0001-initial.ts';
import * as traffic from './migrations/0002-traffic.ts';
import * as launcher from './migrations/0003-launcher.ts';
import * as settings from './migrations/0004-settings.ts';
import * as portal from './migrations/0005-portal.ts';
import * as editor from './migrations/0006-editor.ts';
import * as usage from './migrations/0007-usage.ts';
import * as apiTokens from './migrations/0008-api-tokens.ts';
import * as cluster from './migrations/0009-cluster.ts';
import * as aliases from './migrations/0010-aliases.ts';
import * as nameFindings from './migrations/0011-name-findings.ts';
import * as machines from './migrations/0012-machines.ts';
import * as deviceLogins from './migrations/0013-device-logins.ts';

export type Migrations = Record<string, Migration>;

/** In order of their names, for ever: a migration that has been released is never changed, renamed or removed. */
export const MIGRATIONS: Migrations = {
  '0001-initial': initial,
  '0002-traffic': traffic,
  '0003-launcher': launcher,
  '0004-settings': settings,
  '0005-portal': portal,
  '0006-editor': editor,
  '0007-usage': usage,
  '0008-api-tokens': apiTokens,
  '0009-cluster': cluster,
  '0010-aliases': aliases,
  '0011-name-findings': nameFindings,
  '0012-machines': machines,
  '0013-device-logins': deviceLogins,
};

export type SchemaState =
  | { kind: 'current' }
  /** `fresh` when nothing has run yet. */
  | { kind: 'behind'; fresh: boolean }
  /** Names that this version does not know. */
  | { kind: 'ahead'; unknown: readonly string[] };

/** Runs what is missing, all of it in one transaction. */
export async function migrate<Schema>(db: Kysely<Schema>, migrations: Migrations = MIGRATIONS): Promise<void> {
  const { error } = await migratorOf(db, migrations).migrateToLatest();
  if (error)
    throw new Error(`The store could not be migrated; it is as it was before: ${messageOf(error)}`, { cause: error });
}

export async function schemaState<Schema>(
  db: Kysely<Schema>,
  migrations: Migrations = MIGRATIONS,
): Promise<SchemaState> {
  const done = await executed(db);
  const unknown = done.filter((name) => !Object.hasOwn(migrations, name));
  if (unknown.length > 0) return { kind: 'ahead', unknown };
  if (done.length < Object.keys(migrations).length) return { kind: 'behind', fresh: done.length === 0 };
  return { kind: 'current' };
}

/** Kysely's own record of what has run; a database without it has run nothing. */
async function executed<Schema>(db: Kysely<Schema>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === RECORD)) return [];
  const reader = db as unknown as Kysely<{ [RECORD]: { name: string } }>;
  const rows = await reader.selectFrom(RECORD).select('name').orderBy('name').execute();
  return rows.map(({ name }) => name);
}

const RECORD = 'kysely_migration';

function migratorOf<Schema>(db: Kysely<Schema>, migrations: Migrations): Migrator {
  return new Migrator({ db, provider: { getMigrations: async () => migrations }, migrationTableName: RECORD });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
