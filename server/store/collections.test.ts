// The promise of collections: an administrator's names and order, and of them a person sees only what is theirs.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { shownCollections } from '#server/core/launcher.ts';
import { deleteApp, saveApp } from './apps.ts';
import { listAudit } from './audit.ts';
import {
  deleteCollection,
  getCollection,
  listCollections,
  orderCollections,
  readCollections,
  saveCollection,
} from './collections.ts';
import { appInputFor, SYSTEM, saved, someone, someSite, temporaryStore } from './testing/temporary-store.ts';

async function withApps(t: TestContext, ...names: string[]) {
  const { store, clock } = await temporaryStore(t);
  const siteId = await someSite(store);
  const ids = new Map<string, string>();
  for (const name of names) {
    const input = appInputFor(siteId, { name, hosts: [`${name}.corp.example`] });
    ids.set(name, saved(await saveApp(store, SYSTEM, null, input)).id);
  }
  const id = (name: string) => ids.get(name) ?? '';
  const make = async (name: string, ...apps: string[]) =>
    saved(await saveCollection(store, SYSTEM, null, { name, appIds: apps.map(id) })).id;
  const shape = async () =>
    (await readCollections(store)).map(({ name, appIds }) => [
      name,
      ...appIds.map((appId) => names.find((each) => id(each) === appId)),
    ]);
  return { store, clock, id, make, shape };
}

test('collections keep their order and that of their apps, through edits, new orders and deleted apps', async (t) => {
  const { store, id, make, shape } = await withApps(t, 'wiki', 'mail', 'board');
  const office = await make('Office', 'mail', 'wiki');
  const tools = await make('Tools', 'board', 'wiki');
  assert.deepEqual(await shape(), [
    ['Office', 'mail', 'wiki'],
    ['Tools', 'board', 'wiki'],
  ]);
  saved(await saveCollection(store, SYSTEM, office, { name: 'The office', appIds: [id('wiki'), id('mail')] }));
  saved(await orderCollections(store, SYSTEM, [tools, 'unknown']));
  assert.deepEqual(await shape(), [
    ['Tools', 'board', 'wiki'],
    ['The office', 'wiki', 'mail'],
  ]);
  saved(await deleteApp(store, SYSTEM, id('wiki')));
  assert.deepEqual(await shape(), [
    ['Tools', 'board'],
    ['The office', 'mail'],
  ]);
  saved(await deleteCollection(store, SYSTEM, tools));
  assert.deepEqual(await shape(), [['The office', 'mail']]);
  const audit = await listAudit(store, SYSTEM);
  assert.ok(audit.kind === 'listed');
  const actions = audit.rows.map(({ action }) => action).filter((action) => action.startsWith('collection'));
  const saves = ['collection-saved', 'collection-saved', 'collection-saved'];
  assert.deepEqual(actions.sort(), ['collection-deleted', ...saves, 'collections-ordered'].sort());
});

test('M2: a name that is taken, an app that is none and a repeated one are refused beside their field', async (t) => {
  const { store, id, make } = await withApps(t, 'wiki');
  const office = await make('Öffice');
  const refused = async (input: unknown, ...paths: string[]) => {
    const outcome = await saveCollection(store, SYSTEM, null, input);
    assert.deepEqual(outcome.kind === 'invalid' && Object.keys(outcome.errors), paths);
  };
  await refused({ name: 'OFFICE', appIds: [] }, 'name');
  await refused({ name: ' ', appIds: [] }, 'name');
  await refused({ name: 'A', appIds: [id('wiki'), id('wiki')] }, 'appIds.1');
  await refused({ name: 'A', appIds: ['01a1f944-d5f1-7000-bf90-fdb595bd3bad'] }, 'appIds.0');
  await refused({ name: 'A', appIds: [], position: 0 }, 'position');
  assert.equal((await orderCollections(store, SYSTEM, [office, office])).kind, 'invalid');
  const stale = await saveCollection(store, SYSTEM, office, { name: 'Office', appIds: [] }, 1);
  assert.equal(stale.kind, 'conflict');
  assert.equal((await getCollection(store, SYSTEM, 'nothing')).kind, 'not-found');
});

test('M1: auditors read collections, nobody but administrators writes them', async (t) => {
  const { store, make } = await withApps(t, 'wiki');
  const office = await make('Office');
  for (const role of ['auditor', 'app-owner', 'member'] as const) {
    const actor = await someone(store, role);
    const kinds = [
      (await listCollections(store, actor)).kind,
      (await saveCollection(store, actor, office, { name: 'Mine', appIds: [] })).kind,
      (await orderCollections(store, actor, [office])).kind,
      (await deleteCollection(store, actor, office)).kind,
    ];
    assert.deepEqual(kinds, [role === 'auditor' ? 'listed' : 'forbidden', 'forbidden', 'forbidden', 'forbidden']);
  }
});

test('M2: of a collection a person gets their own apps, and without one not even its name', () => {
  const collections = [
    { id: '1', name: 'Board', appIds: ['payroll'] },
    { id: '2', name: 'Office', appIds: ['mail', 'payroll', 'wiki'], updatedAt: 1 },
    { id: '3', name: 'Empty', appIds: [] },
  ];
  assert.deepEqual(shownCollections([{ id: 'wiki' }, { id: 'mail' }], collections), [
    { id: '2', name: 'Office', appIds: ['mail', 'wiki'] },
  ]);
});
