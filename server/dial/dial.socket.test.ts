// Connecting to an upstream goes to a checked address that answers, in bounded time, and to nobody who cannot prove who he is.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { before, type TestContext, test } from 'node:test';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { type Authority, createAuthority, type Leaf } from '#server/certificates.testing.ts';
import type { App, UpstreamTls } from '#server/core/app.ts';
import { isFault } from '#server/core/fault.ts';
import { createDialer } from '#server/dial.ts';
import { zoneAnswerer } from '#server/dns/authority.ts';
import { startDnsServer } from '#server/dns/listen.ts';
import { address, name } from '#server/dns/packet.testing.ts';
import { buildZone, type ZoneLine } from '#server/dns/zone.ts';
import { app, endpoints, silentLog, site } from './dial.testing.ts';

const NAME = 'wiki.corp.internal';
let authority: Authority;
let stranger: Authority;
let leaf: Leaf;

before(async () => {
  [authority, stranger] = await Promise.all([createAuthority('Corp'), createAuthority('Stranger')]);
  leaf = await authority.issue({ names: [NAME] });
});

test('SOL-5 SOL-6: an app is reached at the address that only the private DNS knows', async (t) => {
  const port = await greeter(t, '127.0.0.20', 'wiki');
  const dial = await dialing(t, [{ name: 'wiki', type: 'A', value: '127.0.0.20' }], port);
  assert.equal(await dial({ host: NAME, port }), 'wiki');
});

test('U6: an address that does not answer costs a quarter of a second', async (t) => {
  const port = await greeter(t, '127.0.0.21', 'alive');
  await blackhole(t, '127.0.0.22', port);
  const lines = ['127.0.0.22', '127.0.0.21'].map((value) => ({ name: 'wiki', type: 'A', value }));
  const dial = await dialing(t, lines, port);
  const first = performance.now();
  assert.equal(await dial({ host: NAME, port }), 'alive');
  const second = performance.now();
  assert.ok(second - first > 200 && second - first < 2_000, `${second - first} ms`);
});

test('U6: a broken IPv6 address gives way to IPv4 at once, and a hundred dead addresses to the living one', async (t) => {
  const port = await greeter(t, '127.0.0.20', 'ipv4');
  const dial = await dialing(
    t,
    [
      { name: 'wiki', type: 'AAAA', value: '::1' },
      { name: 'wiki', type: 'A', value: '127.0.0.20' },
    ],
    port,
  );
  assert.equal(await dial({ host: NAME, port }), 'ipv4');
  const many = Array.from({ length: 60 }, (_, at) => ({ name: 'wiki', type: 'A', value: `127.0.1.${at + 1}` }));
  const dialMany = await dialing(t, [...many, { name: 'wiki', type: 'A', value: '127.0.0.20' }], port);
  assert.equal(await dialMany({ host: NAME, port }), 'ipv4');
});

test('U1: a closed port, a black hole and an abort are told apart, in bounded time', async (t) => {
  const port = await greeter(t, '127.0.0.20', 'elsewhere');
  await blackhole(t, '127.0.0.22', port);
  const dial = await dialing(t, [], port, { connectTimeoutMs: 300 });
  await assert.rejects(dial({ host: '127.0.0.23', port }), fault('upstream-refused'));
  await assert.rejects(dial({ host: '127.0.0.22', port }), fault('upstream-connect-timeout'));
  const controller = new AbortController();
  const leaving = dial({ host: '127.0.0.22', port }, controller.signal);
  controller.abort();
  await assert.rejects(leaving, fault('upstream-closed'));
});

test('U5: an upstream with the right name from the right authority is trusted, by name and by address', async (t) => {
  const byAddress = await authority.issue({ names: ['127.0.0.20'] });
  const port = await tlsGreeter(t, '127.0.0.20', leaf);
  const dial = await dialing(t, wiki, port);
  const tls: UpstreamTls = { kind: 'ca', pem: authority.pem };
  assert.equal(await dial({ host: NAME, port, scheme: 'https', tls }), `TLSv1.3 ${NAME}`);
  const other = await tlsGreeter(t, '127.0.0.20', byAddress);
  const dialOther = await dialing(t, wiki, other);
  assert.equal(await dialOther({ host: '127.0.0.20', port: other, scheme: 'https', tls }), 'TLSv1.3 false');
});

test('U5: an expired certificate, a wrong name, an unknown authority and an old protocol are refused, each by its name', async (t) => {
  const trusted: UpstreamTls = { kind: 'ca', pem: authority.pem };
  const expired = await authority.issue({ names: [NAME], notAfter: new Date(Date.now() - 86_400_000) });
  const otherName = await authority.issue({ names: ['other.corp.internal'] });
  const table: [Leaf, UpstreamTls, string, TlsOptions?][] = [
    [expired, trusted, 'upstream-tls-expired'],
    [otherName, trusted, 'upstream-tls-name'],
    [leaf, { kind: 'ca', pem: stranger.pem }, 'upstream-tls-untrusted'],
    [leaf, { kind: 'system' }, 'upstream-tls-untrusted'],
    [leaf, { kind: 'ca', pem: 'no certificate' }, 'upstream-tls-untrusted'],
    [leaf, { kind: 'pinned', sha256: otherName.sha256 }, 'upstream-tls-untrusted'],
    [leaf, { kind: 'pinned', sha256: '' }, 'upstream-tls-untrusted'],
    [
      leaf,
      trusted,
      'upstream-tls-failed',
      { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
    ],
    [
      leaf,
      { kind: 'unverified' },
      'upstream-tls-failed',
      { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
    ],
  ];
  for (const [presented, tls, code, options] of table) {
    const port = await tlsGreeter(t, '127.0.0.20', presented, options);
    const dial = await dialing(t, wiki, port);
    await assert.rejects(dial({ host: NAME, port, scheme: 'https', tls }), fault(code), `${tls.kind} ${code}`);
  }
});

test('U5: exactly this certificate is trusted whatever its name, and “do not verify” takes any', async (t) => {
  const otherName = await stranger.issue({
    names: ['other.corp.internal'],
    notAfter: new Date(Date.now() - 86_400_000),
  });
  const port = await tlsGreeter(t, '127.0.0.20', otherName);
  const dial = await dialing(t, wiki, port);
  assert.equal(
    await dial({ host: NAME, port, scheme: 'https', tls: { kind: 'pinned', sha256: otherName.sha256 } }),
    `TLSv1.3 ${NAME}`,
  );
  assert.equal(await dial({ host: NAME, port, scheme: 'https', tls: { kind: 'unverified' } }), `TLSv1.3 ${NAME}`);
});

test('no TLS session is ever resumed, so that no check is ever skipped', async (t) => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    let resumed = 0;
    const port = await tlsGreeter(t, '127.0.0.20', leaf, { maxVersion }, (isReused) => {
      resumed += isReused ? 1 : 0;
    });
    const dial = await dialing(t, wiki, port);
    const upstream = { host: NAME, port, scheme: 'https' as const, tls: { kind: 'ca' as const, pem: authority.pem } };
    for (let at = 0; at < 3; at++) await dial(upstream);
    assert.equal(resumed, 0);
  }
});

test('U1: what one address took of the time to connect is gone for what follows', async (t) => {
  const port = await tlsGreeter(t, '127.0.0.21', leaf);
  await blackhole(t, '127.0.0.22', port);
  const office = site({ endpoints: endpoints(port, '127.0.0.21', '127.0.0.22') });
  const dialer = createDialer({ site: () => office, own: () => [], now: Date.now, log: silentLog });
  t.after(() => dialer.close());
  const given = app({ host: '127.0.0.22', port, scheme: 'https', tls: { kind: 'unverified' } });
  const replicas = office.endpoints.slice(0, 1).map(({ address: at }) => ({ host: at, port }));
  const target = await dialer.resolve(given, { ...given.upstream, replicas });
  const { leftMs, stream } = await target.connect(target.endpoints);
  stream.destroy();
  assert.ok(leftMs > 0 && leftMs < 4_900, `${leftMs} ms of 5,000`);
});

test('U1: a far end that speaks no TLS, resets, closes or falls silent in the handshake is a fault in bounded time', async (t) => {
  const table: [(socket: Socket) => void, string][] = [
    [(socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'upstream-tls-failed'],
    [(socket) => socket.resetAndDestroy(), 'upstream-tls-failed'],
    [(socket) => socket.end(), 'upstream-tls-failed'],
    [() => {}, 'upstream-connect-timeout'],
  ];
  for (const [answer, code] of table) {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => answer(socket));
    });
    const port = await listen(t, server, '127.0.0.20');
    const dial = await dialing(t, wiki, port, { connectTimeoutMs: 300 });
    await assert.rejects(dial({ host: NAME, port, scheme: 'https', tls: { kind: 'unverified' } }), fault(code), code);
  }
});

const wiki: ZoneLine[] = [{ name: 'wiki', type: 'A', value: '127.0.0.20' }];

/** A function that dials an app and returns the greeting. All of 127.0.0.x and ::1 may be dialled at this one port. */
async function dialing(t: TestContext, lines: ZoneLine[], port: number, options: { connectTimeoutMs?: number } = {}) {
  const zone = buildZone({ origin: name('corp.internal'), lines });
  assert.ok(zone.kind === 'zone');
  const dns = await startDnsServer({ address: address('127.0.0.1'), port: 0, answer: zoneAnswerer(() => [zone.zone]) });
  t.after(() => dns.close());
  const loopbacks = Array.from({ length: 60 }, (_, at) => [`127.0.0.${at + 1}`, `127.0.1.${at + 1}`]).flat();
  const office = site({
    dnsServers: [{ address: dns.address, port: dns.port }],
    endpoints: endpoints(port, '::1', ...loopbacks),
  });
  const dialer = createDialer({ site: () => office, own: () => [], now: Date.now, log: silentLog, ...options });
  t.after(() => dialer.close());
  return async (
    upstream: Partial<Omit<App['upstream'], 'host'>> & { host: string },
    signal?: AbortSignal,
  ): Promise<string> => {
    const wanted = app(upstream);
    const target = await dialer.resolve(wanted, wanted.upstream);
    const { stream: socket } = await target.connect(target.endpoints, { signal });
    try {
      const [greeting] = await once(socket, 'data');
      return String(greeting);
    } finally {
      socket.destroy();
    }
  };
}

function greeter(t: TestContext, at: string, greeting: string): Promise<number> {
  return listen(
    t,
    createServer((socket) => socket.on('error', () => {}).end(greeting)),
    at,
  );
}

function tlsGreeter(
  t: TestContext,
  at: string,
  { key, cert }: Leaf,
  options: TlsOptions = {},
  onSession = (_isReused: boolean) => {},
): Promise<number> {
  const server = createTlsServer({ key, cert, ...options }, (socket) => {
    onSession(socket.isSessionReused());
    socket.on('error', () => {}).end(`${socket.getProtocol()} ${'servername' in socket ? socket.servername : ''}`);
  });
  server.on('tlsClientError', () => {});
  return listen(t, server, at);
}

/** A port that answers nothing: a listener that never accepts, its queue filled, so that the kernel drops every further SYN. */
async function blackhole(t: TestContext, at: string, port: number): Promise<void> {
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads');
    const server = require('node:net').createServer();
    server.listen({ ...workerData, backlog: 1 }, () => {
      parentPort.postMessage('listening');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`,
    { eval: true, workerData: { host: at, port } },
  );
  t.after(() => worker.terminate());
  await once(worker, 'message');
  const queued = Array.from({ length: 3 }, () => connect({ host: at, port }).on('error', () => {}));
  t.after(() => queued.forEach((socket) => void socket.destroy()));
  await Promise.all(queued.slice(0, 2).map((socket) => once(socket, 'connect')));
}

async function listen(t: TestContext, server: Server, at: string): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, at);
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function fault(code: string) {
  return (error: unknown) => {
    assert.ok(isFault(error), String(error));
    assert.equal(error.code, code, error.detail);
    return true;
  };
}
