// The promises of groups: members are as set, everybody concerned is told, and providers keep theirs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deleteGroup, getGroup, listGroups, saveGroup, setMembers } from './groups.ts';
import { loadSession } from './sessions.ts';
import { SYSTEM, saved, someone, temporaryStore } from './testing/temporary-store.ts';

test('A7: joining, leaving, renaming and deleting a group reach the sessions of its members', async (t) => {
  const { store } = await temporaryStore(t);
  const [ada, grace] = [await someone(store, 'member'), await someone(store, 'member')];
  const { id } = saved(await saveGroup(store, SYSTEM, null, { name: 'Engineers' }));
  const groupsOf = async ({ sessionId }: typeof ada) => {
    const loaded = await loadSession(store, sessionId);
    return loaded && [loaded.session.identity.groupIds, loaded.session.identity.groupNames];
  };
  saved(await setMembers(store, SYSTEM, id, [ada.userId]));
  assert.deepEqual(await groupsOf(ada), [[id], ['Engineers']]);
  const before = await store.db.selectFrom('revision').select('value').executeTakeFirstOrThrow();
  saved(await setMembers(store, SYSTEM, id, [grace.userId]));
  saved(await saveGroup(store, SYSTEM, id, { name: 'Builders' }));
  assert.deepEqual(await groupsOf(ada), [[], []]);
  assert.deepEqual(await groupsOf(grace), [[id], ['Builders']]);
  saved(await deleteGroup(store, SYSTEM, id));
  assert.deepEqual(await groupsOf(grace), [[], []]);
  const raised = await store.db
    .selectFrom('changes')
    .select(['kind', 'subject_id'])
    .where('revision', '>', before.value)
    .orderBy('revision')
    .execute();
  assert.deepEqual(
    raised.map(({ kind, subject_id }) => [kind, subject_id]),
    [
      ['user', grace.userId],
      ['user', ada.userId],
      ['user', grace.userId],
      ['user', grace.userId],
      ['catalogue', null],
    ],
  );
});

test('A7: many members at once are one change for everybody', async (t) => {
  const { store } = await temporaryStore(t);
  const members: string[] = [];
  for (let at = 0; at < 60; at++) members.push((await someone(store, 'member')).userId);
  const { id } = saved(await saveGroup(store, SYSTEM, null, { name: 'All' }));
  const before = await store.db.selectFrom('revision').select('value').executeTakeFirstOrThrow();
  saved(await setMembers(store, SYSTEM, id, members));
  const raised = await store.db.selectFrom('changes').select('kind').where('revision', '>', before.value).execute();
  assert.deepEqual(raised, [{ kind: 'people' }]);
  const found = await getGroup(store, SYSTEM, id);
  assert.equal(found.kind === 'found' && found.group.memberCount, 60);
});

test('M2, M4: strangers, doubles and wrong kinds are refused with a sentence, and only admins write', async (t) => {
  const { store } = await temporaryStore(t);
  const ada = await someone(store, 'member');
  const { id } = saved(await saveGroup(store, SYSTEM, null, { name: 'Engineers' }));
  const stranger = await setMembers(store, SYSTEM, id, [ada.userId, '01a1f944-d5f1-7000-bf90-fdb595bd3bad']);
  assert.deepEqual(stranger.kind === 'invalid' && Object.keys(stranger.errors), ['1']);
  for (const input of [null, {}, 'x', [ada.userId, ada.userId], [[ada.userId]], [null]]) {
    assert.equal((await setMembers(store, SYSTEM, id, input)).kind, 'invalid', JSON.stringify(input));
  }
  const twin = await saveGroup(store, SYSTEM, null, { name: 'ENGINEERS' });
  assert.ok(twin.kind === 'invalid' && twin.errors.name);
  for (const role of ['auditor', 'app-owner', 'member'] as const) {
    const actor = await someone(store, role);
    assert.equal((await setMembers(store, actor, id, [actor.userId])).kind, 'forbidden');
    assert.equal((await saveGroup(store, actor, null, { name: 'Mine' })).kind, 'forbidden');
    assert.equal((await deleteGroup(store, actor, id)).kind, 'forbidden');
    assert.equal((await listGroups(store, actor)).kind, role === 'auditor' ? 'listed' : 'forbidden');
  }
});
