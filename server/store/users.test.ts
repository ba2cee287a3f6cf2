// The promises about people: somebody can always administer Foyer, and nobody gets more rights than they were given.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saveProvider } from './providers.ts';
import { loadSession } from './sessions.ts';
import { PASSWORD, SYSTEM, saved, signedIn, someone, temporaryStore } from './testing/temporary-store.ts';
import { deleteUser, getUser, hasAdmin, hasLocalAccounts, listUsers, saveUser } from './users.ts';

const ada = { email: 'ada@corp.example', name: 'Ada', role: 'admin' };

test('M3: the last administrator who can sign in cannot be deleted, disabled or demoted, by nobody', async (t) => {
  const { store } = await temporaryStore(t);
  assert.equal(await hasAdmin(store), false);
  const admin = await someone(store, 'admin', { email: ada.email, password: PASSWORD });
  // These two could not sign in: one has no password, the other is disabled.
  await someone(store, 'admin');
  await saveUser(store, SYSTEM, null, { ...ada, email: 'off@corp.example', password: PASSWORD, disabled: true });
  for (const actor of [admin, SYSTEM]) {
    const attempts = [
      await deleteUser(store, actor, admin.userId),
      await saveUser(store, actor, admin.userId, { ...ada, disabled: true }),
      await saveUser(store, actor, admin.userId, { ...ada, role: 'auditor' }),
    ];
    for (const attempt of attempts) {
      assert.equal(attempt.kind, 'conflict');
      assert.match(attempt.kind === 'conflict' ? attempt.sentence : '', /Make another person an administrator/);
    }
  }
  assert.equal(await hasAdmin(store), true);
  assert.ok(await loadSession(store, admin.sessionId), 'an attempt that is undone ends no session');
  const second = await someone(store, 'admin', { password: PASSWORD });
  assert.equal((await deleteUser(store, second, admin.userId)).kind, 'saved');
  assert.equal(await loadSession(store, admin.sessionId), null);
});

test('M3: of two administrators who remove each other at once, one stays', async (t) => {
  const { store } = await temporaryStore(t);
  for (let round = 0; round < 5; round++) {
    const [one, two] = [
      await someone(store, 'admin', { password: PASSWORD }),
      await someone(store, 'admin', { password: PASSWORD }),
    ];
    const outcomes = await Promise.all([deleteUser(store, one, two.userId), deleteUser(store, two, one.userId)]);
    assert.equal(outcomes.filter(({ kind }) => kind === 'saved').length, 1);
    const left = outcomes[0]?.kind === 'saved' ? one : two;
    await saveUser(store, SYSTEM, left.userId, { ...ada, email: `left-${round}@corp.example` });
  }
  assert.equal(await hasAdmin(store), true);
});

test('M4: nobody gives themselves or others a role, and every attempt is audited', async (t) => {
  const { store } = await temporaryStore(t);
  for (const role of ['auditor', 'app-owner', 'member'] as const) {
    const actor = await someone(store, role);
    const promoted = { email: actor.email, name: 'Me', role: 'admin' };
    const attempts = [
      await saveUser(store, actor, actor.userId, promoted),
      await saveUser(store, { ...actor, role: 'admin' }, actor.userId, promoted),
      await saveUser(store, actor, null, { ...ada, password: PASSWORD }),
      await deleteUser(store, actor, actor.userId),
    ];
    for (const attempt of attempts) assert.equal(attempt.kind, 'forbidden', role);
    const refusals = await store.db
      .selectFrom('audit_events')
      .selectAll()
      .where('actor_user_id', '=', actor.userId)
      .where('action', '=', 'change-refused')
      .execute();
    assert.equal(refusals.length, attempts.length);
    const found = await getUser(store, SYSTEM, actor.userId);
    assert.equal(found.kind === 'found' && found.role, role);
  }
});

test('M4: an administrator who was demoted, disabled, deleted or signed out meanwhile acts no more', async (t) => {
  const { store, clock } = await temporaryStore(t);
  await someone(store, 'admin', { password: PASSWORD });
  const input = (email: string) => ({ email, name: 'Admin', role: 'admin' });
  const fates: ((actor: Awaited<ReturnType<typeof someone>>) => Promise<unknown>)[] = [
    (actor) => store.db.updateTable('users').set({ role: 'member' }).where('id', '=', actor.userId).execute(),
    (actor) => store.db.updateTable('users').set({ disabled: 1 }).where('id', '=', actor.userId).execute(),
    (actor) => deleteUser(store, SYSTEM, actor.userId),
    (actor) => store.db.deleteFrom('sessions').where('id', '=', actor.sessionId).execute(),
    async () => {
      clock.now += 25 * 60 * 60_000;
    },
  ];
  for (const [at, fate] of fates.entries()) {
    const actor = await someone(store, 'admin');
    assert.equal((await saveUser(store, actor, null, input(`ok-${at}@corp.example`))).kind, 'saved');
    await fate(actor);
    assert.equal((await saveUser(store, actor, null, input(`late-${at}@corp.example`))).kind, 'forbidden');
    assert.equal((await listUsers(store, actor)).kind, 'forbidden');
  }
  const stolen = { ...(await someone(store, 'admin')), sessionId: (await someone(store, 'member')).sessionId };
  assert.equal((await saveUser(store, stolen, null, input('stolen@corp.example'))).kind, 'forbidden');
});

test('M2: ids of nobody are not found, unknown fields are refused, and what is not told stays', async (t) => {
  const { store } = await temporaryStore(t);
  const { id } = saved(await saveUser(store, SYSTEM, null, { ...ada, password: PASSWORD }));
  for (const other of ['', 'x', "' or 1=1 --", '01a1f944-d5f1-7000-bf90-fdb595bd3bad']) {
    assert.equal((await saveUser(store, SYSTEM, other, ada)).kind, 'not-found');
    assert.equal((await getUser(store, SYSTEM, other)).kind, 'not-found');
    assert.equal((await deleteUser(store, SYSTEM, other)).kind, 'not-found');
  }
  for (const key of ['id', 'createdAt', 'issuer', 'subject', 'password_hash', '__proto__', 'constructor']) {
    const input = JSON.parse(`{"email":"ada@corp.example","name":"Ada","${key}":"x"}`);
    const outcome = await saveUser(store, SYSTEM, id, input);
    assert.ok(outcome.kind === 'invalid' && Object.hasOwn(outcome.errors, key), key);
  }
  saved(await saveUser(store, SYSTEM, id, { ...ada, name: 'Ada Lovelace' }));
  const found = await getUser(store, SYSTEM, id);
  assert.deepEqual(found.kind === 'found' && found.signIn, { kind: 'password', hasPassword: true });
});

test('C17: two local people share no e-mail, however it is written; a person of a provider may', async (t) => {
  const { store } = await temporaryStore(t);
  saved(await saveUser(store, SYSTEM, null, ada));
  for (const email of ['ADA@corp.example', ' ada@CORP.example ', 'ada＠corp.example', 'ａda@corp.example']) {
    const outcome = await saveUser(store, SYSTEM, null, { ...ada, email });
    assert.ok(outcome.kind === 'invalid' && outcome.errors.email, email);
  }
  const provider = { name: 'Login', issuer: 'https://login.corp.example', clientId: 'foyer', clientSecret: 's' };
  const { id: providerId } = saved(await saveProvider(store, SYSTEM, null, provider));
  saved(await saveUser(store, SYSTEM, null, { ...ada, providerId }));
  const twice = await saveUser(store, SYSTEM, null, { ...ada, providerId });
  assert.ok(twice.kind === 'invalid' && twice.errors.email);
  const withPassword = await saveUser(store, SYSTEM, null, {
    ...ada,
    email: 'b@corp.example',
    providerId,
    password: PASSWORD,
  });
  assert.ok(withPassword.kind === 'invalid' && withPassword.errors.password);
});

test('people are found by name and e-mail, whatever the case and accents, and wildcards are plain text', async (t) => {
  const { store } = await temporaryStore(t);
  assert.equal(await hasLocalAccounts(store), false);
  for (const [email, name] of [
    ['jose@corp.example', 'José Ñandú'],
    ['percent@corp.example', '100 % Ann_a'],
    ['grace@corp.example', 'Grace'],
  ]) {
    saved(await saveUser(store, SYSTEM, null, { email, name }));
  }
  const admin = await someone(store, 'admin', { email: 'admin@corp.example', password: PASSWORD });
  assert.equal(await hasLocalAccounts(store), true);
  const names = async (search: string) => {
    const listed = await listUsers(store, admin, { search });
    return listed.kind === 'listed' && listed.rows.map(({ email }) => email);
  };
  assert.deepEqual(await names('jose nandu'), ['jose@corp.example']);
  assert.deepEqual(await names('JOSÉ@'), ['jose@corp.example']);
  assert.deepEqual(await names('%'), ['percent@corp.example']);
  assert.deepEqual(await names('n_a'), ['percent@corp.example']);
  assert.deepEqual(await names('\\'), []);
  const page = await listUsers(store, admin, { offset: 1, limit: 2 });
  assert.deepEqual(page.kind === 'listed' && [page.rows.map(({ name }) => name), page.total], [
    ['admin@corp.example', 'Grace'],
    4,
  ]);
  for (const limit of [0, -1, Number.NaN, 1e9]) assert.equal((await listUsers(store, admin, { limit })).kind, 'listed');
});

test('A7: deleting a person ends their sessions at once', async (t) => {
  const { store } = await temporaryStore(t);
  const person = await someone(store, 'member');
  const other = await signedIn(store, person.userId);
  saved(await deleteUser(store, SYSTEM, person.userId));
  for (const { sessionId } of [person, other]) assert.equal(await loadSession(store, sessionId), null);
});
