// The promises of the command line without a resolver: who signs in, who does not, and what a name is (ST3).
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startUpstream } from '../../e2e/system/upstream.ts';
import { approveDeviceLogin, refuseDeviceLogin } from '../store/device-logins.ts';
import { addMachine } from '../store/machines.ts';
import { saved, signedIn } from '../store/testing/temporary-store.ts';
import { type Organisation, startOrganisation } from './organisation.testing.ts';
import { createPortalClient } from './portal-client.ts';

let org: Organisation;
let token: string;
before(async () => {
  org = await startOrganisation();
  token = await org.loginToken('grace');
  saved(await addMachine(org.store, await signedIn(org.store, org.people.linus ?? ''), { name: 'Win-A' }));
});
after(() => org.stop());

async function loggedIn(): Promise<string> {
  const dir = org.stateDir();
  const { code, lines } = await org.run(['login', '--portal', org.foyer.portalUrl, '--state-dir', dir], {
    input: `${token}\n`,
  });
  assert.equal(code, 0, lines);
  return dir;
}

test('ST3.3: dns query prints the name in full and its address, asked over HTTP from the portal, while no resolver runs', async () => {
  const dir = await loggedIn();
  for (const name of ['Win-A', 'win-a', 'WIN-A.ztna', 'win-a.yourorg.zt.net']) {
    const { code, stdout, stderr } = await org.run(['dns', 'query', name, '--state-dir', dir]);
    assert.deepEqual([code, stdout, stderr], [0, 'Win-A.yourorg.zt.net -> 100.64.0.1\n', ''], name);
  }
  const json = await org.run(['dns', 'query', 'Win-A', '--json', '--state-dir', dir]);
  assert.deepEqual(JSON.parse(json.stdout), { name: 'Win-A.yourorg.zt.net', addresses: ['100.64.0.1'] });
  const none = await org.run(['dns', 'query', 'Win-B', '--state-dir', dir]);
  assert.deepEqual([none.code, none.stdout], [1, '']);
  assert.equal(none.stderr, 'No machine and no record is called Win-B.\n');
});

test('ST3.3b: whoever is not signed in is told to, in the seed’s words, and nothing was asked', async () => {
  const { code, stdout, stderr } = await org.run(['dns', 'query', 'Win-A', '--state-dir', org.stateDir()]);
  assert.deepEqual([code, stdout, stderr], [1, '', "not authenticated. Run 'foyer login' first\n"]);
  const dir = await loggedIn();
  const out = await org.run(['logout', '--state-dir', dir]);
  assert.match(out.stdout, /^Signed out: the token is forgotten here\. Revoke it at /);
  assert.equal((await org.run(['dns', 'query', 'Win-A', '--state-dir', dir])).code, 1);
  assert.deepEqual(readdirSync(dir), []);
});

test('ST3.3b: a token that was revoked meanwhile is as none', async () => {
  const dir = await loggedIn();
  await org.store.db
    .deleteFrom('api_tokens')
    .where('user_id', '=', org.people.grace ?? '')
    .execute();
  const { code, stderr } = await org.run(['dns', 'query', 'Win-A', '--state-dir', dir]);
  assert.equal(code, 1);
  assert.match(stderr, /^not authenticated\. Run 'foyer login' first\nIt is unknown, has expired/);
  token = await org.loginToken('grace');
});

test('M10: login says who and until when, never the token, and its file is nobody else’s to read', async () => {
  const dir = org.stateDir();
  const said = await org.run(['login', '--portal', org.foyer.portalUrl, '--state-dir', dir], { input: token });
  assert.match(
    said.stdout,
    /^Signed in at http:\/\/portal\.localhost:\d+ as grace@corp\.example, until \d{4}-\d\d-\d\d /,
  );
  assert.ok(!said.lines.includes(token));
  const file = join(dir, 'login.json');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(readFileSync(file, 'utf8').includes(token));
  assert.ok(!org.foyer.child.lines().join('\n').includes(token.slice(6, 40)), 'nor does the portal log it');
});

test('login refuses what is no token of its own, what may too little, and a portal that would send it in clear', async () => {
  const dir = org.stateDir();
  const attempt = (portal: string, input: string) =>
    org.run(['login', '--portal', portal, '--state-dir', dir], { input });
  const url = org.foyer.portalUrl;
  const other = token[20] === 'x' ? 'y' : 'x';
  for (const [portal, input, sentence] of [
    [url, 'hunter2', /^This is no token of Foyer/],
    [url, token.slice(0, -1), /^A part of this token is missing or mistyped/],
    [url, `${token.slice(0, 20)}${other}${token.slice(21)}`, /^A part of this token is missing or mistyped/],
    ['http://portal.corp.example', token, /is not encrypted, so nobody’s token is sent there/],
    ['https://10.0.0.1', token, /is no portal address/],
    ['https://portal.corp.example/path', token, /is no portal address/],
    ['http://nowhere.localhost:9', token, /^Nobody answers at http:\/\/nowhere\.localhost:9\./],
    ['https://no-such-portal.invalid', token, /^The name no-such-portal\.invalid cannot be found/],
  ] as const) {
    const { code, stderr, stdout } = await attempt(portal, input);
    assert.deepEqual([code, stdout], [1, ''], `${portal} ${stderr}`);
    assert.match(stderr, sentence);
    assert.ok(!stderr.includes(token));
  }
  assert.deepEqual(readdirSync(dir), []);
});

/** `foyer login --json` until it shows its code. */
async function deviceLogin(dir: string) {
  const child = org.start(['login', org.foyer.portalUrl, '--json', '--state-dir', dir]);
  const prompt = JSON.parse(await child.line(/userCode/));
  return { child, prompt };
}

test('without a token, login shows a page and a code, and is signed in by whoever approves there', async () => {
  const dir = org.stateDir();
  const { child, prompt } = await deviceLogin(dir);
  assert.equal(prompt.url, `${org.foyer.portalUrl}/sign-in/device`);
  assert.equal(prompt.urlWithCode, `${prompt.url}?code=${prompt.userCode}`);
  const left = prompt.expiresAt - Date.now();
  assert.ok(left > 9 * 60_000 && left <= 10 * 60_000, String(left));
  const grace = await signedIn(org.store, org.people.grace ?? '');
  saved(await approveDeviceLogin(org.store, grace, prompt.userCode));
  const done = JSON.parse(await child.line(/"email"/));
  assert.deepEqual([done.portal, done.email], [org.foyer.portalUrl, 'grace@corp.example']);
  const query = await org.run(['dns', 'query', 'Win-A', '--state-dir', dir]);
  assert.equal(query.stdout, 'Win-A.yourorg.zt.net -> 100.64.0.1\n');
  assert.doesNotMatch(child.lines().join('\n'), /foyer_[A-Za-z0-9_-]{20}/);
});

test('a login that is refused in the portal says so, and keeps nothing; an empty file is no wish for a page', async () => {
  const dir = org.stateDir();
  const { child, prompt } = await deviceLogin(dir);
  saved(await refuseDeviceLogin(org.store, await signedIn(org.store, org.people.linus ?? ''), prompt.userCode));
  await child.line(/^The login was refused in the portal\./);
  const args = ['login', org.foyer.portalUrl, '--token-file', '-', '--state-dir', dir];
  const { code, stderr } = await org.run(args, { input: '' });
  assert.deepEqual([code, stderr], [1, 'No token was given.\n']);
  assert.deepEqual(readdirSync(dir), []);
});

test('RFC 8628 §3.5: the endpoints refuse in its words what is none of its requests', async () => {
  const made = createPortalClient(org.foyer.portalUrl, null, null);
  assert.ok(made.kind === 'client');
  const { client } = made;
  const ask = (path: string, form: Record<string, string>) =>
    client.ask({ method: 'POST', path: `/sign-in/device/${path}`, form });
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code';
  const begun = await ask('code', { client_id: 'foyer', machine: 'Büro\u202e', os: 'x\n\u202ey'.repeat(100) });
  assert.ok(begun.kind === 'answer');
  const { device_code, expires_in, interval } = begun.json as Record<string, string>;
  assert.deepEqual([Number(expires_in) > 590, interval], [true, 3]);
  const row = await org.store.db.selectFrom('device_logins').select(['machine', 'os']).executeTakeFirstOrThrow();
  assert.deepEqual(row, { machine: 'B-ro', os: 'xy'.repeat(20) });
  for (const [path, form, error] of [
    ['code', { client_id: '' }, 'invalid_client'],
    ['code', { client_id: 'foyer', scope: 'settings:write' }, 'invalid_scope'],
    ['token', { client_id: 'foyer' }, 'unsupported_grant_type'],
    ['token', { client_id: 'foyer', grant_type, device_code: 'x' }, 'invalid_grant'],
    ['token', { client_id: 'other', grant_type, device_code: device_code ?? '' }, 'invalid_client'],
    ['token', { client_id: 'foyer', grant_type, device_code: device_code ?? '' }, 'authorization_pending'],
    ['token', { client_id: 'foyer', grant_type, device_code: device_code ?? '' }, 'slow_down'],
  ] as const) {
    const asked = await ask(path, form);
    assert.deepEqual(asked.kind === 'refused' && [asked.status, asked.error], [400, error], JSON.stringify(form));
  }
});

test('one address asks the endpoints only so often, whatever it asks, and is told to slow down in the protocol’s word', async () => {
  const made = createPortalClient(org.foyer.portalUrl, null, null);
  assert.ok(made.kind === 'client');
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code';
  const form = { client_id: 'foyer', grant_type, device_code: 'guessed' };
  const asked = await Promise.all(
    Array.from({ length: 200 }, () => made.client.ask({ method: 'POST', path: '/sign-in/device/token', form })),
  );
  const said = Map.groupBy(asked, (each) => (each.kind === 'refused' ? `${each.status} ${each.error}` : each.kind));
  assert.deepEqual([...said.keys()].sort(), ['400 invalid_grant', '429 slow_down']);
  assert.ok((said.get('400 invalid_grant')?.length ?? 0) < 150, 'most of them did not reach the store');
});

test('what answers in a portal’s place is told from one', async (t) => {
  const hotel = await startUpstream('127.0.0.1', (_request, response) => response.end('<h1>Welcome to the hotel</h1>'));
  t.after(() => hotel.stop());
  const dir = org.stateDir();
  const args = ['login', '--portal', `http://hotel.localhost:${hotel.port}`, '--state-dir', dir];
  const { code, stderr } = await org.run(args, { input: token });
  assert.equal(code, 1);
  assert.match(stderr, /does not answer as a Foyer portal does/);
});
