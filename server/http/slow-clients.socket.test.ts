// R1: hundreds of clients of each kind that take their time. Somebody else's requests are all answered, about as fast as before,
// and every slow client is let go when its time is over.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, suite, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { httpServer, recorder, startGateway, type TestGateway, type TestOptions } from './gateway.testing.ts';
import { PREFACE } from './http2-frames.testing.ts';
import { rawClient } from './raw-client.testing.ts';

const MANY = 1_500;
/** Upstreams and their sockets are this process too. */
const MANY_FORWARDED = 800;
/** A TLS handshake costs both sides, and both are this process. */
const MANY_TLS = 200;
/** The kernel's queue of new connections is no longer than this. */
const AT_ONCE = 200;
const HELD_MS = 1_000;
const BIG = Buffer.alloc(4 * 1024 * 1024);

const upstream = await recorder({ after });
const sink = await httpServer({ after }, (request, response) => {
  request.resume();
  request.once('end', () => response.end('taken'));
});
const big = await httpServer({ after }, (_request, response) => response.end(BIG));
const options = {
  apps: [
    { id: 'wiki', hosts: ['wiki.test'], upstream: upstream.port },
    { id: 'sink', hosts: ['sink.test'], upstream: sink },
    { id: 'big', hosts: ['big.test'], upstream: big },
  ],
  limits: {
    headersTimeoutMs: HELD_MS,
    tlsHandshakeTimeoutMs: HELD_MS,
    requestBodyIdleMs: HELD_MS,
    responseStallMs: HELD_MS,
    keepAliveMs: 2 * HELD_MS,
    connectionsPerAddress: 10_000,
    upstreamRequests: 10_000,
    upstreamRequestsPerPerson: 10_000,
    upstreamConnections: 10_000,
  },
} as const satisfies Partial<TestOptions>;
const plain = await startGateway({ after }, { ...options, scheme: 'http' });
const secure = await startGateway({ after }, { ...options, scheme: 'https' });
const sessions = new Map([plain, secure].map((gateway) => [gateway, gateway.signIn()]));

function headOf(gateway: TestGateway, method: string, host: string, lines = ''): string {
  const session = sessions.get(gateway);
  assert(session);
  return `${method} / HTTP/1.1\r\nHost: ${host}\r\nCookie: ${gateway.cookie(session, host)}\r\n${lines}`;
}

type SlowKind = { name: string; count: number; tls?: string; first: string | Buffer; drip?: string; reads?: boolean };

const KINDS: readonly SlowKind[] = [
  { name: 'say nothing', count: MANY, first: '' },
  { name: 'begin a head and never end it', count: MANY, first: headOf(plain, 'GET', 'wiki.test'), drip: 'X-A: b\r\n' },
  {
    name: 'send a body byte by byte',
    count: MANY_FORWARDED,
    first: headOf(plain, 'POST', 'sink.test', 'Content-Length: 100000\r\n\r\n'),
    drip: 'x',
  },
  {
    name: 'send chunks byte by byte',
    count: MANY_FORWARDED,
    first: headOf(plain, 'POST', 'sink.test', 'Transfer-Encoding: chunked\r\n\r\n'),
    drip: '1\r\nx\r\n',
  },
  {
    name: 'read nothing of a large answer',
    count: MANY_TLS,
    first: headOf(plain, 'GET', 'big.test', '\r\n'),
    reads: false,
  },
  {
    name: 'stay connected after their answer',
    count: MANY_FORWARDED,
    first: headOf(plain, 'GET', 'wiki.test', '\r\n'),
  },
  { name: 'begin a TLS handshake', count: MANY, tls: 'none', first: Buffer.from('16030100050100', 'hex') },
  { name: 'begin a head over TLS', count: MANY_TLS, tls: 'http/1.1', first: 'GET / HTTP/1.1\r\n', drip: 'X-A: b\r\n' },
  { name: 'ask for nothing over HTTP/2', count: MANY_TLS, tls: 'h2', first: PREFACE },
];

suite('R1: slow clients by the thousand', () => {
  for (const kind of KINDS) {
    test(`${kind.count} that ${kind.name}`, async () => {
      const gateway = kind.tls ? secure : plain;
      const pulse = await startPulse(gateway);
      const before = await pulse.medianMs();
      const slow: SlowClient[] = [];
      while (slow.length < kind.count) {
        const more = Array.from({ length: Math.min(AT_ONCE, kind.count - slow.length) }, () => slowClient(kind));
        await Promise.all(more.map((client) => client.connected));
        slow.push(...more);
      }
      // The first hundred share the event loop with the clients' own beginning.
      const during = Math.min(await pulse.medianMs(), await pulse.medianMs());
      assert(during < before * 5 + 20, `${before.toFixed(1)} ms before, ${during.toFixed(1)} ms while they are held`);
      if (kind.reads === false) {
        // Whoever does not read does not read of the end either.
        await gateway.until(() => gateway.context.live.size === 0);
        for (const client of slow) client.end();
      }
      await Promise.all(slow.map((client) => client.closed));
      await pulse.stop();
      await gateway.until(() => gateway.context.live.size === 0);
    });
  }
});

type Pulse = {
  /** Of the next hundred requests. */
  medianMs(): Promise<number>;
  /** Rejects when a request was not answered. */
  stop(): Promise<void>;
};

/** Somebody who asks one thing after the other. */
async function startPulse(gateway: TestGateway): Promise<Pulse> {
  const client = await rawClient(gateway.port, gateway === secure ? { servername: 'wiki.test' } : undefined);
  const head = headOf(gateway, 'GET', 'wiki.test', '\r\n');
  let times: number[] = [];
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      const startedAt = performance.now();
      client.write(head);
      assert.equal((await client.answer()).status, 200);
      times.push(performance.now() - startedAt);
    }
  })();
  return {
    medianMs: async () => {
      times = [];
      await Promise.race([asking, gateway.until(() => times.length >= 100)]);
      return times.sort((a, b) => a - b)[times.length >> 1] ?? 0;
    },
    stop: async () => {
      isOver = true;
      await asking;
      client.socket.destroy();
    },
  };
}

type SlowClient = { connected: Promise<void>; closed: Promise<void>; end(): void };

function slowClient(kind: SlowKind): SlowClient {
  const socket = open(kind);
  let dripping: NodeJS.Timeout | undefined;
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) =>
    socket.once('close', () => {
      clearInterval(dripping);
      resolve();
    }),
  );
  const connected = new Promise<void>((resolve) => {
    socket.once('close', resolve);
    socket.once(kind.tls && kind.tls !== 'none' ? 'secureConnect' : 'connect', () => {
      socket.write(kind.first);
      if (kind.reads === false) socket.pause();
      else socket.resume();
      const { drip } = kind;
      if (drip) dripping = setInterval(() => socket.write(drip), 400);
      resolve();
    });
  });
  return { connected, closed, end: () => void socket.destroy() };
}

function open({ tls }: SlowKind): Socket {
  if (!tls) return connect(plain.port, '127.0.0.1');
  if (tls === 'none') return connect(secure.port, '127.0.0.1');
  const client = { host: '127.0.0.1', servername: 'wiki.test', rejectUnauthorized: false, ALPNProtocols: [tls] };
  return connectTls({ port: secure.port, ...client });
}

test('R1: a client that asks and asks and takes no answer is let go, also where the answers are ours', async () => {
  const client = connect(plain.port, '127.0.0.1');
  client.on('error', () => {});
  client.pause();
  const request = 'GET / HTTP/1.1\r\nHost: wiki.test\r\n\r\n';
  const answered = () => plain.logs.filter(({ access }) => access).length;
  const before = answered();
  let sent = 0;
  let movedAt = performance.now();
  // As much as the kernel takes of the answers, and never so much that the requests alone end the connection.
  for (let last = before; performance.now() - movedAt < 200; await wait(5)) {
    const now = answered();
    if (now !== last) movedAt = performance.now();
    last = now;
    if (sent - (now - before) > 500) continue;
    client.write(request.repeat(500));
    sent += 500;
  }
  assert(answered() - before < sent, 'some requests wait for a client that takes no answers');
  await wait(4 * HELD_MS);
  client.resume();
  await new Promise((resolve) => client.once('close', resolve));
  assert(answered() - before < sent, 'none of them is served any more');
});

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
