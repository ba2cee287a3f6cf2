// The promises of sessions: a new id at every sign-in, lengths that nothing extends, and an end that everybody hears of.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sessionEnd } from '#server/core/authorize.ts';
import { changePassword, signInWithProvider, verifyPassword } from './accounts.ts';
import type { Change } from './feed.ts';
import type { Store } from './handle.ts';
import { newId } from './id.ts';
import { deleteProvider, saveProvider } from './providers.ts';
import type { PersonActor } from './saved.ts';
import {
  createSession,
  endSession,
  endSessionsOfUser,
  listSessions,
  loadSession,
  loadSessions,
  signOutOfApp,
  touchSessions,
} from './sessions.ts';
import { consumePasswordLink, createPasswordLink } from './setup-links.ts';
import { newSession, PASSWORD, SYSTEM, saved, signedIn, someone, temporaryStore } from './testing/temporary-store.ts';
import { deleteUser, saveUser } from './users.ts';

const HOUR_MS = 60 * 60_000;

test('C9: every sign-in makes a new id, and the session that the browser had is dead', async (t) => {
  const { store } = await temporaryStore(t);
  const { userId } = await someone(store, 'member');
  const signIn = (replaces: string | null) =>
    newSession(store, { userId, kind: 'standard', address: null, userAgent: null, replaces });
  const first = await signIn(null);
  assert.ok(first);
  const changes = await raisedBy(store, async () => {
    const second = await signIn(first.id);
    assert.notEqual(second?.id, first.id);
  });
  assert.equal(await loadSession(store, first.id), null);
  assert.deepEqual(changes, [{ kind: 'session', id: first.id }]);
});

test('C9: another role, another password or being disabled ends the sessions a person had', async (t) => {
  const { store } = await temporaryStore(t);
  await someone(store, 'admin', { password: 'stays the whole time' });
  const ada = await someone(store, 'member', { email: 'ada@corp.example' });
  const input = { email: ada.email, name: 'Ada', role: 'member' };
  for (const change of [{ role: 'auditor' }, { role: 'auditor', password: 'a new password' }, { disabled: true }]) {
    await saveUser(store, SYSTEM, ada.userId, { ...input, role: 'member', disabled: false });
    const { sessionId } = await signedIn(store, ada.userId);
    assert.equal((await saveUser(store, SYSTEM, ada.userId, { ...input, ...change })).kind, 'saved');
    assert.equal(await loadSession(store, sessionId), null, JSON.stringify(change));
  }
  await saveUser(store, SYSTEM, ada.userId, input);
  const { sessionId } = await signedIn(store, ada.userId);
  await saveUser(store, SYSTEM, ada.userId, { ...input, name: 'Ada Lovelace' });
  assert.equal((await loadSession(store, sessionId))?.session.identity.name, 'Ada Lovelace');
});

test('C9: no session begins with a password or a provider that was changed or switched off during the sign-in', async (t) => {
  const { store } = await temporaryStore(t);
  const browser = { kind: 'standard', address: null, userAgent: null } as const;
  const email = 'ada@corp.example';
  const { userId } = await someone(store, 'member', { email, password: PASSWORD });
  const verdict = await verifyPassword(store, { email, password: PASSWORD, address: null });
  assert.ok(verdict.kind === 'ok');
  const byPassword = {
    ...browser,
    userId,
    verified: { kind: 'password', passwordHash: verdict.passwordHash },
  } as const;
  assert.ok(await createSession(store, byPassword));
  const admin = await someone(store, 'admin');
  assert.equal(await createSession(store, { ...byPassword, userId: admin.userId }), null, 'a hash is one person’s');
  saved(await saveUser(store, SYSTEM, userId, { email, name: 'Ada', password: 'what the administrator set' }));
  assert.equal(await createSession(store, byPassword), null);

  const issuer = 'https://login.corp.example';
  const input = { name: 'Login', issuer, clientId: 'foyer', clientSecret: 's', allowedEmailDomains: ['corp.example'] };
  const { id: providerId } = saved(await saveProvider(store, SYSTEM, null, input));
  const claims = { iss: issuer, sub: 'g', email: 'grace@corp.example', email_verified: true };
  const grace = await signInWithProvider(store, providerId, claims);
  assert.ok(grace.kind === 'ok');
  const byProvider = { ...browser, userId: grace.userId, verified: { kind: 'provider', providerId } } as const;
  assert.ok(await createSession(store, byProvider));
  assert.equal(await createSession(store, { ...byProvider, userId }), null, 'a provider speaks for its own people');
  saved(await saveProvider(store, SYSTEM, providerId, { ...input, enabled: false }));
  assert.equal(await createSession(store, byProvider), null);
  const events = await store.db.selectFrom('audit_events').selectAll().where('action', '=', 'sign-in').execute();
  const reasons = events.filter((event) => event.actor_user_id !== admin.userId).map(({ reason }) => reason);
  assert.deepEqual(reasons, ['password', 'password', 'Login']);
});

test('C10: whoever may end a session ends it for all; others are refused and it lives on', async (t) => {
  const { store } = await temporaryStore(t);
  const [admin, auditor, ada, grace] = [
    await someone(store, 'admin'),
    await someone(store, 'auditor'),
    await someone(store, 'member'),
    await someone(store, 'member'),
  ];
  for (const actor of [auditor, grace]) {
    assert.equal((await endSession(store, actor, ada.sessionId, 'ended-by-admin')).kind, 'forbidden');
    assert.ok(await loadSession(store, ada.sessionId));
  }
  const changes = await raisedBy(store, async () => {
    assert.equal((await endSession(store, ada, ada.sessionId, 'signed-out')).kind, 'saved');
    assert.equal((await endSession(store, admin, grace.sessionId, 'ended-by-admin')).kind, 'saved');
  });
  assert.deepEqual(changes, [
    { kind: 'session', id: ada.sessionId },
    { kind: 'session', id: grace.sessionId },
  ]);
  assert.equal((await endSession(store, admin, ada.sessionId, 'ended-by-admin')).kind, 'not-found');
  assert.equal((await endSession(store, ada, admin.sessionId, 'ended-by-admin')).kind, 'forbidden');
});

test('M6: every session that somebody’s act ends is in the audit, with who, whose and why', async (t) => {
  const { store } = await temporaryStore(t);
  const admin = await someone(store, 'admin', { password: PASSWORD });
  const email = 'ada@corp.example';
  const { userId } = await someone(store, 'member', { email, password: PASSWORD });
  const input = { email, name: 'Ada', role: 'member' };
  const next = 'some other words';
  const issuer = 'https://login.corp.example';
  const provider = {
    name: 'Login',
    issuer,
    clientId: 'foyer',
    clientSecret: 's',
    allowedEmailDomains: ['corp.example'],
  };
  const { id: providerId } = saved(await saveProvider(store, SYSTEM, null, provider));
  const claims = { iss: issuer, sub: 'g', email: 'grace@corp.example', email_verified: true };
  const grace = await signInWithProvider(store, providerId, claims);
  assert.ok(grace.kind === 'ok');
  const browser = { userId, kind: 'standard', address: null, userAgent: null } as const;
  const link = async () => saved(await createPasswordLink(store, admin, userId)).token;
  const ends: [string, string, string | null, (session: PersonActor) => Promise<unknown>][] = [
    ['replaced', userId, userId, ({ sessionId }) => newSession(store, { ...browser, replaces: sessionId })],
    [
      'password-changed',
      userId,
      userId,
      async () => {
        const other = await signedIn(store, userId);
        await changePassword(store, other, { current: PASSWORD, next });
      },
    ],
    ['password-changed', userId, admin.userId, () => saveUser(store, admin, userId, { ...input, password: next })],
    ['password-changed', userId, null, async () => consumePasswordLink(store, await link(), { password: next })],
    ['role-changed', userId, admin.userId, () => saveUser(store, admin, userId, { ...input, role: 'auditor' })],
    [
      'user-disabled',
      userId,
      admin.userId,
      () => saveUser(store, admin, userId, { ...input, role: 'auditor', disabled: true }),
    ],
    [
      'provider-off',
      grace.userId,
      admin.userId,
      () => saveProvider(store, admin, providerId, { ...provider, enabled: false }),
    ],
    ['provider-deleted', grace.userId, admin.userId, () => deleteProvider(store, admin, providerId)],
    ['user-deleted', userId, admin.userId, () => deleteUser(store, admin, userId)],
    [
      'signed-out',
      admin.userId,
      admin.userId,
      (session) => endSession(store, session, session.sessionId, 'signed-out'),
    ],
  ];
  for (const [reason, person, actor, deed] of ends) {
    if (person === userId && reason === 'user-deleted') await saveUser(store, SYSTEM, userId, input);
    if (reason === 'provider-deleted') await saveProvider(store, SYSTEM, providerId, provider);
    const session = await signedIn(store, person);
    await deed(session);
    const events = await store.db
      .selectFrom('audit_events')
      .selectAll()
      .where('action', '=', 'session-ended')
      .where('object_id', '=', session.sessionId)
      .execute();
    assert.deepEqual(
      events.map((event) => [event.reason, event.actor_user_id, event.object_name]),
      [[reason, actor, session.email]],
      reason,
    );
  }
});

test('C10: signing out everywhere ends every session but the one to keep', async (t) => {
  const { store } = await temporaryStore(t);
  const ada = await someone(store, 'member');
  const others = [await signedIn(store, ada.userId), await signedIn(store, ada.userId)];
  const kept = await endSessionsOfUser(store, ada, ada.userId, { reason: 'signed-out', keep: ada.sessionId });
  assert.deepEqual(kept, { kind: 'saved', ended: 2 });
  assert.ok(await loadSession(store, ada.sessionId));
  for (const { sessionId } of others) assert.equal(await loadSession(store, sessionId), null);
});

test('C11: the absolute limit is fixed at sign-in, and last-seen never goes back', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const { userId } = await someone(store, 'member');
  const lengths = [
    ['standard', 24],
    ['my-device', 7 * 24],
    ['shared', 4],
  ] as const;
  for (const [kind, hours] of lengths) {
    const session = await newSession(store, { userId, kind, address: null, userAgent: null });
    assert.ok(session);
    const startedAt = clock.now;
    assert.equal(session.expiresAt, startedAt + hours * HOUR_MS);
    const { revision } = (await loadSession(store, session.id)) ?? {};
    for (let hour = 1; hour <= hours; hour++) {
      await touchSessions(store, [{ id: session.id, at: startedAt + hour * HOUR_MS }]);
      await touchSessions(store, [{ id: session.id, at: startedAt }]);
    }
    const loaded = await loadSession(store, session.id);
    assert.equal(loaded?.session.lastSeenAt, startedAt + hours * HOUR_MS);
    assert.equal(loaded.session.expiresAt, session.expiresAt);
    assert.equal(sessionEnd(loaded.session, startedAt + hours * HOUR_MS), 'session-expired');
    assert.equal(loaded.revision, revision, 'being seen raises nothing');
  }
});

test('many sessions are seen in one call, each at its own time or up to five seconds before it, and nobody else', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const { userId } = await someone(store, 'member');
  const ids: string[] = [];
  for (let at = 0; at < 300; at++) ids.push((await signedIn(store, userId)).sessionId);
  const startedAt = clock.now;
  const seen = ids.slice(0, -1);
  await touchSessions(
    store,
    seen.map((id, at) => ({ id, at: startedAt + at * 100 })),
  );
  await touchSessions(store, []);
  const lastSeen = await Promise.all(ids.map(async (id) => (await loadSession(store, id))?.session.lastSeenAt));
  assert.deepEqual(lastSeen, [...seen.map((_, at) => startedAt + Math.floor(at / 50) * 5_000), startedAt]);
});

test('Z1: a session that was seen to be over stays over when the clock is set back, and everybody hears of it', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const { userId } = await someone(store, 'member');
  for (const [afterMs, reason] of [
    [24 * HOUR_MS, 'session-expired'],
    [8 * HOUR_MS, 'session-idle'],
  ] as const) {
    const { sessionId } = await signedIn(store, userId);
    const startedAt = clock.now;
    clock.now += afterMs;
    if (reason === 'session-expired') await touchSessions(store, [{ id: sessionId, at: clock.now - 1 }]);
    const changes = await raisedBy(store, async () => {
      const seen = await loadSession(store, sessionId);
      assert.equal(seen && sessionEnd(seen.session, clock.now), reason);
    });
    assert.deepEqual(changes, [{ kind: 'session', id: sessionId }]);
    clock.now = startedAt;
    assert.equal(await loadSession(store, sessionId), null);
  }
});

test('A7: a session carries the person as of now, with the revision that was read before', async (t) => {
  const { store } = await temporaryStore(t);
  const ada = await someone(store, 'member', { email: 'ada@corp.example' });
  const before = await loadSession(store, ada.sessionId);
  await saveUser(store, SYSTEM, ada.userId, { email: 'countess@corp.example', name: 'Ada', role: 'member' });
  const after = await loadSession(store, ada.sessionId);
  assert.equal(after?.session.identity.email, 'countess@corp.example');
  assert.ok(before && after.revision > before.revision);
});

test('B5: a person whose role makes no sense has no session, and others keep theirs', async (t) => {
  const { store } = await temporaryStore(t, { onProblem: () => {} });
  const [ada, grace] = [await someone(store, 'member'), await someone(store, 'member')];
  await store.db.updateTable('users').set({ role: 'Admin ' }).where('id', '=', ada.userId).execute();
  const { sessions } = await loadSessions(store, [ada.sessionId, grace.sessionId, 'nonsense', newId(1)]);
  assert.deepEqual([...sessions.keys()], [grace.sessionId]);
});

test('B5: a session whose row makes no sense is none, an alarm says so, and others live on', async (t) => {
  const problems: string[] = [];
  const { store } = await temporaryStore(t, { onProblem: ({ message }) => problems.push(message) });
  const [ada, bob] = [await someone(store, 'member'), await someone(store, 'member')];
  for (const column of ['created_at', 'expires_at', 'idle_timeout_ms', 'last_seen_at'] as const) {
    for (const damage of ['x', '', 1.5, 2 ** 60]) {
      const { sessionId } = await signedIn(store, ada.userId);
      const change = { [column]: damage } as unknown as { expires_at: number };
      await store.db.updateTable('sessions').set(change).where('id', '=', sessionId).execute();
      assert.equal(await loadSession(store, sessionId), null, `${column} ${damage}`);
      assert.match(problems.at(-1) ?? '', new RegExp(`The session ${sessionId}, .+ is damaged`));
    }
  }
  assert.ok(await loadSession(store, bob.sessionId));
  await store.db
    .updateTable('users')
    .set({ disabled: 7 as 1 })
    .where('id', '=', bob.userId)
    .execute();
  assert.equal((await loadSession(store, bob.sessionId))?.session.identity.disabled, true);
});

test('C10: signing out of one app is remembered by the session and raised', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const ada = await someone(store, 'member');
  const appId = newId(clock.now);
  const changes = await raisedBy(store, async () => {
    await signOutOfApp(store, ada.sessionId, appId);
    clock.now += 1000;
    await signOutOfApp(store, ada.sessionId, appId);
    await signOutOfApp(store, newId(clock.now), appId);
  });
  assert.equal(changes.length, 2);
  const loaded = await loadSession(store, ada.sessionId);
  assert.deepEqual([...(loaded?.session.appSignOuts ?? [])], [[appId, clock.now]]);
});

test('C18: expired sessions are swept away by new ones, and lists show only living ones', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const admin = await someone(store, 'admin');
  for (let at = 0; at < 5; at++) await signedIn(store, admin.userId);
  clock.now += 25 * HOUR_MS;
  const back = await signedIn(store, admin.userId);
  assert.equal((await store.db.selectFrom('sessions').selectAll().execute()).length, 1);
  const listed = await listSessions(store, back, null);
  assert.deepEqual(listed.kind === 'listed' && listed.rows.map(({ id }) => id), [back.sessionId]);
  assert.equal((await listSessions(store, admin, null)).kind, 'forbidden');
});

/** What the revision was raised for meanwhile. */
async function raisedBy({ db }: Store, work: () => Promise<void>): Promise<Omit<Change, 'revision'>[]> {
  const { value } = await db.selectFrom('revision').select('value').executeTakeFirstOrThrow();
  await work();
  const rows = await db.selectFrom('changes').selectAll().where('revision', '>', value).orderBy('revision').execute();
  return rows.map(({ kind, subject_id: id }) => ({ kind, id }));
}
