// The promises of what administrators take out of Foyer: only those who may, as a download, all of it, and never in secret.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { listAudit, recordAudit } from '#server/store/audit.ts';
import { SYSTEM, startTestPortal, TestBrowser, type TestPortal } from './portal.testing.ts';

let portal: TestPortal;
before(async () => {
  portal = await startTestPortal();
  await recordAudit(
    portal.store,
    Array.from({ length: 1_200 }, (_, at) => ({
      ...({
        at: Date.UTC(2026, 0, 1, 12),
        level: 'info',
        action: 'names-checked',
        outcome: 'refused',
        reason: `r${at}`,
      } as const),
      ...{ actor: null, object: { kind: 'app', id: 'x', name: '=1+1' }, address: '192.0.2.7', detail: {} },
      supportId: at === 7 ? 'ABCDEFGHJKMNP' : null,
    })),
  );
});
after(() => portal.close());

async function signedIn(name: string): Promise<TestBrowser> {
  const browser = new TestBrowser(portal);
  await browser.signIn(name);
  return browser;
}

test('M10: the export is a file with every event that matches, in the reader’s zone, and no formula', async () => {
  const admin = await signedIn('admin');
  admin.cookies.set('__Host-foyer-zone', 'Europe/Berlin');
  const { status, headers, body } = await admin.get('/admin/audit/export?format=csv&action=names-checked');
  assert.equal(status, 200);
  assert.match(String(headers['content-disposition']), /^attachment; filename="audit-[\dT-]+Z\.csv"$/);
  assert.match(String(headers['cache-control']), /no-store/);
  const lines = body.trimEnd().split('\r\n');
  assert.equal(lines.length, 1_201);
  assert.match(lines[1] ?? '', /"2026-01-01T12:00:00.000Z","2026-01-01 13:00:00","Europe\/Berlin".*"'=1\+1"/);
  const { body: json } = await admin.get('/admin/audit/export?format=jsonl&reason=r7&from=2026-01-01T00:00:00.000Z');
  assert.equal(JSON.parse(json).supportId, 'ABCDEFGHJKMNP');
  assert.equal((await admin.get('/admin/audit/export?format=exe')).status, 400);
  const noted = await listAudit(portal.store, SYSTEM, { filters: { action: 'audit-exported' } });
  assert.ok(noted.kind === 'listed');
  assert.deepEqual(
    noted.rows.map(({ detail }) => detail.format),
    ['jsonl', 'csv'],
  );
});

test('C12: an app’s page makes nobody’s browser take an export, and writes nothing into the audit', async () => {
  const admin = await signedIn('admin');
  const count = async () => {
    const noted = await listAudit(portal.store, SYSTEM, { filters: { action: 'audit-exported' } });
    return noted.kind === 'listed' ? noted.rows.length : assert.fail();
  };
  const before = await count();
  for (const path of ['/admin/audit/export?format=csv', `/admin/users/${portal.people.member}/export`]) {
    for (const site of ['same-site', 'cross-site'])
      assert.equal((await admin.get(path, { 'sec-fetch-site': site })).status, 403, `${path} ${site}`);
  }
  assert.equal(await count(), before);
});

test('M1: an auditor exports, app owners and members get 403 and nothing else, strangers 401', async () => {
  const paths = [
    '/admin/audit/export?format=csv',
    `/admin/users/${portal.people.member}/export`,
    '/admin/users/find?q=a',
  ];
  const auditor = await signedIn('auditor');
  for (const path of paths) assert.equal((await auditor.get(path)).status, 200, path);
  for (const name of ['owner', 'member']) {
    const browser = await signedIn(name);
    for (const path of paths) {
      const { status, body } = await browser.get(path);
      assert.deepEqual([status, body], [403, ''], `${name} ${path}`);
    }
    const { body } = await browser.get('/admin/sessions/streams');
    assert.doesNotMatch(body, /admin@corp|auditor@corp/);
  }
  for (const path of paths)
    assert.equal((await new TestBrowser(portal).send('GET', path, { accept: '*/*' })).status, 401, path);
});

test('a person’s export is JSON of them alone', async () => {
  const admin = await signedIn('admin');
  const { headers, body } = await admin.get(`/admin/users/${portal.people.member}/export`);
  assert.match(String(headers['content-disposition']), new RegExp(`filename="person-${portal.people.member}\\.json"`));
  const person = JSON.parse(body);
  assert.equal(person.profile.email, 'member@corp.example');
  assert.doesNotMatch(body, /auditor@corp|admin@corp|scrypt/);
  assert.equal((await admin.get('/admin/users/0199-nobody/export')).status, 404);
});

test('a support id is an address, in small letters too; one that nobody has says so', async () => {
  const admin = await signedIn('admin');
  for (const path of ['/admin/audit/ABCDEFGHJKMNP', '/admin/audit/abcdefghjkmnp']) {
    const { status, body } = await admin.get(path);
    assert.equal(status, 200);
    assert.match(body, />r7</);
    assert.doesNotMatch(body, />r8</);
  }
  assert.match((await admin.get('/admin/audit/NOBODYHASTHIS')).body, /no line with this support id/);
  assert.match((await admin.get('/admin/audit/..%2f%3Cscript%3E')).body, /no line with this support id|could not be/);
});

test('the audit says what its words mean in the reader’s language, and shows those of another release as they are', async () => {
  const admin = await signedIn('admin');
  const supportId = 'OTHERRELEASE1';
  const event = { level: 'info', actor: null, object: null, outcome: 'done', address: null, detail: {} } as const;
  const refused = { at: 1, action: 'access-refused', reason: 'not-assigned', supportId } as const;
  await recordAudit(portal.store, [
    { ...event, ...refused },
    { ...event, at: 2, action: 'settings-saved', reason: '', supportId },
  ]);
  const older = { action: 'thing-done', reason: 'a-word-of-yesterday' };
  await portal.store.db
    .updateTable('audit_events')
    .set(older)
    .where('support_id', '=', supportId)
    .where('at', '=', 2)
    .execute();
  const path = `/admin/audit?supportId=${supportId}`;
  const english = (await admin.get(path)).body;
  const german = (await admin.get(path, { 'accept-language': 'de' })).body;
  for (const text of ['>Access refused<', '>the app is not assigned<', '>thing-done<', '>a-word-of-yesterday<'])
    assert.ok(english.includes(text), text);
  for (const text of ['>Zugriff abgelehnt<', '>die App ist nicht zugewiesen<', '>thing-done<', '>a-word-of-yesterday<'])
    assert.ok(german.includes(text), text);
  // The filter speaks the audit's own word, whatever the reader's language.
  assert.match(german, /<option value="access-refused">Zugriff abgelehnt</);
});

test('M6: the overview draws its plots without a style that the policy refuses, and without a script', async () => {
  const admin = await signedIn('admin');
  const { body } = await admin.get('/admin?range=hour');
  assert.match(body, /Requests per second/);
  assert.doesNotMatch(body, /<[a-z]+ [^>]*\bstyle="/);
});
