// The promise of uploaded icons: kept while an app shows them, and forgotten a day after nobody does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saveApp } from './apps.ts';
import { readIcon, saveIcon } from './icons.ts';
import { appInputFor, SYSTEM, saved, someApp, someone, someSite, temporaryStore } from './testing/temporary-store.ts';

const picture = (text: string) => Buffer.from(text);
const DAY_MS = 24 * 3_600_000;

test('an icon that an app shows stays; one that none took is gone with the next upload after a day', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const siteId = await someSite(store);
  const used = saved(await saveIcon(store, SYSTEM, picture('used'))).id;
  const unused = saved(await saveIcon(store, SYSTEM, picture('unused'))).id;
  await someApp(store, siteId, { icon: { kind: 'uploaded', sha256: used } });
  clock.now += DAY_MS + 1;
  assert.ok(await readIcon(store, unused));
  saved(await saveIcon(store, SYSTEM, picture('new')));
  assert.equal(await readIcon(store, unused), null);
  assert.deepEqual(await readIcon(store, used), picture('used'));
});

test('one person keeps no more than a few uploads that nothing uses', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const ada = await someone(store, 'app-owner');
  const ids: string[] = [];
  for (let at = 0; at < 25; at++) {
    clock.now += 1000;
    ids.push(saved(await saveIcon(store, ada, picture(`${at}`))).id);
  }
  const kept = await Promise.all(ids.map((id) => readIcon(store, id)));
  assert.equal(kept.filter(Boolean).length, 21);
  assert.ok(kept.at(-1));
  assert.equal(kept[0], null);
});

test('M1, M2: a member uploads nothing, and an app shows no picture that is not there', async (t) => {
  const { store } = await temporaryStore(t);
  for (const role of ['member', 'auditor'] as const)
    assert.equal((await saveIcon(store, await someone(store, role), picture('x'))).kind, 'forbidden');
  const icon = { kind: 'uploaded', sha256: 'ab'.repeat(32) };
  const outcome = await saveApp(store, SYSTEM, null, appInputFor(await someSite(store), { icon }));
  assert.deepEqual(outcome.kind === 'invalid' && Object.keys(outcome.errors), ['icon']);
});
