// Who may look at which path: every role, at the whole way and at everybody's view of it, through the portal as it runs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { getApp, saveApp } from '#server/store/apps.ts';
import { type Answer, ORIGIN, SYSTEM, startTestPortal, TestBrowser, type TestPortal } from './portal.testing.ts';

/** The private half of the test portal's apps. */
const SECRETS = ['secret-name', 'corp.internal', 'Office', 'site-missing', 'no-servers'];

let portal: TestPortal;
before(async () => {
  portal = await startTestPortal();
});
after(() => portal.close());

test('M1: the whole way is told to admins, auditors and the app’s owner, and is nothing for others', async () => {
  const { apps, people } = portal;
  await giveTo(apps.wiki, people.owner);
  const table: [string, string, number][] = [
    ['admin', apps.wiki, 200],
    ['auditor', apps.payroll, 200],
    ['owner', apps.wiki, 200],
    ['owner', apps.payroll, 404],
    ['member', apps.wiki, 403],
    ['admin', 'nothing', 404],
  ];
  for (const [role, appId, status] of table) {
    const answer = await look(await browser(role), `/admin/apps/${appId}/path/look`);
    assert.equal(answer.status, status, `${role} ${appId}`);
    assert.equal(answer.body === '', status !== 200);
    if (status === 200) {
      assert.match(answer.headers['cache-control'] ?? '', /no-store/);
      assert.deepEqual(stepsOf(answer).length, 9);
      assert.match(answer.body, /no-servers/);
    }
  }
});

test('M1: an owner cannot ask for another person, nor learn who the providers are', async () => {
  const { apps, people } = portal;
  await giveTo(apps.wiki, people.owner);
  const owner = await browser('owner');
  const path = `/admin/apps/${apps.wiki}/path`;
  assert.equal((await look(owner, `${path}/look`, { person: people.member })).status, 403);
  assert.equal((await owner.get(`${path}/people?q=m`)).status, 403);
  const admin = await browser('admin');
  const asked = await look(admin, `${path}/look`, { person: people.member });
  assert.match(asked.body, /"code":"assigned"/);
  assert.deepEqual(JSON.parse((await admin.get(`${path}/people?q=memb`)).body).people.length, 1);
  const wrong: Record<string, string>[] = [
    { person: 'nobody' },
    { host: 'pay.corp.localhost' },
    { route: '5' },
    { route: '__proto__' },
  ];
  for (const fields of wrong)
    assert.equal((await look(admin, `${path}/look`, fields)).status, 404, JSON.stringify(fields));
});

test('invariants 5 and 6, M2: who may open an app sees nothing private, who may not gets what an unknown one gives', async () => {
  const { apps } = portal;
  const member = await browser('member');
  const answer = await look(member, `/path/${apps.wiki}/look`);
  assert.equal(answer.status, 200);
  const page = await member.get(`/path/${apps.wiki}`);
  assert.match(page.body, /Wiki of ours/);
  for (const secret of SECRETS) assert.ok(!`${answer.body}${page.body}`.includes(secret), secret);
  assert.deepEqual(stepsOf(answer).sort(), [
    'certificate',
    'gateway-address',
    'policy',
    'private',
    'public-dns',
    'sign-in',
  ]);
  for (const key of [apps.payroll, 'pay.corp.localhost', 'nothing']) {
    const refused = await look(member, `/path/${key}/look`);
    assert.deepEqual([refused.status, refused.body], [404, ''], key);
    const missing = await member.get(`/path/${key}`);
    assert.equal(missing.status, 404, key);
    assert.ok(!missing.body.includes('Payroll of the board'), key);
  }
});

test('M1, C12: a look needs a session and our own Origin, and no GET begins one', async () => {
  const { apps } = portal;
  const member = await browser('member');
  for (const path of [`/path/${apps.wiki}/look`, `/admin/apps/${apps.wiki}/path/look`]) {
    for (const origin of ['', 'null', 'http://wiki.corp.localhost:8080'])
      assert.equal((await look(member, path, {}, { origin })).status, 403, `${path} ${origin}`);
    assert.equal((await look(new TestBrowser(portal), path)).status, 401);
    assert.equal((await member.get(path)).status, 405);
  }
});

async function browser(name: string): Promise<TestBrowser> {
  const made = new TestBrowser(portal);
  await made.signIn(name);
  return made;
}

function look(
  from: TestBrowser,
  path: string,
  fields: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  return from.post(path, fields, { origin: ORIGIN, ...headers });
}

function stepsOf({ body }: Answer): string[] {
  const lines = body.trim().split('\n');
  return lines.flatMap((line) => JSON.parse(line).step?.step ?? []);
}

async function giveTo(appId: string, ownerUserId: string): Promise<void> {
  const found = await getApp(portal.store, SYSTEM, appId);
  assert.ok(found.kind === 'found');
  const { id, ...input } = found.app;
  const saved = await saveApp(portal.store, SYSTEM, id, { ...input, ownerUserId });
  assert.equal(saved.kind, 'saved');
}
