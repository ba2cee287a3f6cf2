// Promises about headers: what an app trusts comes from the gateway alone, and what an app says stays its own.
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { httpServer, rawServer, recorder, startGateway } from './gateway.testing.ts';
import { ask, openHttp2 } from './http2-client.testing.ts';
import { header, headersOf, rawClient } from './raw-client.testing.ts';

const upstream = await recorder({ after });
const app = {
  id: 'wiki',
  hosts: ['wiki.test'] as const,
  upstream: upstream.port,
  identityHeaders: ['remote', 'x-forwarded', 'x-auth-request'] as const,
};
const gateway = await startGateway({ after }, { apps: [app] });
const secure = await startGateway({ after }, { scheme: 'https', apps: [app] });
const ada = gateway.signIn({ name: 'Ádá, “Ada” 李\r\nX-Evil: 1', groupNames: ['Staff', 'R&D, Köln', '100%'] });
const cookie = gateway.cookie(ada, 'wiki.test');
const secureSession = secure.signIn();
const secureCookie = secure.cookie(secureSession, 'wiki.test');

async function sent(lines: string): Promise<string[]> {
  const client = await rawClient(gateway.port);
  client.write(`GET / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\n${lines}\r\n`);
  assert.equal((await client.answer()).status, 200);
  client.socket.destroy();
  return upstream.last().headers;
}

const SPOOFED = [
  'X-Forwarded-For',
  'X-Forwarded-Proto',
  'X-Forwarded-Host',
  'X-Forwarded-Port',
  'X-Forwarded-Prefix',
  'X-Forwarded-Uri',
  'X-Forwarded-User',
  'X-Forwarded-Email',
  'X-Forwarded-Groups',
  'X-Forwarded-Preferred-Username',
  'X-Forwarded-Access-Token',
  'X-Forwarded-Client-Cert',
  'Forwarded',
  'X-Real-IP',
  'X-Original-URL',
  'X-Original-Host',
  'X-Rewrite-URL',
  'True-Client-IP',
  'X-Client-IP',
  'Client-IP',
  'X-Cluster-Client-IP',
  'Remote-User',
  'Remote-Email',
  'Remote-Name',
  'Remote-Groups',
  'X-Remote-User',
  'X-Auth-Request-User',
  'X-Auth-Request-Email',
  'X-Auth-Request-Groups',
  'X-WebAuth-User',
  'Foyer-Assertion',
  'Foyer-Request-Id',
  'X-Middleware-Subrequest',
  'X-Middleware-Rewrite',
  'Cf-Access-Jwt-Assertion',
  'Tailscale-User-Login',
  'X-MS-Client-Principal-Name',
  'Proxy',
];

const SPELLINGS: [string, (name: string) => string][] = [
  ['as it is', (name) => name],
  ['lower case', (name) => name.toLowerCase()],
  ['upper case', (name) => name.toUpperCase()],
  ['underscores', (name) => name.replaceAll('-', '_')],
  ['dots', (name) => name.replaceAll('-', '.')],
  ['mixed', (name) => name.replace('-', '_').replace(/-(?=[^-]*$)/, '.')],
];

for (const [what, spell] of SPELLINGS) {
  test(`S1 S2: no reserved header comes from outside, spelled ${what}`, async () => {
    const lines = SPOOFED.map((name) => `${spell(name)}: spoofed\r\n${spell(name)}: spoofed, again\r\n`);
    for (let i = 0; i < lines.length; i += 20) {
      const headers = await sent(lines.slice(i, i + 20).join(''));
      assert(!headers.some((text) => text.includes('spoofed')), JSON.stringify(headers));
    }
  });
}

test('S2: no reserved header comes over HTTP/2', async () => {
  const client = await openHttp2(secure.port, 'wiki.test');
  for (const [, spell] of SPELLINGS) {
    for (let i = 0; i < SPOOFED.length; i += 20) {
      const spoofed = Object.fromEntries(
        SPOOFED.slice(i, i + 20)
          .map((name) => spell(name).toLowerCase())
          .filter((name) => name !== 'proxy-connection')
          .map((name) => [name, 'spoofed']),
      );
      const answer = await ask(client, { ':path': '/', cookie: secureCookie, ...spoofed });
      assert.equal(answer.status, 200);
      assert(!upstream.last().headers.some((text) => text.includes('spoofed')));
    }
  }
  client.close();
});

test('S1: ours are set once each, from the socket and the configuration', async () => {
  const headers = await sent('X-Forwarded-For: 1.2.3.4\r\nVia: 1.0 elsewhere\r\n');
  assert.deepEqual(headersOf(headers, 'x-forwarded-for'), ['127.0.0.1']);
  assert.deepEqual(headersOf(headers, 'x-real-ip'), ['127.0.0.1']);
  assert.deepEqual(headersOf(headers, 'x-forwarded-proto'), ['http']);
  assert.deepEqual(headersOf(headers, 'x-forwarded-host'), ['wiki.test']);
  assert.deepEqual(headersOf(headers, 'via'), ['1.0 elsewhere', '1.1 foyer-test']);
  assert.equal(headersOf(headers, 'foyer-request-id').length, 1);
});

test('S1: a request that came round twice is a loop: 508', async () => {
  const client = await rawClient(gateway.port);
  const before = upstream.seen.length;
  client.write(
    `GET / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\nVia: 1.1 foyer-test, 2.0 x\r\nVia: 1.1 foyer-test\r\n\r\n`,
  );
  assert.equal((await client.answer()).status, 508);
  assert.equal(upstream.seen.length, before);
  client.socket.destroy();
});

test('S1: an address behind a listed proxy is the last that no listed proxy vouches for', async (t) => {
  const behind = await startGateway(t, { apps: [app], trustedProxies: [{ address: '127.0.0.0', prefix: 8 }] });
  const own = behind.cookie(behind.signIn(), 'wiki.test');
  for (const [given, expected] of [
    ['6.6.6.6, 203.0.113.7, 127.0.0.9', '203.0.113.7'],
    ['203.0.113.7', '203.0.113.7'],
    ['evil, 203.0.113.7', '203.0.113.7'],
    ['203.0.113.7, evil', '127.0.0.1'],
    ['203.0.113.7, 127.1', '127.0.0.1'],
    ['', '127.0.0.1'],
    ['\xff', '127.0.0.1'],
  ] as const) {
    const client = await rawClient(behind.port);
    client.write(`GET / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${own}\r\nX-Forwarded-For: ${given}\r\n\r\n`);
    assert.equal((await client.answer()).status, 200);
    assert.equal(header(upstream.last().headers, 'x-forwarded-for'), expected, given);
    client.socket.destroy();
  }
});

test('S2: identity arrives in every family, as one line of ASCII whatever the name', async () => {
  const headers = await sent('');
  const groups = 'Staff,R&D%2C K%C3%B6ln,100%25';
  const name = '%C3%81d%C3%A1%2C %E2%80%9CAda%E2%80%9D %E6%9D%8E%0D%0AX-Evil: 1';
  for (const [field, value] of [
    ['remote-user', 'ada@corp.example'],
    ['remote-email', 'ada@corp.example'],
    ['remote-name', name],
    ['remote-groups', groups],
    ['x-forwarded-user', 'ada@corp.example'],
    ['x-forwarded-email', 'ada@corp.example'],
    ['x-forwarded-groups', groups],
    ['x-forwarded-preferred-username', name],
    ['x-auth-request-user', 'ada@corp.example'],
    ['x-auth-request-email', 'ada@corp.example'],
    ['x-auth-request-groups', groups],
    ['x-auth-request-preferred-username', name],
  ] as const) {
    assert.deepEqual(headersOf(headers, field), [value]);
  }
  assert.equal(header(headers, 'x-evil'), null);
});

test('S2: the assertion verifies with the published keys, and only for this origin', async () => {
  const headers = await sent('');
  const client = await rawClient(gateway.port);
  client.write('GET /.well-known/foyer/jwks.json HTTP/1.1\r\nHost: wiki.test\r\n\r\n');
  const published = await client.answer();
  client.socket.destroy();
  assert.equal(header(published.headers, 'content-type'), 'application/jwk-set+json');
  assert.doesNotMatch(published.body, /"d"/);
  const keys = createLocalJWKSet(JSON.parse(published.body));
  const assertion = header(headers, 'foyer-assertion') ?? '';
  const options = { issuer: 'http://portal.test', currentDate: new Date(gateway.clock.now), algorithms: ['ES256'] };
  const { payload } = await jwtVerify(assertion, keys, { ...options, audience: 'http://wiki.test' });
  assert.equal(payload.sub, 'ada');
  assert.equal(payload.email, 'ada@corp.example');
  assert.deepEqual(payload.groups, ['Staff', 'R&D, Köln', '100%']);
  await assert.rejects(jwtVerify(assertion, keys, { ...options, audience: 'http://bank.test' }));
  const late = new Date(gateway.clock.now + 6 * 60_000);
  await assert.rejects(jwtVerify(assertion, keys, { ...options, audience: 'http://wiki.test', currentDate: late }));
  gateway.clock.now += 4 * 60_000;
  const renewed = header(await sent(''), 'foyer-assertion') ?? '';
  gateway.clock.now -= 4 * 60_000;
  assert.notEqual(renewed, assertion);
});

test('S3: a client’s Connection list takes away its own headers and none of ours', async () => {
  const headers = await sent(
    'Connection: close, X-Mine, X-Forwarded-For, Remote-User, Foyer-Assertion, Host, Via, Foyer-Request-Id\r\nX-Mine: 1\r\n',
  );
  assert.equal(header(headers, 'x-mine'), null);
  assert.equal(header(headers, 'x-forwarded-for'), '127.0.0.1');
  assert.equal(header(headers, 'remote-user'), 'ada@corp.example');
  assert.equal(header(headers, 'host'), 'wiki.test');
  assert.notEqual(header(headers, 'foyer-assertion'), null);
  assert.notEqual(header(headers, 'via'), null);
});

test('S3: Connection: Cookie or Content-Length changes neither sign-in nor framing', async () => {
  const client = await rawClient(gateway.port);
  client.write(
    `POST / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}; a=1\r\nContent-Length: 5\r\nConnection: Cookie, Content-Length\r\n\r\nhello`,
  );
  assert.equal((await client.answer()).status, 200);
  assert.equal(upstream.last().body.toString(), 'hello');
  assert.equal(header(upstream.last().headers, 'cookie'), null);
  client.socket.destroy();
});

test('S3: hop-by-hop headers end here', async () => {
  const headers = await sent(
    'Keep-Alive: 5\r\nProxy-Connection: keep-alive\r\nTE: trailers\r\nProxy-Authorization: Basic eA==\r\nTrailer: X\r\n',
  );
  for (const name of ['keep-alive', 'proxy-connection', 'proxy-authorization', 'trailer'])
    assert.equal(header(headers, name), null, name);
  // Ours, since we pass trailers on (RFC 9110 §10.1.4).
  assert.deepEqual(headersOf(headers, 'te'), ['trailers']);
  assert.deepEqual(headersOf(headers, 'connection'), ['TE']);
});

test('S6: x-middleware-* ends here; what Next.js apps need passes', async () => {
  const headers = await sent(
    'X-Middleware-Subrequest: a\r\nx_middleware_subrequest: a\r\nRSC: 1\r\nNext-Action: abc\r\nx-nextjs-data: 1\r\nNext-Router-State-Tree: t\r\n',
  );
  assert(!headers.some((text) => /middleware/i.test(text)));
  for (const name of ['rsc', 'next-action', 'x-nextjs-data', 'next-router-state-tree'])
    assert.notEqual(header(headers, name), null);
});

suite('S7 S8: what an app says', () => {
  const answers = async (lines: string, t: { after(end: () => void): void }, over: 'http' | 'https' = 'http') => {
    const port = await rawServer(t, (socket) => {
      socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${lines}\r\nok`, 'latin1'));
    });
    const own = await startGateway(t, {
      scheme: over,
      apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }],
    });
    const grant = own.cookie(own.signIn(), 'wiki.test');
    const client = await rawClient(own.port, over === 'https' ? { servername: 'wiki.test' } : undefined);
    client.write(`GET / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${grant}\r\n\r\n`);
    const answer = await client.answer();
    client.socket.destroy();
    return answer;
  };

  test('S7: a cookie with one of our names, or wider than the host, is taken out; every other byte stays', async (t) => {
    const refused = [
      '__Host-foyer-grant=x; Path=/; Secure',
      '__host-FOYER-grant=x; Path=/; Secure',
      ' __Host-foyer-try=x; Path=/; Secure',
      '\t__Host-foyer-portal-session=x',
      '=__Host-foyer-grant=x; Path=/; Secure',
      '__Host-foyer-grant; Path=/',
      'a=b; Domain=test',
      'a=b; domain=.test',
      'a=b; DOMAIN = bank.test ',
      'a=b; Domain=wiki.test; Domain=test',
      'a=b;Domain=test;Domain=',
      'a=b; Domain=wiki.test.evil.test',
      'a=b; Domain="test"',
    ];
    const kept = [
      'a=b',
      'sid=%20"q"; Path=/; HttpOnly; SameSite=Lax; Expires=Wed, 01 Jan 2031 00:00:00 GMT',
      'b=\xe9; Domain=wiki.test',
      'c=d; Domain=.WIKI.test; Secure',
      'd=__Host-foyer-grant=1',
      '__Host-mine=1; Path=/; Secure',
    ];
    const lines = [...refused, ...kept].map((value) => `Set-Cookie: ${value}\r\n`).join('');
    const answer = await answers(lines, t);
    assert.deepEqual(headersOf(answer.headers, 'set-cookie'), kept);
  });

  test('S8: Alt-Svc, key pins and HSTS are the gateway’s to say; Clear-Site-Data stays with the app', async (t) => {
    const answer = await answers(
      'Alt-Svc: h3=":443"\r\nStrict-Transport-Security: max-age=1; includeSubDomains; preload\r\nPublic-Key-Pins: x\r\nClear-Site-Data: "*"\r\nClear-Site-Data: "cookies", "cache"\r\nClear-Site-Data: "cookies"\r\nService-Worker-Allowed: /\r\nFoyer-Sign-In: https://evil.test\r\nFoyer-Support-Id: FAKE\r\nConnection: X-Hop\r\nX-Hop: 1\r\nX-App: 1\r\nKeep-Alive: timeout=1\r\n',
      t,
      'https',
    );
    assert.equal(header(answer.headers, 'alt-svc'), null);
    assert.equal(header(answer.headers, 'public-key-pins'), null);
    assert.deepEqual(headersOf(answer.headers, 'strict-transport-security'), ['max-age=31536000']);
    assert.deepEqual(headersOf(answer.headers, 'clear-site-data'), [
      '"cache", "storage", "executionContexts"',
      '"cache"',
    ]);
    assert.equal(header(answer.headers, 'service-worker-allowed'), '/');
    assert.equal(header(answer.headers, 'foyer-sign-in'), null);
    assert.equal(headersOf(answer.headers, 'foyer-support-id').length, 1);
    assert.notEqual(header(answer.headers, 'foyer-support-id'), 'FAKE');
    assert.equal(header(answer.headers, 'x-hop'), null);
    assert.equal(header(answer.headers, 'x-app'), '1');
  });
});

test('S9: our cookies and nothing else are taken out of the request, byte for byte', async () => {
  for (const [given, expected] of [
    [`a=1; ${cookie}; b=2`, 'a=1; b=2'],
    [`${cookie}; a=1`, 'a=1'],
    [`a=1; ${cookie}`, 'a=1'],
    [`a=1;${cookie};b=2`, 'a=1;b=2'],
    [`  a = "1" ;; ${cookie}; =x; b=\xe9`, 'a = "1" ;; =x; b=\xe9'],
    [`a=1; __Host-foyer-try=n; ${cookie}; __HOST-Foyer-x=1; b`, 'a=1; b'],
    [cookie, null],
  ] as const) {
    const client = await rawClient(gateway.port);
    client.write(`GET / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${given}\r\n\r\n`);
    assert.equal((await client.answer()).status, 200, given);
    assert.equal(header(upstream.last().headers, 'cookie'), expected);
    client.socket.destroy();
  }
});

test('connections to upstreams are never shared between apps, even of one address', async (t) => {
  const users = new Map<unknown, Set<string>>();
  const port = await httpServer(t, (request, response) => {
    const hosts = users.get(request.socket) ?? new Set();
    users.set(request.socket, hosts.add(request.headers.host ?? ''));
    response.end();
  });
  const two = await startGateway(t, {
    apps: [
      { id: 'wiki', hosts: ['wiki.test'], upstream: port },
      { id: 'bank', hosts: ['bank.test'], upstream: port },
    ],
  });
  const session = two.signIn();
  const client = await rawClient(two.port);
  for (let i = 0; i < 3; i += 1) {
    for (const host of ['wiki.test', 'bank.test']) {
      client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nCookie: ${two.cookie(session, host)}\r\n\r\n`);
      assert.equal((await client.answer()).status, 200);
    }
  }
  client.socket.destroy();
  assert.deepEqual([...users.values()], [new Set(['wiki.test']), new Set(['bank.test'])]);
});

test('every answer says when it came (RFC 9110 §6.6.1): an app’s word for it stays, and where it has none we have', async (t) => {
  const own = 'Thu, 01 Jan 2026 00:00:01 GMT';
  const lines = ['', `Date: ${own}\r\n`];
  const port = await rawServer(t, (socket) => {
    socket.on('data', () => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${lines.shift()}\r\nok`));
  });
  const wiki = { id: 'wiki', hosts: ['wiki.test'] as const, upstream: port };
  const { clock, cookie: cookieOf, port: at, signIn } = await startGateway(t, { apps: [wiki] });
  const now = new Date(clock.now).toUTCString();
  const grant = cookieOf(signIn(), 'wiki.test');
  const dates = async (head: string) => {
    const client = await rawClient(at);
    client.write(`GET / HTTP/1.1\r\n${head}\r\n\r\n`);
    const answer = await client.answer();
    client.socket.destroy();
    return [answer.status, ...headersOf(answer.headers, 'date')];
  };
  assert.deepEqual(await dates(`Host: wiki.test\r\nCookie: ${grant}`), [200, now]);
  assert.deepEqual(await dates(`Host: wiki.test\r\nCookie: ${grant}`), [200, own]);
  assert.deepEqual(await dates('Host: wiki.test'), [401, now]);
  assert.deepEqual(await dates('Host: a b'), [400, now]);
});

test('every answer carries a support id that the access line carries too', async () => {
  for (const lines of [
    `Host: wiki.test\r\nCookie: ${cookie}`,
    'Host: wiki.test',
    'Host: wiki.test\r\nAccept: text/html',
    'Host: unknown.test',
    'Host: portal.test',
  ]) {
    const client = await rawClient(gateway.port);
    client.write(`GET /secret?token=1 HTTP/1.1\r\n${lines}\r\n\r\n`);
    const answer = await client.answer();
    const id = header(answer.headers, 'foyer-support-id') ?? '';
    assert.match(id, /^[0-9A-HJKMNP-TV-Z]{13}$/);
    const line = await gateway.accessLine(id);
    assert.equal(line.status, answer.status);
    assert.equal(line.path, '/secret');
    assert.doesNotMatch(JSON.stringify(line), /token|wiki\.test|unknown\.test/);
    client.socket.destroy();
  }
});
