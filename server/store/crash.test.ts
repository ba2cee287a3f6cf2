// The promise of a crash at any moment: the store opens again at once, all that was acknowledged is there, and nothing is there by half.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { sql } from 'kysely';
import type { Hostname } from '#server/core/hostname.ts';
import { listAudit } from './audit.ts';
import { redeemCode } from './codes.ts';
import { migrateStore, openStore, type Store } from './handle.ts';
import { loadSession } from './sessions.ts';
import { loadSnapshot } from './snapshot.ts';
import { startChild } from './testing/child.ts';
import { PORTAL, SYSTEM, someApp, someone, someSite, temporaryDir } from './testing/temporary-store.ts';

/** The environment's number takes as long as it takes, a thousand about half an hour; without one it is these, or less on a slow machine. */
const ROUNDS = Number(process.env.CRASH_ROUNDS ?? 30);
const LONGEST_MS = process.env.CRASH_ROUNDS ? Number.POSITIVE_INFINITY : 20_000;
const LEAST_ROUNDS = 8;

const host = 'wiki.corp.example' as Hostname;

test('B2: kill -9 at any moment loses nothing acknowledged, leaves nothing by half, and no code works twice', async (t) => {
  const dataDir = join(temporaryDir(t), 'data');
  const ids = await inStore(dataDir, async (store) => {
    const siteId = await someSite(store);
    return [(await someone(store, 'member')).userId, siteId, await someApp(store, siteId)];
  });
  // Seeded, so that a failure can be looked at again; most moments are early, where a process opens its store.
  const moments = fc.sample(fc.oneof(fc.nat(20), fc.nat(150), fc.nat(600)), { seed: 20_261_120, numRuns: ROUNDS });
  const startedAt = performance.now();
  let acknowledged = 0;
  for (const [round, moment] of moments.entries()) {
    if (round >= LEAST_ROUNDS && performance.now() - startedAt > LONGEST_MS) break;
    const said = await writeAndDie(t, [dataDir, ...ids], moment);
    acknowledged += said.length;
    const openedAt = performance.now();
    await inStore(dataDir, async (store) => {
      assert.ok(performance.now() - openedAt < 10_000, 'it opens within ten seconds');
      await check(store, said, ids[2] ?? '');
    });
  }
  assert.ok(acknowledged > ROUNDS, `${acknowledged} writes were acknowledged`);
});

test('B2: kill -9 during the very first start leaves a store that the next start completes', async (t) => {
  for (const moment of [0, 20, 60, 120, 200, 300]) {
    const dataDir = join(temporaryDir(t), 'data');
    const first = startChild(t, 'first-start.ts', [dataDir]);
    assert.equal(await first.line(), 'begun');
    await setTimeout(moment);
    await first.kill();
    await inStore(dataDir, async (store) => assert.ok((await someone(store, 'admin')).userId));
  }
});

type Said = { kind: string; id: string };

async function check(store: Store, said: readonly Said[], appId: string): Promise<void> {
  const ids = (kind: string) => new Set(said.filter((each) => each.kind === kind).map(({ id }) => id));
  const [ended, redeemed] = [ids('ended'), ids('redeemed')];
  // The one that was under way may have ended before anybody heard so.
  const ending = said.at(-1)?.kind === 'audit' ? [...ids('session')].at(-1) : null;
  for (const id of ids('session')) {
    const isThere = (await loadSession(store, id)) !== null;
    if (ended.has(id)) assert.equal(isThere, false, 'what was ended is not there again');
    else if (id !== ending) assert.equal(isThere, true);
  }
  for (const id of ids('trying')) {
    const again = await redeemCode(store, { code: id, host, nonceHash: 'n' });
    if (redeemed.has(id)) assert.equal(again.kind, 'refused', 'a code works once');
    assert.equal((await redeemCode(store, { code: id, host, nonceHash: 'n' })).kind, 'refused', 'and never twice');
  }
  assert.equal(ids('lost').size, 0);
  for (const id of ids('audit')) {
    const found = await listAudit(store, SYSTEM, { filters: { supportId: id } });
    assert.equal(found.kind === 'listed' && found.rows.length, 1, id);
  }
  await checkApp(store, said, appId);
  assert.deepEqual((await sql`pragma integrity_check`.execute(store.db)).rows, [{ integrity_check: 'ok' }]);
  assert.deepEqual((await sql`pragma foreign_key_check`.execute(store.db)).rows, []);
}

/** Of the last change that was acknowledged, or of the one after it that was under way: whole. */
async function checkApp(store: Store, said: readonly Said[], appId: string): Promise<void> {
  const { snapshot, problems } = await loadSnapshot(store, 'opened');
  assert.deepEqual(problems, []);
  const app = snapshot.appsById.get(appId);
  assert.ok(app);
  const version = app.name;
  if (version !== 'Wiki') {
    assert.equal(app.description, version);
    assert.deepEqual(
      app.hosts,
      Array.from({ length: 5 }, (_, at) => `h${at}.${version}.example`),
    );
  }
  const changed = said.filter(({ kind }) => kind === 'changed').at(-1);
  const changing = said.filter(({ kind }) => kind === 'changing').at(-1);
  if (changed) assert.ok(version === changed.id || version === changing?.id, `${version} is not ${changed.id}`);
}

/** Starts the writer, kills it so many milliseconds after it opened its store, and returns all that it had said by then. */
async function writeAndDie(t: TestContext, args: readonly string[], afterMs: number): Promise<Said[]> {
  const writer = startChild(t, 'crash-writer.ts', args);
  assert.equal(await writer.line(), 'ready');
  await setTimeout(afterMs);
  const lines = await writer.kill();
  return lines.flatMap((line) => (line.endsWith('}') ? [JSON.parse(line)] : []));
}

/** As a start does it: brought up to date, with nothing to restore, and opened. */
async function inStore<Result>(dataDir: string, work: (store: Store) => Promise<Result>): Promise<Result> {
  assert.equal(await migrateStore({ dataDir, now: Date.now }), false, 'a crash is no restored copy');
  const store = await openStore({ dataDir, secret: Buffer.alloc(32, 1), portal: PORTAL, now: Date.now });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
