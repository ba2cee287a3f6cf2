// The promises about API tokens: shown once, never more than their owner is now, over when they are over, and named in the audit.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { TOKEN_SECRET_BYTES, writeToken } from '#server/core/api-token.ts';
import type { Role } from '#server/core/identity.ts';
import type { Scope } from '#server/core/scope.ts';
import { SCOPES, scopesOf } from '#server/core/scope.ts';
import { changePassword } from './accounts.ts';
import { acceptToken, createToken, listTokens, revokeToken, tokenActor } from './api-tokens.ts';
import { deleteApp, getApp, listApps, saveApp } from './apps.ts';
import { listAudit } from './audit.ts';
import { erasePerson } from './erasure.ts';
import type { Store } from './handle.ts';
import { saveProvider } from './providers.ts';
import type { PersonActor, TokenActor } from './saved.ts';
import { endSession, endSessionsOfUser, listSessions } from './sessions.ts';
import { consumeAdminLink, consumePasswordLink, createAdminLink, createPasswordLink } from './setup-links.ts';
import {
  appInputFor,
  newSession,
  PASSWORD,
  SYSTEM,
  saved,
  signedIn,
  someApp,
  someone,
  someSite,
  temporaryStore,
} from './testing/temporary-store.ts';
import { countBadToken } from './throttle.ts';
import { restoreApp, undo } from './undo.ts';
import { deleteUser, saveUser } from './users.ts';

const FACTS = { address: '192.0.2.9', supportId: null };
const DAY_MS = 24 * 60 * 60_000;

async function tokenOf(store: Store, owner: PersonActor, scopes: readonly Scope[], days = 90) {
  return saved(await createToken(store, owner, { name: 'ci', scopes, days }));
}

/** The actor of a token, as the API makes it from what a program showed. */
async function acting(store: Store, token: string): Promise<TokenActor | null> {
  const id = await acceptToken(store, token, FACTS.address);
  return id === null ? null : ((await tokenActor(store, id, FACTS))?.actor ?? null);
}

const person = (store: Store, role: Role) => someone(store, role, { password: PASSWORD });

async function mustAct(store: Store, owner: PersonActor, scopes: readonly Scope[]): Promise<TokenActor> {
  return (await acting(store, (await tokenOf(store, owner, scopes)).token)) ?? assert.fail('The token is dead.');
}

test('a token is known by its hash alone: the store, its lists and the audit hold nothing that opens anything', async (t) => {
  const { store } = await temporaryStore(t);
  const admin = await person(store, 'admin');
  const { token } = await tokenOf(store, admin, ['apps:read']);
  const secret = token.slice('foyer_'.length, -6);
  const tables = [
    await store.db.selectFrom('api_tokens').selectAll().execute(),
    await store.db.selectFrom('audit_events').selectAll().execute(),
    await listTokens(store, admin),
  ];
  assert.ok(!JSON.stringify(tables).includes(secret));
  assert.match(JSON.stringify(tables[2]), new RegExp(`"hint":"${token.slice(-4)}"`));
});

test('M4: nobody gives a token what they may not do themselves, and members give none', async (t) => {
  const { store } = await temporaryStore(t);
  for (const role of ['admin', 'auditor', 'app-owner'] as const) {
    const owner = await person(store, role);
    for (const scope of SCOPES) {
      const made = await createToken(store, owner, { name: 'x', scopes: [scope] });
      assert.equal(made.kind, scopesOf(role).includes(scope) ? 'saved' : 'invalid', `${role} ${scope}`);
    }
  }
  const member = await person(store, 'member');
  assert.equal((await createToken(store, member, { name: 'x', scopes: ['apps:read'] })).kind, 'forbidden');
});

test('a token says for how long, a year at most and ninety days by itself', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const admin = await person(store, 'admin');
  const made = saved(await createToken(store, admin, { name: 'x', scopes: ['apps:read'] }));
  assert.equal(made.expiresAt, clock.now + 90 * DAY_MS);
  for (const days of [0, -1, 366, 1.5, '90', null, Number.POSITIVE_INFINITY]) {
    const refused = await createToken(store, admin, { name: 'x', scopes: ['apps:read'], days });
    assert.deepEqual(refused.kind === 'invalid' && Object.keys(refused.errors), ['days'], String(days));
  }
  const empty = await createToken(store, admin, { name: 'x', scopes: [] });
  assert.match(JSON.stringify(empty), /could do nothing/);
});

test('M4: what a token may is what its scopes and its owner’s role of this moment have in common', async (t) => {
  const { store } = await temporaryStore(t);
  await person(store, 'admin');
  const owner = await person(store, 'admin');
  const actor = await mustAct(store, owner, ['apps:read', 'audit:read']);
  assert.equal((await listApps(store, actor)).kind, 'listed');
  assert.equal((await listSessions(store, actor, null)).kind, 'forbidden');
  assert.equal((await listSessions(store, actor, owner.userId)).kind, 'forbidden', 'nor its owner’s own sessions');
  assert.equal((await endSession(store, actor, owner.sessionId, 'ended-by-admin')).kind, 'forbidden');
  const site = await someSite(store);
  assert.equal((await saveApp(store, actor, null, appInputFor(site))).kind, 'forbidden');
  const role = (name: Role) => saveUser(store, SYSTEM, owner.userId, { email: owner.email, name: 'O', role: name });
  saved(await role('app-owner'));
  assert.equal(
    (await listAudit(store, actor)).kind,
    'forbidden',
    'an app owner reads no audit, whatever the token says',
  );
  assert.equal((await listApps(store, actor)).kind, 'listed');
  saved(await role('member'));
  assert.equal((await listApps(store, actor)).kind, 'forbidden');
  const forged: TokenActor = { ...actor, role: 'admin', scopes: SCOPES };
  assert.equal((await listApps(store, forged)).kind, 'forbidden', 'the rows decide, not what the actor says of itself');
});

test('M2: an app owner’s token finds their own apps and no others', async (t) => {
  const { store } = await temporaryStore(t);
  const owner = await person(store, 'app-owner');
  const site = await someSite(store);
  const mine = await someApp(store, site, { ownerUserId: owner.userId });
  const other = await someApp(store, site, { name: 'Payroll', hosts: ['pay.corp.example'] });
  const actor = await mustAct(store, owner, ['apps:read', 'apps:write']);
  assert.equal((await getApp(store, actor, mine)).kind, 'found');
  assert.equal((await getApp(store, actor, other)).kind, 'not-found');
  assert.equal((await saveApp(store, actor, other, appInputFor(site))).kind, 'not-found');
});

test('a token is dead once it has expired, is revoked, or its owner is disabled, deleted or locked out', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const admin = await person(store, 'admin');
  const dead: [string, (owner: PersonActor, id: string) => Promise<unknown>][] = [
    ['revoked', (owner, id) => revokeToken(store, owner, id)],
    [
      'disabled',
      (owner) => saveUser(store, admin, owner.userId, { email: owner.email, name: 'O', role: 'admin', disabled: true }),
    ],
    ['deleted', (owner) => deleteUser(store, admin, owner.userId)],
  ];
  for (const [why, end] of dead) {
    const owner = await person(store, 'admin');
    const { id, token } = await tokenOf(store, owner, ['apps:read']);
    const actor = (await acting(store, token)) ?? assert.fail();
    saved((await end(owner, id)) as Awaited<ReturnType<typeof revokeToken>>);
    assert.equal(await acting(store, token), null, why);
    assert.equal((await listApps(store, actor)).kind, 'forbidden', `${why}: nor does a request under way`);
  }
  const { token } = await tokenOf(store, admin, ['apps:read'], 1);
  clock.now += DAY_MS - 1;
  assert.ok(await acting(store, token));
  clock.now += 1;
  assert.equal(await acting(store, token), null, 'expired');
  clock.now -= DAY_MS;
  assert.equal(await acting(store, token), null, 'Z1: a clock that is set back does not revive it');
});

test('a token of a provider’s person is dead while the provider is switched off', async (t) => {
  const { store } = await temporaryStore(t);
  const admin = await person(store, 'admin');
  const input = { name: 'Login', issuer: 'https://login.example', clientId: 'x', clientSecret: 'y' };
  const providerId = saved(await saveProvider(store, SYSTEM, null, input)).id;
  const { id } = saved(
    await saveUser(store, SYSTEM, null, { email: 'ida@corp.example', name: 'Ida', role: 'admin', providerId }),
  );
  await store.db.updateTable('users').set({ subject: 'ida' }).where('id', '=', id).execute();
  const { token } = await tokenOf(store, await signedIn(store, id), ['apps:read']);
  assert.ok(await acting(store, token));
  saved(await saveProvider(store, admin, providerId, { ...input, enabled: false }));
  assert.equal(await acting(store, token), null);
});

test('its use is noted at most once a minute, with the address', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const admin = await person(store, 'admin');
  const { token } = await tokenOf(store, admin, ['apps:read']);
  const used = async () => {
    const { rows } = await listTokens(store, admin).then((list) => (list.kind === 'listed' ? list : assert.fail()));
    return rows[0] && [rows[0].lastUsedAt, rows[0].lastUsedAddress];
  };
  assert.deepEqual(await used(), [null, null]);
  const first = clock.now;
  await acceptToken(store, token, '192.0.2.1');
  clock.now += 60_000;
  await acceptToken(store, token, '192.0.2.2');
  assert.deepEqual(await used(), [first, '192.0.2.1']);
  clock.now += 1;
  await acceptToken(store, token, '192.0.2.2');
  assert.deepEqual(await used(), [clock.now, '192.0.2.2']);
});

test('everybody sees and revokes their own; an auditor sees all, an administrator revokes all', async (t) => {
  const { store } = await temporaryStore(t);
  const admin = await person(store, 'admin');
  const auditor = await person(store, 'auditor');
  const owner = await person(store, 'app-owner');
  const ofAdmin = await tokenOf(store, admin, ['apps:read']);
  const ofOwner = await tokenOf(store, owner, ['apps:read']);
  const seen = async (actor: PersonActor) => {
    const list = await listTokens(store, actor);
    return list.kind === 'listed' ? list.rows.map(({ id }) => id).sort() : list.kind;
  };
  const all = [ofAdmin.id, ofOwner.id].sort();
  assert.deepEqual(await seen(admin), all);
  assert.deepEqual(await seen(auditor), all);
  assert.deepEqual(await seen(owner), [ofOwner.id]);
  assert.deepEqual(await seen(await person(store, 'member')), 'forbidden');
  assert.equal((await revokeToken(store, auditor, ofOwner.id)).kind, 'not-found');
  assert.equal((await revokeToken(store, owner, ofAdmin.id)).kind, 'not-found');
  assert.equal((await revokeToken(store, admin, ofOwner.id)).kind, 'saved');
  assert.equal((await revokeToken(store, admin, ofOwner.id)).kind, 'not-found');
});

test('the audit says who made and revoked a token, and which token wrote', async (t) => {
  const { store } = await temporaryStore(t);
  const admin = await person(store, 'admin');
  const { id, token } = await tokenOf(store, admin, ['sites:write', 'apps:write', 'apps:place']);
  const actor = (await acting(store, token)) ?? assert.fail();
  const siteId = await someSite(store);
  saved(await saveApp(store, actor, null, appInputFor(siteId)));
  assert.equal((await deleteUser(store, actor, admin.userId)).kind, 'forbidden');
  saved(await revokeToken(store, admin, id));
  const audit = await listAudit(store, admin);
  const lines = audit.kind === 'listed' ? audit.rows : assert.fail();
  const line = (action: string) => lines.find((event) => event.action === action) ?? assert.fail(action);
  assert.deepEqual(line('token-made').object, { kind: 'token', id, name: 'ci' });
  for (const action of ['app-saved', 'change-refused']) {
    const { actor: who, detail, address } = line(action);
    assert.deepEqual(
      [who?.userId, detail.token, detail.tokenId, address],
      [admin.userId, 'ci', id, FACTS.address],
      action,
    );
  }
  assert.equal(line('token-revoked').detail.tokenId, undefined);
});

test('M4: a token that writes people makes nobody more than itself, and takes over nobody who is', async (t) => {
  const { store } = await temporaryStore(t);
  const admin = await person(store, 'admin');
  const auditor = await person(store, 'auditor');
  const member = await person(store, 'member');
  const actor = await mustAct(store, admin, ['people:read', 'people:write']);
  const fresh = (role: Role) => ({ email: `new-${role}@corp.example`, name: 'New', role, password: PASSWORD });
  const outcomes = {
    admin: await saveUser(store, actor, null, fresh('admin')),
    auditor: await saveUser(store, actor, null, fresh('auditor')),
    promoted: await saveUser(store, actor, member.userId, { email: member.email, name: 'M', role: 'admin' }),
    password: await saveUser(store, actor, auditor.userId, {
      email: auditor.email,
      name: 'A',
      role: 'auditor',
      password: PASSWORD,
    }),
    demoted: await saveUser(store, actor, auditor.userId, {
      email: auditor.email,
      name: 'A',
      role: 'member',
      password: PASSWORD,
    }),
    link: await createPasswordLink(store, actor, admin.userId),
    deleted: await deleteUser(store, actor, auditor.userId),
    erased: await erasePerson(store, actor, auditor.userId, auditor.email),
  };
  for (const [what, { kind }] of Object.entries(outcomes)) assert.equal(kind, 'forbidden', what);
  assert.equal((await saveUser(store, actor, null, fresh('member'))).kind, 'saved');
  assert.equal((await createPasswordLink(store, actor, member.userId)).kind, 'saved');
  assert.equal((await erasePerson(store, actor, member.userId, member.email)).kind, 'saved');
  const whole = await mustAct(store, admin, SCOPES);
  assert.equal((await deleteUser(store, whole, auditor.userId)).kind, 'saved');
  assert.equal((await saveUser(store, whole, null, fresh('admin'))).kind, 'saved');
});

test('M4, F1: a token without apps:place puts no app anywhere: no new one, none moved, none deleted and made again', async (t) => {
  const { store } = await temporaryStore(t);
  const admin = await person(store, 'admin');
  const site = await someSite(store);
  const id = await someApp(store, site);
  const actor = await mustAct(store, admin, ['apps:read', 'apps:write']);
  const inside = { upstream: { scheme: 'http', host: '10.0.0.1', port: 22 } };
  const other = appInputFor(site, { hosts: ['b.corp.example'], ...inside });
  const refused = async (outcome: ReturnType<typeof saveApp>, what: string) => {
    const { kind, ...said } = await outcome;
    assert.equal(kind, 'forbidden', what);
    assert.match(JSON.stringify(said), /for an administrator of Foyer to change/, what);
  };
  await refused(saveApp(store, actor, null, other), 'created');
  await refused(saveApp(store, actor, id, appInputFor(site, inside)), 'moved');
  saved(await saveApp(store, actor, id, appInputFor(site, { description: 'New' })));
  const { undoId } = saved(await deleteApp(store, actor, id));
  await refused(saveApp(store, actor, null, appInputFor(site)), 'created again, at the same place');
  await refused(saveApp(store, actor, null, appInputFor(site, inside)), 'created again elsewhere');
  for (const back of [await undo(store, actor, undoId), await restoreApp(store, actor, undoId, id)])
    assert.equal(back.kind, 'forbidden', 'brought back');
  assert.equal((await store.db.selectFrom('apps').select('id').execute()).length, 0);
  const placing = await mustAct(store, admin, ['apps:write', 'apps:place']);
  assert.equal(saved(await undo(store, placing, undoId)).done, 1);
  saved(await saveApp(store, placing, null, other));
});

test('C10: another password and signing out everywhere revoke every token of the person, and nobody else’s', async (t) => {
  const { store } = await temporaryStore(t);
  const admin = await person(store, 'admin');
  const { token: ofAdmin } = await tokenOf(store, admin, ['apps:read']);
  const next = 'some other words';
  const everywhere = { reason: 'signed-out-everywhere' } as const;
  const input = ({ email }: PersonActor) => ({ email, name: 'O', role: 'auditor' });
  const link = async ({ userId }: PersonActor) => saved(await createPasswordLink(store, SYSTEM, userId)).token;
  const deeds: [string, string, (owner: PersonActor) => Promise<{ kind: string }>][] = [
    ['their own change', 'password-changed', (owner) => changePassword(store, owner, { current: PASSWORD, next })],
    ['a link', 'password-changed', async (owner) => consumePasswordLink(store, await link(owner), { password: next })],
    [
      'an administrator’s',
      'password-changed',
      (owner) => saveUser(store, admin, owner.userId, { ...input(owner), password: next }),
    ],
    [
      'an admin link',
      'admin-restored',
      async ({ email }) => consumeAdminLink(store, await createAdminLink(store), { email, name: 'O', password: next }),
    ],
    ['out everywhere', everywhere.reason, (owner) => endSessionsOfUser(store, owner, owner.userId, everywhere)],
    [
      'out everywhere else',
      everywhere.reason,
      (owner) => endSessionsOfUser(store, owner, owner.userId, { ...everywhere, keep: owner.sessionId }),
    ],
    [
      'an administrator ends all',
      'ended-by-admin',
      ({ userId }) => endSessionsOfUser(store, admin, userId, { reason: 'ended-by-admin' }),
    ],
  ];
  for (const [what, reason, deed] of deeds) {
    const owner = await person(store, 'auditor');
    const { id, token } = await tokenOf(store, owner, ['apps:read']);
    saved(await saveUser(store, admin, owner.userId, { ...input(owner), name: 'Another name' }));
    const one = await signedIn(store, owner.userId);
    saved(await endSession(store, one, one.sessionId, 'signed-out'));
    assert.ok(await acting(store, token), `${what}: another name, or leaving one browser, revokes none`);
    assert.equal((await deed(owner)).kind, 'saved', what);
    assert.equal(await acting(store, token), null, what);
    const told = await listAudit(store, SYSTEM, { filters: { objectId: id, action: 'token-revoked' } });
    assert.deepEqual(told.kind === 'listed' && told.rows.map((event) => event.reason), [reason], what);
  }
  assert.ok(await acting(store, ofAdmin));
});

test('C10: no token is made in a session at a shared computer', async (t) => {
  const { store } = await temporaryStore(t);
  const admin = await person(store, 'admin');
  const begun = { userId: admin.userId, kind: 'shared', address: null, userAgent: null } as const;
  const shared = (await newSession(store, begun)) ?? assert.fail();
  const refused = await createToken(store, { ...admin, sessionId: shared.id }, { name: 'x', scopes: ['apps:read'] });
  assert.match(refused.kind === 'forbidden' ? refused.sentence : refused.kind, /others use this computer/);
  assert.deepEqual(await store.db.selectFrom('api_tokens').select('id').execute(), []);
});

test('C18: tokens that are made up cost the store no write, nor does an address that has to wait', async (t) => {
  const { store, clock, dataDir } = await temporaryStore(t);
  const admin = await person(store, 'admin');
  const { token } = await tokenOf(store, admin, ['apps:read'], 1);
  const { address } = FACTS;
  const guess = async () => countBadToken(store, address);
  const firsts: boolean[] = [];
  for (let at = 0; at < 20; at++) assert.equal((await guess()).kind, 'counted');
  for (const { kind, ...wait } of await Promise.all([guess(), guess(), guess()])) {
    assert.equal(kind, 'throttled');
    firsts.push('isFirst' in wait && wait.isFirst);
  }
  assert.deepEqual(firsts.sort(), [false, false, true], 'one of several at once is told as the first');
  const writer = new DatabaseSync(join(dataDir, 'foyer.db'));
  t.after(() => writer.close());
  writer.exec('begin immediate');
  // Whatever wants to write now fails.
  assert.equal(await acceptToken(store, writeToken(randomBytes(TOKEN_SECRET_BYTES)), address), null);
  assert.partialDeepStrictEqual(await guess(), { kind: 'throttled', isFirst: false });
  writer.exec('rollback');
  clock.now += DAY_MS;
  assert.equal(await acceptToken(store, token, address), null);
  const { ended_at } = await store.db.selectFrom('api_tokens').select('ended_at').executeTakeFirstOrThrow();
  assert.equal(ended_at, clock.now, 'one that has expired is over for good');
});

test('M2: no token from outside makes anything throw', async (t) => {
  const { store } = await temporaryStore(t);
  const admin = await person(store, 'admin');
  for (const input of [
    null,
    [],
    'x',
    { name: 'x' },
    { name: 'x', scopes: 'apps:read' },
    { name: 'x', scopes: ['root'] },
    { name: 'x', scopes: ['apps:read'], id: 'x' },
  ]) {
    assert.equal((await createToken(store, admin, input)).kind, 'invalid', JSON.stringify(input));
  }
  for (const text of ['', 'foyer_', '\0', "' or 1=1 --", 'x'.repeat(100_000)]) {
    assert.equal(await acceptToken(store, text, null), null);
    assert.equal(await tokenActor(store, text, FACTS), null);
    assert.equal((await revokeToken(store, admin, text)).kind, 'not-found');
  }
});

test('fifty tokens are enough for one person, and old ones make room', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const admin = await person(store, 'admin');
  for (let at = 0; at < 50; at++) await tokenOf(store, admin, ['apps:read'], 1);
  assert.equal((await createToken(store, admin, { name: 'x', scopes: ['apps:read'] })).kind, 'conflict');
  clock.now += 32 * DAY_MS;
  await tokenOf(store, await signedIn(store, admin.userId), ['apps:read']);
  assert.equal((await store.db.selectFrom('api_tokens').select('id').execute()).length, 1);
});
