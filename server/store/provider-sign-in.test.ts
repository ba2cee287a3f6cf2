// The promises of sign-in by a provider: issuer and subject decide, and only listed people and verified domains enter.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { signInWithProvider } from './accounts.ts';
import { listGroups, saveGroup, setMembers } from './groups.ts';
import { deleteProvider, getProvider, providerWithSecret, saveProvider, signInProviders } from './providers.ts';
import { loadSession } from './sessions.ts';
import { anotherStore, PASSWORD, SYSTEM, saved, signedIn, someone, temporaryStore } from './testing/temporary-store.ts';
import { getUser, saveUser } from './users.ts';

const issuer = 'https://login.corp.example';
const provider = {
  name: 'Corp login',
  issuer,
  clientId: 'foyer',
  clientSecret: 'a secret of the provider',
  groupsClaim: 'groups',
  allowedEmailDomains: ['corp.example'],
};
const grace = { iss: issuer, sub: 'g-1', email: 'grace@corp.example', email_verified: true, name: 'Grace' };

test('C17: only claims that say who it is, verified and listed, enter', async (t) => {
  const { store, providerId } = await withProvider(t);
  const table: [string, unknown, string][] = [
    ['nothing', null, 'claims-invalid'],
    ['a list', [grace], 'claims-invalid'],
    ['no subject', { ...grace, sub: undefined }, 'claims-invalid'],
    ['an empty subject', { ...grace, sub: '' }, 'claims-invalid'],
    ['a number as subject', { ...grace, sub: 1 }, 'claims-invalid'],
    ['another issuer', { ...grace, iss: `${issuer}/` }, 'issuer-mismatch'],
    ['no e-mail', { ...grace, email: undefined }, 'email-invalid'],
    ['two @', { ...grace, email: 'evil@x.example@corp.example' }, 'email-invalid'],
    ['a list of e-mails', { ...grace, email: 'a@corp.example,b@evil.example' }, 'email-invalid'],
    ['a quoted local part', { ...grace, email: '"a@evil.example"@corp.example' }, 'email-invalid'],
    ['a Cyrillic letter', { ...grace, email: 'grаce@corp.example' }, 'email-invalid'],
    ['a full-width @ twice', { ...grace, email: 'a＠evil.example@corp.example' }, 'email-invalid'],
    ['an unverified e-mail', { ...grace, email_verified: false }, 'email-unverified'],
    ['a verification that is missing', { ...grace, email_verified: undefined }, 'email-unverified'],
    ['a verification that is text', { ...grace, email_verified: 'true' }, 'email-unverified'],
    ['another domain', { ...grace, email: 'grace@evil.example' }, 'not-listed'],
    ['a domain that ends alike', { ...grace, email: 'grace@evilcorp.example' }, 'not-listed'],
    ['a domain below', { ...grace, email: 'grace@sub.corp.example' }, 'not-listed'],
    ['a domain that begins alike', { ...grace, email: 'grace@corp.example.evil.example' }, 'not-listed'],
  ];
  for (const [what, claims, reason] of table) {
    assert.deepEqual(await signInWithProvider(store, providerId, claims), { kind: 'refused', reason }, what);
  }
  for (const id of ['', 'x', '01a1f944-d5f1-7000-bf90-fdb595bd3bad']) {
    assert.deepEqual(await signInWithProvider(store, id, grace), { kind: 'refused', reason: 'provider-unknown' });
  }
  assert.equal((await store.db.selectFrom('users').selectAll().execute()).length, 0);
  assert.equal((await signInWithProvider(store, providerId, grace)).kind, 'ok');
});

test('C17: the person is issuer and subject: another e-mail is the same one, the same e-mail is not', async (t) => {
  const { store, providerId } = await withProvider(t);
  await someone(store, 'admin', { email: grace.email, password: PASSWORD });
  const first = await signInWithProvider(store, providerId, grace);
  assert.ok(first.kind === 'ok');
  const renamed = { ...grace, email: 'hopper@corp.example', name: 'Grace Hopper' };
  assert.deepEqual(await signInWithProvider(store, providerId, renamed), first);
  const found = await getUser(store, SYSTEM, first.userId);
  assert.deepEqual(found.kind === 'found' && [found.email, found.role], ['hopper@corp.example', 'member']);
  const unverified = { ...grace, email: 'root@corp.example', email_verified: false };
  assert.deepEqual(await signInWithProvider(store, providerId, unverified), first);
  const same = await getUser(store, SYSTEM, first.userId);
  assert.equal(same.kind === 'found' && same.email, 'hopper@corp.example', 'an unverified e-mail is no label');
  const other = await signInWithProvider(store, providerId, { ...grace, sub: 'g-2' });
  assert.ok(other.kind === 'ok' && other.userId !== first.userId);
});

test('C17: a known person takes no e-mail that their provider does not speak for, or that somebody has', async (t) => {
  const { store, providerId } = await withProvider(t, { allowedEmailDomains: ['corp.example'] });
  await someone(store, 'admin', { email: 'ceo@corp.example', password: PASSWORD });
  const invitation = { email: 'grace@guest.example', name: 'Grace', providerId };
  const { id } = saved(await saveUser(store, SYSTEM, null, invitation));
  const emailAfter = async (claims: Record<string, unknown>) => {
    const origin = { address: '192.0.2.7', supportId: 'support' };
    const outcome = await signInWithProvider(store, providerId, { ...grace, ...claims }, origin);
    assert.deepEqual(outcome.kind === 'ok' && outcome.userId, id);
    const found = await getUser(store, SYSTEM, id);
    return found.kind === 'found' && found.email;
  };
  assert.equal(await emailAfter({ email: 'grace@guest.example' }), 'grace@guest.example');
  assert.equal(await emailAfter({ email: 'CEO@corp.example' }), 'grace@guest.example');
  assert.equal(await emailAfter({ email: 'ceo@other.example', name: 'Grace H.' }), 'grace@guest.example');
  assert.equal(await emailAfter({ email: 'hopper@corp.example', email_verified: 'true' }), 'grace@guest.example');
  assert.equal(await emailAfter({ email: 'hopper@corp.example' }), 'hopper@corp.example');
  assert.equal(await emailAfter({ email: 'Grace@guest.example' }), 'Grace@guest.example', 'the invited one, again');
  const events = await store.db.selectFrom('audit_events').selectAll().where('action', '=', 'email-kept').execute();
  assert.deepEqual(
    events.map((event) => [event.actor_user_id, event.reason, event.address, event.support_id, event.detail]),
    [
      [id, 'email-taken', '192.0.2.7', 'support', '{"claimed":"CEO@corp.example"}'],
      [id, 'domain-not-listed', '192.0.2.7', 'support', '{"claimed":"ceo@other.example"}'],
      [id, 'email-unverified', '192.0.2.7', 'support', '{"claimed":"hopper@corp.example"}'],
    ],
  );
});

test('C17: no group of a provider passes for a local one or for another provider’s', async (t) => {
  const { store, providerId } = await withProvider(t);
  saved(await saveGroup(store, SYSTEM, null, { name: 'admins' }));
  const outcome = await signInWithProvider(store, providerId, { ...grace, groups: ['admins', 'Other:admins'] });
  assert.ok(outcome.kind === 'ok');
  const { sessionId } = await signedIn(store, outcome.userId);
  const names = async () => (await loadSession(store, sessionId))?.session.identity.groupNames;
  assert.deepEqual(await names(), ['Corp login:admins', 'Corp login:Other:admins']);
  const revision = await store.db.selectFrom('revision').select('value').executeTakeFirstOrThrow();
  saved(await saveProvider(store, SYSTEM, providerId, { ...provider, name: 'Renamed' }));
  assert.deepEqual(await names(), ['Renamed:admins', 'Renamed:Other:admins']);
  const raised = await store.db.selectFrom('changes').select('kind').where('revision', '>', revision.value).execute();
  assert.deepEqual(raised, [{ kind: 'people' }]);
  for (const name of ['Renamed:admins', 'a：b']) {
    const group = await saveGroup(store, SYSTEM, null, { name });
    assert.match(group.kind === 'invalid' ? (group.errors.name ?? '') : '', /without one/);
    const named = await saveProvider(store, SYSTEM, providerId, { ...provider, name });
    assert.match(named.kind === 'invalid' ? (named.errors.name ?? '') : '', /without one/);
  }
  const twin = { ...provider, name: 'RENAMED', issuer: 'https://login.other.example' };
  const namesake = await saveProvider(store, SYSTEM, null, twin);
  assert.ok(namesake.kind === 'invalid' && namesake.errors.name);
});

test('C17: an invitation is linked once, by a verified e-mail, and the role of it is kept', async (t) => {
  const { store, providerId } = await withProvider(t, { allowedEmailDomains: [] });
  const invitation = { email: grace.email, name: 'Grace', role: 'auditor', providerId };
  const { id } = saved(await saveUser(store, SYSTEM, null, invitation));
  assert.equal((await signInWithProvider(store, providerId, { ...grace, email_verified: false })).kind, 'refused');
  assert.deepEqual(await signInWithProvider(store, providerId, grace), { kind: 'ok', userId: id });
  const twin = await signInWithProvider(store, providerId, { ...grace, sub: 'g-2' });
  assert.deepEqual(twin, { kind: 'refused', reason: 'not-listed' });
  const found = await getUser(store, SYSTEM, id);
  assert.equal(found.kind === 'found' && found.role, 'auditor');
  saved(await saveUser(store, SYSTEM, id, { ...invitation, disabled: true }));
  assert.deepEqual(await signInWithProvider(store, providerId, grace), { kind: 'refused', reason: 'user-disabled' });
});

test('M6: a provider’s person who is refused is audited by name where there is one, else with what was claimed', async (t) => {
  const { store, providerId } = await withProvider(t);
  const first = await signInWithProvider(store, providerId, grace);
  assert.ok(first.kind === 'ok');
  saved(await saveUser(store, SYSTEM, first.userId, { email: grace.email, name: 'Grace', disabled: true }));
  const origin = { address: '192.0.2.7', supportId: 'support' };
  await signInWithProvider(store, providerId, grace, origin);
  await signInWithProvider(store, providerId, { ...grace, sub: 'g-2', email: 'eve@evil.example' }, origin);
  const events = await store.db
    .selectFrom('audit_events')
    .selectAll()
    .where('action', '=', 'sign-in-refused')
    .execute();
  assert.deepEqual(
    events.map((event) => [event.actor_user_id, event.object_id, event.reason, event.support_id, event.detail]),
    [
      [first.userId, first.userId, 'user-disabled', 'support', '{"claimed":"grace@corp.example"}'],
      [null, providerId, 'not-listed', 'support', '{"claimed":"eve@evil.example"}'],
    ],
  );
});

test('A7: groups follow the claim at every sign-in, and local groups are left alone', async (t) => {
  const { store, providerId } = await withProvider(t);
  const signIn = async (groups: unknown) => {
    const outcome = await signInWithProvider(store, providerId, { ...grace, groups });
    assert.ok(outcome.kind === 'ok');
    const { sessionId } = await signedIn(store, outcome.userId);
    return (await loadSession(store, sessionId))?.session.identity.groupNames;
  };
  assert.deepEqual(await signIn(['Engineers', 'Ops', 'Ops', 7, null]), ['Corp login:Engineers', 'Corp login:Ops']);
  const { id: local } = saved(await saveGroup(store, SYSTEM, null, { name: 'Engineers' }));
  const { userId } = await signInWithProvider(store, providerId, grace).then((o) =>
    o.kind === 'ok' ? o : assert.fail(),
  );
  saved(await setMembers(store, SYSTEM, local, [userId]));
  assert.deepEqual(await signIn(['Ops']), ['Engineers', 'Corp login:Ops']);
  assert.deepEqual(await signIn('Board'), ['Corp login:Board', 'Engineers']);
  for (const claim of [undefined, {}, 5, []])
    assert.deepEqual(await signIn(claim), ['Engineers'], JSON.stringify(claim));
  const groups = await listGroups(store, SYSTEM);
  const ofProvider = groups.kind === 'listed' ? groups.rows.filter(({ source }) => source === 'provider') : [];
  for (const { id } of ofProvider) assert.equal((await setMembers(store, SYSTEM, id, [])).kind, 'conflict');
  const { value } = await store.db.selectFrom('revision').select('value').executeTakeFirstOrThrow();
  await signInWithProvider(store, providerId, grace);
  const after = await store.db.selectFrom('revision').select('value').executeTakeFirstOrThrow();
  assert.equal(after.value, value, 'a sign-in that changes nothing raises nothing');
});

test('M3: the provider of the last administrator is neither deleted nor disabled', async (t) => {
  const { store, providerId } = await withProvider(t);
  const invitation = { email: grace.email, name: 'Grace', role: 'admin', providerId };
  saved(await saveUser(store, SYSTEM, null, invitation));
  await signInWithProvider(store, providerId, grace);
  assert.equal((await deleteProvider(store, SYSTEM, providerId)).kind, 'conflict');
  assert.equal((await saveProvider(store, SYSTEM, providerId, { ...provider, enabled: false })).kind, 'conflict');
  const admin = await someone(store, 'admin', { password: PASSWORD });
  saved(await deleteProvider(store, admin, providerId));
});

test('C10: disabling or deleting a provider ends the sessions of its people', async (t) => {
  const { store, providerId } = await withProvider(t);
  const local = await someone(store, 'admin', { password: PASSWORD });
  const end = [
    () => saveProvider(store, SYSTEM, providerId, { ...provider, enabled: false }),
    () => deleteProvider(store, SYSTEM, providerId),
  ];
  for (const deed of end) {
    const outcome = await signInWithProvider(store, providerId, grace);
    assert.ok(outcome.kind === 'ok');
    const { sessionId } = await signedIn(store, outcome.userId);
    saved(await deed());
    assert.equal(await loadSession(store, sessionId), null);
    assert.deepEqual(await signInWithProvider(store, providerId, grace), {
      kind: 'refused',
      reason: 'provider-unknown',
    });
    assert.deepEqual(await signInProviders(store), []);
    await saveProvider(store, SYSTEM, providerId, provider);
  }
  assert.ok(await loadSession(store, local.sessionId));
});

test('M10: the client secret is sealed at rest, shown to nobody, kept when left empty, and lost with another key', async (t) => {
  const { store, providerId, dataDir, clock } = await withProvider(t);
  const row = await store.db.selectFrom('providers').selectAll().executeTakeFirstOrThrow();
  assert.equal(JSON.stringify(row).includes(provider.clientSecret), false);
  assert.equal(JSON.stringify(await getProvider(store, SYSTEM, providerId)).includes('ecret'), false);
  saved(await saveProvider(store, SYSTEM, providerId, { ...provider, clientSecret: '', name: 'Renamed' }));
  assert.equal((await providerWithSecret(store, providerId))?.clientSecret, provider.clientSecret);
  const events = await store.db.selectFrom('audit_events').selectAll().execute();
  assert.equal(JSON.stringify(events).includes(provider.clientSecret), false);
  const foreign = await anotherStore(t, dataDir, clock, { secret: Buffer.alloc(32, 9) });
  await assert.rejects(providerWithSecret(foreign, providerId), /sealed under another FOYER_SECRET_KEY/);
});

test('C16: an issuer that anybody between could speak for is refused, and one issuer is one provider', async (t) => {
  const { store } = await withProvider(t);
  const issuers = [
    'http://login.corp.example',
    'https://login.corp.example?x',
    'https://login.corp.example#',
    'https://user@login.corp.example',
    'ftp://login.corp.example',
    'login.corp.example',
    'https://',
    'javascript:alert(1)',
    issuer,
  ];
  for (const each of issuers) {
    const outcome = await saveProvider(store, SYSTEM, null, { ...provider, issuer: each });
    assert.ok(outcome.kind === 'invalid' && outcome.errors.issuer, each);
  }
  const scopes = await saveProvider(store, SYSTEM, null, {
    ...provider,
    issuer: 'http://127.0.0.1:9',
    scopes: ['email'],
  });
  assert.deepEqual(scopes.kind === 'invalid' && Object.keys(scopes.errors), ['scopes']);
  for (const role of ['auditor', 'app-owner', 'member'] as const) {
    const actor = await someone(store, role);
    assert.equal((await saveProvider(store, actor, null, provider)).kind, 'forbidden');
  }
});

async function withProvider(t: TestContext, input: Partial<typeof provider> = {}) {
  const opened = await temporaryStore(t);
  const { id: providerId } = saved(await saveProvider(opened.store, SYSTEM, null, { ...provider, ...input }));
  return { ...opened, providerId };
}
