// What nobody gets by the API: with no token, with somebody else's, with a browser's session, or with a body that means two things.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { SCOPES } from '#server/core/scope.ts';
import { revokeToken } from '#server/store/api-tokens.ts';
import { listAudit } from '#server/store/audit.ts';
import { saveUser } from '#server/store/users.ts';
import { ApiClient, tokenOf } from './api.testing.ts';
import { HOST, ORIGIN, SYSTEM, startTestPortal, TestBrowser, type TestPortal } from './portal.testing.ts';

let portal: TestPortal;
let api: ApiClient;
let token: string;
before(async () => {
  portal = await startTestPortal();
  token = await tokenOf(portal, portal.people.admin, SCOPES);
  api = new ApiClient(portal, token);
});
after(() => portal.close());

const ANY = { 'if-match': '*' };

async function catalogue(): Promise<string> {
  const { db } = portal.store;
  const rows = [await db.selectFrom('apps').selectAll().execute(), await db.selectFrom('sites').selectAll().execute()];
  return JSON.stringify([...rows, await db.selectFrom('groups').selectAll().execute()]);
}

test('C12: a session’s cookie opens nothing, with the right Origin or without, and none is ever set', async () => {
  const browser = new TestBrowser(portal);
  await browser.signIn('admin');
  const before = await catalogue();
  const json = { 'content-type': 'application/json', 'if-match': '*' };
  const from: Record<string, string>[] = [
    {},
    { origin: ORIGIN, 'sec-fetch-site': 'same-origin' },
    { origin: 'https://evil.example' },
  ];
  for (const headers of from) {
    for (const [method, path] of [
      ['GET', '/apps'],
      ['POST', '/groups'],
      ['DELETE', `/apps/${portal.apps.wiki}`],
    ] as const) {
      const body = method === 'POST' ? '{"name":"Mine"}' : '';
      const answer = await browser.send(method, `/api/v1${path}`, { ...json, ...headers }, body);
      assert.equal(answer.status, 401, `${method} ${JSON.stringify(headers)}`);
      assert.equal(answer.headers['www-authenticate'], 'Bearer realm="foyer"');
      assert.equal(answer.headers['set-cookie'], undefined);
      assert.doesNotMatch(answer.body, /Wiki|Payroll|secret-name/);
    }
  }
  assert.equal(await catalogue(), before);
});

test('C15: no page of another origin reads anything: nothing allows it, and a preflight is refused', async () => {
  const origin = { origin: 'https://wiki.corp.localhost' };
  const asked = await api.raw('GET', '/api/v1/apps', { headers: origin });
  const preflight = await api.raw('OPTIONS', '/api/v1/apps', {
    headers: { ...origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization' },
  });
  assert.equal(preflight.status, 405);
  assert.match(preflight.headers.allow ?? '', /^GET, HEAD, POST, PUT, PATCH, DELETE$/);
  for (const { headers } of [asked, preflight]) {
    assert.deepEqual(
      Object.keys(headers).filter((name) => name.startsWith('access-control-')),
      [],
    );
    assert.equal(headers['cache-control'], 'no-store, private');
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
  }
});

test('the header that names a token is the portal’s own: from outside it is worth nothing', async () => {
  const row = await portal.store.db.selectFrom('api_tokens').select('id').executeTakeFirstOrThrow();
  const forged = { 'foyer-api-token': row.id };
  assert.equal((await api.raw('GET', '/api/v1/apps', { token: null, headers: forged })).status, 401);
  // Other spellings of the path that lead Next there.
  for (const path of [
    '/%61pi/v1/apps',
    '/api%2fv1/apps',
    '/sign-in/../api/v1/apps',
    '/./api/v1/apps',
    '/API/v1/apps',
  ]) {
    const answer = await api.raw('GET', path, { headers: forged });
    assert.doesNotMatch(answer.text, /Wiki|Payroll/, path);
    assert.notEqual(answer.status, 200, path);
  }
});

test('C8: what is no Bearer token is no token', async () => {
  const wrong = [
    '',
    'Bearer',
    'Bearer ',
    `Basic ${Buffer.from(`admin:${token}`).toString('base64')}`,
    token,
    `Bearer ${token}, Bearer ${token}`,
    `Bearer ${token} x`,
    `Bearer ${token.slice(0, -1)}`,
    `Bearer ${token.toUpperCase()}`,
    'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.',
    `Bearer ${'x'.repeat(8000)}`,
  ];
  for (const [at, authorization] of wrong.entries()) {
    const headers = { authorization, 'x-forwarded-for': `192.0.2.${at + 1}` };
    const answer = await api.raw('GET', '/api/v1/token', { token: null, headers });
    assert.equal(answer.status, 401, authorization.slice(0, 20));
    assert.match(answer.headers['www-authenticate'] ?? '', /^Bearer /);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
  }
  // Another letter, whichever stands there.
  const other = token[20] === 'x' ? 'y' : 'x';
  const typo = await api.raw('GET', '/api/v1/token', { token: `${token.slice(0, 20)}${other}${token.slice(21)}` });
  assert.equal(typo.json.type, 'urn:foyer:token-damaged');
  assert.match(typo.json.detail, /Copy it again/);
  assert.equal(
    (await api.raw('GET', '/api/v1/token', { token: null, headers: { authorization: `bearer ${token}` } })).status,
    200,
  );
});

test('M4: a machine’s token says that it is there and reads names; it opens nothing else, and no other machine', async () => {
  const mine = await api.call('POST', '/machines', { body: { name: 'Own-1' } });
  const members = new ApiClient(portal, await tokenOf(portal, portal.people.admin, ['machines:write']));
  const other = await members.call('POST', '/machines', { body: { name: 'Other-1' } });
  const { token: shown, id } = mine.json;
  const { paths } = await api.document();
  for (const [template, operations] of Object.entries(paths)) {
    for (const [verb, operation] of Object.entries(operations)) {
      const { security } = operation as unknown as { security: { token: string[] }[] };
      const isMachines = security.some(({ token: scopes }) => scopes.includes('machine'));
      const path = template.replace('{id}', other.json.id).replace(/\{\w+\}/g, 'x');
      const answer = await api.raw(verb.toUpperCase(), `/api/v1${path}`, { token: shown });
      if (!isMachines) assert.equal(answer.status, 403, `${verb} ${template}`);
      else if (template.includes('{id}')) assert.ok([400, 404].includes(answer.status), `${verb} ${template}`);
    }
  }
  const beat = (whose: string) => api.call('POST', `/machines/${whose}/heartbeat`, { token: shown, body: {} });
  assert.equal((await beat(other.json.id)).status, 404, 'another machine is not this one’s to speak for');
  assert.equal((await beat(id)).status, 200);
  for (const forged of [`machine:${id}`, id]) {
    const headers = { 'foyer-api-token': forged };
    assert.equal((await api.raw('GET', '/api/v1/names', { token: null, headers })).status, 401);
  }
  assert.equal((await api.call('POST', `/machines/${id}/heartbeat`, { body: {} })).status, 403, 'nor does a person');
  const log = portal.log.join('');
  assert.ok(!log.includes(shown.slice(6, 40)), 'no token is logged');
});

test('M2: somebody else’s machine can be neither read, renamed, let in nor removed; what no machine sends is refused', async () => {
  const theirs = (await api.call('POST', '/machines', { body: { name: 'Theirs-1' } })).json;
  const scopes = ['machines:read', 'machines:write'] as const;
  const member = new ApiClient(portal, await tokenOf(portal, portal.people.owner, scopes));
  const own = `/machines/${theirs.id}`;
  assert.deepEqual((await member.call('GET', '/machines')).json.items, []);
  for (const [method, path, body] of [
    ['GET', own, undefined],
    ['PATCH', own, { name: 'Mine-1' }],
    ['POST', `${own}/token`, undefined],
    ['DELETE', own, undefined],
  ] as const) {
    assert.equal((await member.call(method, path, { body, headers: ANY })).status, 404, `${method} ${path}`);
  }
  const names = await member.call('GET', '/names');
  assert.ok(names.json.machines.some(({ name }: { name: string }) => name === 'Theirs-1'));
  assert.equal('apps' in names.json, false, 'invariant 5: no names of apps that are not one’s own');
  for (const body of [null, [], { name: 'x', owner_user_id: portal.people.admin }, { name: 'x', id: theirs.id }]) {
    assert.equal((await member.call('POST', '/machines', { body })).status, 422, JSON.stringify(body));
  }
  const { token: shown } = theirs;
  for (const body of [{ have: 7 }, { state: 'online' }, { version: 'x'.repeat(1_000) }, { os: 'a\nb' }]) {
    const beat = await api.call('POST', `${own}/heartbeat`, { token: shown, body });
    assert.equal(beat.status, 422, JSON.stringify(body).slice(0, 50));
  }
  assert.equal((await api.call('POST', '/dns/resolve', { body: { name: 'a b' } })).status, 422);
  assert.equal((await api.call('DELETE', own)).status, 204);
});

test('C3: a token in a URL is refused, also where it would be good, and stands in no log', async () => {
  const cases = [
    `/token?access_token=${token}`,
    `/token?x=${token}`,
    `/tokens/${token}`,
    '/token?access_token=short',
    '/token?api_key=x',
  ];
  for (const path of cases) {
    const answer = await api.raw('GET', `/api/v1${path}`);
    assert.deepEqual([answer.status, answer.json.type], [400, 'urn:foyer:token-in-url'], path);
    assert.match(answer.json.detail, /Revoke this token/);
  }
  await api.raw('GET', '/api/v1/token', { token: `${token}x`, headers: { 'x-forwarded-for': '192.0.2.99' } });
  assert.ok(!portal.log.join('').includes(token.slice(6, 40)));
});

test('M4: a token dies with its owner’s role, at once, and everything that it may with it', async () => {
  const id = await addPerson('shrinking', 'admin');
  const theirs = await tokenOf(portal, id, SCOPES);
  const list = (path: string) => api.call('GET', path, { token: theirs }).then(({ status }) => status);
  const as = (role: string, disabled = false) =>
    saveUser(portal.store, SYSTEM, id, { email: 'shrinking@corp.example', name: 'S', role, disabled });
  assert.deepEqual([await list('/apps'), await list('/users')], [200, 200]);
  await as('app-owner');
  assert.deepEqual([await list('/apps'), await list('/users')], [200, 403]);
  await as('member');
  assert.deepEqual([await list('/apps'), await list('/users')], [403, 403]);
  await as('admin', true);
  assert.deepEqual([await list('/apps'), await list('/token')], [401, 401]);
});

async function addPerson(name: string, role: string): Promise<string> {
  const saved = await saveUser(portal.store, SYSTEM, null, {
    email: `${name}@corp.example`,
    name,
    role,
    password: 'four plain words',
  });
  return saved.kind === 'saved' ? saved.id : assert.fail(JSON.stringify(saved));
}

test('an expired and a revoked token are refused alike, and only in words that help their owner', async () => {
  const expired = await tokenOf(portal, portal.people.admin, ['apps:read']);
  const revoked = await tokenOf(portal, portal.people.admin, ['apps:read']);
  const idOf = async (of: string) => (await api.call('GET', '/token', { token: of })).json.id as string;
  await portal.store.db
    .updateTable('api_tokens')
    .set({ expires_at: Date.now() - 1 })
    .where('id', '=', await idOf(expired))
    .execute();
  await revokeToken(portal.store, SYSTEM, await idOf(revoked));
  const answers = [
    await api.call('GET', '/apps', { token: expired }),
    await api.call('GET', '/apps', { token: revoked }),
  ];
  for (const { status, json, headers } of answers) {
    assert.deepEqual([status, json.type], [401, 'urn:foyer:token-refused']);
    assert.match(headers['www-authenticate'] ?? '', /error="invalid_token"/);
  }
});

test('C18: an address that shows many bad tokens waits, is told how long, and good tokens go on working there', async () => {
  const from = { 'x-forwarded-for': '198.51.100.7' };
  const bad = () => api.raw('GET', '/api/v1/apps', { token: 'foyer_guess', headers: from });
  const statuses: number[] = [];
  for (let at = 0; at < 30; at++) statuses.push((await bad()).status);
  assert.deepEqual([statuses[0], statuses.at(-1)], [401, 429]);
  assert.ok(statuses.filter((status) => status === 401).length <= 22);
  const told = await bad();
  assert.match(told.headers['retry-after'] ?? '', /^[1-9]\d*$/);
  assert.equal(told.json.type, 'urn:foyer:too-many-tokens');
  assert.equal((await api.raw('GET', '/api/v1/apps', { headers: from })).status, 200);
  const elsewhere = await api.raw('GET', '/api/v1/apps', {
    token: 'foyer_guess',
    headers: { 'x-forwarded-for': '198.51.100.8' },
  });
  assert.equal(elsewhere.status, 401);
  const browser = new TestBrowser(portal);
  const signedIn = await browser.post(
    '/auth/callback/credentials',
    { email: 'member@corp.example', password: 'four plain words here' },
    from,
  );
  assert.notEqual(signedIn.status, 429, 'nor does it keep anybody from signing in');
});

test('M2: a machine that says too often that it is there waits, is told how long, and no other machine and no person does', async () => {
  const [hasty, other] = [
    (await api.call('POST', '/machines', { body: { name: 'Hasty-1' } })).json,
    (await api.call('POST', '/machines', { body: { name: 'Calm-1' } })).json,
  ];
  const beat = (machine: Record<string, string>) =>
    api.call('POST', `/machines/${machine.id}/heartbeat`, { token: machine.token, body: {} });
  const statuses: number[] = [];
  let told = await beat(hasty);
  while (told.status === 200 && statuses.length < 500) {
    statuses.push(told.status);
    told = await beat(hasty);
  }
  // Those at once, and as many as the seconds that they took.
  assert.ok(statuses.length >= 120 && statuses.length < 180, String(statuses.length));
  assert.deepEqual([told.status, told.json.type, told.headers['retry-after']], [429, 'urn:foyer:too-many-calls', '1']);
  assert.equal((await beat(other)).status, 200);
  assert.equal((await api.call('GET', '/machines')).status, 200);
});

test('M2: an app owner’s token learns nothing of others’ apps, by no route', async () => {
  const theirs = await tokenOf(portal, portal.people.owner, ['apps:read', 'apps:write', 'tokens:read', 'tokens:write']);
  const { apps } = portal;
  const input = {
    name: 'Mine',
    hosts: ['pay.corp.localhost'],
    siteId: apps.wiki,
    upstream: { scheme: 'http', host: 'x.internal', port: 80 },
  };
  for (const id of [apps.payroll, '01a1f944-d5f1-7000-bf90-fdb595bd3bad', 'x', '..', '%2e%2e']) {
    const attempts = [
      await api.call('GET', `/apps/${id}`, { token: theirs }),
      await api.call('GET', `/apps/${id}/assignments`, { token: theirs }),
      await api.call('PUT', `/apps/${id}`, { token: theirs, body: input, headers: ANY }),
      await api.call('PATCH', `/apps/${id}`, { token: theirs, body: { name: 'Mine' }, headers: ANY }),
      await api.call('PUT', `/apps/${id}/assignments`, { token: theirs, body: [], headers: ANY }),
      await api.call('DELETE', `/apps/${id}`, { token: theirs }),
    ];
    for (const { status, text } of attempts) {
      assert.equal(status, 404, id);
      assert.doesNotMatch(text, /Payroll|secret-name|pay\.corp/);
    }
  }
  assert.deepEqual((await api.call('GET', '/apps', { token: theirs })).json.items, []);
  const made = await api.call('POST', '/apps', { token: theirs, body: input });
  assert.equal(made.status, 403);
  const ofAdmin = (await api.call('GET', '/token')).json;
  assert.equal((await api.call('DELETE', `/tokens/${ofAdmin.id}`, { token: theirs })).status, 404);
});

test('M2: a body that is no JSON, or JSON with two meanings, changes nothing', async () => {
  const before = await catalogue();
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
  const table: [string | Buffer, number, RegExp][] = [
    ['{"name":"a"', 400, /ends too early/],
    ['', 400, /json-malformed/],
    ['{"name":"a"} {"name":"b"}', 400, /json-malformed/],
    ['{"name":"a","name":"b"}', 400, /there twice/],
    ['{"name":"a","n\\u0061me":"b"}', 400, /there twice/],
    ['{"name":"a","__proto__":{"x":1}}', 400, /__proto__/],
    ['{"name":"a","x":{"__pro\\u0074o__":{}}}', 400, /__proto__/],
    [deep, 400, /deeper than 32/],
    [`{"name":${deep}}`, 400, /deeper than 32/],
    [Buffer.from('{"name":"\xff"}', 'latin1'), 400, /UTF-8/],
    ['\ufeff{"name":"a"}', 400, /json-malformed/],
    ["{'name':'a'}", 400, /json-malformed/],
    ['{"name":NaN}', 400, /json-malformed/],
    ['null', 422, /#/],
    ['[]', 422, /#/],
    ['"name"', 422, /#/],
    ['{"name":["a"]}', 422, /#\/name/],
    ['{"name":{"toString":"x"}}', 422, /#\/name/],
    ['{"name":"a","id":"01a1f944-d5f1-7000-bf90-fdb595bd3bad"}', 422, /#\/id/],
    ['{"name":"a","createdAt":0}', 422, /#\/createdAt/],
    ['{"name":"a","constructor":{}}', 422, /#\/constructor/],
    [`{"name":"${'x'.repeat(100_000)}"}`, 422, /#\/name/],
    [`{${Array.from({ length: 20_000 }, (_, at) => `"k${at}":1`).join(',')}}`, 422, /#\/k0/],
  ];
  for (const [raw, status, says] of table) {
    const answer = await api.call('POST', '/groups', { raw, headers: { 'content-type': 'application/json' } });
    assert.equal(answer.status, status, `${raw.toString().slice(0, 60)}: ${answer.text.slice(0, 300)}`);
    assert.match(answer.text, says);
    assert.ok(answer.text.length < 10_000);
  }
  assert.equal(await catalogue(), before);
});

test('M4: a role that is not one’s to give is refused in a merge patch as everywhere', async () => {
  const theirs = await tokenOf(portal, portal.people.admin, ['people:read', 'people:write']);
  const path = `/users/${portal.people.member}`;
  const raised = await api.call('PATCH', path, { token: theirs, body: { role: 'admin' }, headers: ANY });
  assert.equal(raised.status, 403, raised.text);
  assert.match(raised.json.detail, /may do more than this token/);
  assert.equal((await api.call('GET', path)).json.role, 'member');
  for (const body of [{ id: portal.people.admin }, { updatedAt: 1 }, { groups: [], lastSignInAt: 5 }]) {
    assert.equal((await api.call('PATCH', path, { body, headers: ANY })).status, 422, JSON.stringify(body));
  }
});

test('M2: other media types, codings, lengths and methods do not get in', async () => {
  const post = (headers: Record<string, string>, raw: string | Buffer = '{"name":"a"}') =>
    api.call('POST', '/groups', { raw, headers });
  const before = await catalogue();
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/merge-patch+json',
    'application/json; charset=utf-16',
    'application/jsonx',
    '',
  ]) {
    assert.equal((await post({ 'content-type': type })).status, 415, type);
  }
  assert.equal((await post({ 'content-encoding': 'gzip' })).status, 415);
  assert.equal((await post({}, Buffer.alloc(513 * 1024, 0x20))).status, 413);
  assert.equal(
    (
      await api.call('POST', '/groups', {
        headers: { 'transfer-encoding': 'chunked', 'content-length': '' },
        raw: '{}',
      })
    ).status,
    411,
  );
  const got = await api.raw('GET', '/api/v1/apps', { raw: '{}' });
  assert.equal(got.status, 400);
  for (const method of ['TRACE', 'PROPFIND', 'OPTIONS'])
    assert.equal((await api.raw(method, '/api/v1/apps')).status, 405, method);
  const patch = await api.raw('PATCH', '/api/v1/apps', { body: {} });
  assert.deepEqual([patch.status, patch.headers.allow], [405, 'GET, HEAD, POST']);
  const head = await api.raw('HEAD', '/api/v1/apps');
  assert.deepEqual([head.status, head.text], [200, '']);
  for (const path of ['', '/', '/nothing', '/apps/', '//apps', '/apps/x/y/z', '/v2', '/apps;x', '/APPS']) {
    const answer = await api.raw('GET', `/api/v1${path}`);
    assert.deepEqual([answer.status, answer.headers['content-type']], [404, 'application/problem+json'], path);
  }
  assert.equal((await api.raw('GET', '/api/v2/apps')).status, 404);
  assert.equal(await catalogue(), before);
});

test('two Authorization headers are none', async () => {
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(portal.socketPath);
    socket
      .setEncoding('utf8')
      .once('data', (data) => resolve(String(data)))
      .once('error', reject);
    socket.write(
      `GET /api/v1/token HTTP/1.1\r\nHost: ${HOST}\r\nAuthorization: Bearer ${token}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
    );
  });
  assert.match(answer, /^HTTP\/1\.1 401 /);
});

test('the audit names the token of every write, and who was refused what', async () => {
  const theirs = await tokenOf(portal, portal.people.auditor, ['apps:read', 'audit:read']);
  const { json: self } = await api.call('GET', '/token', { token: theirs });
  assert.equal((await api.call('GET', '/users', { token: theirs })).status, 403);
  assert.equal((await api.call('DELETE', `/apps/${portal.apps.wiki}`, { token: theirs })).status, 403);
  const made = await api.call('POST', '/groups', { body: { name: 'Audited' } });
  const audit = await listAudit(portal.store, SYSTEM, { limit: 100 });
  const rows = audit.kind === 'listed' ? audit.rows : assert.fail();
  const refused = rows.filter(({ action, detail }) => action === 'access-refused' && detail.tokenId === self.id);
  assert.deepEqual(refused.map(({ object }) => object?.id).sort(), ['apps.write', 'people.read']);
  const written = rows.find(({ action, object }) => action === 'group-saved' && object?.id === made.json.id);
  assert.equal(written?.detail.token, 'ci');
  assert.deepEqual([written?.address, written?.supportId], ['192.0.2.50', 'TESTSUPPORT1']);
  assert.doesNotMatch(JSON.stringify(rows), /foyer_[A-Za-z0-9_-]{20}/);
});

test('M11: with the store gone the API says so in its own words, and does nothing', async () => {
  const other = await startTestPortal();
  const client = new ApiClient(other, await tokenOf(other, other.people.admin, SCOPES));
  await other.store.db.schema.alterTable('groups').renameTo('groups_away').execute();
  const answer = await client.raw('GET', '/api/v1/groups');
  assert.ok(answer.status >= 500, String(answer.status));
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  assert.doesNotMatch(answer.text, /groups|SQLITE|no such table|node_modules/);
  assert.equal(answer.json.supportId, 'TESTSUPPORT1');
  await other.close();
});
