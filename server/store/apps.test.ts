// The promises of the catalogue: what is saved can be served, names are unique, and owners keep to their own apps.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Address, parseAddress } from '#server/core/address.ts';
import { deleteApp, getApp, listApps, saveApp, setAssignments } from './apps.ts';
import { findAssignees } from './assignees.ts';
import { saveGroup } from './groups.ts';
import type { FieldErrors, Saved } from './saved.ts';
import { deleteSite, getSite, listSites, saveSite, siteChoices } from './sites.ts';
import { appInputFor, SYSTEM, saved, someApp, someone, someSite, temporaryStore } from './testing/temporary-store.ts';

test('SOL-X1: a scheme that no browser opens is refused with a sentence that names it', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store);
  for (const scheme of ['ssh', 'tcp', 'rdp', 'vnc', 'ftp', 'ws', 'HTTP', '']) {
    const upstream = { scheme, host: 'wiki.corp.internal', port: 22 };
    const errors = errorsOf(await saveApp(store, SYSTEM, null, appInputFor(siteId, { upstream })));
    assert.match(errors['upstream.scheme'] ?? '', /[Cc]hoose http or https/, scheme);
    if (scheme) assert.ok(errors['upstream.scheme']?.includes(`“${scheme}”`), scheme);
  }
});

test('F1, F2: an upstream address that is no private app is refused at save, in every notation', async (t) => {
  const own: Address = parseAddress('10.9.9.9') ?? assert.fail();
  const { store } = await temporaryStore(t, { listeners: [{ address: own, port: 8443 }] });
  const siteId = await someSite(store, { ranges: ['0.0.0.0/0', '::/0'] });
  const hosts = [
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '2130706433',
    '0177.0.0.1',
    '127.0.0.1.',
    '::1',
    '[::1]',
    '::ffff:127.0.0.1',
    '64:ff9b::127.0.0.1',
    '2002:7f00:1::',
    '0.0.0.0',
    '::',
    '169.254.169.254',
    'fd00:ec2::254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    'localhost',
    'LOCALHOST.',
    'x.localhost',
    'fe80::1%eth0',
    'wiki.corp.internal:80',
    'http://wiki',
    'a b',
    '',
  ];
  for (const host of hosts) {
    const upstream = { scheme: 'http', host, port: 80 };
    const errors = errorsOf(await saveApp(store, SYSTEM, null, appInputFor(siteId, { upstream })));
    assert.ok(errors['upstream.host'], host);
  }
  const onOwn = (port: number) => ({ upstream: { scheme: 'http', host: own, port } });
  assert.ok(errorsOf(await saveApp(store, SYSTEM, null, appInputFor(siteId, onOwn(8443))))['upstream.host']);
  saved(await saveApp(store, SYSTEM, null, appInputFor(siteId, onOwn(8444))));
});

test('F1: an address outside the site is refused; this machine only with the exact address and port that the site names', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store, { endpoints: [{ address: '127.0.10.11', port: 8080 }] });
  const save = (host: string, port: number) =>
    saveApp(store, SYSTEM, null, appInputFor(siteId, { upstream: { scheme: 'http', host, port } }));
  assert.match(errorsOf(await save('192.168.1.20', 80))['upstream.host'] ?? '', /outside the ranges/);
  assert.match(errorsOf(await save('127.0.10.11', 8081))['upstream.host'] ?? '', /means the gateway itself/);
  const { id } = saved(await save('127.2571', 8080));
  const found = await getApp(store, SYSTEM, id);
  assert.equal(found.kind === 'found' && found.app.upstream.host, '127.0.10.11', 'kept in its one canonical form');
});

test('C1: a host name belongs to one app, never to the portal, and is compared as browsers do', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store);
  const wiki = await someApp(store, siteId, { hosts: ['wiki.corp.example', 'files.corp.example'] });
  const hosts = ['mail.corp.example', 'FILES.corp.example.', 'Portal.Example', 'bücher.example', 'bücher.example'];
  const errors = errorsOf(await saveApp(store, SYSTEM, null, appInputFor(siteId, { hosts })));
  assert.deepEqual(Object.keys(errors), ['hosts.4']);
  const others = errorsOf(await saveApp(store, SYSTEM, null, appInputFor(siteId, { hosts: hosts.slice(0, 4) })));
  assert.deepEqual(Object.keys(others).sort(), ['hosts.1', 'hosts.2']);
  const swapped = { hosts: ['files.corp.example', 'wiki.corp.example'], name: 'Wiki 2' };
  saved(await saveApp(store, SYSTEM, wiki, appInputFor(siteId, swapped)));
  const found = await getApp(store, SYSTEM, wiki);
  assert.deepEqual(found.kind === 'found' && found.app.hosts, swapped.hosts);
  assert.ok(errorsOf(await saveApp(store, SYSTEM, null, appInputFor(siteId, { hosts: [] }))).hosts);
});

test('M4: an app owner turns their app at nothing else: site, upstream, trust and names are an administrator’s', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store);
  const vault = await someSite(store, { name: 'Vault', endpoints: [{ address: '127.0.0.1', port: 9100 }] });
  const owner = await someone(store, 'app-owner');
  const hosts = ['a.corp.example', 'b.corp.example'];
  const upstream = { scheme: 'https', host: 'wiki.corp.internal', port: 8443 };
  const mine = await someApp(store, siteId, { ownerUserId: owner.userId, hosts, upstream });
  const elsewhere: Record<string, unknown>[] = [
    { siteId: vault },
    { siteId: vault, upstream: { ...upstream, host: '127.0.0.1', port: 9100 } },
    { upstream: { ...upstream, scheme: 'http' } },
    { upstream: { ...upstream, host: 'payroll.corp.internal' } },
    { upstream: { ...upstream, port: 8081 } },
    { upstream: { ...upstream, hostHeader: { kind: 'internal' } } },
    { upstream: { ...upstream, tls: { kind: 'unverified' } } },
    { hosts: ['a.corp.example'] },
    { hosts: ['b.corp.example', 'a.corp.example'] },
    { hosts: [...hosts, 'c.corp.example'] },
  ];
  for (const change of elsewhere) {
    const outcome = await saveApp(store, owner, mine, appInputFor(siteId, { hosts, upstream, ...change }));
    assert.match(outcome.kind === 'forbidden' ? outcome.sentence : '', /administrator/, JSON.stringify(change));
  }
  const own = {
    name: 'Our wiki',
    description: 'All we know',
    category: 'Knowledge',
    support: 'help@corp.example',
    icon: { kind: 'shipped', name: 'book' },
    showInLauncher: false,
    enabled: false,
    identityHeaders: ['remote'],
    maxSessionMs: 3_600_000,
  };
  saved(await saveApp(store, owner, mine, appInputFor(siteId, { hosts, upstream, ...own })));
  const found = await getApp(store, owner, mine);
  assert.ok(found.kind === 'found');
  assert.partialDeepStrictEqual(found.app, { ...own, siteId, upstream, hosts });
  assert.deepEqual(await siteChoices(store, owner), [{ id: siteId, name: 'Office' }]);
  assert.equal((await siteChoices(store, SYSTEM)).length, 2);
});

test('M4: an app owner sees, changes and deletes their own apps, gives none away and makes no new one', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store);
  const owner = await someone(store, 'app-owner');
  const other = await someone(store, 'app-owner');
  const mine = await someApp(store, siteId, { ownerUserId: owner.userId });
  const theirs = await someApp(store, siteId, {
    name: 'Mail',
    hosts: ['mail.corp.example'],
    ownerUserId: other.userId,
  });
  const listed = await listApps(store, owner);
  assert.deepEqual(
    listed.kind === 'listed' && [listed.total, listed.rows.map((row) => row.kind === 'app' && row.app.id)],
    [1, [mine]],
  );
  saved(await saveApp(store, owner, mine, appInputFor(siteId, { name: 'Our wiki' })));
  saved(await setAssignments(store, owner, mine, [{ kind: 'user', userId: other.userId }]));
  const outcomes: [Saved | { kind: string }, string][] = [
    [await getApp(store, owner, theirs), 'not-found'],
    [await saveApp(store, owner, theirs, appInputFor(siteId)), 'not-found'],
    [await setAssignments(store, owner, theirs, [{ kind: 'everyone' }]), 'not-found'],
    [await deleteApp(store, owner, theirs), 'not-found'],
    [await saveApp(store, owner, null, appInputFor(siteId, { hosts: ['new.corp.example'] })), 'forbidden'],
    [await saveApp(store, owner, mine, appInputFor(siteId, { ownerUserId: other.userId })), 'forbidden'],
    [await saveApp(store, owner, mine, appInputFor(siteId, { ownerUserId: null })), 'forbidden'],
    [await saveSite(store, owner, siteId, { name: 'Mine' }), 'forbidden'],
    [await listSites(store, owner), 'forbidden'],
    [await findAssignees(store, await someone(store, 'member'), 'corp'), 'forbidden'],
  ];
  for (const [at, [outcome, kind]] of outcomes.entries()) assert.equal(outcome.kind, kind, `${at}`);
  assert.deepEqual(await siteChoices(store, owner), [{ id: siteId, name: 'Office' }]);
  const found = await getApp(store, owner, mine);
  assert.equal(found.kind === 'found' && found.ownerUserId, owner.userId);
  saved(await deleteApp(store, owner, mine));
});

test('M1: auditors read the catalogue and change nothing; members do neither', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store);
  const appId = await someApp(store, siteId);
  for (const role of ['auditor', 'member'] as const) {
    const actor = await someone(store, role);
    const reads = [
      await listApps(store, actor),
      await getApp(store, actor, appId),
      await listSites(store, actor),
      await getSite(store, actor, siteId),
    ];
    for (const read of reads) assert.equal(read.kind === 'forbidden', role === 'member', role);
    const writes = [
      await saveApp(store, actor, appId, appInputFor(siteId)),
      await saveApp(store, actor, null, appInputFor(siteId)),
      await deleteApp(store, actor, appId),
      await setAssignments(store, actor, appId, [{ kind: 'everyone' }]),
      await saveSite(store, actor, null, { name: 'Mine' }),
      await saveSite(store, actor, siteId, { name: 'Mine' }),
      await deleteSite(store, actor, siteId),
    ];
    for (const write of writes) assert.equal(write.kind, 'forbidden', role);
  }
});

test('assignments are what was set last, and strangers are refused with their place', async (t) => {
  const { store } = await temporaryStore(t);
  const appId = await someApp(store, await someSite(store));
  const { userId } = await someone(store, 'member', { email: 'ada@corp.example' });
  const { id: groupId } = saved(await saveGroup(store, SYSTEM, null, { name: 'Adaptors' }));
  const all = [{ kind: 'everyone' }, { kind: 'user', userId }, { kind: 'group', groupId }];
  saved(await setAssignments(store, SYSTEM, appId, all));
  const found = await getApp(store, SYSTEM, appId);
  assert.deepEqual(found.kind === 'found' && found.assignments, all);
  const errors = errorsOf(await setAssignments(store, SYSTEM, appId, [all[1], { kind: 'group', groupId: userId }]));
  assert.deepEqual(Object.keys(errors), ['1']);
  const assignees = await findAssignees(store, SYSTEM, 'ADA');
  assert.deepEqual(assignees.kind === 'listed' && assignees.rows.map(({ id }) => id), [groupId, userId]);
  saved(await setAssignments(store, SYSTEM, appId, []));
  const none = await getApp(store, SYSTEM, appId);
  assert.deepEqual(none.kind === 'found' && none.assignments, []);
});

test('a site that apps use stays, and says which they are', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store);
  const apps: string[] = [];
  for (const name of ['A', 'B', 'C', 'D'])
    apps.push(await someApp(store, siteId, { name, hosts: [`${name}.corp.example`] }));
  const refused = await deleteSite(store, SYSTEM, siteId);
  assert.deepEqual(refused, {
    kind: 'conflict',
    sentence: 'Apps use this site: A, B, C and 1 more. Move them to another site first.',
  });
  const found = await getSite(store, SYSTEM, siteId);
  assert.equal(found.kind === 'found' && found.appCount, 4);
  for (const app of apps) saved(await deleteApp(store, SYSTEM, app));
  saved(await deleteSite(store, SYSTEM, siteId));
  assert.equal((await getSite(store, SYSTEM, siteId)).kind, 'not-found');
  const errors = errorsOf(await saveApp(store, SYSTEM, null, appInputFor(siteId)));
  assert.match(errors.siteId ?? '', /does not exist any more/);
});

function errorsOf(outcome: Saved): FieldErrors {
  if (outcome.kind !== 'invalid') assert.fail(`Not invalid: ${JSON.stringify(outcome)}`);
  return outcome.errors;
}

test('a support contact and a category are one line or nothing, and a wrong one is told in words', async (t) => {
  const { store } = await temporaryStore(t);
  const siteId = await someSite(store);
  const told = async (input: object) => {
    const outcome = await saveApp(store, SYSTEM, null, appInputFor(siteId, { ...input }));
    return outcome.kind === 'invalid' ? outcome.errors : outcome.kind;
  };
  assert.match(JSON.stringify(await told({ support: 'javascript:alert(1)' })), /"support":"This is no way to get help/);
  assert.match(JSON.stringify(await told({ category: 'a\nb' })), /"category":"This holds a line break/);
  assert.match(JSON.stringify(await told({ icon: { kind: 'shipped', name: 'skull' } })), /"icon.name":"This is none/);
  assert.equal(await told({ support: '  ', category: ' ' }), 'saved');
});
