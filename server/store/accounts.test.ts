// The promises of password sign-in: guessing is slow, strangers learn nothing, and a new password ends the other sessions.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changePassword, verifyPassword } from './accounts.ts';
import { loadSession } from './sessions.ts';
import { anotherStore, PASSWORD, SYSTEM, saved, signedIn, someone, temporaryStore } from './testing/temporary-store.ts';
import { countAttempt } from './throttle.ts';
import { saveUser } from './users.ts';

const email = 'ada@corp.example';
const address = '192.0.2.7';

test('a password signs in its own account only, however the e-mail is written', async (t) => {
  const { store } = await temporaryStore(t);
  const { userId } = await someone(store, 'member', { email, password: 'Schlüssel für Ada' });
  await someone(store, 'member', { email: 'grace@corp.example', password: PASSWORD });
  const verify = async (typed: string, password: string) => {
    const verdict = await verifyPassword(store, { email: typed, password, address });
    return verdict.kind === 'ok' ? { kind: 'ok', userId: verdict.userId } : verdict;
  };
  assert.deepEqual(await verify(email, 'Schlüssel für Ada'), { kind: 'ok', userId });
  assert.deepEqual(await verify(' ADA@Corp.Example ', 'Schlu\u0308ssel fu\u0308r Ada'), { kind: 'ok', userId });
  assert.deepEqual(await verify(email, PASSWORD), { kind: 'refused' });
  assert.deepEqual(await verify('grace@corp.example', 'Schlüssel für Ada'), { kind: 'refused' });
});

test('A6: accounts that are disabled, invited, unknown or damaged are refused alike, after the same work', async (t) => {
  const { store } = await temporaryStore(t);
  const { userId } = await someone(store, 'member', { email, password: PASSWORD });
  await someone(store, 'member', { email: 'invited@corp.example' });
  const input = { email: 'off@corp.example', name: 'Off', disabled: true, password: PASSWORD };
  saved(await saveUser(store, SYSTEM, null, input));
  // CPU time of all threads, argon2's included: unlike the clock it does not depend on what else the machine does.
  const work = async (typed: string, password: string) => {
    const before = process.cpuUsage();
    assert.deepEqual(await verifyPassword(store, { email: typed, password, address: null }), { kind: 'refused' });
    return process.cpuUsage(before).user;
  };
  const known = await work(email, 'not the password');
  for (const typed of ['off@corp.example', 'invited@corp.example', 'nobody@corp.example', 'no e-mail', '', '\0']) {
    assert.ok((await work(typed, PASSWORD)) > known / 4, typed);
  }
  for (const password_hash of ['', 'plain', '$argon2id$v=19$m=1,t=0,p=0$YWFhYWFhYWE$YWFhYWFhYWE']) {
    await store.db.updateTable('users').set({ password_hash }).where('id', '=', userId).execute();
    await work(email, PASSWORD);
  }
});

test('C18: guesses at one account wait longer and longer, from any address and in any process; unknown accounts alike', async (t) => {
  const { store, clock, dataDir } = await temporaryStore(t);
  await someone(store, 'member', { email, password: PASSWORD });
  const processes = [store, await anotherStore(t, dataDir, clock)];
  for (const typed of [email, 'nobody@corp.example']) {
    const waits: number[] = [];
    for (let guess = 0; guess < 14; guess++) {
      const attempt = { email: typed, password: 'a guess', address: `198.51.100.${guess}` };
      const process = processes[guess % 2] ?? store;
      const verdict = await verifyPassword(process, attempt);
      waits.push(verdict.kind === 'throttled' ? verdict.retryAfterMs : 0);
      if (verdict.kind !== 'throttled') continue;
      // The right password waits as well.
      assert.equal((await verifyPassword(process, { ...attempt, password: PASSWORD })).kind, 'throttled');
      clock.now += verdict.retryAfterMs;
      assert.equal((await verifyPassword(process, attempt)).kind, 'refused');
    }
    const seconds = waits.map((waitMs) => waitMs / 1000);
    assert.deepEqual(seconds, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60], typed);
  }
});

test('C18: a thousand guesses at once are counted one by one', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const attempts = Array.from({ length: 1000 }, (_, at) =>
    countAttempt(store, { emailFolded: email, address: `10.0.${at >> 8}.${at & 255}` }),
  );
  const counted = (await Promise.all(attempts)).filter(({ kind }) => kind === 'counted');
  assert.equal(counted.length, 5);
  clock.now += 15 * 60_000;
  const fromOne = Array.from({ length: 1000 }, (_, at) =>
    countAttempt(store, { emailFolded: `${at}@corp.example`, address: `2001:db8:1:2::${at.toString(16)}` }),
  );
  const countedFromOne = (await Promise.all(fromOne)).filter(({ kind }) => kind === 'counted');
  assert.equal(countedFromOne.length, 20, 'a /64 of IPv6 is one address');
});

test('C18: the right password frees the account at once, but its address only of that one attempt', async (t) => {
  const { store } = await temporaryStore(t);
  await someone(store, 'member', { email, password: PASSWORD });
  for (let at = 0; at < 18; at++) await countAttempt(store, { emailFolded: `${at}@corp.example`, address });
  for (let round = 0; round < 8; round++) {
    assert.equal((await verifyPassword(store, { email, password: PASSWORD, address })).kind, 'ok');
  }
  const rows = await store.db.selectFrom('throttle').selectAll().where('key', 'like', 'address%').execute();
  assert.deepEqual(
    rows.map(({ failures }) => failures),
    [18],
  );
});

test('C18: strangers who guess all the time keep nobody out of an account where they have signed in before', async (t) => {
  const { store, clock } = await temporaryStore(t);
  await someone(store, 'member', { email, password: PASSWORD });
  const signIn = async (from: string | null, password = PASSWORD) =>
    (await verifyPassword(store, { email, password, address: from })).kind;
  const guess = async (from: string) => (await countAttempt(store, { emailFolded: email, address: from })).kind;
  assert.equal(await signIn(address), 'ok');
  for (let minute = 0; minute < 15; minute++) {
    assert.equal(await guess(`198.51.100.${minute}`), 'counted');
    if (minute < 4) continue;
    assert.equal(await signIn('203.0.113.9'), 'throttled', 'elsewhere the owner waits too');
    assert.equal(await signIn(address), 'ok', 'at home, whatever others do');
    assert.equal(await signIn('203.0.113.9'), 'throttled', 'which frees nothing for the others');
    clock.now += 60_000;
  }
  const atHome: string[] = [];
  for (let each = 0; each < 7; each++) atHome.push(await signIn(address, 'a guess'));
  const refused = Array.from({ length: 5 }, () => 'refused');
  assert.deepEqual(atHome, [...refused, 'throttled', 'throttled'], 'the budget at home is as small');
  clock.now += 60_000;
  assert.equal(await signIn(address), 'ok');
  clock.now += 31 * 24 * 60 * 60_000;
  for (let each = 0; each < 5; each++) await guess(`198.51.100.${each}`);
  assert.equal(await signIn(address), 'throttled', 'a home of last month is forgotten');
});

test('C18: the table of attempts is capped, and a flood of names does not free an account under attack', async (t) => {
  const { store, clock } = await temporaryStore(t);
  for (let at = 0; at < 6; at++) await countAttempt(store, { emailFolded: email, address: null });
  const key = 'account flood';
  const flood = Array.from({ length: 10_500 }, (_, at) => ({
    key: `${key} ${at}`,
    failures: 1,
    blocked_until: 0,
    told_until: 0,
    last_at: clock.now,
  }));
  for (let start = 0; start < flood.length; start += 500) {
    await store.db
      .insertInto('throttle')
      .values(flood.slice(start, start + 500))
      .execute();
  }
  await countAttempt(store, { emailFolded: 'new@corp.example', address });
  const { rows } = await store.db
    .selectFrom('throttle')
    .select((eb) => eb.fn.countAll<number>().as('rows'))
    .executeTakeFirstOrThrow();
  assert.equal(rows, 10_000);
  assert.equal((await countAttempt(store, { emailFolded: email, address: '10.1.1.1' })).kind, 'throttled');
});

test('M6: every refused sign-in of a person who exists is audited with its reason, a wait once, and nobody else is', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const ada = await someone(store, 'member', { email, password: PASSWORD });
  const off = { email: 'off@corp.example', name: 'Off', disabled: true, password: PASSWORD };
  const { id: offId } = saved(await saveUser(store, SYSTEM, null, off));
  const attempt = (typed: string, password: string) =>
    verifyPassword(store, { email: typed, password, address, supportId: 'support' });
  await attempt('nobody@corp.example', PASSWORD);
  await attempt(off.email, PASSWORD);
  await attempt(off.email, 'a guess');
  for (let guess = 0; guess < 9; guess++) await attempt(email, 'a guess');
  clock.now += 1000;
  for (let guess = 0; guess < 3; guess++) await attempt(email, 'a guess');
  clock.now += 60_000;
  await changePassword(store, ada, { current: 'a guess', next: PASSWORD });
  const events = await store.db.selectFrom('audit_events').selectAll().where('outcome', '=', 'refused').execute();
  const wrong = [ada.userId, 'sign-in-refused', 'wrong-password'];
  const wait = [ada.userId, 'sign-in-refused', 'throttled'];
  assert.deepEqual(
    events.map((event) => [event.actor_user_id, event.action, event.reason]),
    [
      [offId, 'sign-in-refused', 'user-disabled'],
      [offId, 'sign-in-refused', 'wrong-password'],
      ...[wrong, wrong, wrong, wrong, wrong, wait, wrong, wait],
      [ada.userId, 'password-change-refused', 'wrong-password'],
    ],
  );
  assert.deepEqual([events[0]?.address, events[0]?.support_id], [address, 'support']);
});

test('C10: changing the password needs the current one and ends every other session', async (t) => {
  const { store } = await temporaryStore(t);
  const ada = await someone(store, 'member', { email, password: PASSWORD });
  const other = await signedIn(store, ada.userId);
  const next = 'some other words';
  const refusals: [unknown, string][] = [
    [{ current: 'wrong', next }, 'current'],
    [{ current: PASSWORD, next: 'short' }, 'next'],
    [{ current: PASSWORD, next: PASSWORD }, 'next'],
    [{ current: PASSWORD, next: 'x'.repeat(2000) }, 'next'],
    [{ current: PASSWORD, next, role: 'admin' }, 'role'],
    [{ current: [PASSWORD], next }, 'current'],
    [null, ''],
  ];
  for (const [input, field] of refusals) {
    const outcome = await changePassword(store, ada, input);
    assert.deepEqual(outcome.kind === 'invalid' && Object.keys(outcome.errors), [field], JSON.stringify(input));
  }
  saved(await changePassword(store, ada, { current: PASSWORD, next }));
  assert.ok(await loadSession(store, ada.sessionId));
  assert.equal(await loadSession(store, other.sessionId), null);
  assert.equal((await verifyPassword(store, { email, password: PASSWORD, address })).kind, 'refused');
  assert.equal((await verifyPassword(store, { email, password: next, address })).kind, 'ok');
  const dead = await changePassword(store, other, { current: next, next: PASSWORD });
  assert.equal(dead.kind, 'forbidden');
});

test('C18: guesses at the current password count as sign-ins do', async (t) => {
  const { store } = await temporaryStore(t);
  const ada = await someone(store, 'member', { email, password: PASSWORD });
  for (let guess = 0; guess < 5; guess++) await changePassword(store, ada, { current: 'a guess', next: PASSWORD });
  const outcome = await changePassword(store, ada, { current: PASSWORD, next: 'some other words' });
  assert.match(outcome.kind === 'invalid' ? (outcome.errors.current ?? '') : '', /^There were too many attempts/);
});

test('M10: what is kept of a password is its argon2id hash', async (t) => {
  const { store } = await temporaryStore(t);
  await someone(store, 'member', { email, password: PASSWORD });
  const { password_hash } = await store.db.selectFrom('users').select('password_hash').executeTakeFirstOrThrow();
  assert.match(password_hash ?? '', /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  const audit = await store.db.selectFrom('audit_events').selectAll().execute();
  assert.equal(JSON.stringify(audit).includes('argon2'), false);
});
