// Apps have no rules for paths: what was asked for is forwarded byte for byte, and nothing about a request gets it past sign-in.
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { recorder, startGateway } from './gateway.testing.ts';
import { ask, openHttp2 } from './http2-client.testing.ts';
import { exchangeRaw, rawClient } from './raw-client.testing.ts';

const upstream = await recorder({ after });
const apps = [{ id: 'wiki', hosts: ['wiki.test'] as const, upstream: upstream.port }];
const gateway = await startGateway({ after }, { apps });
const secure = await startGateway({ after }, { scheme: 'https', apps });
const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
const secureCookie = secure.cookie(secure.signIn(), 'wiki.test');
const session = await openHttp2(secure.port, 'wiki.test');
after(() => session.destroy());
const own = (method: string, target: string, lines = '') =>
  `${method} ${target} HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\n${lines}\r\n`;

suite('A1 A3 A4: there is no path rule: bytes go unchanged, and no path, method or header is exempt from sign-in', () => {
  const targets = [
    ...[
      '/pub/../adm',
      '/pub/%2e%2e/adm',
      '/pub/..;/adm',
      '/pub%2f..%2fadm',
      '/pub\\..\\adm',
      '//adm',
      '/./adm',
      '/adm%00',
    ],
    ...[
      '/adm%0a',
      '/%c0%ae%c0%ae/adm',
      '/%u002e%u002e/adm',
      '/a;x=y/b',
      '/%',
      '/%zz',
      '/?',
      '/??x',
      '/a?/../b',
      '/...',
    ],
    ...[
      '/.well-known/acme-challenge/unknown',
      '/.well-known/security.txt',
      '/status',
      '/ping',
      '/metrics',
      '/livez',
      '/readyz',
    ],
    ...[
      '/debug/pprof',
      '/favicon.ico',
      '/robots.txt',
      '/.Foyer/session',
      '/%2efoyer/session',
      '/foyer/session',
      '/a/.foyer/session',
    ],
  ];
  const raw = async (port: number, bytes: string) => {
    const client = await rawClient(port);
    client.write(bytes);
    const { status } = await client.answer();
    client.socket.destroy();
    return status;
  };
  for (const target of targets) {
    test(`A1: ${target}`, async () => {
      upstream.seen.length = 0;
      assert.equal(await raw(gateway.port, own('GET', target)), 200);
      assert.equal(upstream.seen[0]?.url, target, 'HTTP/1.1');
      assert.equal((await ask(session, { ':path': target, cookie: secureCookie })).status, 200);
      assert.equal(upstream.seen[1]?.url, target, 'HTTP/2');
      assert.equal(await raw(gateway.port, `GET ${target} HTTP/1.1\r\nHost: wiki.test\r\n\r\n`), 401);
      assert.equal((await ask(session, { ':path': target })).status, 401);
      assert.equal(upstream.seen.length, 2, 'nobody else was let in');
    });
  }

  test('A1: a target that another address could be read out of is refused', async () => {
    for (const target of [
      'adm',
      '*',
      'http:adm',
      '?x',
      '\\adm',
      '@evil.test/',
      'wiki.test:80',
      '/a b',
      '/caf\xe9',
      '/a\tb',
      '/a\x7f',
      '/a#b',
    ]) {
      upstream.seen.length = 0;
      assert.match(await exchangeRaw(gateway.port, own('GET', target)), /^HTTP\/1\.1 400 /, target);
      assert.equal(upstream.seen.length, 0, target);
    }
  });

  test('A3: no header makes another method, path, host or person of a request', async () => {
    for (const line of [
      'X-HTTP-Method-Override: OPTIONS',
      'X-HTTP-Method: OPTIONS',
      'X-Method-Override: OPTIONS',
      'X-Original-URL: /status',
      'X-Rewrite-URL: /status',
      'X-Forwarded-Uri: /status',
      'X-Forwarded-Prefix: /status',
      'User-Agent: GoogleHC/1.0',
      'Referer: http://portal.test/',
      'Upgrade-Insecure-Requests: 1',
      'Authorization: Bearer x',
      'Remote-User: ada@corp.example',
      'Foyer-Assertion: x',
    ]) {
      upstream.seen.length = 0;
      assert.equal(await raw(gateway.port, `GET /a HTTP/1.1\r\nHost: wiki.test\r\n${line}\r\n\r\n`), 401, line);
      assert.equal(await raw(gateway.port, own('GET', '/a', `${line}\r\n`)), 200, line);
      assert.deepEqual(
        upstream.seen.map(({ method, url }) => `${method} ${url}`),
        ['GET /a'],
        line,
      );
    }
    assert.equal(
      await raw(gateway.port, `${own('POST', '/a?_method=DELETE', 'Content-Length: 14\r\n')}_method=DELETE`),
      200,
    );
    assert.equal(upstream.last().method, 'POST');
  });

  test('A4: only the exact reserved paths are ours, on the bytes as they came', async () => {
    for (const target of [
      '/.well-known/acme-challenge/',
      '/.well-known/acme-challenge/../../adm',
      '/.well-known/foyer',
      '/.well-known/foyerx',
    ]) {
      upstream.seen.length = 0;
      assert.equal(await raw(gateway.port, `GET ${target} HTTP/1.1\r\nHost: wiki.test\r\n\r\n`), 401, target);
      assert.equal(upstream.seen.length, 0);
    }
  });
});
