// The promise of a store that does not answer: who is signed in goes on for a quarter of an hour, nobody comes in, and it comes back by itself.
import assert from 'node:assert/strict';
import { readdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { type RealGateway, startRealGateway } from './faults.testing.ts';
import { endSession } from './store/sessions.ts';
import { SYSTEM } from './store/testing/temporary-store.ts';
import { startProgram, temporaryFolder } from './testing/program.ts';

const MINUTE_MS = 60_000;

test('B3: while another process keeps the store locked, open apps go on at once and first visits get 503; then they come in', async (t) => {
  const foyer = await startRealGateway(t, temporaryFolder(t));
  const { browser } = await foyer.visitor();
  const finish = await foyer.beginVisit(await foyer.person());
  const lock = locked(t, foyer);
  const waiting = finish();
  for (let request = 0; request < 20; request += 1) {
    const startedAt = performance.now();
    assert.equal(await foyer.status(browser), 200);
    assert.ok(performance.now() - startedAt < 1_000, 'nobody waits for the lock who does not need it');
  }
  assert.equal(await waiting, 503);
  const startedAt = performance.now();
  const more = await Promise.all(Array.from({ length: 5 }, () => finish()));
  assert.deepEqual(more, [503, 503, 503, 503, 503]);
  assert.ok(performance.now() - startedAt < 5_000, 'after the first one nobody waits long to be refused');
  lock.release();
  assert.equal(await finish(), 'granted');
  assert.equal(await foyer.status(browser), 200);
});

test('B3: a store that is slow for seconds costs seconds, and nothing else', async (t) => {
  const foyer = await startRealGateway(t, temporaryFolder(t));
  const { browser } = await foyer.visitor();
  const finish = await foyer.beginVisit(await foyer.person());
  const lock = locked(t, foyer);
  const visit = finish();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  assert.equal(await foyer.status(browser), 200);
  lock.release();
  assert.equal(await visit, 'granted');
});

test('B3: the store is away: decisions come from memory for fifteen minutes and are 503 after that, until it is back', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const foyer = await startRealGateway(t, temporaryFolder(t));
  const { browser, session } = await foyer.visitor();
  const other = await foyer.visitor();
  const finish = await foyer.beginVisit(await foyer.person());
  const store = movedAway(t, foyer);
  assert.equal(await foyer.status(browser), 200);
  assert.equal(await finish(), 503);
  await foyer.until(() => foyer.lines.some(({ alarm }) => alarm === true));
  t.mock.timers.setTime(Date.now() + 14 * MINUTE_MS);
  assert.equal(await foyer.status(browser), 200, 'fourteen minutes');
  assert.notEqual(await finish(), 'granted');
  t.mock.timers.setTime(Date.now() + 2 * MINUTE_MS);
  assert.equal(await foyer.status(browser), 503, 'sixteen minutes');
  assert.deepEqual(
    readdirSync(foyer.config.dataDir).filter((name) => name.startsWith('foyer.db')),
    [],
    'no empty one is made meanwhile',
  );
  store.bringBack();
  await foyer.until(async () => (await foyer.status(browser)) === 200);
  await foyer.until(() => endSession(foyer.store, SYSTEM, session.id, 'ended-by-admin').then(() => true, isStoreDown));
  await foyer.until(async () => (await foyer.status(browser)) === 401);
  assert.equal(await foyer.status(other.browser), 200, 'and changes are heard of again');
  assert.ok(
    foyer.lines.filter(({ alarm }) => alarm === true).length < 5,
    'an outage is a few alarms, not one a second',
  );
});

for (const [what, damage, sentence] of [
  [
    'of a newer version',
    newer,
    /^The store at .+ was written by a newer Foyer \(9999-future\)\. Run that version, or .+\.$/,
  ],
  [
    'that is cut off',
    (file: string) => truncateSync(file, 8192),
    /^The store at .+ is damaged \(.+\)\. Put a backup of it in its place; .+\.$/,
  ],
  [
    'that is no database',
    (file: string) => writeFileSync(file, 'x'.repeat(9_000)),
    /^The store at .+ is damaged \(.+\)\. Put a backup of it in its place; .+\.$/,
  ],
] as const) {
  test(`B3 B5: with a store ${what} foyer start says so in one sentence, and ends`, async (t) => {
    const foyer = await startRealGateway(t, temporaryFolder(t));
    await foyer.stop();
    damage(join(foyer.config.dataDir, 'foyer.db'));
    const env = {
      FOYER_PORTAL_URL: 'http://portal.localhost:8080',
      FOYER_LISTEN: '127.0.0.1:0',
      FOYER_DATA_DIR: foyer.config.dataDir,
    };
    const program = startProgram(t, { args: ['bin/foyer.js', 'start'], env });
    assert.deepEqual(await program.ended(), { code: 1, signal: null }, program.text());
    assert.match(program.text().trim(), sentence);
  });
}

/** Another process's lock, for as long as it is wanted. It is waited for: the gateway may be writing just then. */
function locked(t: TestContext, { config }: RealGateway): { release(): void } {
  const other = new DatabaseSync(join(config.dataDir, 'foyer.db'), { timeout: 5_000 });
  t.after(() => other.close());
  other.exec('begin exclusive');
  return { release: () => other.exec('rollback') };
}

function movedAway(t: TestContext, { config }: RealGateway): { bringBack(): void } {
  const away = temporaryFolder(t);
  const move = (from: string, to: string): void => {
    for (const name of readdirSync(from).filter((each) => each.startsWith('foyer.db')))
      renameSync(join(from, name), join(to, name));
  };
  move(config.dataDir, away);
  return { bringBack: () => move(away, config.dataDir) };
}

function newer(file: string): void {
  const db = new DatabaseSync(file);
  db.exec("insert into kysely_migration (name, timestamp) values ('9999-future', '2099')");
  db.close();
}

function isStoreDown(error: { code?: string }): false {
  assert.equal(error.code, 'store-down');
  return false;
}
