// The promises about machines: whose they are, which address each has, what their tokens are worth, and what every resolver hears of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptToken, revokeToken, tokenActor } from './api-tokens.ts';
import { saveApp } from './apps.ts';
import { listAudit } from './audit.ts';
import { readRevision } from './feed.ts';
import type { Store } from './handle.ts';
import { heartbeat, lastWord } from './heartbeat.ts';
import { acceptMachine, type LiveMachine, machineActor } from './live-machine.ts';
import { createLoginToken, revokeLoginToken } from './login-tokens.ts';
import { listMachines } from './machine-list.ts';
import { addMachine, letInAgain, removeMachine, renameMachine } from './machines.ts';
import { readNames, resolveName } from './names.ts';
import type { PersonActor } from './saved.ts';
import { endSessionsOfUser } from './sessions.ts';
import { saveSetting } from './settings.ts';
import {
  appInputFor,
  PASSWORD,
  SYSTEM,
  saved,
  signedIn,
  someApp,
  someone,
  someSite,
  temporaryStore,
} from './testing/temporary-store.ts';
import { deleteUser, saveUser } from './users.ts';

const DAY_MS = 24 * 60 * 60_000;

async function added(store: Store, owner: PersonActor, name: string) {
  return saved(await addMachine(store, owner, { name }));
}

async function itself(store: Store, token: string): Promise<LiveMachine> {
  const shown = await acceptMachine(store, token);
  return (shown && (await machineActor(store, shown))) || assert.fail('The token is dead.');
}

const person = (store: Store) => someone(store, 'member', { password: PASSWORD });

async function linesOf(store: Store, actor: PersonActor) {
  const listed = await listMachines(store, actor);
  assert.ok(listed.kind === 'listed');
  return listed.rows;
}

test('each machine gets the lowest free address, and none that was another’s in the last week', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const owner = await person(store);
  const one = await added(store, owner, 'Win-A');
  const two = await added(store, owner, 'Linux-C');
  assert.deepEqual([one.address, two.address], ['100.64.0.1', '100.64.0.2']);
  saved(await removeMachine(store, owner, one.id));
  assert.equal((await added(store, owner, 'Win-B')).address, '100.64.0.3');
  clock.now += 8 * DAY_MS;
  const later = await signedIn(store, owner.userId);
  assert.equal((await added(store, later, 'Win-D')).address, '100.64.0.1');
});

test('an address whose machine went with its owner is kept back as well', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const [gone, stays] = [await person(store), await person(store)];
  await added(store, gone, 'Win-A');
  saved(await deleteUser(store, SYSTEM, gone.userId));
  assert.equal((await added(store, stays, 'Win-B')).address, '100.64.0.2');
  clock.now += 8 * DAY_MS;
  assert.equal((await added(store, await signedIn(store, stays.userId), 'Win-C')).address, '100.64.0.1');
});

test('the range is a setting, no public one, and when it is full that is said and nothing is half there', async (t) => {
  const { store } = await temporaryStore(t);
  const owner = await person(store);
  for (const range of ['8.8.8.0/24', '100.64.0.0/9', '100.128.0.0/16', '10.0.0.1/8', 'fd00::/8', '10.0.0.0/30', '']) {
    assert.equal((await saveSetting(store, SYSTEM, 'machines', { range })).kind, 'invalid', range);
  }
  saved(await saveSetting(store, SYSTEM, 'machines', { range: '10.99.0.16/28' }));
  for (let at = 1; at <= 14; at++) assert.equal((await added(store, owner, `m${at}`)).address, `10.99.0.${16 + at}`);
  assert.equal((await addMachine(store, owner, { name: 'm15' })).kind, 'conflict');
  assert.equal((await linesOf(store, owner)).length, 14);
});

test('M2: one person who adds and removes machines uses up no range: the address that is free for longest is given again', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const [restless, other] = [await person(store), await person(store)];
  saved(await saveSetting(store, SYSTEM, 'machines', { range: '10.99.0.16/28' }));
  const stays = await added(store, other, 'stays');
  for (let at = 0; at < 30; at++) {
    clock.now += 1_000;
    const { id, address } = await added(store, restless, `m${at}`);
    assert.notEqual(address, stays.address);
    saved(await removeMachine(store, restless, id));
  }
  // 13 are left beside the one that is taken, and 30 is twice round and four.
  assert.equal((await added(store, other, 'Win-B')).address, '10.99.0.22');
});

test('a name is shown as it is typed, is one label, and is there once whatever its case', async (t) => {
  const { store } = await temporaryStore(t);
  const [one, two] = [await person(store), await person(store)];
  await added(store, one, 'Win-A');
  assert.deepEqual(await addMachine(store, two, { name: 'WIN-a' }), {
    kind: 'invalid',
    errors: { name: 'There is a machine called WIN-a already. Choose another name.' },
  });
  for (const name of ['', 'a.b', '-a', 'a-', 'a b', 'Büro', 'x'.repeat(64), '*', 'a\nb', null, [], {}]) {
    assert.equal((await addMachine(store, two, { name })).kind, 'invalid', String(name));
  }
  assert.equal((await addMachine(store, two, { name: 'b', owner_user_id: one.userId })).kind, 'invalid');
  assert.deepEqual(
    (await linesOf(store, one)).map(({ name }) => name),
    ['Win-A'],
  );
});

test('M4: nobody’s machine takes a record’s name, nor one that programs look for by themselves; and no record a machine’s', async (t) => {
  const { store } = await temporaryStore(t);
  const owner = await person(store);
  const record = (name: string) => saveSetting(store, SYSTEM, 'machines', { records: [{ name, address: '10.0.0.9' }] });
  saved(await record('Printer'));
  const { id } = await added(store, owner, 'Win-A');
  for (const name of ['printer', 'PRINTER', 'wpad', 'WPAD', 'isatap', 'localhost']) {
    assert.equal((await addMachine(store, owner, { name })).kind, 'invalid', name);
    assert.equal((await renameMachine(store, owner, id, { name })).kind, 'invalid', name);
  }
  assert.deepEqual(await record('win-a'), {
    kind: 'invalid',
    errors: { 'records.0.name': 'There is a machine called win-a already. Choose another name.' },
  });
  assert.deepEqual((await resolveName(store, 'printer'))?.addresses, ['10.0.0.9']);
});

test('M1, M2: a person sees, renames and removes their own machines; an administrator everybody’s; nobody gets another’s token', async (t) => {
  const { store } = await temporaryStore(t);
  const [owner, stranger, admin] = [await person(store), await person(store), await someone(store, 'admin')];
  const auditor = await someone(store, 'auditor');
  const { id } = await added(store, owner, 'Win-A');
  assert.deepEqual(await linesOf(store, stranger), []);
  assert.equal((await linesOf(store, auditor)).length, 1);
  for (const other of [stranger, auditor]) {
    assert.equal((await renameMachine(store, other, id, { name: 'Mine' })).kind, 'not-found');
    assert.equal((await removeMachine(store, other, id)).kind, 'not-found');
  }
  for (const other of [stranger, auditor, admin]) {
    assert.equal((await letInAgain(store, other, id)).kind, 'not-found');
  }
  saved(await renameMachine(store, owner, id, { name: 'Win-B' }));
  assert.deepEqual(
    (await linesOf(store, admin)).map(({ name }) => name),
    ['Win-B'],
  );
  saved(await removeMachine(store, admin, id));
  assert.deepEqual(await linesOf(store, owner), []);
});

test('adding, renaming and removing are audited and told to every process; heartbeats and the last word are neither', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const owner = await person(store);
  const revisions = [await readRevision(store.db)];
  const machine = await added(store, owner, 'Win-A');
  revisions.push(await readRevision(store.db));
  saved(await renameMachine(store, owner, machine.id, { name: 'Win-B' }));
  revisions.push(await readRevision(store.db));
  assert.deepEqual(
    revisions.map((each) => each - (revisions[0] ?? 0)),
    [0, 1, 2],
  );
  const live = await itself(store, machine.token);
  clock.now += 60_000;
  await heartbeat(store, live, {});
  await lastWord(store, live);
  assert.equal(await readRevision(store.db), revisions[2]);
  saved(await removeMachine(store, owner, machine.id));
  const events = await store.db.selectFrom('audit_events').select('action').orderBy('id').execute();
  assert.deepEqual(
    events.map(({ action }) => action).filter((action) => action.startsWith('machine')),
    ['machine-added', 'machine-renamed', 'machine-removed'],
  );
});

test('a machine is online while it is heard, offline after three heartbeats missed, and left by its own word', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const owner = await person(store);
  const { token } = await added(store, owner, 'Win-A');
  const live = await itself(store, token);
  const state = async () => (await linesOf(store, owner))[0]?.state;
  assert.equal(await state(), 'offline', 'it was never heard');
  await heartbeat(store, live, {});
  assert.equal(await state(), 'online');
  clock.now += 90_001;
  assert.equal(await state(), 'offline');
  await heartbeat(store, live, {});
  await lastWord(store, live);
  assert.equal(await state(), 'left');
  clock.now += 100;
  await heartbeat(store, live, {});
  assert.equal(await state(), 'online', 'a heartbeat takes the last word back');
});

test('ST5.4, ST5.5: an offline machine keeps its name for as long as the setting says, for ever by itself; a removed one loses it', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const owner = await person(store);
  const machine = await added(store, owner, 'Win-A');
  await heartbeat(store, await itself(store, machine.token), {});
  clock.now += 30 * DAY_MS;
  assert.deepEqual(await resolveName(store, 'win-a'), {
    name: 'Win-A.machines.portal.example',
    addresses: ['100.64.0.1'],
  });
  saved(await saveSetting(store, SYSTEM, 'machines', { listedHours: 24 }));
  assert.equal(await resolveName(store, 'win-a'), null);
  await heartbeat(store, await itself(store, machine.token), {});
  assert.ok(await resolveName(store, 'win-a'), 'one that is back is back at once');
  saved(await saveSetting(store, SYSTEM, 'machines', {}));
  saved(await removeMachine(store, await signedIn(store, owner.userId), machine.id));
  assert.equal(await resolveName(store, 'win-a'), null);
});

test('names have another version whenever they say something else, and the same while they do not', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const owner = await person(store);
  const versions = new Set([(await readNames(store)).version]);
  const machine = await added(store, owner, 'Win-A');
  versions.add((await readNames(store)).version);
  saved(await renameMachine(store, owner, machine.id, { name: 'Win-B' }));
  versions.add((await readNames(store)).version);
  const records = [{ name: 'printer', address: '192.168.1.9' }];
  saved(await saveSetting(store, SYSTEM, 'machines', { zone: 'yourorg.zt.net', records }));
  const last = await readNames(store);
  assert.equal(versions.add(last.version).size, 4);
  assert.deepEqual(last.search, ['ztna']);
  clock.now += DAY_MS;
  await heartbeat(store, await itself(store, machine.token), {});
  assert.equal((await readNames(store)).version, last.version);
  assert.deepEqual(await resolveName(store, 'Printer.ztna'), {
    name: 'printer.yourorg.zt.net',
    addresses: ['192.168.1.9'],
  });
});

test('M2, F7: a zone or an ending that would swallow the portal, an app or everybody’s names is refused, with the name that would be lost', async (t) => {
  const { store } = await temporaryStore(t);
  for (const zone of ['portal.example']) {
    const refused = await saveSetting(store, SYSTEM, 'machines', { zone });
    assert.ok(refused.kind === 'invalid' && /portal\.example/.test(refused.errors.zone ?? ''), zone);
  }
  for (const search of ['com', 'de', 'local', 'localhost', 'test']) {
    const refused = await saveSetting(store, SYSTEM, 'machines', { search: [search] });
    assert.ok(refused.kind === 'invalid' && /Other names end so/.test(refused.errors['search.0'] ?? ''), search);
  }
  await someApp(store, await someSite(store), { hosts: ['wiki.corp.internal'] });
  for (const field of ['zone', 'search'] as const) {
    const value = field === 'zone' ? 'corp.internal' : ['corp.internal'];
    const refused = await saveSetting(store, SYSTEM, 'machines', { [field]: value });
    assert.ok(
      refused.kind === 'invalid' && /^wiki\.corp\.internal lies in here/.test(Object.values(refused.errors)[0] ?? ''),
    );
  }
});

test('F7: no app gets a name where only machines are looked for', async (t) => {
  const { store } = await temporaryStore(t);
  const site = await someSite(store);
  saved(await saveSetting(store, SYSTEM, 'machines', { zone: 'yourorg.zt.net' }));
  for (const host of ['wiki.yourorg.zt.net', 'wiki.ztna']) {
    const refused = await saveApp(store, SYSTEM, null, appInputFor(site, { hosts: [host] }));
    assert.ok(refused.kind === 'invalid' && /machines’ names/.test(refused.errors['hosts.0'] ?? ''), host);
  }
  saved(await saveApp(store, SYSTEM, null, appInputFor(site, { hosts: ['wiki.zt.net'] })));
});

test('M4: a machine’s token ends with its owner’s right to sign in, with signing out everywhere, and with the machine', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const owner = await person(store);
  const machine = await added(store, owner, 'Win-A');
  const works = async (token: string) => (await acceptMachine(store, token)) !== null;
  assert.ok(await works(machine.token));
  assert.equal(await works(`${machine.token}x`), false);
  const row = await store.db.selectFrom('machines').select('token_hash').executeTakeFirstOrThrow();
  assert.ok(!machine.token.includes(row.token_hash ?? '?'), 'the store has no token');
  const profile = { email: owner.email, name: 'x', role: 'member' };
  saved(await saveUser(store, SYSTEM, owner.userId, { ...profile, disabled: true }));
  assert.equal(await works(machine.token), false);
  saved(await saveUser(store, SYSTEM, owner.userId, profile));
  assert.ok(await works(machine.token));
  await endSessionsOfUser(store, SYSTEM, owner.userId, { reason: 'ended-by-admin' });
  assert.equal(await works(machine.token), false);
  const back = saved(await letInAgain(store, await signedIn(store, owner.userId), machine.id));
  assert.deepEqual([back.address, await works(back.token)], ['100.64.0.1', true]);
  clock.now += 91 * DAY_MS;
  assert.equal(await works(back.token), false, 'a token that nobody used for a quarter is forgotten');
});

/** As `foyer login` and `foyer up` do: a token, and a machine that hangs on it. */
async function joined(store: Store, owner: PersonActor, name: string) {
  const { id, token } = saved(await createLoginToken(store, owner));
  const facts = { address: null, supportId: null };
  const acting = await tokenActor(store, (await acceptToken(store, token, null)) ?? '', facts);
  const actor = acting?.actor ?? assert.fail('The token is dead.');
  return { tokenId: id, actor, machine: saved(await addMachine(store, actor, { name })) };
}

const namesOf = async (store: Store) => (await readNames(store)).machines.map(({ name }) => name);

test('M4: with the token that let a machine in end its own token and its name, for its owner alone until it is let in again', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const owner = await person(store);
  const standing = async (machine: { token: string }) =>
    (await acceptMachine(store, machine.token)) !== null && (await namesOf(store)).includes('Win-A');
  const ends: Record<string, (tokenId: string) => Promise<unknown>> = {
    'revoked by its owner': (id) => revokeLoginToken(store, owner, id),
    'revoked by an administrator': (id) => revokeToken(store, SYSTEM, id),
    expired: async () => {
      clock.now += 90 * DAY_MS;
    },
  };
  for (const [what, end] of Object.entries(ends)) {
    const { tokenId, machine } = await joined(store, owner, 'Win-A');
    assert.ok(await standing(machine), what);
    const before = await readRevision(store.db);
    await end(tokenId);
    if (what !== 'expired') assert.notEqual(await readRevision(store.db), before, 'every process hears of it');
    assert.equal(await acceptMachine(store, machine.token), null, what);
    assert.deepEqual([await namesOf(store), await resolveName(store, 'Win-A')], [[], null], what);
    const now = await signedIn(store, owner.userId);
    const [line] = await linesOf(store, now);
    assert.deepEqual([line?.name, line?.state], ['Win-A', 'signed-out'], what);
    const again = saved(await letInAgain(store, now, machine.id));
    assert.deepEqual([again.address, await standing(again)], [machine.address, true], what);
    saved(await removeMachine(store, now, machine.id));
    await store.db.deleteFrom('machine_addresses').execute();
  }
});

test('another token of the same person, and other people’s, let their machines stand; what ended is in the audit with them', async (t) => {
  const { store } = await temporaryStore(t);
  const [owner, other] = [await person(store), await person(store)];
  const one = await joined(store, owner, 'Win-A');
  const two = await joined(store, owner, 'Win-B');
  await joined(store, other, 'Win-C');
  saved(await revokeLoginToken(store, owner, one.tokenId));
  assert.deepEqual(await namesOf(store), ['Win-B', 'Win-C']);
  const audit = await listAudit(store, SYSTEM, { filters: { action: 'token-revoked' } });
  assert.deepEqual(audit.kind === 'listed' && audit.rows[0]?.detail, { machines: ['Win-A'] });
  // Let in by another login, it hangs on that one.
  saved(await letInAgain(store, two.actor, one.machine.id));
  assert.deepEqual(await namesOf(store), ['Win-A', 'Win-B', 'Win-C']);
  saved(await revokeLoginToken(store, owner, two.tokenId));
  assert.deepEqual(await namesOf(store), ['Win-C']);
});

test('M4: whoever is disabled, signed out everywhere or deleted has no name of a machine in the list; enabled again, they have', async (t) => {
  const { store } = await temporaryStore(t);
  const owner = await person(store);
  const { machine } = await joined(store, owner, 'Win-A');
  const profile = { email: owner.email, name: 'x', role: 'member' };
  saved(await saveUser(store, SYSTEM, owner.userId, { ...profile, disabled: true }));
  assert.deepEqual(await namesOf(store), []);
  saved(await saveUser(store, SYSTEM, owner.userId, profile));
  assert.deepEqual(await namesOf(store), ['Win-A']);
  await endSessionsOfUser(store, SYSTEM, owner.userId, { reason: 'ended-by-admin' });
  assert.deepEqual([await namesOf(store), await acceptMachine(store, machine.token)], [[], null]);
  saved(await deleteUser(store, SYSTEM, owner.userId));
  assert.deepEqual(await namesOf(store), []);
});
