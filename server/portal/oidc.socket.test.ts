// Sign-in with a provider, over the portal's real socket: with the real oidc-provider, and with one that lies.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PORTAL_SESSION_COOKIE } from '#server/core/portal-cookie.ts';
import { saveProvider } from '#server/store/providers.ts';
import type { Child } from '../../e2e/system/child.ts';
import { CLIENT, chooseIssuer, DOROTHY, KATHERINE, startIdentityProvider } from '../../e2e/system/oidc.ts';
import { type LyingProvider, startLyingProvider } from './lying-provider.testing.ts';
import { type Answer, idOf, ORIGIN, SYSTEM, startTestPortal, TestBrowser, type TestPortal } from './portal.testing.ts';

let portal: TestPortal;
let lying: LyingProvider;
let impostor: LyingProvider;
let astray: LyingProvider;
const children: Child[] = [];
const ids = { corporate: '', second: '', lying: '', impostor: '', astray: '' };

before(async () => {
  portal = await startTestPortal();
  ids.corporate = await addRealProvider('Corporate login');
  ids.second = await addRealProvider('Second login');
  lying = await startLyingProvider(CLIENT);
  ids.lying = await addProvider('Lying login', lying.issuer);
  impostor = await startLyingProvider(CLIENT);
  impostor.tell({ discoveredIssuer: 'http://127.0.0.1:1' });
  ids.impostor = await addProvider('Impostor login', impostor.issuer);
  astray = await startLyingProvider(CLIENT);
  astray.tell({ tokenEndpoint: 'http://169.254.169.254/latest' });
  ids.astray = await addProvider('Astray login', astray.issuer);
});
after(async () => {
  await Promise.all(children.map((child) => child.stop()));
  await lying.close();
  await impostor.close();
  await astray.close();
  await portal.close();
});

async function addProvider(name: string, issuer: string): Promise<string> {
  const input = { name, issuer, ...CLIENT, groupsClaim: 'groups', allowedEmailDomains: ['corp.example'] };
  return idOf(
    await saveProvider(portal.store, SYSTEM, null, { ...input, scopes: ['openid', 'email', 'profile', 'groups'] }),
  );
}

async function addRealProvider(name: string): Promise<string> {
  const issuer = await chooseIssuer();
  const id = await addProvider(name, issuer);
  children.push(await startIdentityProvider(issuer, `${ORIGIN}/auth/callback/${id}`));
  return id;
}

/** Begins at the portal; returns the provider's address. */
async function begin(browser: TestBrowser, id: string, fields: Record<string, string> = {}): Promise<URL> {
  const answer = await browser.post(`/auth/signin/${id}`, { json: 'true', ...fields });
  assert.equal(answer.status, 200, answer.body);
  return new URL(JSON.parse(answer.body).url);
}

/** Logs in at the real provider as a browser does; returns the address that it sends the browser back to. */
async function logIn(start: URL, { email, password }: { email: string; password: string }): Promise<URL> {
  const cookies = new Map<string, string>();
  let at = start;
  let body: URLSearchParams | undefined;
  for (let hops = 0; hops < 10; hops++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(at, { method: body ? 'POST' : 'GET', body, headers: { cookie }, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    body = location ? undefined : new URLSearchParams({ email, password });
    if (location) at = new URL(location, at);
    if (at.origin === ORIGIN) return at;
  }
  assert.fail('the provider did not send the browser back');
}

const back = (browser: TestBrowser, url: URL): Promise<Answer> => browser.get(url.pathname + url.search);

function assertRefused(browser: TestBrowser, answer: Answer, reason = 'provider'): void {
  assert.equal(answer.status, 303);
  assert.equal(answer.location, `/sign-in/problem?reason=${reason}&support=TESTSUPPORT1`);
  assert.equal(browser.cookies.get(PORTAL_SESSION_COOKIE), undefined, 'nobody is signed in');
  for (const check of ['state', 'pkce', 'nonce']) {
    assert.equal(browser.cookies.get(`__Host-foyer-oidc-${check}`), undefined, `${check} is used up`);
  }
}

test('a person signs in with a provider and gets to where they were going', async () => {
  const browser = new TestBrowser(portal);
  const start = await begin(browser, ids.corporate, { to: '/account', device: 'my-device' });
  for (const name of ['state', 'nonce', 'code_challenge']) assert.ok(start.searchParams.get(name), name);
  assert.equal(start.searchParams.get('code_challenge_method'), 'S256');
  assert.equal(start.searchParams.get('redirect_uri'), `${ORIGIN}/auth/callback/${ids.corporate}`);
  const answer = await back(browser, await logIn(start, KATHERINE));
  assert.equal(answer.location, `${ORIGIN}/sign-in/return?device=my-device&to=%2Faccount`);
  assert.equal((await back(browser, new URL(answer.location))).location, '/account');
  const account = await browser.get('/account', { 'sec-fetch-mode': 'navigate' });
  assert.match(account.body, /katherine@corp\.example/);
  assert.match(account.body, /engineering/);
  assert.match(account.body, /own device/);
});

test('K1: a provider’s sign-in keeps the catalogue on the device where that was chosen, and the next one decides anew', async () => {
  const browser = new TestBrowser(portal);
  const keeps = () => browser.cookies.has('__Host-foyer-keep');
  for (const [choice, expected] of [
    [{ device: 'my-device', keep: 'yes' }, true],
    [{ device: 'shared', keep: 'yes' }, false],
    [{ device: 'my-device', keep: 'yes' }, true],
    [{ device: 'my-device' }, false],
  ] as const) {
    await back(browser, await logIn(await begin(browser, ids.corporate, choice), KATHERINE));
    assert.equal(keeps(), expected, JSON.stringify(choice));
  }
  await browser.get('/sign-in/return?device=my-device&keep=yes&to=/');
  assert.equal(keeps(), false, 'an address that somebody was led to chooses nothing');
});

test('C16: the right person at the provider who is not invited here is told so, and is nobody here', async () => {
  const browser = new TestBrowser(portal);
  const answer = await back(browser, await logIn(await begin(browser, ids.corporate), DOROTHY));
  assertRefused(browser, answer, 'not-invited');
  assert.match((await browser.get(answer.location)).body, /not invited here/);
});

test('C16: an answer with a wrong state is refused, and with it the right one afterwards', async () => {
  const browser = new TestBrowser(portal);
  const right = await logIn(await begin(browser, ids.corporate), KATHERINE);
  const wrong = new URL(right);
  wrong.searchParams.set('state', 'x'.repeat(43));
  assertRefused(browser, await back(browser, wrong));
  assertRefused(browser, await back(browser, right));
});

test('C16: an answer that arrives in another browser is refused', async () => {
  const victim = new TestBrowser(portal);
  const url = await logIn(await begin(new TestBrowser(portal), ids.corporate), KATHERINE);
  assertRefused(victim, await back(victim, url));
  await begin(victim, ids.corporate);
  assertRefused(victim, await back(victim, url));
});

test('C16: an answer works once', async () => {
  const browser = new TestBrowser(portal);
  const url = await logIn(await begin(browser, ids.corporate), KATHERINE);
  const checks = new Map(browser.cookies);
  assert.match((await back(browser, url)).location, /sign-in\/return/);
  const replaying = new TestBrowser(portal);
  for (const [name, value] of checks) replaying.cookies.set(name, value);
  assertRefused(replaying, await back(replaying, url));
});

test('C16: an answer of one provider is refused at another, with whose checks ever', async () => {
  const browser = new TestBrowser(portal);
  const url = await logIn(await begin(browser, ids.corporate), KATHERINE);
  const elsewhere = new URL(url);
  elsewhere.pathname = `/auth/callback/${ids.second}`;
  assertRefused(browser, await back(browser, elsewhere));
  await begin(browser, ids.second);
  assertRefused(browser, await back(browser, elsewhere));
});

test('C16: an `iss` that is not this provider, or is missing, is refused (RFC 9207)', async () => {
  for (const iss of ['http://127.0.0.1:1', null]) {
    const browser = new TestBrowser(portal);
    const url = await logIn(await begin(browser, ids.corporate), KATHERINE);
    assert.ok(url.searchParams.get('iss'));
    if (iss) url.searchParams.set('iss', iss);
    else url.searchParams.delete('iss');
    assertRefused(browser, await back(browser, url));
  }
});

test('C16, M8: an error of the provider is one generic page that repeats nothing of it', async () => {
  const browser = new TestBrowser(portal);
  const start = await begin(browser, ids.corporate);
  const query = new URLSearchParams({
    error: '<script>alert(1)</script>',
    error_description: '<b>evil words</b>',
    state: start.searchParams.get('state') ?? '',
  });
  const answer = await browser.get(`/auth/callback/${ids.corporate}?${query}`);
  assertRefused(browser, answer);
  assert.doesNotMatch((await browser.get(answer.location)).body, /evil words|alert\(1\)/);
});

test('C16, C17: tokens that lie are refused', async () => {
  const lies: [string, Parameters<LyingProvider['tell']>[0], string?][] = [
    ['another nonce', { claims: { nonce: 'another' } }],
    ['no nonce', { claims: { nonce: undefined } }],
    ['another issuer', { claims: { iss: 'http://127.0.0.1:1' } }],
    ['another audience', { claims: { aud: 'another-client' } }],
    ['another authorised party', { claims: { aud: [CLIENT.clientId, 'other'], azp: 'other' } }],
    ['expired', { claims: { exp: Math.floor(Date.now() / 1000) - 60 } }],
    [
      'from the future',
      { claims: { iat: Math.floor(Date.now() / 1000) + 3600, nbf: Math.floor(Date.now() / 1000) + 3600 } },
    ],
    ['signed by somebody else', { key: 'other' }],
    ['not signed at all', { key: 'none' }],
    ['signed with the client secret', { key: 'client-secret' }],
    ['e-mail not verified', { claims: { email_verified: false } }, 'not-invited'],
    ['e-mail verified as a word', { claims: { email_verified: 'true' } }, 'not-invited'],
    ['two addresses in one', { claims: { email: 'eve@evil.example@corp.example' } }, 'not-invited'],
    ['a list of addresses', { claims: { email: 'eve@evil.example,ada@corp.example' } }, 'not-invited'],
  ];
  for (const [name, lie, reason] of lies) {
    lying.tell(lie);
    const browser = new TestBrowser(portal);
    const answer = await back(browser, lying.answer(await begin(browser, ids.lying)));
    await test(name, () => assertRefused(browser, answer, reason));
  }
  lying.tell({});
  const browser = new TestBrowser(portal);
  const answer = await back(browser, lying.answer(await begin(browser, ids.lying)));
  assert.match(answer.location, /sign-in\/return/, 'the same provider, when it tells the truth, is believed');
});

test('C16: a provider that is discovered under another issuer is refused', async () => {
  const browser = new TestBrowser(portal);
  assertRefused(browser, await back(browser, impostor.answer(await begin(browser, ids.impostor))));
});

test('F5: a provider whose document leads inside is not followed there, and only the log says where', async () => {
  const browser = new TestBrowser(portal);
  const answer = await back(browser, astray.answer(await begin(browser, ids.astray)));
  assertRefused(browser, answer);
  assert.doesNotMatch(answer.body, /169\.254/);
  assert.ok(portal.log.some((line) => line.includes('169.254.169.254, a cloud’s metadata service, and is not asked')));
});

test('C18: a hundred sign-ins that begin at once ask the provider for its document once', async () => {
  const before = lying.discoveries();
  const browsers = Array.from({ length: 100 }, () => new TestBrowser(portal));
  await Promise.all(browsers.map((browser) => begin(browser, ids.lying)));
  assert.ok(lying.discoveries() - before <= 1, `${lying.discoveries() - before} requests`);
});

test('a provider that does not answer is a sentence, not an error', async () => {
  const gone = await addProvider('Gone login', await chooseIssuer());
  const browser = new TestBrowser(portal);
  const answer = await browser.post(`/auth/signin/${gone}`, { json: 'true' });
  assert.equal(answer.status, 401);
  assert.deepEqual(JSON.parse(answer.body), { problem: { kind: 'provider' } });
  assert.ok(portal.log.some((line) => line.includes('TESTSUPPORT1') && line.includes('ECONNREFUSED')));
});

test('neither codes, tokens nor the client secret are in the log', () => {
  for (const line of portal.log) {
    assert.doesNotMatch(line, new RegExp(CLIENT.clientSecret));
    assert.doesNotMatch(line, /eyJ[A-Za-z0-9_-]{20,}|code=/);
  }
});
