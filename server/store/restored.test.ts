// The promise of the epoch: a copy of the store that is put back ends every session in it, and nothing else ends one.
import assert from 'node:assert/strict';
import {
  appendFileSync,
  cpSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import { createToken } from './api-tokens.ts';
import { listAudit } from './audit.ts';
import { mintCode } from './codes.ts';
import { epochFile, readEpoch, rememberRevision } from './epoch.ts';
import { migrateStore, openStore, type Store } from './handle.ts';
import { endSession, loadSession } from './sessions.ts';
import { createAdminLink } from './setup-links.ts';
import { startChild } from './testing/child.ts';
import { PORTAL, SYSTEM, saved, signedIn, someone, TEST_SECRET, temporaryDir } from './testing/temporary-store.ts';

test('B5: a database of before a revocation revives no session, code, link or API token, and the alarm is in the audit', async (t) => {
  const dataDir = await madeStore(t);
  const { sessionId, userId } = await inStore(dataDir, async (store) => {
    const ada = await someone(store, 'member');
    await mintCode(store, { sessionId: ada.sessionId, appId: ada.userId, host: HOST, nonceHash: 'n' });
    await createAdminLink(store);
    const admin = await someone(store, 'admin');
    saved(await createToken(store, admin, { name: 'CI', scopes: ['apps:read'], days: 30 }));
    return ada;
  });
  const backup = join(temporaryDir(t), 'foyer.db');
  cpSync(join(dataDir, 'foyer.db'), backup);
  await inStore(dataDir, (store) => endSession(store, SYSTEM, sessionId, 'ended-by-admin'));
  assert.equal(await migrate(dataDir), false, 'a start ends nothing');
  cpSync(backup, join(dataDir, 'foyer.db'));
  assert.equal(await migrate(dataDir), true);
  await inStore(dataDir, async (store) => {
    assert.equal(await loadSession(store, sessionId), null);
    for (const table of ['sessions', 'codes', 'setup_links', 'api_tokens'] as const) {
      assert.deepEqual(await store.db.selectFrom(table).selectAll().execute(), [], table);
    }
    const found = await listAudit(store, SYSTEM, { filters: { level: 'alarm' } });
    assert.deepEqual(
      found.kind === 'listed' && found.rows.map(({ action, reason, detail }) => [action, reason, detail.sessions]),
      [['store-restored', 'older-copy', 2]],
    );
    assert.ok(await loadSession(store, (await signedIn(store, userId)).sessionId), 'people sign in again');
  });
  assert.equal(await migrate(dataDir), false, 'it is the store of now');
});

test('B5: a whole directory that is put back, file of the epoch and all, revives no session either', async (t) => {
  const dataDir = await madeStore(t);
  const { sessionId } = await inStore(dataDir, (store) => someone(store, 'member'));
  const backup = join(temporaryDir(t), 'backup');
  cpSync(dataDir, backup, { recursive: true });
  await inStore(dataDir, (store) => endSession(store, SYSTEM, sessionId, 'ended-by-admin'));
  rmSync(dataDir, { recursive: true });
  cpSync(backup, dataDir, { recursive: true, preserveTimestamps: true });
  assert.equal(await migrate(dataDir), true);
  await inStore(dataDir, async (store) => assert.equal(await loadSession(store, sessionId), null));
});

test('B5: a store whose file of the epoch is gone or damaged ends its sessions once', async (t) => {
  const damages: [string, (file: string) => void][] = [
    ['gone', (file) => rmSync(file)],
    ['empty', (file) => truncateSync(file, 0)],
    ['cut', (file) => truncateSync(file, 100)],
    ['longer', (file) => appendFileSync(file, '1\n')],
    ['no number', (file) => writeFileSync(file, readFileSync(file, 'latin1').replace(/0\n$/, 'x\n'))],
  ];
  for (const [what, damage] of damages) {
    const dataDir = await madeStore(t);
    const { sessionId } = await inStore(dataDir, (store) => someone(store, 'member'));
    damage(epochFile(dataDir));
    assert.equal(await migrate(dataDir), true, what);
    await inStore(dataDir, async (store) => assert.equal(await loadSession(store, sessionId), null));
    assert.equal(await migrate(dataDir), false, what);
  }
});

test('B5: restarts, moves within the disk, crashes and years of changes end no session', async (t) => {
  const dataDir = await madeStore(t);
  const { sessionId, userId } = await inStore(dataDir, (store) => someone(store, 'member'));
  assert.equal(await migrate(dataDir), false, 'a restart');
  const moved = join(temporaryDir(t), 'moved');
  renameSync(dataDir, moved);
  assert.equal(await migrate(moved), false, 'another name');
  const before = statSync(epochFile(moved)).size;
  await inStore(moved, async (store) => {
    for (let turn = 0; turn < 150; turn += 1)
      await endSession(store, SYSTEM, (await signedIn(store, userId)).sessionId, 'ended-by-admin');
    const { value } = await store.db.selectFrom('revision').select('value').executeTakeFirstOrThrow();
    assert.deepEqual(readEpoch(epochFile(moved)), { kind: 'kept', highest: value });
  });
  assert.equal(statSync(epochFile(moved)).size, before, 'it does not grow');
  for (let turn = 0; turn < 3; turn += 1) {
    const writer = startChild(t, 'writer.ts', [moved, userId]);
    for (let lines = 0; lines < 10; lines += 1) await writer.line();
    await writer.kill();
    assert.equal(await migrate(moved), false, 'kill -9');
  }
  await inStore(moved, async (store) => assert.ok(await loadSession(store, sessionId)));
});

test('B5: two processes that write at once remember the greater revision', async (t) => {
  const file = epochFile(await madeStore(t));
  await Promise.all(Array.from({ length: 60 }, (_, turn) => rememberRevision(file, 1_000 + ((turn * 37) % 60))));
  assert.deepEqual(readEpoch(file), { kind: 'kept', highest: 1_059 });
});

test('B5: an older database that is put under a running Foyer ends its sessions before one of them is believed', async (t) => {
  const dataDir = await madeStore(t);
  const problems: Error[] = [];
  const store = await openStore({ ...options(dataDir), onProblem: (problem) => problems.push(problem) });
  t.after(() => store.close());
  const ada = await someone(store, 'member');
  const backup = join(temporaryDir(t), 'foyer.db');
  await sql`pragma wal_checkpoint(truncate)`.execute(store.db);
  cpSync(join(dataDir, 'foyer.db'), backup);
  await endSession(store, SYSTEM, ada.sessionId, 'ended-by-admin');
  const seen = store.feed.floor();
  for (const file of ['foyer.db', 'foyer.db-wal', 'foyer.db-shm']) rmSync(join(dataDir, file), { force: true });
  renameSync(backup, join(dataDir, 'foyer.db'));
  let answer = await load(store, ada.sessionId);
  while (answer === 'store-down') answer = await setImmediate().then(() => load(store, ada.sessionId));
  assert.equal(answer, 'none');
  assert.equal((await store.db.selectFrom('users').select('id').execute()).length, 1, 'it is the copy that answers');
  const { value } = await store.db.selectFrom('revision').select('value').executeTakeFirstOrThrow();
  assert.ok(value > seen);
  assert.match(String(problems.at(-1)), /The store is an older copy/);
});

test('B5: an empty or damaged store refuses the start with a sentence, and is left as it is', async (t) => {
  const damages: [string, (file: string) => void, RegExp][] = [
    ['emptied', (file) => truncateSync(file, 0), /is empty, and it was not .+ delete .+foyer\.epoch/],
    ['removed', (file) => rmSync(file), /is empty, and it was not/],
    [
      'half',
      (file) => truncateSync(file, Math.floor(statSync(file).size / 8192) * 4096),
      /is damaged \(.+\)\. Put a backup/,
    ],
    ['no database', (file) => writeFileSync(file, 'x'.repeat(8192)), /is damaged \(.*not a database/],
    ['overwritten', (file) => overwrite(file), /is damaged/],
  ];
  for (const [what, damage, sentence] of damages) {
    const dataDir = await madeStore(t);
    await inStore(dataDir, async (store) =>
      endSession(store, SYSTEM, (await someone(store, 'admin')).sessionId, 'ended-by-admin'),
    );
    damage(join(dataDir, 'foyer.db'));
    const left = statSync(join(dataDir, 'foyer.db'), { throwIfNoEntry: false })?.size ?? 0;
    await assert.rejects(migrate(dataDir), sentence, what);
    assert.equal(statSync(join(dataDir, 'foyer.db')).size, left, what);
  }
});

test('B3: a store that somebody else keeps locked is not called damaged, and nobody is told to replace it', async (t) => {
  const dataDir = await madeStore(t);
  const other = new DatabaseSync(join(dataDir, 'foyer.db'));
  t.after(() => other.close());
  other.exec('pragma journal_mode = delete; pragma locking_mode = exclusive; begin exclusive');
  await assert.rejects(migrate(dataDir), /cannot be read \(.+\)\. Nothing was changed: see to its disk/);
});

test('B5: a truncated log loses its last writes, and what they had ended stays ended', async (t) => {
  const dataDir = await madeStore(t);
  const writer = startChild(t, 'writer.ts', [
    dataDir,
    (await inStore(dataDir, (store) => someone(store, 'member'))).userId,
  ]);
  for (let lines = 0; lines < 40; lines += 1) await writer.line();
  await writer.kill();
  const log = join(dataDir, 'foyer.db-wal');
  await rememberRevision(epochFile(dataDir), readEpoch(epochFile(dataDir)).highest + 1);
  truncateSync(log, Math.floor(statSync(log).size / 2));
  const startedAt = performance.now();
  assert.equal(await migrate(dataDir), true);
  assert.ok(performance.now() - startedAt < 10_000);
  await inStore(dataDir, async (store) => {
    assert.deepEqual(await store.db.selectFrom('sessions').select('id').execute(), []);
  });
});

const HOST = 'wiki.corp.example' as Parameters<typeof mintCode>[1]['host'];

async function madeStore(t: TestContext): Promise<string> {
  const dataDir = join(temporaryDir(t), 'data');
  assert.equal(await migrate(dataDir), false);
  return dataDir;
}

function migrate(dataDir: string): Promise<boolean> {
  return migrateStore({ dataDir, now: Date.now });
}

function options(dataDir: string): Parameters<typeof openStore>[0] {
  return { dataDir, secret: TEST_SECRET, portal: PORTAL, now: Date.now };
}

async function inStore<Result>(dataDir: string, work: (store: Store) => Promise<Result>): Promise<Result> {
  const store = await openStore(options(dataDir));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

async function load(store: Store, id: string): Promise<'session' | 'none' | 'store-down'> {
  return loadSession(store, id).then(
    (loaded) => (loaded ? 'session' : 'none'),
    (error) => {
      assert.equal(error.code, 'store-down', error.stack);
      return 'store-down';
    },
  );
}

/** The pages behind the first one, which says that it is a database. */
function overwrite(file: string): void {
  const bytes = readFileSync(file);
  bytes.fill(0xa5, 4096);
  writeFileSync(file, bytes);
}
