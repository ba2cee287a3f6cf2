// The promises of the portal program, over its real socket, with the real pages and a real store.
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { attemptKey, hashNonce, sealAttempt } from '#server/core/attempt.ts';
import { parseHostname } from '#server/core/hostname.ts';
import { PORTAL_SESSION_COOKIE, PORTAL_SESSION_HEADER } from '#server/core/portal-cookie.ts';
import { faultText } from '#server/core/texts.ts';
import { listAudit } from '#server/store/audit.ts';
import { redeemCode } from '#server/store/codes.ts';
import { setFavourite } from '#server/store/launcher.ts';
import { loadSession } from '#server/store/sessions.ts';
import { HOST, ORIGIN, PASSWORD, SECRET, startTestPortal, TestBrowser, type TestPortal } from './portal.testing.ts';

let portal: TestPortal;
before(async () => {
  portal = await startTestPortal();
});
after(() => portal.close());

const SECRETS = [/Wiki of ours/, /Payroll/, /secret-name/, /pay\.corp/, /member@corp/];
const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

test('only this user reaches the socket', async () => {
  assert.equal((await stat(portal.socketPath)).mode & 0o777, 0o600);
});

test('C19, S9: another Host, an absolute target and an upgrade never reach a page', async () => {
  const table = [
    [`GET /sign-in HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`, /^HTTP\/1\.1 421 /],
    [`GET http://169.254.169.254/ HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`, /^HTTP\/1\.1 400 /],
    [`GET //evil.example/ HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`, /^HTTP\/1\.1 400 /],
    [`GET /sign-in HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`, /^$/],
    [
      `GET http://169.254.169.254/ HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      /^$/,
    ],
  ] as const;
  for (const [bytes, expected] of table) {
    const socket = connect(portal.socketPath);
    socket.write(bytes);
    const answer = await text(socket);
    assert.match(answer, expected, bytes);
    assert.doesNotMatch(answer, /x-powered-by/i);
  }
});

test('M6, M7, K6: every page has a policy with a nonce of its own, and is stored nowhere', async () => {
  const browser = new TestBrowser(portal);
  await browser.signIn('admin');
  const nonces = new Set<string>();
  const pages = [
    '/',
    '/account',
    '/sign-in',
    '/diagnosis',
    '/nowhere',
    '/admin/apps',
    `/admin/apps/${portal.apps.wiki}`,
    '/setup',
  ];
  for (const page of pages) {
    const { headers, body } = await browser.get(page, NAVIGATION);
    const policy = String(headers['content-security-policy']);
    const nonce = /script-src 'nonce-([^']+)' 'strict-dynamic'/.exec(policy)?.[1] ?? assert.fail(policy);
    nonces.add(nonce);
    for (const directive of ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"]) {
      assert.ok(policy.includes(directive), `${page}: ${directive}`);
    }
    assert.doesNotMatch(policy, /unsafe/);
    for (const [tag] of body.matchAll(/<script[^>]*>/g)) assert.ok(tag.includes(`nonce="${nonce}"`), `${page}: ${tag}`);
    assert.doesNotMatch(body, /<[^>]+ (style|on\w+)="/, page);
    assert.match(String(headers['cache-control']), /no-store/);
    assert.match(String(headers['cache-control']), /private/);
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'same-origin');
    assert.equal(headers['x-powered-by'], undefined);
  }
  assert.equal(nonces.size, pages.length);
});

test('S6, M1: without a session the admin pages say nothing, however they are asked for', async () => {
  const browser = new TestBrowser(portal);
  const variants: [string, Record<string, string>][] = [
    ['/admin/apps', NAVIGATION],
    ['/admin/apps', { RSC: '1' }],
    ['/admin/apps?_rsc=abc', { RSC: '1', 'Next-Router-Prefetch': '1' }],
    ['/admin/apps', { RSC: '1', 'next-router-segment-prefetch': '/_tree' }],
    ['/admin/apps.rsc', {}],
    ['/admin/apps.segments/_tree.segment.rsc', {}],
    ['/_next/data/x/admin/apps.json', { 'x-nextjs-data': '1' }],
    ['/admin/apps', { 'x-nextjs-data': '1' }],
    ['/admin/apps', { 'x-middleware-subrequest': 'middleware:middleware:middleware:middleware:middleware' }],
    ['/admin/apps', { [PORTAL_SESSION_HEADER]: portal.people.admin }],
    [`/admin/apps/${portal.apps.payroll}`, NAVIGATION],
    ['/admin/users?nxtPid=1', NAVIGATION],
    ['/', NAVIGATION],
  ];
  for (const [path, headers] of variants) {
    const answer = await browser.get(path, headers);
    assert.ok([303, 401, 404].includes(answer.status), `${path} ${JSON.stringify(headers)}: ${answer.status}`);
    for (const secret of SECRETS) assert.doesNotMatch(answer.body, secret);
    if (answer.status === 303) assert.match(answer.location, /^\/sign-in/);
  }
  const action = { 'Next-Action': 'a'.repeat(42), origin: ORIGIN, 'content-type': 'text/plain;charset=UTF-8' };
  assert.equal((await browser.send('POST', '/admin/apps', action, '[]')).status, 401);
  assert.equal((await browser.send('POST', '/sign-in', action, '[]')).status, 401);
});

test('M1: a program that is not signed in gets the problem document of every refusal, in its language', async () => {
  const programs = { accept: 'application/json', 'accept-language': 'de' };
  const { status, headers, body } = await new TestBrowser(portal).send('GET', '/admin/apps', programs);
  assert.deepEqual([status, headers['content-type']], [401, 'application/problem+json']);
  const { title, sentence } = faultText('sign-in-needed', 'de');
  const type = 'urn:foyer:sign-in-needed';
  assert.deepEqual(JSON.parse(body), { type, title, status: 401, detail: sentence, supportId: 'TESTSUPPORT1' });
});

test('M1: each admin page opens for the roles that include it, and is a 403 for the others', async () => {
  const pages: [string, string[]][] = [
    ['/admin/apps', ['admin', 'auditor', 'owner']],
    ['/admin/apps/new', ['admin']],
    [`/admin/apps/${portal.apps.wiki}`, ['admin', 'auditor']],
    ['/admin/sites', ['admin', 'auditor']],
    ['/admin/sites/new', ['admin']],
    ['/admin/users', ['admin', 'auditor']],
    ['/admin/users/new', ['admin']],
    [`/admin/users/${portal.people.member}`, ['admin', 'auditor']],
    ['/admin/groups', ['admin', 'auditor']],
    ['/admin/groups/new', ['admin']],
    ['/admin/providers', ['admin', 'auditor']],
    ['/admin/providers/new', ['admin']],
    ['/admin/sessions', ['admin', 'auditor']],
    ['/admin/audit', ['admin', 'auditor']],
    ['/admin/machines', ['admin', 'auditor']],
    ['/machines', ['admin', 'auditor', 'owner', 'member']],
  ];
  for (const role of ['admin', 'auditor', 'owner', 'member']) {
    const browser = new TestBrowser(portal);
    await browser.signIn(role);
    for (const [page, allowed] of pages) {
      for (const headers of [NAVIGATION, { RSC: '1' }]) {
        const first = await browser.get(page, headers);
        // Next wants a hash of these headers in the address and says which.
        const { status, body } = first.status === 307 ? await browser.get(first.location, headers) : first;
        if (allowed.includes(role)) assert.equal(status, 200, `${role} ${page}`);
        else {
          // A React Server Components answer is 200 whatever it says; here it says 403, and holds nothing else.
          const isRefused = status === 403 || status === 404 || /NEXT_HTTP_ERROR_FALLBACK;40[34]/.test(body);
          assert.ok(isRefused, `${role} ${page}: ${status}`);
          assert.doesNotMatch(body, /Payroll|secret-name/, `${role} ${page}`);
        }
      }
    }
  }
});

test('the launcher holds the person’s own apps and no trace of others', async () => {
  const browser = new TestBrowser(portal);
  await browser.signIn('member');
  const { body } = await browser.get('/', NAVIGATION);
  assert.match(body, /Wiki of ours/);
  assert.match(body, new RegExp(portal.apps.wiki));
  assert.match(body, /http:\/\/wiki\.corp\.localhost:8080\//);
  assert.doesNotMatch(body, /Payroll|pay\.corp|secret-name/);
  assert.doesNotMatch(body, new RegExp(portal.apps.payroll));
});

test('C9: every sign-in makes a new session, and the one that the browser had before is dead', async () => {
  const browser = new TestBrowser(portal);
  const first = await browser.signIn('member');
  assert.equal(first.location, `${ORIGIN}/sign-in/return?device=standard&to=%2F`);
  const planted = browser.cookies.get(PORTAL_SESSION_COOKIE) ?? assert.fail('no cookie');
  assert.equal((await browser.get('/', NAVIGATION)).status, 200);
  await browser.signIn('member');
  assert.notEqual(browser.cookies.get(PORTAL_SESSION_COOKIE), planted);
  assert.equal((await browser.get('/', NAVIGATION)).status, 200);
  browser.cookies.set(PORTAL_SESSION_COOKIE, planted);
  assert.equal((await browser.get('/', NAVIGATION)).status, 303);
});

test('the session cookie is host-only, for scripts unreadable, and holds no name', async () => {
  const { headers } = await new TestBrowser(portal).signIn('member', { device: 'shared' });
  const lines = headers['set-cookie'] ?? [];
  for (const line of lines) {
    assert.match(line, /^__Host-foyer-/);
    assert.match(line, /; Path=\/(;|$)/);
    assert.match(line, /; HttpOnly(;|$)/);
    assert.match(line, /; Secure(;|$)/);
    assert.match(line, /; SameSite=Lax(;|$)/);
    assert.doesNotMatch(line, /Domain=/i);
  }
  const session = lines.find((line) => line.startsWith(`${PORTAL_SESSION_COOKIE}=`)) ?? assert.fail();
  const ends = Date.parse(/Expires=([^;]+)/.exec(session)?.[1] ?? '');
  assert.ok(Math.abs(ends - Date.now() - 4 * 3_600_000) < 60_000);
});

test('C10, C12: sign-out needs our own Origin, and then ends the session for good', async () => {
  const browser = new TestBrowser(portal);
  await browser.signIn('member');
  const cookie = browser.cookies.get(PORTAL_SESSION_COOKIE) ?? assert.fail();
  const hostile: Record<string, string>[] = [
    { origin: '' },
    { origin: 'null' },
    { origin: 'http://wiki.corp.localhost:8080' },
    { origin: ORIGIN, 'sec-fetch-site': 'cross-site' },
    { origin: 'null', 'content-type': 'text/plain' },
  ];
  for (const headers of hostile) assert.equal((await browser.post('/sign-out', {}, headers)).status, 403);
  assert.equal((await browser.get('/', NAVIGATION)).status, 200);
  const out = await browser.post('/sign-out', {});
  assert.equal(out.location, '/sign-in?note=signed-out');
  assert.equal(browser.cookies.get(PORTAL_SESSION_COOKIE), undefined);
  browser.cookies.set(PORTAL_SESSION_COOKIE, cookie);
  assert.equal((await browser.get('/', NAVIGATION)).status, 303);
});

test('C12: the sign-in form needs our own Origin, so nobody is signed in as somebody else', async () => {
  const fields = { email: 'member@corp.example', password: PASSWORD };
  for (const origin of ['', 'null', 'http://wiki.corp.localhost:8080']) {
    const browser = new TestBrowser(portal);
    assert.equal((await browser.post('/auth/callback/credentials', fields, { origin })).status, 403);
    assert.equal(browser.cookies.size, 0);
  }
});

test('C5: sign-in goes on to a path of the portal, whatever it was told', async () => {
  const table = [
    ['/open?try=abc', '/open?try=abc'],
    ['//evil.example', '/'],
    ['https://evil.example/', '/'],
    ['/\\evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['/account\r\nset-cookie: a=b', '/'],
  ] as const;
  for (const [to, expected] of table) {
    const browser = new TestBrowser(portal);
    const signedIn = await browser.signIn('member', { to });
    const back = await browser.get(signedIn.location.slice(ORIGIN.length));
    assert.equal(back.location, expected);
  }
});

test('a wrong password is told in a sentence, many of them with how long to wait', async () => {
  const browser = new TestBrowser(portal);
  const wrong = { email: 'throttled@corp.example', password: 'not this one' };
  const plain = await browser.post('/auth/callback/credentials', { ...wrong, to: '/account' });
  assert.equal(plain.location, '/sign-in?problem=refused&to=%2Faccount');
  assert.match((await browser.get(plain.location)).body, /E-mail or password is not right/);
  let last = await browser.post('/auth/callback/credentials', { ...wrong, json: 'true' });
  for (let tries = 0; tries < 30 && JSON.parse(last.body).problem.kind !== 'throttled'; tries++) {
    assert.equal(last.status, 401);
    last = await browser.post('/auth/callback/credentials', { ...wrong, json: 'true' });
  }
  const { problem } = JSON.parse(last.body);
  assert.equal(problem.kind, 'throttled');
  assert.ok(problem.retryAfterMs > 0);
  assert.match((await browser.get('/sign-in?problem=throttled&wait=90')).body, /Try again in 2 minutes/);
  assert.equal(browser.cookies.get(PORTAL_SESSION_COOKIE), undefined);
});

test('nothing else of next-auth can be reached', async () => {
  const browser = new TestBrowser(portal);
  for (const path of ['session', 'providers', 'csrf', 'signout', 'callback/credentials', 'verify-request', '_log']) {
    assert.equal((await browser.get(`/auth/${path}`)).status, 404, path);
  }
  for (const path of ['session', '_log', 'signout', 'signin/unknown', 'callback/unknown']) {
    assert.equal((await browser.post(`/auth/${path}`, {})).status, 404, path);
  }
});

function sealed(app: 'wiki' | 'payroll', overrides: Partial<Parameters<typeof sealAttempt>[2]> = {}): string {
  const host = parseHostname(app === 'wiki' ? 'wiki.corp.localhost' : 'pay.corp.localhost') ?? assert.fail();
  return sealAttempt(attemptKey(SECRET), Buffer.alloc(12, 1), {
    appId: portal.apps[app],
    host,
    home: host,
    pending: [],
    target: '/deep?x=%2f',
    nonceHash: hashNonce('nonce'),
    startedAt: Date.now(),
    round: 1,
    ...overrides,
  });
}

test('an altered, foreign or old `try` opens nothing and is a page that says what to do', async () => {
  const browser = new TestBrowser(portal);
  await browser.signIn('member');
  const old = sealed('wiki', { startedAt: Date.now() - 11 * 60_000 });
  for (const attempt of ['', 'x', `${sealed('wiki')}A`, old, '<script>alert(1)</script>']) {
    const { status, body, headers } = await browser.get(`/open?${new URLSearchParams({ try: attempt })}`, NAVIGATION);
    assert.equal(status, 200);
    assert.match(body, /This link is no longer good/);
    assert.match(String(headers['content-security-policy']), /form-action 'self'/);
    assert.doesNotMatch(body, /alert\(1\)/);
  }
});

test('without a session /open keeps the fragment first and then goes to sign-in with the way back', async () => {
  const attempt = sealed('wiki');
  const { status, body } = await new TestBrowser(portal).get(`/open?try=${attempt}`, NAVIGATION);
  assert.equal(status, 200);
  assert.match(body, /location\.hash[\s\S]*sessionStorage[\s\S]*location\.replace\("\/sign-in\?to=%2Fopen%3Ftry%3D/);
  assert.doesNotMatch(body, /Wiki of ours/);
});

test('C3: whoever may open the app is handed over by a posted code that works once', async () => {
  const browser = new TestBrowser(portal);
  await browser.signIn('member');
  const { body, headers } = await browser.get(`/open?try=${sealed('wiki')}`, NAVIGATION);
  assert.match(body, /<form method="post" action="http:\/\/wiki\.corp\.localhost:8080\/\.foyer\/session">/);
  assert.match(String(headers['content-security-policy']), /form-action http:\/\/wiki\.corp\.localhost:8080;/);
  assert.equal(headers['referrer-policy'], 'strict-origin');
  assert.match(String(headers['cache-control']), /no-store/);
  const code = /name="code" value="([^"]+)"/.exec(body)?.[1] ?? assert.fail('no code');
  const host = parseHostname('wiki.corp.localhost') ?? assert.fail();
  const proof = { code, host, nonceHash: hashNonce('nonce') };
  assert.equal((await redeemCode(portal.store, proof)).kind, 'redeemed');
  assert.equal((await redeemCode(portal.store, proof)).kind, 'refused');
});

test('a refused person reads who they are and why, not the app’s name, and the audit finds it by the support id', async () => {
  const browser = new TestBrowser(portal);
  await browser.signIn('member');
  const attempt = sealed('payroll');
  const support = { ...NAVIGATION, 'foyer-request-id': 'DENIEDSUPPORT1' };
  const { status, body, headers } = await browser.get(`/open?try=${attempt}`, support);
  assert.equal(status, 200);
  for (const part of [
    /You cannot open this app/,
    /member@corp\.example/,
    /not-assigned/,
    /pay\.corp\.localhost/,
    /DENIEDSUPPORT1/,
  ]) {
    assert.match(body, part);
  }
  assert.doesNotMatch(body, /Payroll|secret-name/);
  assert.doesNotMatch(body, /name="code"/);
  assert.match(String(headers['content-security-policy']), /form-action 'self'/);
  const listed = await listAudit(portal.store, { kind: 'system' }, { filters: { supportId: 'DENIEDSUPPORT1' } });
  assert.ok(listed.kind === 'listed');
  assert.deepEqual(
    listed.rows.map(({ action, outcome, reason, actor }) => [action, outcome, reason, actor?.email]),
    [['access-refused', 'refused', 'not-assigned', 'member@corp.example']],
  );
});

test('the fourth round is a diagnosis, not another one', async () => {
  const browser = new TestBrowser(portal);
  await browser.signIn('member');
  const { body } = await browser.get(`/open?try=${sealed('wiki', { round: 4 })}`, NAVIGATION);
  assert.match(body, /\/diagnosis\?reason=rounds/);
  assert.doesNotMatch(body, /name="code"/);
  assert.match((await browser.get('/diagnosis?reason=rounds&support=ABCDEFGHIJ')).body, /ABCDEFGHIJ/);
});

test('M8: what an address says is never repeated as markup', async () => {
  const browser = new TestBrowser(portal);
  await browser.signIn('member');
  const hostile = '<img src=x onerror=alert(1)>';
  for (const path of [
    '/diagnosis?reason=',
    '/sign-in?problem=',
    '/sign-in/problem?support=',
    '/setup?token=',
    '/nowhere?x=',
  ]) {
    const { body } = await browser.get(path + encodeURIComponent(hostile), NAVIGATION);
    assert.ok(!body.includes(hostile), path);
  }
});

test('K4, K5, K6: the worker is never answered from a cache, claims no more than its place, and has a policy of its own', async () => {
  const browser = new TestBrowser(portal);
  const { status, headers, body } = await browser.get('/sw.js', { 'service-worker': 'script' });
  assert.equal(status, 200);
  assert.match(String(headers['content-type']), /^text\/javascript/);
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers['service-worker-allowed'], undefined);
  assert.equal(headers['content-security-policy'], "default-src 'none'; connect-src 'self'");
  assert.equal(headers['set-cookie'], undefined);
  assert.doesNotMatch(body, /importScripts|skipWaiting\(\)\)\)/, 'one file, that waits until it is told');
  const page = await browser.get('/offline.html', NAVIGATION);
  assert.doesNotMatch(String(page.headers['content-security-policy']), /unsafe|nonce|https?:/);
  assert.doesNotMatch(page.body, /<[^>]+ (style|on\w+)=|<script(?! type="application\/json"| type="module" src=)/);
});

test('K6: the manifest is stored nowhere, and without a session it names nobody and no app', async () => {
  const { status, headers, body } = await new TestBrowser(portal).get('/manifest.webmanifest');
  assert.equal(status, 200);
  assert.match(String(headers['content-type']), /^application\/manifest\+json/);
  assert.match(String(headers['cache-control']), /no-store/);
  const manifest = JSON.parse(body);
  assert.equal(manifest.id, '/');
  assert.deepEqual(manifest.shortcuts ?? [], []);
  for (const secret of SECRETS) assert.doesNotMatch(body, secret);
});

test('K6: the manifest’s shortcuts are the person’s own favourites, inside the portal, and gone when the app is', async () => {
  const shortcuts = async (name: string, device = 'my-device') => {
    const browser = new TestBrowser(portal);
    await browser.signIn(name, { device });
    return JSON.parse((await browser.get('/manifest.webmanifest')).body).shortcuts;
  };
  const { people, apps, store } = portal;
  const row = await store.db
    .selectFrom('sessions')
    .select('id')
    .where('user_id', '=', people.member)
    .executeTakeFirst();
  const { identity } = (await loadSession(store, row?.id ?? ''))?.session ?? assert.fail();
  const actor = {
    userId: people.member,
    email: identity.email,
    role: identity.role,
    sessionId: row?.id ?? '',
    address: null,
  };
  assert.equal((await setFavourite(store, actor, apps.wiki, true)).kind, 'saved');
  assert.deepEqual(await shortcuts('member'), [{ name: 'Wiki of ours', url: '/go/wiki-of-ours' }]);
  assert.equal(await shortcuts('member', 'shared'), undefined, 'a shared computer keeps no name of an app');
  assert.equal(await shortcuts('member', 'standard'), undefined);
  assert.deepEqual(await shortcuts('admin'), []);
  // A mark on an app that is not theirs, however it came there, shows nothing.
  await store.db
    .insertInto('launcher_apps')
    .values({ user_id: people.admin, app_id: apps.payroll, favourite: 0, opened_at: null })
    .execute();
  assert.deepEqual(await shortcuts('admin'), []);
});

test('K1: only a device of one’s own keeps anything, only when asked, and every sign-in decides anew', async () => {
  const browser = new TestBrowser(portal);
  const keeps = () => browser.cookies.has('__Host-foyer-keep');
  await browser.signIn('member', { device: 'my-device', keep: 'yes' });
  assert.equal(keeps(), true);
  assert.equal((await browser.post('/sign-out', {})).headers['clear-site-data'], '"cache", "storage"');
  assert.equal(keeps(), false);
  assert.equal((await browser.post('/sign-out', {})).headers['clear-site-data'], '"cache"');
  const others: Record<string, string>[] = [
    { device: 'shared', keep: 'yes' },
    { device: 'standard', keep: 'yes' },
    { device: 'my-device' },
  ];
  for (const fields of others) {
    await browser.signIn('member', { device: 'my-device', keep: 'yes' });
    await browser.signIn('member', fields);
    assert.equal(keeps(), false, JSON.stringify(fields));
  }
  await browser.signIn('member', { device: 'my-device', keep: 'yes' });
  await browser.post('/auth/callback/credentials', { email: 'member@corp.example', password: 'wrong' });
  assert.equal(keeps(), true, 'a sign-in that failed decides nothing');
});
