// The promises of the launcher, over the portal's real socket: what is not a person's own does not exist for them, and uploads are no way in.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import { attemptKey, hashNonce, sealAttempt } from '#server/core/attempt.ts';
import type { Hostname } from '#server/core/hostname.ts';
import { getApp, saveApp } from '#server/store/apps.ts';
import { listAudit } from '#server/store/audit.ts';
import { saveCollection } from '#server/store/collections.ts';
import { saveGroup } from '#server/store/groups.ts';
import { saveNotice } from '#server/store/notices.ts';
import { publishTerms } from '#server/store/terms.ts';
import {
  type Answer,
  idOf,
  ORIGIN,
  SECRET,
  SYSTEM,
  startTestPortal,
  TestBrowser,
  type TestPortal,
} from './portal.testing.ts';

let portal: TestPortal;
before(async () => {
  portal = await startTestPortal();
});
after(() => portal.close());

const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

async function signedIn(role: string, options: Record<string, string> = {}): Promise<TestBrowser> {
  const browser = new TestBrowser(portal);
  await browser.signIn(role, options);
  return browser;
}

const picture = (color: string): Promise<Buffer> =>
  sharp({ create: { width: 64, height: 64, channels: 3, background: color } })
    .png()
    .toBuffer();

function upload(browser: TestBrowser, body: Buffer, headers: Record<string, string> = {}) {
  return browser.send('POST', '/launcher/icons', { origin: ORIGIN, ...headers }, body);
}

/** The portal's own snapshot follows a change within a moment. */
async function untilShown(browser: TestBrowser, path: string): Promise<Answer> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    const answer = await browser.get(path);
    if (answer.status !== 404 || Date.now() > deadline) return answer;
  }
}

/** Gives an app an icon as its editor does. */
async function setIcon(appId: string, sha256: string): Promise<void> {
  const found = await getApp(portal.store, SYSTEM, appId);
  if (found.kind !== 'found') throw new Error('no app');
  const { id: _, ...app } = found.app;
  idOf(await saveApp(portal.store, SYSTEM, appId, { ...app, icon: { kind: 'uploaded', sha256 } }));
}

test('M1, M2: an icon reaches those who may open an app that shows it, or edit it, and is 404 for everybody else', async () => {
  const admin = await signedIn('admin');
  const [wiki, payroll] = await Promise.all(
    ['#f00', '#0f0'].map(async (color) => JSON.parse((await upload(admin, await picture(color))).body).id as string),
  );
  await setIcon(portal.apps.wiki, wiki ?? '');
  await setIcon(portal.apps.payroll, payroll ?? '');
  const statusFor = async (role: string, sha256 = '') => (await signedIn(role)).get(`/launcher/icons/${sha256}`);
  const own = await untilShown(await signedIn('member'), `/launcher/icons/${wiki}`);
  assert.equal(own.status, 200);
  assert.equal(own.headers['content-type'], 'image/webp');
  assert.equal(own.headers['x-content-type-options'], 'nosniff');
  assert.equal(own.headers['cache-control'], 'private, max-age=86400, immutable');
  assert.equal((await statusFor('member', payroll)).status, 404);
  assert.equal((await statusFor('owner', wiki)).status, 404);
  assert.equal((await statusFor('admin', payroll)).status, 200);
  assert.equal((await statusFor('auditor', payroll)).status, 200);
  for (const odd of ['0'.repeat(64), '..%2f..', 'x', '%00', `${wiki}'--`])
    assert.equal((await statusFor('admin', odd)).status, 404, odd);
  const shared = await signedIn('member', { device: 'shared' });
  assert.equal((await shared.get(`/launcher/icons/${wiki}`)).headers['cache-control'], 'no-store, private');
  const refused = [
    await statusFor('member', payroll),
    await new TestBrowser(portal).get(`/launcher/icons/${wiki}`, { 'sec-fetch-mode': 'no-cors' }),
  ];
  assert.deepEqual(
    refused.map(({ status, headers }) => [status, headers['cache-control']]),
    [
      [404, 'no-store, private'],
      [401, 'no-store, private'],
    ],
  );
});

test('M1, C12: only who may edit an app uploads, from our own page, and 20 MB are refused unread', async () => {
  const small = await picture('#00f');
  for (const role of ['member', 'auditor']) {
    const { status, body } = await upload(await signedIn(role), small);
    assert.equal(status, 403);
    assert.match(body, /"kind":"forbidden"/);
  }
  assert.equal((await upload(new TestBrowser(portal), small)).status, 401);
  const owner = await signedIn('owner');
  assert.equal((await upload(owner, small)).status, 200);
  for (const headers of [{ origin: 'null' }, { origin: 'http://wiki.corp.localhost:8080' }, { origin: '' }])
    assert.equal((await upload(owner, small, headers)).status, 403);
  assert.equal((await upload(owner, Buffer.alloc(20_000_000))).status, 400);
  assert.equal((await owner.send('POST', '/launcher', { origin: ORIGIN }, Buffer.alloc(600_000))).status, 400);
  for (const [body, reason] of [
    [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'), 'format'],
    [Buffer.from('<!doctype html><script>alert(1)</script>'), 'format'],
    [Buffer.concat([small.subarray(0, 40), Buffer.alloc(200)]), 'damaged'],
    [Buffer.alloc(0), 'format'],
  ] as const) {
    const answer = await upload(owner, body);
    assert.deepEqual([answer.status, JSON.parse(answer.body).errors], [422, { icon: reason }]);
  }
});

test('M2: a launcher names no collection of which nothing is the person’s own, and no app of the others', async () => {
  const { store, apps } = portal;
  idOf(await saveCollection(store, SYSTEM, null, { name: 'Pay of the board', appIds: [apps.payroll] }));
  idOf(await saveCollection(store, SYSTEM, null, { name: 'Shared shelf', appIds: [apps.payroll, apps.wiki] }));
  const browser = await signedIn('member');
  for (const headers of [NAVIGATION, { RSC: '1' }]) {
    const first = await browser.get('/', headers);
    const { body } = first.status === 307 ? await browser.get(first.location, headers) : first;
    assert.match(body, /Shared shelf/);
    assert.doesNotMatch(body, /Pay of the board|Payroll|pay\.corp/);
    assert.doesNotMatch(body, new RegExp(apps.payroll));
  }
  assert.doesNotMatch((await browser.get('/launcher/apps')).body, /Pay|shelf/);
});

test('M2: a notice for a group is no word to anybody else', async () => {
  const groupId = idOf(await saveGroup(portal.store, SYSTEM, null, { name: 'Board' }));
  const notice = { text: 'The merger is on Friday', everyone: false, groupIds: [groupId] };
  const noticeId = idOf(await saveNotice(portal.store, SYSTEM, null, notice));
  idOf(await saveNotice(portal.store, SYSTEM, null, { text: 'Cake in the kitchen' }));
  const { body } = await (await signedIn('member')).get('/', NAVIGATION);
  assert.match(body, /Cake in the kitchen/);
  assert.doesNotMatch(body, /merger/);
  assert.ok(!body.includes(noticeId));
});

test('C5: /go leads to an app of the person’s own by its name or host, with path and query, and nowhere else', async () => {
  const browser = await signedIn('member');
  const to = async (path: string) => (await browser.get(path, NAVIGATION)).location;
  const wiki = 'http://wiki.corp.localhost:8080';
  const table = [
    ['/go/wiki-of-ours', `${wiki}/`],
    ['/go/WIKI-of-OURS/a/b?x=y&x=%2F', `${wiki}/a/b?x=y&x=%2F`],
    ['/go/wiki-of-ours/a/', `${wiki}/a/`],
    ['/go/Wiki%20of%20ours', `${wiki}/`],
    ['/go/wiki.corp.localhost/p', `${wiki}/p`],
    ['/go/wiki-of-ours/%2F%2Fevil.example', `${wiki}/%2F%2Fevil.example`],
    ['/go/wiki-of-ours/@evil.example', `${wiki}/@evil.example`],
    ['/go/wiki', '/?go=wiki'],
    ['/go/payroll-of-the-board/x', '/?go=payroll-of-the-board'],
    ['/go/no-such-app/x', '/?go=no-such-app'],
    ['/go/evil.example', '/?go=evil.example'],
  ] as const;
  for (const [path, location] of table) assert.equal(await to(path), location, path);
  assert.equal((await browser.get('/go/%ff', NAVIGATION)).status, 400);
  // What is not theirs and what is not at all look the same.
  const [other, none] = await Promise.all(
    ['/?go=payroll-of-the-board', '/?go=no-such-app-of-theirs'].map((path) => browser.get(path, NAVIGATION)),
  );
  assert.match(other?.body ?? '', /No app of yours is called/);
  assert.match(none?.body ?? '', /No app of yours is called/);
  const stranger = await new TestBrowser(portal).get('/go/wiki-of-ours/a?b=c', NAVIGATION);
  assert.equal(stranger.location, '/sign-in?to=%2Fgo%2Fwiki-of-ours%2Fa%3Fb%3Dc');
});

test('terms of use come before the launcher and before apps, are accepted once from our own page, and say who did', async () => {
  const { store, apps } = portal;
  const browser = await signedIn('member');
  const nonceHash = hashNonce('nonce');
  const host = 'wiki.corp.localhost' as Hostname;
  const visit = { appId: apps.wiki, host, home: host, target: '/deep', pending: [], nonceHash, round: 1 };
  const sealed = sealAttempt(attemptKey(SECRET), Buffer.alloc(12, 1), { ...visit, startedAt: Date.now() });
  const open = `/open?try=${sealed}`;
  assert.match((await browser.get(open, NAVIGATION)).body, /name="code"/);
  assert.equal((await publishTerms(store, SYSTEM, { text: 'Be <b>kind</b>.' })).kind, 'saved');

  assert.equal((await browser.get('/', NAVIGATION)).location, '/terms');
  const stopped = await browser.get(open, NAVIGATION);
  assert.doesNotMatch(stopped.body, /name="code"/);
  assert.ok(stopped.body.includes(`/terms?to=${encodeURIComponent('/open?try=')}`));
  const page = await browser.get(`/terms?${new URLSearchParams({ to: open })}`, NAVIGATION);
  assert.match(page.body, /Be &lt;b&gt;kind&lt;\/b&gt;\./);

  const fields = { version: '1', to: open };
  for (const origin of ['', 'null', 'http://wiki.corp.localhost:8080'])
    assert.equal((await browser.post('/terms/accept', fields, { origin })).status, 403);
  const wrong = await browser.post('/terms/accept', { ...fields, version: '2' });
  assert.match(wrong.location, /^\/terms\?problem=changed&/);
  assert.equal((await browser.get('/', NAVIGATION)).location, '/terms');
  assert.equal((await browser.post('/terms/accept', fields)).location, open);
  assert.match((await browser.get(open, NAVIGATION)).body, /name="code"/);
  assert.equal((await browser.get('/', NAVIGATION)).status, 200);
  const evil = await browser.post('/terms/accept', { version: '1', to: '//evil.example' });
  assert.equal(evil.location, '/');
  const audit = await listAudit(store, SYSTEM, { filters: { action: 'terms-accepted' } });
  assert.ok(audit.kind === 'listed');
  assert.deepEqual(
    audit.rows.map(({ actor, object }) => [actor?.email, object?.name]),
    [['member@corp.example', 'Version 1']],
  );
  // Nobody else accepted it.
  assert.equal((await (await signedIn('admin')).get('/', NAVIGATION)).location, '/terms');
});
