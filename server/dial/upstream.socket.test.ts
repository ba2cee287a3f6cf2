// From an app to an answer: the dialer and the client of upstreams together, over TLS, with client certificates, HTTP/2 and several places.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createSecureServer, type SecureServerOptions } from 'node:http2';
import { createServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { before, suite, type TestContext, test } from 'node:test';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { type Authority, createAuthority, type Leaf } from '#server/certificates.testing.ts';
import type { App, ClientCertificate, UpstreamTls } from '#server/core/app.ts';
import { isFault } from '#server/core/fault.ts';
import { createDialer, type Dialer } from '#server/dial.ts';
import { host } from '#server/dns/packet.testing.ts';
import { type Answer, ask, client, keyFor } from '#server/http/upstream/client.testing.ts';
import type { UpstreamPools } from '#server/http/upstream/pools.ts';
import { findProgram } from '../../tools/prerequisites.ts';
import { app, endpoints, silentLog, site } from './dial.testing.ts';

const AT = '127.0.0.20';
let authority: Authority;
let leaf: Leaf;
let ours: Leaf;
let trusted: UpstreamTls;

before(async () => {
  authority = await createAuthority('Corp');
  [leaf, ours] = await Promise.all([
    authority.issue({ names: [AT] }),
    authority.issue({ names: ['gateway.corp.internal'] }),
  ]);
  trusted = { kind: 'ca', pem: authority.pem };
});

suite('HTTP/2 over TLS', () => {
  test('U5: ALPN chooses h2; where it is not offered, nothing is sent and the fault says so', async (t) => {
    const both = await secureServer(t, { allowHTTP1: true });
    const only1 = await listen(
      t,
      createServer({ ...leaf }, (_request, response) => response.end('HTTP/1.1')),
    );
    const noAlpn = await listen(t, createServer({ ...leaf, ALPNCallback: () => undefined }));
    const { get } = dialing(t, [both, only1, noAlpn]);
    const upstream = { host: AT, scheme: 'https', protocol: 'h2', tls: trusted } as const;
    assert.equal(String((await get({ ...upstream, port: both })).body), 'h2 wiki.test anybody');
    assert.equal(
      String((await get({ ...upstream, port: both, protocol: 'http/1.1' })).body),
      'http/1.1 wiki.test anybody',
    );
    for (const port of [only1, noAlpn]) {
      const { detail, fault } = await get({ ...upstream, port });
      assert.equal(fault, 'upstream-tls-failed', detail);
      assert.match(detail, /does not offer h2 \(ALPN\)/);
    }
  });

  test('W1: a WebSocket handshake to an upstream that speaks HTTP/2 takes HTTP/1.1', async (t) => {
    const port = await secureServer(t, { allowHTTP1: true });
    const { dialer } = dialing(t, [port]);
    const wanted = app({ host: AT, port, scheme: 'https', protocol: 'h2', tls: trusted });
    const target = await dialer.resolve(wanted, wanted.upstream);
    const { stream } = await target.connect(target.endpoints, { protocol: 'http/1.1' });
    assert.equal((stream as TLSSocket).alpnProtocol, 'http/1.1');
    stream.destroy();
  });

  test('Debian’s nghttpd: many at once, uploads that come back, trailers', async (t) => {
    const { get, port } = await nghttpd(t);
    const upstream = { host: AT, port, protocol: 'h2' } as const;
    const answers = await Promise.all(Array.from({ length: 150 }, () => get(upstream)));
    for (const { body, fault, status, trailers } of answers) {
      assert.deepEqual([status, fault, String(body)], [200, null, 'a page']);
      assert.deepEqual(trailers, ['grpc-status', '0']);
    }
    const bytes = Buffer.alloc(1_000_000, 'upload ');
    const body = () => Readable.from([bytes.subarray(0, 100), bytes.subarray(100)], { objectMode: false });
    assert((await get(upstream, { method: 'POST', path: '/echo', body: body() })).body.equals(bytes));
    assert.equal((await get(upstream, { path: '/nothing-here' })).status, 404);
  });
});

suite('client certificates', () => {
  test('an upstream that asks sees ours, and another app without one is nobody there', async (t) => {
    const port = await secureServer(t, {
      allowHTTP1: true,
      requestCert: true,
      ca: authority.pem,
      rejectUnauthorized: true,
    });
    const { get } = dialing(t, [port]);
    for (const protocol of ['http/1.1', 'h2'] as const) {
      const upstream = { host: AT, port, scheme: 'https', protocol, tls: trusted } as const;
      const known = await get({ ...upstream, clientCertificate: certificate(ours) });
      assert.equal(String(known.body), `${protocol} wiki.test gateway.corp.internal`);
      const unknown = await get(upstream, {}, 'bank');
      assert.equal(unknown.status, 0);
      assert.equal(unknown.fault, protocol === 'h2' ? 'upstream-tls-failed' : 'upstream-closed', unknown.detail);
      const changed = await get(upstream);
      assert.equal(changed.status, 0, 'nor does the same app keep the identity it had');
    }
  });

  test('invariant 4: two certificates of one app’s routes never meet on a connection', async (t) => {
    const theirs = await authority.issue({ names: ['other.corp.internal'] });
    const port = await secureServer(t, { allowHTTP1: true, requestCert: true, ca: authority.pem });
    const { get } = dialing(t, [port]);
    const upstream = { host: AT, port, scheme: 'https', tls: trusted } as const;
    for (let i = 0; i < 3; i += 1) {
      for (const [shown, name] of [
        [ours, 'gateway.corp.internal'],
        [theirs, 'other.corp.internal'],
      ] as const) {
        const { body } = await get({ ...upstream, clientCertificate: certificate(shown) });
        assert.equal(String(body), `http/1.1 wiki.test ${name}`);
      }
    }
  });

  test('a certificate without its key is a fault that says what is wrong, and no secret', async (t) => {
    const port = await secureServer(t, { allowHTTP1: true });
    const { get } = dialing(t, [port]);
    const upstream = { host: AT, port, scheme: 'https', tls: trusted } as const;
    for (const shown of [
      { cert: ours.cert, key: leaf.key },
      { cert: ours.cert, key: 'no key' },
      { cert: 'no certificate', key: ours.key },
    ]) {
      const { detail, fault } = await get({ ...upstream, clientCertificate: shown });
      assert.equal(fault, 'upstream-tls-failed');
      assert.match(detail, /client certificate or its key cannot be used/);
      assert.doesNotMatch(detail, /PRIVATE KEY/);
    }
  });
});

test('U8: every place of an upstream is used with its own port and name, and a dead one costs nobody an answer', async (t) => {
  const other = await authority.issue({ names: ['127.0.0.21'] });
  const first = await secureServer(t, { allowHTTP1: true });
  const second = await secureServer(t, { allowHTTP1: true, ...other }, '127.0.0.21');
  const { dialer, pools } = dialing(t, [first, second, 1]);
  const wanted = app({
    ...{ host: AT, port: first, scheme: 'https', tls: trusted },
    replicas: [
      { host: host127('127.0.0.21'), port: second },
      { host: host127('127.0.0.22'), port: 1 },
    ],
  });
  const seen = new Set<string>();
  for (let i = 0; i < 40; i += 1) {
    const target = await dialer.resolve(wanted, wanted.upstream);
    const answer = await ask(pools, { app: wanted, target, options: { stickyKey: `session ${i}` } }).done;
    assert.equal(answer.status, 200, answer.detail);
    seen.add(String(answer.headers[answer.headers.indexOf('x-port') + 1]));
  }
  assert.deepEqual([...seen].sort(), [String(first), String(second)].sort());
  assert.equal(pools.view()[0]?.endpoints.find(({ port }) => port === 1)?.state, 'ejected');
});

for (const protocol of ['http/1.1', 'h2'] as const) {
  for (const what of ['whose certificate has expired', 'that says nothing after the connection']) {
    test(`U7 U8: an address ${what} costs nobody an answer over ${protocol}, GET, POST or WebSocket, and is left alone after five`, async (t) => {
      const expired = await authority.issue({ names: [AT], notAfter: new Date(Date.now() - 86_400_000) });
      const other = await authority.issue({ names: ['127.0.0.21'] });
      const isSilent = what.startsWith('that');
      const bad = isSilent
        ? await listen(t, createTcpServer())
        : await secureServer(t, { allowHTTP1: true, ...expired });
      const good = await secureServer(t, { allowHTTP1: true, ...other }, '127.0.0.21');
      const { dialer, pools } = dialing(t, [bad, good]);
      const given = app({
        ...{ host: AT, port: bad, scheme: 'https', protocol, tls: trusted },
        replicas: [{ host: host127('127.0.0.21'), port: good }],
      });
      const timeouts = { ...given.traffic.timeouts, connect: isSilent ? 100 : null };
      const wanted = { ...given, traffic: { ...given.traffic, timeouts } };
      const target = await dialer.resolve(wanted, wanted.upstream);
      const stickyKey = keyFor(target, bad);
      for (let i = 0; i < 8; i += 1) {
        const answer = await ask(pools, {
          ...{ app: wanted, target, options: { stickyKey } },
          ...(i % 2 === 0
            ? { method: 'GET' }
            : { method: 'POST', body: Readable.from([Buffer.from('x')], { objectMode: false }) }),
        }).done;
        assert.equal(answer.status, 200, answer.detail);
        assert.equal(answer.headers[answer.headers.indexOf('x-port') + 1], String(good));
      }
      assert.equal(pools.view()[0]?.endpoints.find(({ port }) => port === bad)?.state, 'ejected');
      const fresh = client(t);
      const signal = new AbortController().signal;
      // A handshake over HTTP/1.1 says nothing of a server of HTTP/2: a request has shown that it is ill.
      await ask(fresh, { app: wanted, target, options: { stickyKey } }).done;
      const { judge, stream } = await fresh.connect({ app: wanted, route: -1 }, target, {
        person: 'ada',
        stickyKey,
        signal,
      });
      judge({ kind: 'answered', status: 101 });
      stream.destroy();
    });
  }
}

test('U1: the app’s own time to connect bounds TCP, TLS and the greeting of HTTP/2 together, and is not spent twice', async (t) => {
  const silent = await listen(t, createTcpServer());
  const silentBehindTls = await listen(t, createTlsServer({ ...leaf, ALPNProtocols: ['h2', 'http/1.1'] }));
  const { dialer, pools } = dialing(t, [silent, silentBehindTls]);
  for (const [scheme, protocol, port] of [
    ['https', 'http/1.1', silent],
    ['https', 'h2', silent],
    ['http', 'h2', silent],
    ['https', 'h2', silentBehindTls],
  ] as const) {
    const given = app({ host: AT, port, scheme, protocol, tls: trusted });
    const timeouts = { ...given.traffic.timeouts, connect: 300 };
    const wanted = { ...given, traffic: { ...given.traffic, timeouts } };
    const target = await dialer.resolve(wanted, wanted.upstream);
    const startedAt = performance.now();
    const { again, detail, fault } = await ask(pools, { app: wanted, target }).done;
    assert.deepEqual([fault, again], ['upstream-connect-timeout', false], detail);
    const took = performance.now() - startedAt;
    assert(took < 3_000, `${took} ms`);
  }
});

test('U1: over TLS, an answer until the close that is cut without a farewell still ends the connection', async (t) => {
  const server = createServer({ ...leaf }, (request) => {
    request.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf', () => request.socket.destroy());
  });
  const port = await listen(t, server);
  const { get } = dialing(t, [port]);
  const { fault, status } = await get({ host: AT, port, scheme: 'https', tls: trusted });
  assert.deepEqual([status, fault], [200, 'upstream-closed']);
});

test('P13: over TLS too an early answer is read, though the upstream resets what is left of the body', async (t) => {
  const sent = new Readable({ read() {} });
  const server = createTcpServer((raw) => {
    const secured = new TLSSocket(raw, { isServer: true, ...leaf });
    raw.on('error', () => {});
    secured.on('error', () => {});
    secured.once('data', () => {
      secured.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig', () => {
        raw.resetAndDestroy();
        // Before anybody could read the answer.
        sent.push(Buffer.alloc(200_000));
      });
    });
  });
  const port = await listen(t, server);
  const { get } = dialing(t, [port]);
  const upstream = { host: AT, port, scheme: 'https', tls: trusted } as const;
  const { body, fault, status } = await get(upstream, { method: 'POST', body: sent });
  assert.deepEqual([status, String(body), fault], [413, 'big', null]);
});

type Given = Partial<Omit<App['upstream'], 'host'>> & { host: string };

/** All of 127.0.0.20 to 22 may be dialled at these ports. */
function dialing(t: TestContext, ports: readonly number[]) {
  const allowed = ports.flatMap((port) => endpoints(port, AT, '127.0.0.21', '127.0.0.22'));
  const office = site({ endpoints: allowed });
  const dialer: Dialer = createDialer({ site: () => office, own: () => [], now: Date.now, log: silentLog });
  t.after(() => dialer.close());
  const pools: UpstreamPools = client(t);
  const get = async (
    upstream: Given,
    request: { method?: string; path?: string; body?: Readable } = {},
    id = 'wiki',
  ): Promise<Answer> => {
    const wanted = { ...app(upstream), id };
    try {
      const target = await dialer.resolve(wanted, wanted.upstream);
      return await ask(pools, { app: wanted, target, ...request }).done;
    } catch (error) {
      assert(isFault(error));
      throw error;
    }
  };
  return { dialer, get, pools };
}

function certificate({ cert, key }: Leaf): ClientCertificate {
  return { cert, key };
}

function host127(text: string): App['upstream']['host'] {
  return endpoints(1, text)[0]?.address ?? host(text);
}

/** Says which protocol, Host and client certificate it saw. */
function secureServer(t: TestContext, options: SecureServerOptions, at = AT): Promise<number> {
  const server = createSecureServer({ ...leaf, ...options }, (request, response) => {
    const socket = request.stream?.session?.socket ?? request.socket;
    const { alpnProtocol } = socket as TLSSocket;
    const peer = (socket as TLSSocket).getPeerX509Certificate();
    response.setHeader('x-port', String(socket.localPort));
    const whom = peer?.subjectAltName?.replace('DNS:', '') ?? 'anybody';
    response.end(`${alpnProtocol || 'http/1.1'} ${request.authority || request.headers.host} ${whom}`);
  });
  server.on('tlsClientError', () => {});
  server.on('sessionError', () => {});
  return listen(t, server, at);
}

async function listen(t: TestContext, server: Server, at = AT): Promise<number> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, at);
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Serves one page and gives uploads back, with a trailer behind each answer. */
async function nghttpd(t: TestContext) {
  const program = findProgram('nghttpd');
  assert(program, 'nghttpd is missing: npm test installs it');
  const folder = mkdtempSync(join(tmpdir(), 'foyer-nghttpd-'));
  writeFileSync(join(folder, 'index.html'), 'a page');
  const port = await freePort();
  const args = ['--no-tls', '-a', AT, '-d', folder, '--echo-upload', '--trailer', 'grpc-status: 0', String(port)];
  const child: ChildProcess = spawn(program, args, { stdio: 'ignore' });
  t.after(async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    rmSync(folder, { recursive: true });
  });
  while (!(await isOpen(port))) assert.equal(child.exitCode, null, 'nghttpd ended');
  return { port, ...dialing(t, [port]) };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, AT);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: AT });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => setImmediate(resolve, false));
  });
}
