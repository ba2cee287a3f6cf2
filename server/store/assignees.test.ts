// The promise of looking for people: only who may assign an app finds anybody.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findAssignees, listOwners } from './assignees.ts';
import { SYSTEM, someApp, someone, someSite, temporaryStore } from './testing/temporary-store.ts';

test('M1: members and auditors find nobody; an app owner finds whom to assign, and no list of owners', async (t) => {
  const { store } = await temporaryStore(t);
  const owner = await someone(store, 'app-owner', { email: 'owner@corp.example' });
  await someApp(store, await someSite(store), { ownerUserId: owner.userId });
  for (const role of ['member', 'auditor'] as const)
    assert.equal((await findAssignees(store, await someone(store, role), 'corp')).kind, 'forbidden');
  const found = await findAssignees(store, owner, 'owner@');
  assert.deepEqual(found.kind === 'listed' && found.rows.map(({ id }) => id), [owner.userId]);
  assert.deepEqual(await listOwners(store, owner), []);
  assert.deepEqual(
    (await listOwners(store, SYSTEM)).map(({ id }) => id),
    [owner.userId],
  );
});
