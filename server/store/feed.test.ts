// The promises of the change feed: in order, without gaps, in under a second, and never a confirmation that is none.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { sql } from 'kysely';
import { saveApp } from './apps.ts';
import { type Change, raise } from './feed.ts';
import type { Store } from './handle.ts';
import { endSession } from './sessions.ts';
import { startChild } from './testing/child.ts';
import {
  anotherStore,
  appInputFor,
  newSession,
  SYSTEM,
  someone,
  someSite,
  temporaryStore,
} from './testing/temporary-store.ts';

test('A7, C10: what one process changes, another one hears in under a second', async (t) => {
  const { store, dataDir } = await temporaryStore(t);
  const siteId = await someSite(store);
  const ada = await someone(store, 'member');
  const follower = startChild(t, 'follower.ts', [dataDir]);
  assert.equal(await follower.line(), 'ready');
  const deeds: (() => Promise<unknown>)[] = [
    () => saveApp(store, SYSTEM, null, appInputFor(siteId)),
    () => endSession(store, SYSTEM, ada.sessionId, 'ended-by-admin'),
  ];
  const heard: Change[] = [];
  for (const deed of deeds) {
    await deed();
    const changedAt = performance.now();
    heard.push(...JSON.parse((await follower.line()) ?? '[]'));
    assert.ok(performance.now() - changedAt < 1000);
  }
  assert.deepEqual(
    heard.map(({ kind, id }) => [kind, id]),
    [
      ['catalogue', null],
      ['session', ada.sessionId],
    ],
  );
});

test('A7: a process hears its own changes too, in order and each once', async (t) => {
  const { store } = await temporaryStore(t);
  const from = store.feed.revision();
  const heard = listen(store);
  for (let at = 0; at < 20; at++) await raiseIn(store, [{ kind: 'user', id: `${at}` }]);
  await until(heard, (changes) => changes.length >= 20);
  assert.deepEqual(
    heard.changes.map(({ id }) => id),
    Array.from({ length: 20 }, (_, at) => `${at}`),
  );
  assert.deepEqual(
    heard.changes.map(({ revision }) => revision),
    Array.from({ length: 20 }, (_, at) => from + 1 + at),
  );
});

test('A7: whoever was away for more than is kept hears that everything may have changed', async (t) => {
  const { store, dataDir, clock } = await temporaryStore(t);
  const away = await anotherStore(t, dataDir, clock);
  const heard = listen(away);
  await store.db.updateTable('revision').set({ value: 50_000 }).execute();
  await raiseIn(store, [{ kind: 'user', id: 'a' }]);
  await until(heard, (changes) => changes.length >= 2);
  assert.deepEqual(heard.changes, [
    { revision: 50_001, kind: 'catalogue', id: null },
    { revision: 50_001, kind: 'people', id: null },
  ]);
});

test('B5: when an older copy of the database is put back, everything may have changed, and the revision still grows', async (t) => {
  const problems: Error[] = [];
  const { store } = await temporaryStore(t, { onProblem: (problem) => problems.push(problem) });
  const heard = listen(store);
  await raiseIn(store, [{ kind: 'user', id: 'a' }]);
  await until(heard, (changes) => changes.length === 1);
  await store.db.updateTable('revision').set({ value: 0 }).execute();
  await until(heard, (changes) => changes.length >= 3);
  assert.deepEqual(
    heard.changes.map(({ kind }) => kind),
    ['user', 'catalogue', 'people'],
  );
  assert.equal(store.feed.revision(), 3);
  assert.equal(problems.length, 1);
});

test('A7: ten thousand changes are kept and no more', async (t) => {
  const { store } = await temporaryStore(t);
  for (let batch = 0; batch < 30; batch++) {
    await raiseIn(
      store,
      Array.from({ length: 400 }, () => ({ kind: 'session' as const, id: 's' })),
    );
  }
  const { value } = await store.db.selectFrom('revision').select('value').executeTakeFirstOrThrow();
  const kept = await store.db.selectFrom('changes').select('revision').orderBy('revision').execute();
  assert.equal(kept.length, 10_000);
  assert.equal(kept.at(-1)?.revision, value);
});

test('A7: signing in raises nothing, and a change that is undone raises nothing', async (t) => {
  const { store } = await temporaryStore(t);
  const { userId } = await someone(store, 'member');
  const before = await revisionOf(store);
  await newSession(store, { userId, kind: 'standard', address: null, userAgent: null });
  await assert.rejects(
    store.db.transaction().execute(async (trx) => {
      await raise(trx, [{ kind: 'catalogue', id: null }]);
      throw new Error('undone');
    }),
  );
  assert.equal(await revisionOf(store), before);
});

test('Z1: a wall clock that jumps back makes no confirmation younger, and one that jumps forward none older than it is for long', async (t) => {
  const steady = { now: 0 };
  const { store, clock } = await temporaryStore(t, { steadyNow: () => steady.now, onProblem: () => {} });
  await touched(store, () => store.feed.confirmedAt() === clock.now);
  await sql`alter table revision rename to revision_lost`.execute(store.db);
  const age = () => clock.now - store.feed.confirmedAt();
  clock.now -= 3 * 60 * 60_000;
  assert.equal(age(), 0);
  steady.now += 20 * 60_000;
  assert.equal(age(), 20 * 60_000, 'twenty minutes passed, whatever the wall clock says');
  clock.now += 6 * 60 * 60_000;
  assert.equal(age(), 3 * 60 * 60_000, 'a sleep that only the wall clock saw counts');
  await sql`alter table revision_lost rename to revision`.execute(store.db);
  await touched(store, () => age() === 0);
});

test('A7: with the store out of order nothing is confirmed, one problem is told, and it recovers by itself', async (t) => {
  const problems: Error[] = [];
  const { store, clock } = await temporaryStore(t, {
    steadyNow: () => 0,
    onProblem: (problem) => problems.push(problem),
  });
  const heard = listen(store);
  await sql`alter table revision rename to revision_lost`.execute(store.db);
  const confirmedAt = store.feed.confirmedAt();
  clock.now += 60_000;
  await touched(store, () => problems.length > 0);
  assert.equal(store.feed.confirmedAt(), confirmedAt);
  await sql`alter table revision_lost rename to revision`.execute(store.db);
  await raiseIn(store, [{ kind: 'catalogue', id: null }]);
  await until(heard, (changes) => changes.length >= 1);
  assert.equal(problems.length, 1);
  await touched(store, () => store.feed.confirmedAt() === clock.now);
});

test('A7: a listener that throws is reported and keeps nothing from the others', async (t) => {
  const problems: Error[] = [];
  const { store } = await temporaryStore(t, { onProblem: (problem) => problems.push(problem) });
  store.feed.subscribe(() => {
    throw new Error('a listener of this test');
  });
  const heard = listen(store);
  const leave = store.feed.subscribe(() => assert.fail('It has left.'));
  leave();
  await raiseIn(store, [{ kind: 'catalogue', id: null }]);
  await until(heard, (changes) => changes.length === 1);
  assert.match(problems[0]?.message ?? '', /a listener of this test/);
});

type Heard = { changes: Change[]; target: EventTarget };

function listen(store: Store): Heard {
  const heard: Heard = { changes: [], target: new EventTarget() };
  store.feed.subscribe((changes) => {
    heard.changes.push(...changes);
    heard.target.dispatchEvent(new Event('heard'));
  });
  return heard;
}

/** Waits for what is delivered; the test's own timeout is its limit. */
async function until(heard: Heard, isDone: (changes: readonly Change[]) => boolean): Promise<void> {
  while (!isDone(heard.changes)) await once(heard.target, 'heard');
}

/** Asks the store for something until its feed had its turn too. */
async function touched(store: Store, isDone: () => boolean): Promise<void> {
  while (!isDone()) await store.db.selectFrom('changes').select('revision').limit(1).execute();
}

async function raiseIn(store: Store, changes: readonly Omit<Change, 'revision'>[]): Promise<void> {
  await store.db.transaction().execute((trx) => raise(trx, changes));
}

async function revisionOf({ db }: Store): Promise<number> {
  return (await db.selectFrom('revision').select('value').executeTakeFirstOrThrow()).value;
}
