// The promises of command lines' logins (RFC 8628): one person's word gives one token once, and nothing else gives any.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptToken, revokeToken } from './api-tokens.ts';
import { listAudit } from './audit.ts';
import {
  approveDeviceLogin,
  DEVICE_INTERVAL_MS,
  DEVICE_LIFETIME_MS,
  findDeviceLogin,
  forgetOverDevices,
  MOST_DEVICES,
  MOST_DEVICES_PER_ADDRESS,
  pollDeviceLogin,
  refuseDeviceLogin,
  startDeviceLogin,
} from './device-logins.ts';
import type { Store } from './handle.ts';
import { listLoginTokens } from './login-tokens.ts';
import type { PersonActor } from './saved.ts';
import { PASSWORD, SYSTEM, saved, someone, temporaryStore } from './testing/temporary-store.ts';

const ASKING = { machine: 'Win-A', os: 'Linux 6', address: '203.0.113.9' };
const person = (store: Store) => someone(store, 'member', { password: PASSWORD });

async function started(store: Store, asking = ASKING) {
  const outcome = await startDeviceLogin(store, asking);
  return outcome.kind === 'started' ? outcome : assert.fail(JSON.stringify(outcome));
}

async function polled(store: Store, deviceCode: string) {
  return (await pollDeviceLogin(store, deviceCode)).kind;
}

test('approved, the command line gets a token that works, once; the person saw who asks and from where', async (t) => {
  const { store } = await temporaryStore(t);
  const owner = await person(store);
  const { deviceCode, userCode } = await started(store);
  const asked = saved(await findDeviceLogin(store, owner, userCode.toLowerCase()));
  assert.deepEqual([asked.machine, asked.os, asked.address, asked.isHere], ['Win-A', 'Linux 6', '203.0.113.9', false]);
  assert.equal(saved(await findDeviceLogin(store, { ...owner, address: ASKING.address }, userCode)).isHere, true);
  assert.equal(await polled(store, deviceCode), 'authorization_pending');
  saved(await approveDeviceLogin(store, owner, userCode));
  const given = await pollDeviceLogin(store, deviceCode);
  assert.ok(given.kind === 'token');
  assert.deepEqual(given.scopes, ['machines:read', 'machines:write']);
  assert.notEqual(await acceptToken(store, given.token, null), null);
  const [line] = await listLoginTokens(store, owner);
  assert.deepEqual([line?.name, line?.hint], ['foyer login, Win-A', given.token.slice(-4)]);

  assert.equal(await polled(store, deviceCode), 'invalid_grant', 'a code is used once');
  assert.equal((await approveDeviceLogin(store, owner, userCode)).kind, 'invalid');
  const audit = await listAudit(store, SYSTEM, { filters: { action: 'device-login-approved' } });
  assert.deepEqual(audit.kind === 'listed' && audit.rows.map(({ detail }) => detail), [{ from: '203.0.113.9' }]);
});

test('refused, or decided by nobody for ten minutes, it gets none; and who decides second decides nothing', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const [owner, other] = [await person(store), await person(store)];
  const one = await started(store);
  saved(await refuseDeviceLogin(store, owner, one.userCode));
  assert.equal((await approveDeviceLogin(store, other, one.userCode)).kind, 'invalid');
  assert.equal(await polled(store, one.deviceCode), 'access_denied');

  const [two, three] = [await started(store), await started(store)];
  saved(await approveDeviceLogin(store, owner, three.userCode));
  clock.now += DEVICE_LIFETIME_MS;
  assert.equal((await approveDeviceLogin(store, owner, two.userCode)).kind, 'invalid');
  assert.equal(await polled(store, two.deviceCode), 'expired_token');
  await forgetOverDevices(store);
  assert.equal(await polled(store, three.deviceCode), 'invalid_grant');
  assert.deepEqual(await listLoginTokens(store, owner), [], 'a token that nobody fetched goes with its login');
});

test('a person whose session has ended approves nothing, and what they approved is refused once their access ends', async (t) => {
  const { store } = await temporaryStore(t);
  const [gone, owner] = [await person(store), await person(store)];
  const [one, two, three] = [await started(store), await started(store), await started(store)];
  await store.db.deleteFrom('sessions').where('id', '=', gone.sessionId).execute();
  assert.equal((await approveDeviceLogin(store, gone, one.userCode)).kind, 'forbidden');
  assert.equal(await polled(store, one.deviceCode), 'authorization_pending');

  saved(await approveDeviceLogin(store, owner, two.userCode));
  const [token] = await listLoginTokens(store, owner);
  saved(await revokeToken(store, SYSTEM, token?.id ?? ''));
  assert.equal(await polled(store, two.deviceCode), 'access_denied');
  saved(await approveDeviceLogin(store, owner, three.userCode));
  await store.db.updateTable('users').set({ disabled: 1 }).where('id', '=', owner.userId).execute();
  assert.equal(await polled(store, three.deviceCode), 'access_denied');
});

test('M2: whoever guesses codes has to wait soon, alone, and a right code does not help them meanwhile', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const [guesser, other] = [await person(store), await person(store)];
  const { userCode } = await started(store);
  const wrong = userCode.startsWith('B') ? 'CCCC-CCCC' : 'BBBB-BBBB';
  const outcomes = await Promise.all(Array.from({ length: 30 }, () => findDeviceLogin(store, guesser, wrong)));
  assert.equal(outcomes.filter(({ kind }) => kind === 'invalid').length, 10);
  assert.equal((await approveDeviceLogin(store, guesser, userCode)).kind, 'conflict');
  assert.equal((await findDeviceLogin(store, other, userCode)).kind, 'saved');
  clock.now += 2_000;
  assert.equal((await findDeviceLogin(store, guesser, userCode)).kind, 'saved');
});

test('polling too early is told to slow down, and the wait grows; a row of them costs no more than a minute', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const { deviceCode } = await started(store);
  assert.equal(await polled(store, deviceCode), 'authorization_pending');
  clock.now += DEVICE_INTERVAL_MS - 1_000;
  assert.equal(await polled(store, deviceCode), 'slow_down');
  clock.now += DEVICE_INTERVAL_MS;
  assert.equal(await polled(store, deviceCode), 'slow_down');
  for (let at = 0; at < 50; at++) await polled(store, deviceCode);
  clock.now += 60_000;
  assert.equal(await polled(store, deviceCode), 'authorization_pending');
});

test('M2: the store holds so many waiting logins of an address, of an IPv6 network and in all, and no more; old ones make room', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const from = (address: string) => startDeviceLogin(store, { ...ASKING, address });
  for (let at = 0; at < MOST_DEVICES_PER_ADDRESS; at++) await started(store, { ...ASKING, address: `2001:db8::${at}` });
  const full = await from('2001:db8::ffff');
  assert.deepEqual(full, { kind: 'full', whose: 'address', retryAfterMs: DEVICE_LIFETIME_MS });
  assert.equal((await from('2001:db8:0:1::1')).kind, 'started');
  const row = await store.db.selectFrom('device_logins').selectAll().limit(1).executeTakeFirstOrThrow();
  const filling = Array.from({ length: MOST_DEVICES }, (_, at) => ({
    ...{ ...row, id: `x${at}`, device_hash: `d${at}`, user_hash: `u${at}`, address: `10.0.${at >> 8}.${at & 255}` },
  }));
  for (let at = 0; at < MOST_DEVICES; at += 100)
    await store.db
      .insertInto('device_logins')
      .values(filling.slice(at, at + 100))
      .execute();
  assert.equal((await from('192.0.2.1')).kind, 'full');
  clock.now += DEVICE_LIFETIME_MS;
  assert.equal((await from('192.0.2.1')).kind, 'started');
  const { count } = await store.db
    .selectFrom('device_logins')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  assert.equal(count, 1);
});

test('M10: the store holds neither code', async (t) => {
  const { store } = await temporaryStore(t);
  const { deviceCode, userCode } = await started(store);
  const rows = JSON.stringify(await store.db.selectFrom('device_logins').selectAll().execute());
  for (const secret of [deviceCode, userCode, userCode.replace('-', '')]) assert.ok(!rows.includes(secret));
});

test('nobody approves a login at a shared computer', async (t) => {
  const { store } = await temporaryStore(t);
  const owner: PersonActor = await person(store);
  const { deviceCode, userCode } = await started(store);
  await store.db.updateTable('sessions').set({ kind: 'shared' }).where('id', '=', owner.sessionId).execute();
  assert.equal((await approveDeviceLogin(store, owner, userCode)).kind, 'forbidden');
  assert.equal(await polled(store, deviceCode), 'authorization_pending');
});
