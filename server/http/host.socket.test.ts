// Promises about which app a request is for: one authority, read strictly, never a default.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { recorder, startGateway } from './gateway.testing.ts';
import { ask, openHttp2 } from './http2-client.testing.ts';
import { exchangeRaw, header, rawClient } from './raw-client.testing.ts';

const upstream = await recorder({ after });
const apps = [
  { id: 'wiki', hosts: ['wiki.test'], upstream: upstream.port },
  { id: 'bank', hosts: ['bank.test'], upstream: upstream.port },
  { id: 'idn', hosts: ['bücher.test'], upstream: upstream.port },
] as const;
const gateway = await startGateway({ after }, { apps });
const session = gateway.signIn();
const cookie = gateway.cookie(session, 'wiki.test');
const secure = await startGateway({ after }, { scheme: 'https', apps });
const secureSession = secure.signIn();

/** Refused, closed, logged with its support id, and nothing has reached the upstream. */
async function refused(bytes: string, status: number): Promise<void> {
  const before = upstream.seen.length;
  const text = await exchangeRaw(gateway.port, bytes);
  assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `), JSON.stringify(bytes.slice(0, 80)));
  assert.match(text, /\r\nconnection: close\r\n/i);
  assert.equal(text.match(/HTTP\/1\.1 /g)?.length, 1, 'one answer, nothing behind it');
  assert.equal(upstream.seen.length, before, 'the upstream saw nothing');
  const supportId = /foyer-support-id: (\w+)/i.exec(text)?.[1];
  assert(supportId && gateway.refusals.some((refusal) => refusal.supportId === supportId));
}

const rest = `Cookie: ${cookie}\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\n\r\n`;

for (const lines of ['Host: wiki.test\r\nHost: wiki.test', 'Host: wiki.test\r\nhost: evil.test']) {
  test(`H1: two Host lines are refused: ${JSON.stringify(lines)}`, () =>
    refused(`GET / HTTP/1.1\r\n${lines}\r\n${rest}`, 400));
}

for (const host of [
  '',
  ' ',
  'a@wiki.test',
  'wiki.test/x?y',
  'wiki.test, bank.test',
  'wiki test',
  'wiki.test\x80',
  'b\xfccher.test',
  'wiki.test:0',
  'wiki.test:99999',
  'wiki.test:8o',
  'wiki.test:+80',
  'wiki.test:8080',
  'wiki.test..',
  '.wiki.test',
  'wiki..test',
  '-wiki.test',
  'wiki_x.test',
  'wiki.test#x',
  'wiki.test\\x',
  '127.0.0.1',
  '127.1',
  '0x7f.1',
  '[::1]',
  '%77iki.test',
]) {
  test(`H2: a Host that is no host name is refused: ${JSON.stringify(host)}`, () =>
    refused(`GET / HTTP/1.1\r\nHost: ${host}\r\n${rest}`, 400));
}

test('H3: no Host is refused, on HTTP/1.0 and HTTP/1.1', async () => {
  await refused(`GET / HTTP/1.0\r\n${rest}`, 400);
  await refused(`GET / HTTP/1.1\r\n${rest}`, 400);
});

for (const target of [
  'http://evil.test/x',
  'http://bank.test/x',
  'http://wiki.test@evil.test/x',
  'http://wiki.test:81/x',
  'ftp://wiki.test/x',
  '//evil.test/x#y',
  '*',
  'x',
  '/x#fragment',
  'http:/x',
  'http:///x',
]) {
  test(`H4: a target that names another place is refused: ${target}`, () =>
    refused(`GET ${target} HTTP/1.1\r\nHost: wiki.test\r\n${rest}`, 400));
}

test('H4: an absolute target of the same host is forwarded in origin-form', async () => {
  for (const [target, url] of [
    ['http://wiki.test/x?y=%2F', '/x?y=%2F'],
    ['http://WIKI.test', '/'],
    ['http://wiki.test?q', '/?q'],
  ] as const) {
    const client = await rawClient(gateway.port);
    client.write(`GET ${target} HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\n\r\n`);
    assert.equal((await client.answer()).status, 200);
    assert.equal(upstream.last().url, url);
    client.socket.destroy();
  }
});

test('H5: an HTTP/2 host that differs from :authority is refused', async () => {
  const client = await openHttp2(secure.port, 'wiki.test');
  const own = secure.cookie(secureSession, 'wiki.test');
  const before = upstream.seen.length;
  for (const host of ['bank.test', 'WIKI.test', 'wiki.test:443']) {
    const answer = await ask(client, { ':path': '/', ':authority': 'wiki.test', host, cookie: own });
    assert.equal(answer.status, 400);
  }
  assert.equal(upstream.seen.length, before);
  const same = await ask(client, { ':path': '/', ':authority': 'wiki.test', host: 'wiki.test', cookie: own });
  assert.equal(same.status, 200);
  client.close();
});

test('H6: case, one trailing dot, the default port and punycode mean the same app', async () => {
  for (const host of ['WIKI.Test', 'wiki.test.', 'wiki.test:80', 'Wiki.Test.:80', 'wiki.test:']) {
    const client = await rawClient(gateway.port);
    client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n\r\n`);
    assert.equal((await client.answer()).status, 200, host);
    assert.equal(header(upstream.last().headers, 'host'), 'wiki.test', 'the upstream sees the canonical name');
    client.socket.destroy();
  }
  const client = await rawClient(gateway.port);
  const idn = gateway.cookie(session, 'xn--bcher-kva.test');
  client.write(`GET / HTTP/1.1\r\nHost: XN--Bcher-KVA.test\r\nCookie: ${idn}\r\n\r\n`);
  assert.equal((await client.answer()).status, 200);
  client.socket.destroy();
});

test('H6: the rule is the same with ten thousand apps', async (t) => {
  const many = Array.from({ length: 10_000 }, (_, i) => ({
    id: `app-${i}`,
    hosts: [`app-${i}.test`] as const,
    upstream: upstream.port,
  }));
  const large = await startGateway(t, { apps: many });
  const own = large.cookie(large.signIn(), 'app-9999.test');
  const client = await rawClient(large.port);
  client.write(`GET / HTTP/1.1\r\nHost: APP-9999.Test.:80\r\nCookie: ${own}\r\n\r\n`);
  assert.equal((await client.answer()).status, 200);
  client.write(`GET / HTTP/1.1\r\nHost: app-99999.test\r\nCookie: ${own}\r\n\r\n`);
  assert.equal((await client.answer()).status, 404);
  client.socket.destroy();
});

for (const host of ['unknown.test', 'localhost', 'internal.test', 'xwiki.test', 'wiki.test.evil.test', 'test']) {
  test(`H7: an unknown host is a 404 that names no app: ${host}`, async () => {
    const before = upstream.seen.length;
    const client = await rawClient(gateway.port);
    client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\nCookie: ${cookie}\r\n\r\n`);
    const answer = await client.answer();
    assert.equal(answer.status, 404);
    assert.doesNotMatch(answer.body, /wiki|bank/);
    assert.equal(upstream.seen.length, before);
    assert.equal((await gateway.accessLine(header(answer.headers, 'foyer-support-id') ?? '')).reason, 'host-unknown');
    client.socket.destroy();
  });
}

test('H8: one connection serves another app only where its certificate covers that name too', async () => {
  const client = await openHttp2(secure.port, 'wiki.test');
  const bank = secure.cookie(secureSession, 'bank.test');
  const before = upstream.seen.length;
  assert.equal((await ask(client, { ':path': '/', ':authority': 'bank.test', cookie: bank })).status, 421);
  assert.equal(upstream.seen.length, before);
  const portal = await ask(client, { ':path': '/', ':authority': 'portal.test' });
  assert.equal(portal.body.toString(), 'portal', 'the same certificate covers the portal');
  client.close();

  const raw = await rawClient(secure.port, { servername: 'bank.test' });
  raw.write('GET / HTTP/1.1\r\nHost: wiki.test\r\n\r\n');
  assert.equal((await raw.answer()).status, 421);
  const second = await rawClient(secure.port, { servername: 'BANK.test' });
  second.write(`GET / HTTP/1.1\r\nHost: bank.test\r\nCookie: ${bank}\r\n\r\n`);
  assert.equal((await second.answer()).status, 200);
  second.socket.destroy();
});

test('H8: who may open the app is decided by the authority, never by SNI', async () => {
  const client = await openHttp2(secure.port, 'portal.test');
  const answer = await ask(client, { ':path': '/', ':authority': 'wiki.test' });
  assert.equal(answer.status, 401);
  client.close();
});

for (const maxVersion of ['TLSv1', 'TLSv1.1'] as const) {
  test(`H12: ${maxVersion} is refused`, async () => {
    const socket = connectTls({
      port: secure.port,
      host: '127.0.0.1',
      servername: 'wiki.test',
      rejectUnauthorized: false,
      minVersion: 'TLSv1',
      maxVersion,
      ciphers: 'ALL:@SECLEVEL=0',
    });
    const [error] = await once(socket, 'error');
    assert.match(String(error), /protocol version|unsupported protocol|alert/i);
  });
}

test('H10: a resumed TLS session carries no name over: the connection is judged by its own SNI', async () => {
  const open = async (servername: string, session?: Buffer) => {
    const socket = connectTls({
      port: secure.port,
      host: '127.0.0.1',
      servername,
      session,
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
    });
    const ticket = new Promise<Buffer>((resolve) => socket.once('session', resolve));
    await once(socket, 'secureConnect');
    return { socket, ticket };
  };
  const first = await open('wiki.test');
  first.socket.write('GET / HTTP/1.1\r\nHost: wiki.test\r\n\r\n');
  const session = await first.ticket;
  first.socket.destroy();
  const second = await open('bank.test', session);
  second.socket.write('GET / HTTP/1.1\r\nHost: wiki.test\r\n\r\n');
  const [answer] = await once(second.socket, 'data');
  assert.match(answer.toString(), /^HTTP\/1\.1 421 /);
  second.socket.destroy();
});

test('H7: a client without SNI gets an answer, and no app by default', async () => {
  const socket = connectTls({ port: secure.port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const before = upstream.seen.length;
  socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  const [answer] = await once(socket, 'data');
  assert.match(answer.toString(), /^HTTP\/1\.1 400 /);
  assert.equal(upstream.seen.length, before);
  socket.destroy();
});
