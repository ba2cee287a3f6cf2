// The promise of notices: shown to those they are for, while they last, until each has put them away, and again once changed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saveGroup, setMembers } from './groups.ts';
import { deleteNotice, dismissNotice, listNotices, noticesFor, saveNotice } from './notices.ts';
import { SYSTEM, saved, someone, temporaryStore } from './testing/temporary-store.ts';

const HOUR_MS = 3_600_000;

test('a notice is for everybody or for its groups, from its beginning until its end, warnings first', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const [ada, bob] = [await someone(store, 'member'), await someone(store, 'member')];
  const group = saved(await saveGroup(store, SYSTEM, null, { name: 'Engineers' })).id;
  saved(await setMembers(store, SYSTEM, group, [ada.userId]));
  const texts = async (userId: string, groupIds: readonly string[]) =>
    (await noticesFor(store, { userId, groupIds })).map(({ text }) => text);
  const add = async (text: string, more: object = {}) =>
    saved(await saveNotice(store, SYSTEM, null, { text, ...more }));
  await add('Cake in the kitchen');
  await add('Deploys stop', { everyone: false, groupIds: [group], level: 'warning' });
  await add('Tonight', { fromAt: clock.now + HOUR_MS, untilAt: clock.now + 2 * HOUR_MS });
  assert.deepEqual(await texts(ada.userId, [group]), ['Deploys stop', 'Cake in the kitchen']);
  assert.deepEqual(await texts(bob.userId, []), ['Cake in the kitchen']);
  clock.now += HOUR_MS;
  assert.deepEqual(await texts(bob.userId, []), ['Tonight', 'Cake in the kitchen']);
  clock.now += HOUR_MS;
  assert.deepEqual(await texts(bob.userId, []), ['Cake in the kitchen']);
});

test('what a person puts away is away for them alone, comes back when it is changed, and a pinned one stays', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const [ada, bob] = [await someone(store, 'member'), await someone(store, 'member')];
  const group = saved(await saveGroup(store, SYSTEM, null, { name: 'Engineers' })).id;
  const shown = async ({ userId }: { userId: string }) => (await noticesFor(store, { userId, groupIds: [] })).length;
  const { id } = saved(await saveNotice(store, SYSTEM, null, { text: 'Cake' }));
  saved(await dismissNotice(store, ada, id));
  saved(await dismissNotice(store, ada, id));
  assert.deepEqual([await shown(ada), await shown(bob)], [0, 1]);
  clock.now -= HOUR_MS;
  saved(await dismissNotice(store, bob, id));
  assert.equal(await shown(bob), 0);
  saved(await saveNotice(store, SYSTEM, id, { text: 'More cake', pinned: true }));
  assert.deepEqual([await shown(ada), await shown(bob)], [1, 1]);
  assert.equal((await dismissNotice(store, ada, id)).kind, 'not-found');
  const secret = saved(await saveNotice(store, SYSTEM, null, { text: 'Only you', everyone: false, groupIds: [group] }));
  assert.equal((await dismissNotice(store, ada, secret.id)).kind, 'not-found');
  assert.equal((await dismissNotice(store, ada, 'nothing')).kind, 'not-found');
  saved(await deleteNotice(store, SYSTEM, id));
  assert.equal(await shown(ada), 0);
});

test('M1, M2: only an administrator writes notices, and what nobody would ever see is refused', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const refused = async (input: object, path: string) => {
    const outcome = await saveNotice(store, SYSTEM, null, { text: 'x', ...input });
    assert.deepEqual(outcome.kind === 'invalid' && Object.keys(outcome.errors), [path]);
  };
  await refused({ text: '  ' }, 'text');
  await refused({ text: 'x'.repeat(601) }, 'text');
  await refused({ everyone: false }, 'groupIds');
  await refused({ everyone: false, groupIds: ['01a1f944-d5f1-7000-bf90-fdb595bd3bad'] }, 'groupIds');
  await refused({ fromAt: clock.now, untilAt: clock.now }, 'untilAt');
  await refused({ level: 'shout' }, 'level');
  for (const role of ['auditor', 'app-owner', 'member'] as const) {
    const actor = await someone(store, role);
    assert.equal((await saveNotice(store, actor, null, { text: 'x' })).kind, 'forbidden');
    assert.equal((await listNotices(store, actor)).kind, role === 'auditor' ? 'listed' : 'forbidden');
  }
  const listed = await listNotices(store, SYSTEM);
  assert.equal(listed.kind === 'listed' && listed.total, 0);
});
