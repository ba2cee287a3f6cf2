// The promise to people who edit at the same time: nobody overwrites a change that they have not seen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getApp, saveApp, setAssignments } from './apps.ts';
import { getGroup, saveGroup, setMembers } from './groups.ts';
import { getProvider, saveProvider } from './providers.ts';
import type { SavedRecord } from './saved.ts';
import { getSite, saveSite } from './sites.ts';
import { appInputFor, SYSTEM, saved, someSite, temporaryStore } from './testing/temporary-store.ts';
import { getUser, saveUser } from './users.ts';

test('M2: a form that was opened before another save is refused, also within one millisecond; the last one goes on', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store);
  const user = { email: 'ada@corp.example', name: 'Ada' };
  const site = { name: 'Lab' };
  const provider = { name: 'Login', issuer: 'https://login.corp.example', clientId: 'foyer', clientSecret: 's' };
  type Save = (id: string | null, updatedAt?: number) => Promise<SavedRecord>;
  const saves: [string, Save][] = [
    ['saveApp', (id, at) => saveApp(store, SYSTEM, id, appInputFor(siteId), at)],
    ['saveUser', (id, at) => saveUser(store, SYSTEM, id, user, at)],
    ['saveGroup', (id, at) => saveGroup(store, SYSTEM, id, { name: 'Engineers' }, at)],
    ['saveSite', (id, at) => saveSite(store, SYSTEM, id, site, at)],
    ['saveProvider', (id, at) => saveProvider(store, SYSTEM, id, provider, at)],
  ];
  const ids = new Map<string, string>();
  for (const [what, save] of saves) {
    const { id, updatedAt: opened } = saved(await save(null));
    const { updatedAt: others } = saved(await save(id, opened));
    const stale = await save(id, opened);
    assert.match(stale.kind === 'conflict' ? stale.sentence : '', /^Somebody changed this since/, what);
    saved(await save(id, others));
    saved(await save(id));
    ids.set(what, id);
  }
  const [app = '', group = ''] = [ids.get('saveApp'), ids.get('saveGroup')];
  const parts: [string, (updatedAt?: number) => Promise<SavedRecord>, () => Promise<number>][] = [
    [
      'setAssignments',
      (at) => setAssignments(store, SYSTEM, app, [{ kind: 'everyone' }], at),
      async () => found(await getApp(store, SYSTEM, app)).updatedAt,
    ],
    [
      'setMembers',
      (at) => setMembers(store, SYSTEM, group, [], at),
      async () => found(await getGroup(store, SYSTEM, group)).group.updatedAt,
    ],
  ];
  for (const [what, set, read] of parts) {
    const opened = await read();
    saved(await set(opened));
    assert.ok((await read()) > opened, what);
    assert.equal((await set(opened)).kind, 'conflict', what);
  }
});

test('M2: a stale form does not undo a disabling, and records say when they were changed', async (t) => {
  const { store } = await temporaryStore(t);
  const input = { email: 'ada@corp.example', name: 'Ada', role: 'auditor' };
  const { id } = saved(await saveUser(store, SYSTEM, null, input));
  const opened = found(await getUser(store, SYSTEM, id)).updatedAt;
  saved(await saveUser(store, SYSTEM, id, { ...input, role: 'member', disabled: true }, opened));
  assert.equal((await saveUser(store, SYSTEM, id, { ...input, name: 'Ada L.' }, opened)).kind, 'conflict');
  const now = found(await getUser(store, SYSTEM, id));
  assert.deepEqual([now.role, now.disabled, now.name], ['member', true, 'Ada']);
  const site = saved(await saveSite(store, SYSTEM, null, { name: 'Lab' }));
  assert.equal(found(await getSite(store, SYSTEM, site.id)).updatedAt, site.updatedAt);
  const input2 = { name: 'Login', issuer: 'https://login.corp.example', clientId: 'foyer', clientSecret: 's' };
  const provider = saved(await saveProvider(store, SYSTEM, null, input2));
  assert.equal(found(await getProvider(store, SYSTEM, provider.id)).provider.updatedAt, provider.updatedAt);
});

function found<T extends { kind: string }>(answer: T): Extract<T, { kind: 'found' }> {
  if (answer.kind !== 'found') assert.fail(JSON.stringify(answer));
  return answer as Extract<T, { kind: 'found' }>;
}
