// A revocation never waits for the catalogue, nothing is lost, and a catalogue that cannot be read is not called current.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from 'kysely';
import { pino } from 'pino';
import { followSnapshot } from './follow-snapshot.ts';
import type { Change } from './store/feed.ts';
import type { Store } from './store/handle.ts';
import { endSession } from './store/sessions.ts';
import { saveSite } from './store/sites.ts';
import { SYSTEM, saved, someApp, someone, someSite, temporaryStore } from './store/testing/temporary-store.ts';

const log = pino({ level: 'silent' });

/** Follows a store, and waits for what it tells. */
async function follow(t: TestContext, store: Store) {
  const told: Change[] = [];
  let look = (): void => {};
  const followed = await followSnapshot(store, log, (changes) => {
    told.push(...changes);
    look();
  });
  t.after(() => followed.stop());
  const until = (isThere: (change: Change) => boolean): Promise<void> =>
    new Promise((resolve) => {
      look = () => told.some(isThere) && resolve();
      look();
    });
  return { followed, told, until };
}

test('Z1: a catalogue that cannot be loaded is as old as it is, also when the wall clock is set back', async (t) => {
  const steady = { now: 0 };
  const { store, clock } = await temporaryStore(t, { steadyNow: () => steady.now });
  const siteId = await someSite(store);
  const person = await someone(store, 'member');
  const { followed, until } = await follow(t, store);
  await sql`alter table apps rename to apps_away`.execute(store.db);
  saved(await saveSite(store, SYSTEM, siteId, { name: 'Moved', ranges: ['10.0.0.0/8'] }));
  await endSession(store, SYSTEM, person.sessionId, 'ended-by-admin');
  await until((change) => change.kind === 'session');
  clock.now -= 3 * 60 * 60_000;
  steady.now += 20 * 60_000;
  assert.ok(clock.now - followed.confirmedAt() >= 20 * 60_000);
  await sql`alter table apps_away rename to apps`.execute(store.db);
  await until((change) => change.kind === 'catalogue');
});

test('A7: a session change is told although the catalogue cannot be loaded, and the catalogue is not called current', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const siteId = await someSite(store);
  const person = await someone(store, 'member');
  const { followed, told, until } = await follow(t, store);
  const before = followed.current();

  await sql`alter table apps rename to apps_away`.execute(store.db);
  saved(await saveSite(store, SYSTEM, siteId, { name: 'Moved', ranges: ['10.0.0.0/8'] }));
  await endSession(store, SYSTEM, person.sessionId, 'ended-by-admin');
  await until((change) => change.kind === 'session' && change.id === person.sessionId);
  const changedAt = clock.now;
  clock.now += 60_000;
  assert.ok(!told.some(({ kind }) => kind === 'catalogue'));
  assert.ok(followed.confirmedAt() <= changedAt);

  await sql`alter table apps_away rename to apps`.execute(store.db);
  await until((change) => change.kind === 'catalogue');
  assert.notEqual(followed.current(), before);
  assert.equal(followed.current().sitesById.get(siteId)?.name, 'Moved');
});

test('a change between the first load and the first look is not missed', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store);
  const following = follow(t, store);
  const appId = await someApp(store, siteId);
  const { followed, until } = await following;
  if (!followed.current().appsById.has(appId)) await until((change) => change.kind === 'catalogue');
  assert.ok(followed.current().appsById.has(appId));
});
