// The promises of editing together: whoever has the same app open is seen, and nobody who has gone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saveApp } from './apps.ts';
import { endEditing, noteEditing, SILENT_MS } from './editing.ts';
import { appInputFor, saved, someApp, someone, someSite, temporaryStore } from './testing/temporary-store.ts';

test('two admins at one app see each other until one is silent for a while, or goes', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const siteId = await someSite(store);
  const app = await someApp(store, siteId);
  const other = await someApp(store, siteId, { hosts: ['other.corp.example'] });
  const [ada, bob] = [await someone(store, 'admin'), await someone(store, 'admin')];
  const begin = clock.now;
  assert.deepEqual(saved(await noteEditing(store, ada, app, 'tab-of-ada')).editors, []);
  saved(await noteEditing(store, bob, other, 'tab-of-bob'));
  clock.now += 1_000;
  const seen = saved(await noteEditing(store, bob, app, 'tab-of-bob'));
  assert.deepEqual(seen.editors, [{ name: ada.email, since: begin, isSelf: false }]);
  const again = saved(await noteEditing(store, ada, app, 'tab-2-of-ada'));
  assert.deepEqual(
    again.editors.map(({ isSelf }) => isSelf),
    [true, false],
  );
  saved(await endEditing(store, ada, app, 'tab-2-of-ada'));
  saved(await endEditing(store, ada, app, 'tab-of-bob'));
  saved(await saveApp(store, ada, app, appInputFor(siteId, { description: 'New' })));
  const told = saved(await noteEditing(store, ada, app, 'tab-of-ada'));
  assert.deepEqual(
    told.editors,
    [{ name: bob.email, since: begin + 1_000, isSelf: false }],
    'nobody sends another away',
  );
  assert.equal(told.updatedAt, clock.now);
  clock.now += SILENT_MS;
  assert.deepEqual(saved(await noteEditing(store, ada, app, 'tab-of-ada')).editors, []);
});

test('M1: only who may change the app is seen at it, or sees who is', async (t) => {
  const { store } = await temporaryStore(t);
  const app = await someApp(store, await someSite(store));
  for (const role of ['auditor', 'member'] as const)
    assert.equal((await noteEditing(store, await someone(store, role), app, 'tab-12345')).kind, 'forbidden');
  assert.equal((await noteEditing(store, await someone(store, 'app-owner'), app, 'tab-12345')).kind, 'not-found');
  const admin = await someone(store, 'admin');
  for (const tab of ['', 'x', 'x'.repeat(65), "';--12345"])
    assert.equal((await noteEditing(store, admin, app, tab)).kind, 'not-found');
});
