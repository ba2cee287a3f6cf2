// The promises of the SQLite adapter: one transaction at a time, none half done, and a file that comes back is used again.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Kysely, sql } from 'kysely';
import { temporaryDir, temporaryFile } from '../testing/temporary-store.ts';
import { sqliteDialect } from './dialect.ts';

type Counters = { counter: { id: string; value: number } };

test('A6: a transaction that throws leaves nothing, and others do not see its middle', async (t) => {
  const db = await counters(t, temporaryFile(t));
  const reading: Promise<unknown>[] = [];
  await assert.rejects(
    db.transaction().execute(async (trx) => {
      await trx.insertInto('counter').values({ id: 'b', value: 1 }).execute();
      reading.push(db.selectFrom('counter').select('id').execute());
      throw new Error('undone');
    }),
    /undone/,
  );
  assert.deepEqual(await Promise.all(reading), [[{ id: 'a' }]]);
});

test('A6: a hundred transactions at once, through two connections, count to a hundred', async (t) => {
  const file = temporaryFile(t);
  const connections = [await counters(t, file), open(t, file)];
  const increment = (db: Kysely<Counters>) =>
    db.transaction().execute(async (trx) => {
      const { value } = await trx.selectFrom('counter').select('value').executeTakeFirstOrThrow();
      await trx
        .updateTable('counter')
        .set({ value: value + 1 })
        .execute();
    });
  await Promise.all(Array.from({ length: 100 }, (_, at) => increment(connections[at % 2] as Kysely<Counters>)));
  assert.deepEqual(await connections[0]?.selectFrom('counter').select('value').execute(), [{ value: 100 }]);
});

test('A6: a read-only transaction sees one state throughout, and holds up no writer', async (t) => {
  const file = temporaryFile(t);
  const [reader, writer] = [await counters(t, file), open(t, file)];
  await reader
    .transaction()
    .setAccessMode('read only')
    .execute(async (trx) => {
      const read = () => trx.selectFrom('counter').select('value').execute();
      const before = await read();
      await writer.updateTable('counter').set({ value: 7 }).execute();
      assert.deepEqual(await read(), before);
    });
  assert.deepEqual(await reader.selectFrom('counter').select('value').execute(), [{ value: 7 }]);
});

test('B2: every commit is synced to the disk, and foreign keys are enforced', async (t) => {
  const db = await counters(t, temporaryFile(t));
  const pragma = async (name: string) => Object.values((await sql`pragma ${sql.raw(name)}`.execute(db)).rows[0] ?? {});
  assert.deepEqual(await pragma('synchronous'), [2]);
  assert.deepEqual(await pragma('journal_mode'), ['wal']);
  assert.deepEqual(await pragma('foreign_keys'), [1]);
});

test('B1, B3: a file that cannot be opened is store-down, and is used once it can', async (t) => {
  const dir = join(temporaryDir(t), 'not-yet');
  const db = open(t, join(dir, 'x.db'));
  const ask = () => sql<{ one: number }>`select 1 as one`.execute(db);
  for (let at = 0; at < 3; at++) await assert.rejects(ask(), { code: 'store-down' });
  mkdirSync(dir);
  await assert.rejects(ask(), { code: 'store-down' }, 'a file that is missing is not made');
  writeFileSync(join(dir, 'x.db'), '');
  assert.deepEqual((await ask()).rows, [{ one: 1 }]);
});

test('B1, B3: refusals between two attempts to open the file end no turn: the store comes back, and the next one too', async (t) => {
  const dir = join(temporaryDir(t), 'not-yet');
  const file = join(dir, 'x.db');
  const db = new Kysely<Counters>({ dialect: sqliteDialect({ file, onHint: () => {}, reopenAfterMs: 20 }) });
  t.after(() => db.destroy());
  const ask = () => sql<{ one: number }>`select 1 as one`.execute(db);
  const refusals = await Promise.allSettled(Array.from({ length: 50 }, ask));
  assert.ok(refusals.every(({ status }) => status === 'rejected'));
  mkdirSync(dir);
  writeFileSync(file, '');
  await eventually(ask);
  renameSync(file, `${file}.away`);
  await assert.rejects(db.transaction().execute(ask), { code: 'store-down' });
  for (let at = 0; at < 20; at += 1) await assert.rejects(ask(), { code: 'store-down' });
  assert.equal(existsSync(file), false, 'no new file is made in its place');
  renameSync(`${file}.away`, file);
  await eventually(ask);
});

test('B3: while another process keeps the lock a write is refused, and reads go on beside it', async (t) => {
  const file = temporaryFile(t);
  const db = await counters(t, file);
  const other = new DatabaseSync(file);
  t.after(() => other.close());
  other.exec('begin immediate');
  const write = () => db.updateTable('counter').set({ value: 7 }).execute();
  await assert.rejects(write(), { code: 'store-down' });
  const startedAt = performance.now();
  const writes = Array.from({ length: 5 }, () => assert.rejects(write(), { code: 'store-down' }));
  assert.deepEqual(await db.selectFrom('counter').select('value').execute(), [{ value: 0 }]);
  await Promise.all(writes);
  assert.ok(
    performance.now() - startedAt < 5_000,
    'who waits in line waits no five seconds for each write before them',
  );
  other.exec('commit');
  await write();
});

test('A6: a mistake in a statement is no store-down, and the connection goes on', async (t) => {
  const db = await counters(t, temporaryFile(t));
  await assert.rejects(sql`select * from nowhere`.execute(db), /no such table/);
  await assert.rejects(db.insertInto('counter').values({ id: 'a', value: 0 }).execute(), /UNIQUE/);
  await assert.rejects(sql`select ${{ no: 'value' }}`.execute(db));
  await assert.rejects(sql`select ${Symbol('cannot be sent')}`.execute(db));
  assert.equal((await db.selectFrom('counter').selectAll().execute()).length, 1);
});

test('A6: more statements than are kept still work', async (t) => {
  const db = await counters(t, temporaryFile(t));
  for (let round = 0; round < 2; round++) {
    for (let at = 0; at < 400; at++) {
      const { rows } = await sql<{ n: number }>`select ${sql.lit(at)} as n`.execute(db);
      assert.deepEqual(rows, [{ n: at }]);
    }
  }
});

/** Asks until there is an answer; the test's own timeout is its limit. */
async function eventually(ask: () => Promise<unknown>): Promise<void> {
  while (
    !(await ask().then(
      () => true,
      () => false,
    ))
  )
    await setImmediate();
}

function open(t: TestContext, file: string): Kysely<Counters> {
  const db = new Kysely<Counters>({ dialect: sqliteDialect({ file, onHint: () => {}, reopenAfterMs: 0 }) });
  t.after(() => db.destroy());
  return db;
}

async function counters(t: TestContext, file: string): Promise<Kysely<Counters>> {
  const db = open(t, file);
  await db.schema
    .createTable('counter')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('value', 'bigint')
    .execute();
  await db.insertInto('counter').values({ id: 'a', value: 0 }).execute();
  return db;
}
