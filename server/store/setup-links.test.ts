// The promises of one-time links: one use, a limited time, nothing in the store that opens them, and mistakes cost nothing.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { changePassword, verifyPassword } from './accounts.ts';
import { loadSession } from './sessions.ts';
import { consumeAdminLink, consumePasswordLink, createAdminLink, createPasswordLink, readLink } from './setup-links.ts';
import { PASSWORD, SYSTEM, saved, signedIn, someone, temporaryStore } from './testing/temporary-store.ts';
import { getUser, hasAdmin, saveUser } from './users.ts';

const HOUR_MS = 60 * 60_000;
const ada = { email: 'ada@corp.example', name: 'Ada', password: PASSWORD };

test('C2: an admin link makes one administrator, even when it is used twice at once', async (t) => {
  const { store, dataDir } = await temporaryStore(t);
  const token = await createAdminLink(store);
  for (const file of readdirSync(dataDir)) assert.equal(readFileSync(join(dataDir, file)).includes(token), false);
  assert.deepEqual(await readLink(store, token), { kind: 'admin' });
  const outcomes = await Promise.all([
    consumeAdminLink(store, token, ada),
    consumeAdminLink(store, token, { ...ada, email: 'eve@corp.example' }),
  ]);
  assert.deepEqual(outcomes.map(({ kind }) => kind).sort(), ['conflict', 'saved']);
  assert.equal((await store.db.selectFrom('users').selectAll().execute()).length, 1);
  assert.equal(await hasAdmin(store), true);
  assert.equal(await readLink(store, token), null);
});

test('M3: an admin link restores whoever was demoted and disabled, and ends their old sessions', async (t) => {
  const { store } = await temporaryStore(t);
  const member = await someone(store, 'member', { email: ada.email, password: 'the old password' });
  const token = await createAdminLink(store);
  assert.deepEqual(await consumeAdminLink(store, token, ada), { kind: 'saved', id: member.userId });
  const found = await getUser(store, SYSTEM, member.userId);
  assert.deepEqual(found.kind === 'found' && [found.role, found.disabled, found.name], ['admin', false, 'Ada']);
  assert.equal(await loadSession(store, member.sessionId), null);
  assert.equal((await verifyPassword(store, { ...ada, address: null })).kind, 'ok');
});

test('C2: a link is dead after its time, of the wrong kind, and when made up', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const { userId } = await someone(store, 'member');
  const admin = await createAdminLink(store);
  const { token } = saved(await createPasswordLink(store, SYSTEM, userId));
  assert.equal((await consumeAdminLink(store, token, ada)).kind, 'conflict');
  assert.equal((await consumePasswordLink(store, admin, { password: PASSWORD })).kind, 'conflict');
  clock.now += HOUR_MS;
  for (const wrong of [admin, '', 'x', '\0', `${token}A`]) {
    assert.equal(await readLink(store, wrong), null);
    assert.equal((await consumeAdminLink(store, wrong, ada)).kind, 'conflict');
  }
  assert.equal((await readLink(store, token))?.kind, 'password');
  clock.now += 23 * HOUR_MS;
  assert.equal((await consumePasswordLink(store, token, { password: PASSWORD })).kind, 'conflict');
});

test('Z1: a link that was seen to be old stays so when the clock is set back', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const token = await createAdminLink(store);
  clock.now += HOUR_MS;
  assert.equal(await readLink(store, token), null);
  clock.now -= HOUR_MS;
  assert.equal(await readLink(store, token), null);
  assert.equal((await consumeAdminLink(store, token, ada)).kind, 'conflict');
});

test('a mistake in the form does not use up the link', async (t) => {
  const { store } = await temporaryStore(t);
  const token = await createAdminLink(store);
  for (const input of [null, {}, { ...ada, password: 'short' }, { ...ada, email: 'a@b@c' }, { ...ada, role: 'x' }]) {
    assert.equal((await consumeAdminLink(store, token, input)).kind, 'invalid', JSON.stringify(input));
  }
  assert.equal((await consumeAdminLink(store, token, ada)).kind, 'saved');
});

test('M4: a password link is made by people who may write people, sets one password and ends its sessions', async (t) => {
  const { store } = await temporaryStore(t);
  const person = await someone(store, 'member', { email: ada.email });
  for (const role of ['auditor', 'app-owner', 'member'] as const) {
    assert.equal((await createPasswordLink(store, await someone(store, role), person.userId)).kind, 'forbidden');
  }
  const { token } = saved(await createPasswordLink(store, await someone(store, 'admin'), person.userId));
  assert.deepEqual(await readLink(store, token), { kind: 'password', email: ada.email });
  const { sessionId } = await signedIn(store, person.userId);
  saved(await consumePasswordLink(store, token, { password: PASSWORD }));
  assert.equal(await loadSession(store, sessionId), null);
  assert.equal((await verifyPassword(store, { ...ada, address: null })).kind, 'ok');
  assert.equal((await consumePasswordLink(store, token, { password: 'once more please' })).kind, 'conflict');
});

test('C9: a new password, a new link or being disabled makes every older link worthless', async (t) => {
  const { store } = await temporaryStore(t);
  const person = await someone(store, 'member', { email: ada.email, password: PASSWORD });
  const input = { email: ada.email, name: 'Ada' };
  const link = async () => saved(await createPasswordLink(store, SYSTEM, person.userId)).token;
  const next = 'what the owner chose';
  const deeds: [string, () => Promise<{ kind: string }>][] = [
    ['her own change', () => changePassword(store, person, { current: PASSWORD, next })],
    ['a new link', () => createPasswordLink(store, SYSTEM, person.userId)],
    ['a used link', async () => consumePasswordLink(store, await link(), { password: next })],
    ['an administrator’s reset', () => saveUser(store, SYSTEM, person.userId, { ...input, password: next })],
    ['an admin link', async () => consumeAdminLink(store, await createAdminLink(store), { ...ada, password: next })],
    ['being disabled', () => saveUser(store, SYSTEM, person.userId, { ...input, disabled: true })],
  ];
  await someone(store, 'admin', { password: PASSWORD });
  for (const [what, deed] of deeds) {
    const old = await link();
    assert.equal((await deed()).kind, 'saved', what);
    assert.equal(await readLink(store, old), null, what);
    assert.equal((await consumePasswordLink(store, old, { password: 'what a thief chose' })).kind, 'conflict', what);
  }
  const kept = await link();
  saved(await saveUser(store, SYSTEM, person.userId, { ...input, name: 'Ada Lovelace' }));
  assert.equal((await readLink(store, kept))?.kind, 'password', 'another name changes no link');
});

test('C9: a disabled person stays disabled, whatever link they hold', async (t) => {
  const { store } = await temporaryStore(t);
  const { id } = saved(await saveUser(store, SYSTEM, null, { email: ada.email, name: 'Ada', disabled: true }));
  const { token } = saved(await createPasswordLink(store, SYSTEM, id));
  saved(await consumePasswordLink(store, token, { password: PASSWORD }));
  assert.equal((await verifyPassword(store, { ...ada, address: null })).kind, 'refused');
});
