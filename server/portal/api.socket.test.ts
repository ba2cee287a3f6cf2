// The promises of the API: what its document says is what it does, every route of it, and everything the editor does can be done by it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import sharp from 'sharp';
import { SCOPES } from '#server/core/scope.ts';
import { SETTINGS } from '#server/store/schema/settings.ts';
import { certificatePair } from '#server/store/testing/certificate-pair.ts';
import { ApiClient, tokenOf } from './api.testing.ts';
import { PASSWORD, startTestPortal, type TestPortal } from './portal.testing.ts';

let portal: TestPortal;
let api: ApiClient;
before(async () => {
  portal = await startTestPortal();
  api = new ApiClient(portal, await tokenOf(portal, portal.people.admin, SCOPES));
});
after(() => portal.close());

const ANY = { 'if-match': '*' };

/** Makes one, and gives its id. */
async function made(path: string, body: object): Promise<string> {
  const answer = await api.call('POST', path, { body });
  assert.equal(answer.status, 201, answer.text);
  assert.equal(answer.headers.location, `/api/v1${path}/${answer.json.id}`);
  assert.equal(answer.headers.etag, `"${answer.json.updatedAt}"`);
  return answer.json.id;
}

test('the document is valid OpenAPI 3.1', async () => {
  const document = await api.document();
  const result = await new Validator().validate(structuredClone(document));
  assert.ok(result.valid, JSON.stringify(result.errors));
  assert.match(JSON.stringify(document), /"openapi":"3\.1/);
});

test('an app is made, read, assigned, changed, disabled and deleted, each by its own request', async () => {
  const siteId = await made('/sites', { name: 'Plant', ranges: ['10.1.0.0/16'] });
  const input = {
    name: 'Shop floor',
    hosts: ['floor.corp.localhost'],
    siteId,
    upstream: { scheme: 'http', host: 'floor.corp.internal', port: 8080 },
  };
  const id = await made('/apps', input);
  const read = await api.call('GET', `/apps/${id}`);
  assert.equal(read.json.upstream.protocol, 'http/1.1', 'what was left out is what it is by default');
  const whom = [{ kind: 'user', userId: portal.people.member }];
  const assigned = await api.call('PUT', `/apps/${id}/assignments`, {
    body: whom,
    headers: { 'if-match': read.headers.etag ?? '' },
  });
  assert.equal(assigned.status, 200, assigned.text);
  assert.deepEqual((await api.call('GET', `/apps/${id}/assignments`)).json.items, whom);
  const echo = await api.call('GET', `/apps/${id}`);
  assert.deepEqual(echo.json.assignments, whom);
  const put = await api.call('PUT', `/apps/${id}`, {
    body: { ...echo.json, description: 'Screens at the machines' },
    headers: { 'if-match': echo.headers.etag ?? '' },
  });
  assert.equal(put.status, 200, put.text);
  const patched = await api.call('PATCH', `/apps/${id}`, {
    body: { enabled: false, description: null, traffic: { maintenance: 'Back at noon.' } },
    headers: { 'if-match': put.headers.etag ?? '', 'content-type': 'application/merge-patch+json' },
  });
  assert.equal(patched.status, 200, patched.text);
  const { json: now } = await api.call('GET', `/apps/${id}`);
  assert.deepEqual(
    [now.enabled, now.description, now.traffic.maintenance, now.name],
    [false, '', 'Back at noon.', 'Shop floor'],
  );
  assert.deepEqual(now.assignments, whom, 'a patch leaves the rest as it is');
  const inUse = await api.call('DELETE', `/sites/${siteId}`);
  assert.deepEqual([inUse.status, inUse.json.type], [409, 'urn:foyer:conflict']);
  assert.match(inUse.json.detail, /Apps use this site: Shop floor/);
  assert.equal(
    (await api.call('DELETE', `/apps/${id}`, { headers: { 'if-match': put.headers.etag ?? '' } })).status,
    412,
  );
  assert.equal(
    (await api.call('DELETE', `/apps/${id}`, { headers: { 'if-match': patched.headers.etag ?? '' } })).status,
    204,
  );
  assert.equal((await api.call('GET', `/apps/${id}`)).status, 404);
  assert.equal((await api.call('DELETE', `/sites/${siteId}`)).status, 204);
});

test('a site’s DNS server over TLS is saved, read and sent back, and what is wrong with one is named', async () => {
  const id = await made('/sites', {
    name: 'Plant 7',
    dnsServers: [{ address: '10.7.0.53' }, { address: '10.7.0.54', tlsName: 'dns.plant7.example' }],
  });
  const { headers, json } = await api.call('GET', `/sites/${id}`);
  assert.deepEqual(json.dnsServers, [
    { address: '10.7.0.53', port: 53 },
    { address: '10.7.0.54', port: 853, tlsName: 'dns.plant7.example' },
  ]);
  const again = await api.call('PUT', `/sites/${id}`, { body: json, headers: { 'if-match': headers.etag ?? '' } });
  assert.equal(again.status, 200, again.text);
  assert.deepEqual((await api.call('GET', `/sites/${id}`)).json.dnsServers, json.dnsServers);
  const wrong = { name: 'Plant 8', dnsServers: [{ address: '10.7.0.54', tlsName: 'no name' }] };
  const refused = await api.call('POST', '/sites', { body: wrong });
  assert.equal(refused.status, 422);
  const [{ detail, pointer }] = refused.json.errors;
  assert.equal(pointer, '#/dnsServers/0/tlsName');
  assert.match(detail, /behind the #/);
});

test('an icon is uploaded, drawn again, and named by an app; what is no picture is refused in words', async () => {
  const picture = await sharp({ create: { width: 300, height: 200, channels: 3, background: '#063' } })
    .png()
    .toBuffer();
  const { status, json } = await api.call('POST', '/icons', { body: { picture: picture.toString('base64') } });
  assert.equal(status, 201);
  const icon = { kind: 'uploaded', sha256: json.sha256 };
  const path = `/apps/${portal.apps.wiki}`;
  const patched = await api.call('PATCH', path, { body: { icon }, headers: ANY });
  assert.equal(patched.status, 200, patched.text);
  assert.deepEqual((await api.call('GET', path)).json.icon, icon);
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>').toString('base64');
  for (const [sent, detail] of [
    [svg, /no PNG/],
    ['not base64!', /no base64/],
    [picture.subarray(0, 100).toString('base64'), /damaged/],
  ] as const) {
    const refused = await api.call('POST', '/icons', { body: { picture: sent } });
    assert.equal(refused.status, 422);
    assert.match(JSON.stringify(refused.json.errors), detail);
  }
});

test('people, groups, providers and what stands around the apps are kept in the same way', async () => {
  const samples: [string, object, object][] = [
    ['/sites', { name: 'Lab', ranges: ['10.2.0.0/16'] }, { zones: ['lab.internal'] }],
    ['/users', { email: 'eve@corp.example', name: 'Eve', password: PASSWORD }, { name: 'Eva' }],
    ['/groups', { name: 'Engineers' }, { name: 'Engineering' }],
    [
      '/providers',
      { name: 'Login', issuer: 'https://login.corp.example', clientId: 'foyer', clientSecret: 'hush hush' },
      { allowedEmailDomains: ['corp.example'] },
    ],
    ['/collections', { name: 'Everyday', appIds: [portal.apps.wiki] }, { appIds: [] }],
    ['/notices', { text: 'The canteen is closed.' }, { level: 'warning' }],
  ];
  for (const [path, input, change] of samples) {
    const id = await made(path, input);
    const first = await api.call('GET', `${path}/${id}`);
    assert.equal(first.status, 200, first.text);
    const version = { 'if-match': first.headers.etag ?? '' };
    const put = await api.call('PUT', `${path}/${id}`, { body: first.json, headers: version });
    assert.equal(put.status, 200, `what was read can be sent back as it is: ${put.text}`);
    const patched = await api.call('PATCH', `${path}/${id}`, {
      body: change,
      headers: { 'if-match': put.headers.etag ?? '' },
    });
    assert.equal(patched.status, 200, patched.text);
    const { json } = await api.call('GET', `${path}/${id}`);
    assert.deepEqual({ ...json, updatedAt: 0 }, { ...first.json, ...change, updatedAt: 0 });
    assert.ok(
      (await api.call('GET', path)).json.items.some((item: { id: string }) => item.id === id),
      path,
    );
    if (path === '/users') {
      const link = await api.call('POST', `/users/${id}/password-link`);
      assert.match(link.json.url, /\/setup\?token=/);
      assert.equal((await api.call('DELETE', `/users/${id}/sessions`)).status, 204);
    }
    if (path === '/groups') {
      const members = { body: [portal.people.member], headers: ANY };
      assert.equal((await api.call('PUT', `/groups/${id}/members`, members)).status, 200);
      const { items } = (await api.call('GET', `/groups/${id}/members`)).json;
      assert.deepEqual(
        items.map(({ userId }: { userId: string }) => userId),
        [portal.people.member],
      );
    }
    if (path === '/collections')
      assert.equal((await api.call('PUT', '/collections/order', { body: [id] })).status, 204);
    assert.equal((await api.call('DELETE', `${path}/${id}`)).status, 204);
    assert.equal((await api.call('DELETE', `${path}/${id}`)).status, 404);
  }
  const terms = await api.call('GET', '/terms');
  const published = await api.call('PUT', '/terms', {
    body: { text: 'Be kind.' },
    headers: { 'if-match': terms.headers.etag ?? '' },
  });
  assert.equal(published.status, 200, published.text);
  assert.equal((await api.call('GET', '/terms')).json.text, 'Be kind.');
  const back = { body: { text: '' }, headers: { 'if-match': published.headers.etag ?? '' } };
  assert.equal((await api.call('PUT', '/terms', back)).status, 200);
});

test('apps are found by their fields, changed several at once, and what was done is taken back', async () => {
  const siteId = await made('/sites', { name: 'Harbour', ranges: ['10.3.0.0/16'] });
  const ids: string[] = [];
  for (const name of ['Crane', 'Dock', 'Quay']) {
    const upstream = { scheme: 'http', host: 'x.harbour.internal', port: 80 };
    ids.push(await made('/apps', { name, hosts: [`${name.toLowerCase()}.corp.localhost`], siteId, upstream }));
  }
  const names = async (query: string) => {
    const answer = await api.call('GET', `/apps?siteId=${siteId}&${query}`);
    return answer.json.items?.map(({ name }: { name: string }) => name);
  };
  const change = (selection: object, what: object) =>
    api.call('POST', '/apps/changes', { body: { selection, change: what } });
  const closed = await change({ kind: 'these', ids: ids.slice(0, 2) }, { kind: 'disable' });
  assert.deepEqual({ ...closed.json, undoId: '' }, { undoId: '', changed: 2, same: 0, gone: 0 });
  assert.deepEqual(await names('condition=off&sort=name&descending=true'), ['Dock', 'Crane']);
  const undone = await api.call('POST', `/undos/${closed.json.undoId}`);
  assert.deepEqual(undone.json, { done: 2, left: [] });
  assert.deepEqual(await names('condition=off'), []);
  await change({ kind: 'matching', filter: { siteId } }, { kind: 'category', category: 'Ships' });
  assert.deepEqual(await names('category=Ships&unassigned=true'), ['Crane', 'Dock', 'Quay']);
  assert.ok((await api.call('GET', '/categories')).json.items.includes('Ships'));
  const deleted = await change({ kind: 'these', ids }, { kind: 'delete' });
  assert.equal(deleted.json.changed, 3);
  const kept = (await api.call('GET', '/deleted-apps')).json.items.map(({ appId }: { appId: string }) => appId);
  assert.ok(ids.every((id) => kept.includes(id)));
  const back = `/undos/${deleted.json.undoId}/apps/${ids[2]}`;
  assert.equal((await api.call('POST', back)).status, 204);
  assert.deepEqual(await names(''), ['Quay']);
  assert.equal((await api.call('POST', back)).status, 404);
  const wrong = await change({ kind: 'these', ids: [] }, { kind: 'explode' });
  assert.equal(wrong.status, 422);
});

test('the audit is exported as a file, a person’s data too, and an erased person is gone', async () => {
  const csv = await api.call('GET', '/audit/export?format=csv&zone=Europe/Berlin&action=app-saved');
  assert.match(csv.headers['content-disposition'] ?? '', /^attachment; filename="audit\.csv"$/);
  const [head, ...lines] = csv.text.trim().split('\n');
  assert.match(head ?? '', /time_utc/);
  assert.ok(lines.length > 0 && lines.every((line) => line.includes('app-saved')));
  const json = await api.call('GET', '/audit/export?format=jsonl');
  assert.ok(
    json.text
      .trim()
      .split('\n')
      .every((line) => typeof JSON.parse(line).action === 'string'),
  );
  assert.equal((await api.call('GET', '/audit/export?format=csv&zone=Moon')).status, 422);
  const id = await made('/users', { email: 'mia@corp.example', name: 'Mia', password: PASSWORD });
  const data = await api.call('GET', `/users/${id}/export`);
  assert.equal(data.json.profile.email, 'mia@corp.example');
  assert.equal((await api.call('POST', `/users/${id}/erasure`, { body: { email: 'noah@corp.example' } })).status, 422);
  const erased = await api.call('POST', `/users/${id}/erasure`, { body: { email: 'mia@corp.example' } });
  assert.equal(erased.status, 200, erased.text);
  assert.doesNotMatch((await api.call('GET', `/audit?objectId=${id}`)).text, /mia@/);
});

test('the dashboard’s numbers and what is open now are read', async () => {
  assert.equal((await api.call('GET', '/dashboard?range=hour')).json.traffic.requests.length, 60);
  const { db } = portal.store;
  const session = await db.selectFrom('sessions').select('id').executeTakeFirstOrThrow();
  const stream = {
    id: 'stream-1',
    session_id: session.id,
    app_id: portal.apps.wiki,
    kind: 'websocket',
    since: 1,
    bytes: 2,
  } as const;
  await db
    .insertInto('open_streams')
    .values({ ...stream, gateway: 0, started_at: 3 })
    .execute();
  assert.equal((await api.call('GET', '/streams')).status, 200);
  assert.equal((await api.call('DELETE', '/streams/stream-1')).status, 204);
  assert.equal((await api.call('DELETE', '/streams/stream-1')).status, 404);
});

test('the path to an app is looked at, step by step, as the editor looks', async () => {
  const look = await api.call('POST', `/apps/${portal.apps.wiki}/look`, { body: { userId: portal.people.member } });
  assert.equal(look.status, 200, look.text);
  const steps: { step: string; state: string; code: string; facts: { person?: { email: string } } }[] = look.json.steps;
  const policy = steps.find(({ step }) => step === 'policy');
  assert.deepEqual(
    [policy?.state, policy?.code, policy?.facts.person?.email],
    ['good', 'assigned', 'member@corp.example'],
  );
  const own = await api.call('POST', `/apps/${portal.apps.wiki}/look`, { body: {} });
  assert.ok(
    own.json.steps.some(({ code }: { code: string }) => code === 'not-assigned'),
    'the owner of the token may not open it',
  );
  const other = await api.call('POST', `/apps/${portal.apps.wiki}/look`, { body: { host: 'pay.corp.localhost' } });
  assert.deepEqual([other.status, other.json.errors[0].pointer], [422, '#/host']);
});

test('every setting of the store has its routes', async () => {
  for (const key of Object.keys(SETTINGS)) {
    const read = await api.call('GET', `/settings/${key}`);
    const put = await api.call('PUT', `/settings/${key}`, {
      body: read.json,
      headers: { 'if-match': read.headers.etag ?? '' },
    });
    assert.equal(put.status, 200, put.text);
    assert.equal((await api.call('PATCH', `/settings/${key}`, { body: { unknown: 1 }, headers: ANY })).status, 422);
    assert.equal((await api.call('PATCH', `/settings/${key}`, { body: {}, headers: ANY })).status, 200);
    assert.deepEqual((await api.call('GET', `/settings/${key}`)).json, read.json);
  }
});

test('M10: secrets go in and never come out', async () => {
  const pair = await certificatePair('gateway.corp.example', Date.now());
  const { json: wiki, headers } = await api.call('GET', `/apps/${portal.apps.wiki}`);
  const upstream = { ...wiki.upstream, scheme: 'https', clientCertificate: { kind: 'new', ...pair } };
  const put = await api.call('PUT', `/apps/${wiki.id}`, {
    body: { ...wiki, upstream },
    headers: { 'if-match': headers.etag ?? '' },
  });
  assert.equal(put.status, 200, put.text);
  const kept = await api.call('GET', `/apps/${wiki.id}`);
  assert.equal(kept.json.upstream.clientCertificate.kind, 'kept');
  assert.equal(kept.json.certificates[0].subject, 'gateway.corp.example');
  const patched = await api.call('PATCH', `/apps/${wiki.id}`, {
    body: { description: 'With its certificate' },
    headers: ANY,
  });
  assert.equal(patched.status, 200, `a patch keeps the certificate: ${patched.text}`);
  const everything = [];
  for (const path of ['/apps', '/users', '/providers', '/tokens', '/token', '/audit?limit=500', `/apps/${wiki.id}`]) {
    everything.push((await api.call('GET', path)).text);
  }
  for (const line of [...pair.key.split('\n').filter((each) => each.length > 20), PASSWORD, 'hush hush', 'foyer_']) {
    assert.ok(!everything.join('').includes(line), line);
  }
});

test('a list is gone through by its next', async () => {
  for (let at = 0; at < 5; at++) await made('/groups', { name: `Team ${at}` });
  const names: string[] = [];
  let next: string | null = '/api/v1/groups?search=TEAM&limit=2';
  let pages = 0;
  while (next !== null) {
    const page = await api.call('GET', next.slice('/api/v1'.length));
    assert.equal(page.json.total, 5);
    names.push(...page.json.items.map(({ name }: { name: string }) => name));
    assert.equal(page.headers.link, page.json.next === null ? undefined : `<${page.json.next}>; rel="next"`);
    next = page.json.next;
    pages += 1;
  }
  assert.equal(pages, 3);
  assert.deepEqual(
    names,
    [0, 1, 2, 3, 4].map((at) => `Team ${at}`),
  );
  const events = new Set<string>();
  for (let address: string | null = '/api/v1/audit?limit=3&action=group-saved'; address !== null; ) {
    const page = await api.call('GET', address.slice('/api/v1'.length));
    for (const { id, action } of page.json.items) {
      assert.equal(action, 'group-saved');
      assert.ok(!events.has(id));
      events.add(id);
    }
    address = page.json.next;
  }
  assert.ok(events.size >= 5);
});

test('a machine is added, heard, resolved, renamed, let in again and removed, each by its own request', async () => {
  const added = await api.call('POST', '/machines', { body: { name: 'Win-A', os: 'Windows 11' } });
  assert.equal(added.status, 201, added.text);
  const { id, token, address } = added.json;
  assert.deepEqual([added.headers.location, address], [`/api/v1/machines/${id}`, '100.64.0.1']);
  const beat = await api.call('POST', `/machines/${id}/heartbeat`, { token, body: {} });
  assert.deepEqual(beat.json.names.machines, [{ name: 'Win-A', address }]);
  const again = await api.call('POST', `/machines/${id}/heartbeat`, { token, body: { have: beat.json.version } });
  assert.equal(again.json.names, null, 'unchanged names are not sent again');
  assert.equal((await api.call('GET', `/machines/${id}`)).json.state, 'online');
  assert.equal((await api.call('POST', `/machines/${id}/leave`, { token })).status, 204);
  const [listed] = (await api.call('GET', '/machines?search=win')).json.items;
  assert.deepEqual([listed.state, listed.owner.email], ['left', 'admin@corp.example']);
  for (const name of ['Win-A', 'win-a', 'WIN-A.ztna', 'win-a.machines.portal.localhost.']) {
    const found = await api.call('POST', '/dns/resolve', { body: { name } });
    assert.deepEqual(found.json, { name: 'Win-A.machines.portal.localhost', addresses: ['100.64.0.1'] }, name);
  }
  const missing = await api.call('POST', '/dns/resolve', { body: { name: 'Win-B' } });
  assert.deepEqual([missing.status, missing.json.detail], [404, 'No machine and no record is called Win-B.']);
  assert.ok((await api.call('GET', '/names')).json.apps.includes('wiki.corp.localhost'));
  assert.equal('apps' in (await api.call('GET', '/names', { token })).json, false);
  const version = added.headers.etag ?? '';
  const rename = { body: { name: 'Win-B' }, headers: { 'if-match': version } };
  assert.equal((await api.call('PATCH', `/machines/${id}`, rename)).status, 200);
  assert.equal((await api.call('PATCH', `/machines/${id}`, rename)).status, 412);
  const anew = await api.call('POST', `/machines/${id}/token`);
  assert.equal(anew.status, 201, anew.text);
  assert.equal((await api.call('POST', `/machines/${id}/heartbeat`, { token, body: {} })).status, 401);
  assert.equal((await api.call('GET', '/names', { token: anew.json.token })).status, 200);
  assert.equal((await api.call('DELETE', `/machines/${id}`)).status, 204);
  assert.equal((await api.call('GET', '/names', { token: anew.json.token })).status, 401);
});

test('sessions are listed and ended, tokens listed and revoked', async () => {
  const short = await tokenOf(portal, portal.people.owner, ['apps:read']);
  const ofOwner = `/sessions?userId=${portal.people.owner}`;
  const [session] = (await api.call('GET', ofOwner)).json.items;
  assert.equal((await api.call('DELETE', `/sessions/${session.id}`)).status, 204);
  assert.equal((await api.call('GET', ofOwner)).json.total, 0);
  const mine = await api.call('GET', '/token', { token: short });
  assert.deepEqual([mine.json.scopes, mine.json.owner.role], [['apps:read'], 'app-owner']);
  assert.equal((await api.call('DELETE', `/tokens/${mine.json.id}`)).status, 204);
  assert.equal((await api.call('GET', '/token', { token: short })).status, 401);
  const found = await api.call('GET', '/assignees?search=owner');
  assert.equal(found.json.items[0].email, 'owner@corp.example');
});

test('two who change the same app: the second is told, and nothing is lost', async () => {
  const { headers, json } = await api.call('GET', `/apps/${portal.apps.payroll}`);
  const version = headers.etag ?? '';
  const change = (description: string, sent: Record<string, string>) =>
    api.call('PUT', `/apps/${json.id}`, { body: { ...json, description }, headers: sent });
  assert.equal((await change('none', {})).status, 428);
  const [one, two] = await Promise.all([
    change('first', { 'if-match': version }),
    change('second', { 'if-match': version }),
  ]);
  assert.deepEqual([one.status, two.status].sort(), [200, 412]);
  const lost = one.status === 412 ? one : two;
  assert.equal(lost.json.type, 'urn:foyer:changed-meanwhile');
  for (const stale of [version, `W/${version}`, '"x"', '1', '"1", "2"', '']) {
    const refused = await api.call('PATCH', `/apps/${json.id}`, {
      body: { description: 'x' },
      headers: { 'if-match': stale },
    });
    assert.equal(refused.status, stale === '' ? 428 : 412, stale);
  }
  const { description } = (await api.call('GET', `/apps/${json.id}`)).json;
  assert.equal(description, one.status === 200 ? 'first' : 'second');
});

test('every field that is wrong is named, with what to do', async () => {
  const refused = await api.call('POST', '/apps', {
    body: {
      name: '',
      hosts: ['not a host', 'fine.corp.localhost'],
      siteId: 'x',
      upstream: { scheme: 'ftp', host: 'a', port: 0 },
    },
  });
  assert.equal(refused.status, 422);
  const pointers = refused.json.errors.map(({ pointer }: { pointer: string }) => pointer);
  assert.deepEqual(pointers.sort(), ['#/hosts/0', '#/name', '#/siteId', '#/upstream/port', '#/upstream/scheme']);
  assert.ok(refused.json.errors.every(({ detail }: { detail: string }) => /\.$/.test(detail)));
  const query = await api.call('GET', '/apps?limit=0&colour=red');
  assert.equal(query.status, 422);
  assert.deepEqual(query.json.errors.map(({ parameter }: { parameter: string }) => parameter).sort(), [
    'colour',
    'limit',
  ]);
});

test('a cluster is set, read with what DNS would answer, drained and taken back in', async () => {
  assert.deepEqual((await api.call('GET', '/cluster')).json, { name: null, nodes: [], answers: [] });
  const body = {
    name: 'internet.intern.netz',
    subClusters: [{ nodes: 1, loadBalancers: [1], lan: ['192.168.1.100/24'], nat: ['10.10.10.100/24'] }],
    views: [{ subnets: ['10.10.10.0/24'], side: 'nat' }],
    checkPort: null,
  };
  const put = await api.call('PUT', '/settings/cluster', { body, headers: ANY });
  assert.equal(put.status, 200, put.text);
  const read = (await api.call('GET', '/cluster')).json;
  assert.deepEqual(
    read.nodes.map(({ number, lan, standing }: { number: number; lan: string[]; standing: string }) => [
      number,
      lan,
      standing,
    ]),
    [[1, ['192.168.1.100'], 'never-seen']],
  );
  assert.deepEqual(read.answers, [
    { subnets: ['10.10.10.0/24'], side: 'nat', isOutside: false, addresses: ['10.10.10.100'], isUnsaid: false },
    { subnets: [], side: 'lan', isOutside: false, addresses: ['192.168.1.100'], isUnsaid: false },
  ]);
  assert.equal((await api.call('PUT', '/cluster/nodes/1/drain')).status, 204);
  const drained = (await api.call('GET', '/cluster')).json;
  assert.deepEqual([drained.answers[1].addresses, drained.answers[1].isUnsaid], [[], true]);
  assert.ok(drained.nodes[0].drainingSince > 0);
  assert.equal((await api.call('DELETE', '/cluster/nodes/1/drain')).status, 204);
  assert.equal((await api.call('GET', '/cluster')).json.nodes[0].drainingSince, null);
  for (const number of ['2', '0', 'one', '99999999999999999999'])
    assert.equal((await api.call('PUT', `/cluster/nodes/${number}/drain`)).status, 404, number);
  const refused = await api.call('PUT', '/settings/cluster', {
    body: {
      ...body,
      maxLoadBalancers: 3,
      subClusters: [{ nodes: 4, loadBalancers: [1, 2, 3, 4], lan: ['10.0.0.1/8'], nat: ['172.16.0.1/16'] }],
    },
    headers: ANY,
  });
  assert.deepEqual(
    [refused.status, refused.json.errors[0].pointer],
    [422, '#/subClusters/0/loadBalancers'],
    refused.text,
  );
});

test('names are looked at when somebody asks, and what is found is read by who may', async () => {
  const before = await api.call('GET', '/dns/findings');
  assert.deepEqual(before.json, { checkedAt: null, names: 0, isComplete: false, findings: [] });
  const looked = await api.call('POST', '/dns/check');
  assert.equal(looked.status, 200, looked.text);
  assert.ok(looked.json.checkedAt > 0);
  assert.ok(looked.json.isComplete);
  assert.ok(looked.json.names > 0);
  assert.deepEqual((await api.call('GET', '/dns/findings')).json, looked.json);
  const owner = await tokenOf(portal, portal.people.owner, ['apps:read', 'apps:write']);
  assert.equal((await api.call('POST', '/dns/check', { token: owner })).status, 403);
  const own = await api.call('GET', '/dns/findings', { token: owner });
  assert.deepEqual(own.json.findings, []);
});

test('an app’s records name its alias where there is a zone of aliases, and a new one when somebody asks', async () => {
  const path = `/apps/${portal.apps.wiki}`;
  const lines = async (): Promise<string> => {
    const { json } = await api.call('GET', `${path}/records`);
    return json.items.map(({ line }: { line: string }) => line).join();
  };
  /** What the portal reads follows what is saved within a moment. */
  const becomes = async (isDone: (now: string) => boolean): Promise<string> => {
    const until = Date.now() + 5_000;
    for (let now = await lines(); ; now = await lines()) if (isDone(now) || Date.now() > until) return now;
  };
  assert.equal(await becomes(() => true), 'wiki.corp.localhost. 300 IN CNAME gw.corp.example.');
  const body = { zone: 'alias.example', addresses: ['203.0.113.20'], nameServers: ['ns1.example'] };
  const put = await api.call('PUT', '/settings/aliases', { body, headers: ANY });
  assert.equal(put.status, 200, put.text);
  const first = await becomes((now) => now.includes('alias'));
  assert.match(first, /^wiki\.corp\.localhost\. 300 IN CNAME [a-z2-7]{32}\.alias\.example\.$/);
  assert.equal((await api.call('POST', `${path}/alias`)).status, 204);
  const second = await becomes((now) => now !== first);
  assert.notEqual(second, first);
  const owner = await tokenOf(portal, portal.people.owner, ['apps:read', 'apps:write']);
  assert.equal((await api.call('GET', `/apps/${portal.apps.payroll}/records`, { token: owner })).status, 404);
});

test('M1: every documented route was exercised, asks for a token, and for the scopes that the document names', async () => {
  const { paths } = await api.document();
  const bare = await tokenOf(portal, portal.people.admin, ['tokens:read']);
  const missed: string[] = [];
  for (const [template, operations] of Object.entries(paths)) {
    for (const [verb, operation] of Object.entries(operations)) {
      const method = verb.toUpperCase();
      if (!api.exercised.has(`${method} ${template}`)) missed.push(`${method} ${template}`);
      const path = template.replace(/\{\w+\}/g, portal.apps.wiki);
      assert.equal((await api.call(method, path, { token: null })).status, 401, `${method} ${template}`);
      const { security } = operation as unknown as { security: [{ token: string[] }] };
      const lacking = security[0].token.filter((scope) => scope !== 'tokens:read');
      const answer = await api.call(method, path, { token: bare });
      if (lacking.length === 0) assert.ok(answer.status < 300, `${method} ${template}`);
      else {
        assert.equal(answer.status, 403, `${method} ${template}`);
        assert.deepEqual(answer.json.scopes, lacking);
        assert.match(
          answer.headers['www-authenticate'] ?? '',
          new RegExp(`insufficient_scope.*scope="${lacking.join(' ')}"`),
        );
      }
    }
  }
  assert.deepEqual(missed, ['GET /openapi.json'], 'the document itself is read by the client');
});
