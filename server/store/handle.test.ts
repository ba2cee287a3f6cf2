// The promises of opening: a clear sentence for every store that is not this version's, and a migration that is whole or nothing.
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Kysely } from 'kysely';
import { migrateStore, openStore } from './handle.ts';
import { MIGRATIONS, type Migrations, migrate, schemaState } from './migrate.ts';
import { copyDatabase } from './sqlite/copy.ts';
import { sqliteDialect } from './sqlite/dialect.ts';
import type { Tables } from './tables.ts';
import {
  PORTAL,
  someSite,
  TEST_SECRET,
  temporaryDir,
  temporaryFile,
  temporaryStore,
} from './testing/temporary-store.ts';

test('B3: no store, an older schema and a newer one are each refused with a sentence', async (t) => {
  const dataDir = temporaryDir(t);
  const open = () => openStore({ dataDir, secret: TEST_SECRET, portal: PORTAL, now: Date.now });
  await assert.rejects(open(), /There is no store at .+ Run `foyer start`/);
  await migrateStore({ dataDir, now: Date.now });
  await (await open()).close();
  const store = await open();
  const record = store.db as unknown as Kysely<{ kysely_migration: { name: string; timestamp: string } }>;
  await record.insertInto('kysely_migration').values({ name: '9999-future', timestamp: '2099' }).execute();
  await store.close();
  await assert.rejects(open(), /written by a newer Foyer \(9999-future\)/);
  await assert.rejects(migrateStore({ dataDir, now: Date.now }), /written by a newer Foyer/);
});

test('B3: migrating twice changes nothing, and only the owner may read what is there', async (t) => {
  const { dataDir } = await temporaryStore(t);
  await migrateStore({ dataDir, now: Date.now });
  for (const file of readdirSync(dataDir)) assert.equal(statSync(join(dataDir, file)).mode & 0o777, 0o600, file);
});

test('B5: the copy that is made before the schema changes is whole, and its owner’s alone', async (t) => {
  const { store, dataDir } = await temporaryStore(t);
  const siteId = await someSite(store);
  const file = join(dataDir, 'foyer.db.before');
  await copyDatabase(store.db, file);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const copy = new Kysely<Tables>({ dialect: sqliteDialect({ file, onHint: () => {} }) });
  t.after(() => copy.destroy());
  assert.deepEqual(await copy.selectFrom('sites').select('id').execute(), [{ id: siteId }]);
  assert.deepEqual(await schemaState(copy), { kind: 'current' });
  await assert.rejects(copyDatabase(store.db, file), /EEXIST/);
});

test('B5: a migration that fails leaves everything as it was', async (t) => {
  const db = new Kysely<{ extra: { id: string } }>({
    dialect: sqliteDialect({ file: temporaryFile(t), onHint: () => {} }),
  });
  t.after(() => db.destroy());
  await migrate(db);
  const broken: Migrations = {
    ...MIGRATIONS,
    '9999-half': {
      async up(trx) {
        await trx.schema.createTable('extra').addColumn('id', 'text').execute();
        throw new Error('halfway');
      },
    },
  };
  await assert.rejects(migrate(db, broken), /it is as it was before: halfway/);
  assert.deepEqual(await schemaState(db), { kind: 'current' });
  assert.deepEqual(await schemaState(db, broken), { kind: 'behind', fresh: false });
  await assert.rejects(db.selectFrom('extra').selectAll().execute(), /no such table/);
});

test('B5: migrations that ran in another order, or with one missing, are refused and nothing is changed', async (t) => {
  for (const missing of Object.keys(MIGRATIONS).slice(0, -1)) {
    const { store, dataDir } = await temporaryStore(t);
    const record = store.db as unknown as Kysely<{ kysely_migration: { name: string } }>;
    await record.deleteFrom('kysely_migration').where('name', '=', missing).execute();
    await store.close();
    const open = () => openStore({ dataDir, secret: TEST_SECRET, portal: PORTAL, now: Date.now });
    await assert.rejects(open(), /has an older schema/);
    await assert.rejects(
      migrateStore({ dataDir, now: Date.now }),
      /could not be migrated; it is as it was before: .*corrupted/,
    );
    await assert.rejects(open(), /has an older schema/);
  }
});
