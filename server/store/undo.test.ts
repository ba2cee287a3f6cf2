// The promises of changes to several apps: each is told and audited, all can be taken back, and nothing of a deleted app is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import type { Assignment } from '#server/core/policy.ts';
import { deleteApp, getApp, listApps, saveApp, setAssignments } from './apps.ts';
import { changeApps } from './bulk.ts';
import { saveGroup } from './groups.ts';
import type { Store } from './handle.ts';
import { readIcon, saveIcon } from './icons.ts';
import { BELONGINGS } from './kept-app.ts';
import { setFavourite } from './launcher.ts';
import type { Actor } from './saved.ts';
import { deleteSite } from './sites.ts';
import { certificatePair } from './testing/certificate-pair.ts';
import { appInputFor, SYSTEM, saved, someApp, someone, someSite, temporaryStore } from './testing/temporary-store.ts';
import { deletedNames, latestUndo, listDeleted, restoreApp, undo } from './undo.ts';
import { deleteUser } from './users.ts';

const HOUR_MS = 3_600_000;
const these = (ids: readonly string[]) => ({ kind: 'these', ids });

async function threeApps(store: Store, input: Record<string, unknown> = {}): Promise<[string, string, string]> {
  const siteId = await someSite(store);
  const make = (name: string) => someApp(store, siteId, { name, hosts: [`${name}.corp.example`], ...input });
  return [await make('a'), await make('b'), await make('c')];
}

async function record(store: Store, id: string) {
  const found = await getApp(store, SYSTEM, id);
  return found.kind === 'found' ? found : assert.fail(found.kind);
}

async function auditOf(store: Store, action: string): Promise<string[]> {
  const rows = await store.db
    .selectFrom('audit_events')
    .selectAll()
    .where('action', '=', action)
    .orderBy('id')
    .execute();
  return rows.map((row) => String(row.object_name));
}

test('several apps are switched off at once, each with its own audit event, and on again by the undo', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const apps = await threeApps(store);
  const admin = await someone(store, 'admin');
  saved(await changeApps(store, admin, these([apps[2]]), { kind: 'disable' }));
  await store.db.deleteFrom('audit_events').execute();
  const done = saved(await changeApps(store, admin, these([...apps, admin.userId]), { kind: 'disable' }));
  assert.partialDeepStrictEqual(done, { changed: 2, same: 1, gone: 1 });
  assert.deepEqual(await auditOf(store, 'app-saved'), ['a', 'b']);
  for (const id of apps) assert.equal((await record(store, id)).app.enabled, false);
  const open = await latestUndo(store, admin, HOUR_MS);
  assert.partialDeepStrictEqual(open, { id: done.undoId, action: 'disable', count: 2 });
  assert.equal(await latestUndo(store, await someone(store, 'admin'), HOUR_MS), null, 'it is offered to who did it');
  clock.now += 10;
  assert.deepEqual(saved(await undo(store, admin, done.undoId ?? '')), { kind: 'saved', done: 2, left: [] });
  const enabled = await Promise.all(apps.map(async (id) => (await record(store, id)).app.enabled));
  assert.deepEqual(enabled, [true, true, false], 'what was off before stays off');
  assert.equal(await latestUndo(store, admin, HOUR_MS), null);
});

test('all that match a filter are changed, in short transactions', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store);
  for (let at = 0; at < 120; at += 1)
    await someApp(store, siteId, { name: `n${at}`, hosts: [`n${at}.corp.example`], enabled: at % 2 === 0 });
  const selection = { kind: 'matching', filter: { condition: 'on', siteId } };
  const done = saved(await changeApps(store, SYSTEM, selection, { kind: 'category', category: ' Tools ' }));
  assert.partialDeepStrictEqual(done, { changed: 60, same: 0, gone: 0 });
  const tools = await listApps(store, SYSTEM, { category: 'Tools', limit: 1 });
  assert.equal(tools.kind === 'listed' && tools.total, 60);
  assert.equal(saved(await undo(store, SYSTEM, done.undoId ?? '')).done, 60);
  const after = await listApps(store, SYSTEM, { category: 'Tools' });
  assert.equal(after.kind === 'listed' && after.total, 0);
});

test('groups, people and everyone are added and removed; what the others had stays', async (t) => {
  const { store } = await temporaryStore(t);
  const apps = await threeApps(store);
  const { userId } = await someone(store, 'member');
  const groupId = saved(await saveGroup(store, SYSTEM, null, { name: 'Team' })).id;
  const [user, group, everyone]: Assignment[] = [
    { kind: 'user', userId },
    { kind: 'group', groupId },
    { kind: 'everyone' },
  ];
  if (!user || !group || !everyone) assert.fail();
  saved(await setAssignments(store, SYSTEM, apps[0], [user]));
  saved(await setAssignments(store, SYSTEM, apps[1], [everyone, group]));
  const change = { kind: 'assign', add: [group], remove: [everyone] };
  const done = saved(await changeApps(store, SYSTEM, these(apps), change));
  assert.partialDeepStrictEqual(done, { changed: 3, same: 0 });
  assert.deepEqual((await record(store, apps[0])).assignments, [user, group]);
  assert.deepEqual((await record(store, apps[1])).assignments, [group]);
  assert.deepEqual((await record(store, apps[2])).assignments, [group]);
  assert.partialDeepStrictEqual(saved(await changeApps(store, SYSTEM, these(apps), change)), {
    changed: 0,
    undoId: null,
  });
  saved(await undo(store, SYSTEM, done.undoId ?? ''));
  assert.deepEqual((await record(store, apps[0])).assignments, [user]);
  assert.deepEqual((await record(store, apps[1])).assignments, [everyone, group]);
  assert.deepEqual((await record(store, apps[2])).assignments, []);
  const nobody = { kind: 'assign', add: [{ kind: 'group', groupId: userId }], remove: [] };
  assert.match(JSON.stringify(await changeApps(store, SYSTEM, these(apps), nobody)), /does not exist any more/);
});

test('a deleted app comes back whole: its id, names, key, people, favourites and times', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const siteId = await someSite(store);
  const member = await someone(store, 'member');
  const pair = await certificatePair('gateway', clock.now);
  const clientCertificate = { kind: 'new', ...pair };
  const upstream = { scheme: 'https', host: 'wiki.corp.internal', port: 443, clientCertificate };
  const id = await someApp(store, siteId, { upstream, hosts: ['wiki.corp.example', 'files.corp.example'] });
  saved(await setAssignments(store, SYSTEM, id, [{ kind: 'user', userId: member.userId }]));
  saved(await setFavourite(store, member, id, true));
  const before = await record(store, id);
  const rows = async () =>
    Promise.all(
      BELONGINGS.map(({ table }) => sql`select * from ${sql.table(table)}`.execute(store.db).then((r) => r.rows)),
    );
  const rowsBefore = await rows();
  clock.now += 1_000;
  const { undoId } = saved(await deleteApp(store, SYSTEM, id));
  assert.equal((await getApp(store, SYSTEM, id)).kind, 'not-found');
  clock.now += 23 * HOUR_MS;
  const kept = await store.db.selectFrom('undo_apps').select('before').executeTakeFirstOrThrow();
  for (const line of pair.key.split('\n'))
    if (line.length > 20) assert.ok(!kept.before.includes(line), 'keys stay sealed');
  assert.deepEqual(saved(await undo(store, SYSTEM, undoId)), { kind: 'saved', done: 1, left: [] });
  const { updatedAt: _, ...after } = await record(store, id);
  const { updatedAt: __, ...expected } = before;
  assert.deepEqual(after, expected);
  assert.deepEqual(await rows(), rowsBefore);
  assert.deepEqual(await auditOf(store, 'app-restored'), ['Wiki']);
  saved(await saveApp(store, SYSTEM, id, appInputFor(siteId)));
});

test('a deleted app keeps its uploaded picture, however old', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const sha256 = saved(await saveIcon(store, SYSTEM, Buffer.from('a picture'))).id;
  const id = await someApp(store, await someSite(store), { icon: { kind: 'uploaded', sha256 } });
  clock.now += 48 * HOUR_MS;
  const { undoId } = saved(await deleteApp(store, SYSTEM, id));
  saved(await saveIcon(store, SYSTEM, Buffer.from('another one')));
  saved(await restoreApp(store, SYSTEM, undoId, id));
  assert.notEqual(await readIcon(store, sha256), null);
});

test('every table that goes with an app comes back with it', async (t) => {
  const { store } = await temporaryStore(t);
  const { rows } = await sql<{ name: string }>`select m.name from sqlite_master m, pragma_foreign_key_list(m.name) f
    where m.type = 'table' and f."table" = 'apps'`.execute(store.db);
  assert.deepEqual(rows.map(({ name }) => name).sort(), BELONGINGS.map(({ table }) => table).sort());
});

test('a name that was taken meanwhile is a clear conflict, and the app stays kept until it is free', async (t) => {
  const { store } = await temporaryStore(t);
  const apps = await threeApps(store);
  const siteId = (await record(store, apps[0])).app.siteId;
  const { undoId } = saved(await changeApps(store, SYSTEM, these(apps), { kind: 'delete' }));
  const thief = await someApp(store, siteId, { name: 'Thief', hosts: ['b.corp.example'] });
  assert.deepEqual(saved(await undo(store, SYSTEM, undoId ?? '')), {
    kind: 'saved',
    done: 2,
    left: [{ appId: apps[1], name: 'b', reason: 'host-taken', about: 'b.corp.example' }],
  });
  const refused = await restoreApp(store, SYSTEM, undoId ?? '', apps[1]);
  assert.match(refused.kind === 'conflict' ? refused.sentence : '', /has the name b\.corp\.example/);
  saved(await deleteApp(store, SYSTEM, thief));
  saved(await restoreApp(store, SYSTEM, undoId ?? '', apps[1]));
  assert.deepEqual((await record(store, apps[1])).app.hosts, ['b.corp.example']);
});

test('what has gone meanwhile stays gone; an app without its site waits', async (t) => {
  const { store } = await temporaryStore(t);
  const member = await someone(store, 'member');
  const siteId = await someSite(store);
  const id = await someApp(store, siteId, { ownerUserId: member.userId });
  saved(await setAssignments(store, SYSTEM, id, [{ kind: 'user', userId: member.userId }, { kind: 'everyone' }]));
  const { undoId } = saved(await deleteApp(store, SYSTEM, id));
  saved(await deleteUser(store, SYSTEM, member.userId));
  saved(await deleteSite(store, SYSTEM, siteId));
  assert.partialDeepStrictEqual(saved(await undo(store, SYSTEM, undoId)), { done: 0, left: [{ reason: 'site-gone' }] });
  const listed = await listDeleted(store, SYSTEM);
  assert.deepEqual(listed.kind === 'listed' && listed.rows.map(({ appId }) => appId), [id]);
  const other = await someSite(store);
  const moved = sql`update undo_apps set before = replace(before, ${siteId}, ${other})`;
  await moved.execute(store.db);
  saved(await restoreApp(store, SYSTEM, undoId, id));
  assert.partialDeepStrictEqual(await record(store, id), { ownerUserId: null, assignments: [{ kind: 'everyone' }] });
});

test('the public names of a deleted app are known as long as it can be restored, and no longer', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const apps = await threeApps(store);
  saved(await changeApps(store, SYSTEM, these([apps[2]]), { kind: 'disable' }));
  const { undoId } = saved(await deleteApp(store, SYSTEM, apps[0]));
  clock.now += HOUR_MS;
  saved(await deleteApp(store, SYSTEM, apps[1]));
  assert.deepEqual(await deletedNames(store), [
    { name: 'b', hosts: ['b.corp.example'] },
    { name: 'a', hosts: ['a.corp.example'] },
  ]);
  saved(await restoreApp(store, SYSTEM, undoId, apps[0]));
  await sql`update undo_apps set before = 'damaged'`.execute(store.db);
  assert.deepEqual(await deletedNames(store), [{ name: 'b', hosts: [] }]);
  clock.now += 24 * HOUR_MS;
  assert.deepEqual(await deletedNames(store), []);
});

test('an undo takes back nothing that somebody changed since', async (t) => {
  const { store } = await temporaryStore(t);
  const apps = await threeApps(store);
  const { undoId } = saved(await changeApps(store, SYSTEM, these(apps), { kind: 'category', category: 'Tools' }));
  const { app } = await record(store, apps[0]);
  const { id: _, ...input } = app;
  saved(await saveApp(store, SYSTEM, apps[0], { ...input, description: 'New' }));
  saved(await deleteApp(store, SYSTEM, apps[1]));
  const done = saved(await undo(store, SYSTEM, undoId ?? ''));
  assert.deepEqual([done.done, done.left.map(({ reason }) => reason)], [1, ['changed-since', 'gone']]);
  assert.partialDeepStrictEqual((await record(store, apps[0])).app, { category: 'Tools', description: 'New' });
});

test('M4: an app owner changes and deletes their own apps, brings back what they deleted themselves and nothing else; others nothing at all', async (t) => {
  const { store } = await temporaryStore(t);
  const apps = await threeApps(store);
  const owner = await someone(store, 'app-owner');
  await store.db.updateTable('apps').set({ owner_user_id: owner.userId }).where('id', '=', apps[0]).execute();
  const everyApp = { kind: 'matching', filter: {} };
  for (const selection of [these(apps), everyApp]) {
    const done = saved(await changeApps(store, owner, selection, { kind: 'delete' }));
    assert.equal(done.changed, 1);
    assert.equal(saved(await undo(store, owner, done.undoId ?? '')).done, 1);
  }
  const byAdmin = saved(await changeApps(store, SYSTEM, these(apps), { kind: 'delete' }));
  const listed = await listDeleted(store, owner);
  assert.deepEqual(listed.kind === 'listed' && listed.rows, [], 'what an administrator deleted is over for its owner');
  assert.equal((await undo(store, owner, byAdmin.undoId ?? '')).kind, 'not-found');
  for (const app of apps) assert.equal((await restoreApp(store, owner, byAdmin.undoId ?? '', app)).kind, 'not-found');
  assert.equal(saved(await undo(store, SYSTEM, byAdmin.undoId ?? '')).done, 3);
  const byOwner = saved(await deleteApp(store, owner, apps[0]));
  const own = await listDeleted(store, owner);
  assert.deepEqual(own.kind === 'listed' && own.rows.map(({ appId }) => appId), [apps[0]]);
  saved(await restoreApp(store, owner, byOwner.undoId, apps[0]));
  for (const role of ['member', 'auditor'] as const) {
    const actor: Actor = await someone(store, role);
    assert.equal((await changeApps(store, actor, these([apps[0]]), { kind: 'delete' })).kind, 'forbidden');
    assert.equal((await undo(store, actor, byAdmin.undoId ?? '')).kind, 'forbidden');
    assert.equal((await listDeleted(store, actor)).kind, 'forbidden');
  }
});

test('after its time an undo is over, and what was kept is forgotten', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const apps = await threeApps(store);
  const { undoId } = saved(await changeApps(store, SYSTEM, these([apps[0]]), { kind: 'delete' }));
  clock.now += 24 * HOUR_MS;
  assert.equal((await undo(store, SYSTEM, undoId ?? '')).kind, 'not-found');
  saved(await changeApps(store, SYSTEM, these([apps[1]]), { kind: 'disable' }));
  assert.deepEqual(await store.db.selectFrom('undo_apps').select('app_id').execute(), [{ app_id: apps[1] }]);
});

test('M2: what is no selection and no change is refused in words', async (t) => {
  const { store } = await temporaryStore(t);
  const [app] = await threeApps(store);
  for (const [selection, change] of [
    [null, { kind: 'delete' }],
    [{ kind: 'these', ids: [] }, { kind: 'delete' }],
    [{ kind: 'these', ids: ['x'] }, { kind: 'delete' }],
    [{ kind: 'these', ids: [app, app] }, { kind: 'delete' }],
    [{ kind: 'matching', filter: { condition: 'all' } }, { kind: 'delete' }],
    [{ kind: 'matching', filter: { everything: true } }, { kind: 'delete' }],
    [these([app]), { kind: 'destroy' }],
    [these([app]), { kind: 'category', category: 'x'.repeat(41) }],
    [these([app]), { kind: 'assign', add: [{ kind: 'user' }], remove: [] }],
    [these([app]), { kind: 'enable', id: app }],
  ]) {
    const outcome = await changeApps(store, SYSTEM, selection, change);
    assert.equal(outcome.kind, 'invalid', JSON.stringify([selection, change]));
  }
  for (const id of ['', 'x', null, 7]) assert.equal((await undo(store, SYSTEM, id as string)).kind, 'not-found');
});
