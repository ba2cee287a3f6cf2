// Promises about clients that take and give nothing: each is let go in time, and nobody else notices.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { after, suite, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { headerClass } from '#server/core/header-names.ts';
import { httpServer, rawServer, recorder, startGateway } from './gateway.testing.ts';
import { ask, openHttp2 } from './http2-client.testing.ts';
import { frame, literals, PREFACE } from './http2-frames.testing.ts';
import { rawClient } from './raw-client.testing.ts';

const upstream = await recorder({ after });
const BIG = 8 * 1024 * 1024;
const big = await httpServer({ after }, (_request, response) => response.end(Buffer.alloc(BIG)));
const limits = {
  headersTimeoutMs: 300,
  tlsHandshakeTimeoutMs: 300,
  requestBodyIdleMs: 150,
  requestBodyMinBytes: 64,
  responseStallMs: 200,
  keepAliveMs: 400,
};
const apps = [
  { id: 'wiki', hosts: ['wiki.test'] as const, upstream: upstream.port },
  { id: 'board', hosts: ['board.test'] as const, upstream: big },
];
const gateway = await startGateway({ after }, { scheme: 'https', apps, limits });
const session = gateway.signIn();
const cookie = gateway.cookie(session, 'wiki.test');
const boardCookie = gateway.cookie(session, 'board.test');
const TLS = { servername: 'wiki.test' };

/** Runs an attack to its end while somebody else works, and gives the slowest of that person's requests. */
async function meanwhile(attack: Promise<unknown>): Promise<number> {
  let over = false;
  let slowest = 0;
  const ended = attack.finally(() => {
    over = true;
  });
  const client = await openHttp2(gateway.port, 'wiki.test');
  while (!over) {
    const startedAt = performance.now();
    assert.equal((await ask(client, { ':path': '/', cookie })).status, 200);
    slowest = Math.max(slowest, performance.now() - startedAt);
  }
  client.destroy();
  await ended;
  return slowest;
}

/** Sends a byte now and then until the connection is closed. */
function drip(socket: Socket, bytes: () => Buffer): Promise<void> {
  const dripping = setInterval(() => socket.write(bytes()), 20);
  socket.on('error', () => {});
  socket.resume();
  return new Promise((resolve) =>
    socket.once('close', () => {
      clearInterval(dripping);
      resolve();
    }),
  );
}

function tlsSocket(alpn: string): Socket {
  const socket = connectTls({
    port: gateway.port,
    host: '127.0.0.1',
    servername: 'wiki.test',
    rejectUnauthorized: false,
    ALPNProtocols: [alpn],
  });
  socket.on('error', () => {});
  return socket;
}

suite('R1: slow clients', () => {
  test('slow headers are closed, over HTTP/1.1 and HTTP/2, and others are served', async () => {
    const clients = Array.from({ length: 30 }, () => tlsSocket('http/1.1'));
    for (const socket of clients) socket.write('GET / HTTP/1.1\r\nHost: wiki.test\r\n');
    const http2 = Array.from({ length: 30 }, () => tlsSocket('h2'));
    for (const socket of http2) socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    const slowest = await meanwhile(
      Promise.all([
        ...clients.map((socket) => drip(socket, () => Buffer.from('X-A: b\r\n'))),
        // A PING a time keeps the connection busy, and asks for nothing.
        ...http2.map((socket) => drip(socket, () => Buffer.from('000008060000000000' + '0102030405060708', 'hex'))),
      ]),
    );
    assert(slowest < 2_000, `${slowest} ms`);
  });

  test('headers of an HTTP/2 stream that never end are closed', async () => {
    const socket = tlsSocket('h2');
    socket.write(PREFACE);
    // HEADERS without END_HEADERS, then CONTINUATION frames of one byte each (VU#421644).
    socket.write(Buffer.from('00000101000000000182', 'hex'));
    await drip(socket, () => Buffer.from('00000109000000000184', 'hex'));
  });

  test('a head or PINGs that drip in behind a finished request keep no HTTP/2 connection open', async () => {
    const fields = [
      [':method', 'GET'],
      [':scheme', 'https'],
      [':authority', 'wiki.test'],
      [':path', '/'],
      ['cookie', cookie],
    ] as const;
    const dripped = tlsSocket('h2');
    dripped.write(Buffer.concat([PREFACE, frame(1, 0x5, 1, literals(fields))]));
    // A HEADERS frame of 16,000 bytes, of which one comes now and then.
    dripped.write(Buffer.from('003e80010400000003', 'hex'));
    const pinged = tlsSocket('h2');
    pinged.write(Buffer.concat([PREFACE, frame(1, 0x5, 1, literals(fields))]));
    await Promise.all([drip(dripped, () => Buffer.from([0x82])), drip(pinged, () => frame(6, 0, 0, Buffer.alloc(8)))]);
  });

  test('idle TLS handshakes and connections without a byte are closed', async () => {
    const silent = Array.from({ length: 100 }, () => connectTcp(gateway.port, '127.0.0.1'));
    const half = Array.from({ length: 100 }, () => {
      const socket = connectTcp(gateway.port, '127.0.0.1');
      socket.write(Buffer.from('16030100050100', 'hex'));
      return socket;
    });
    const plain = Array.from({ length: 20 }, () => connectTcp(gateway.plainPort, '127.0.0.1'));
    const slowest = await meanwhile(
      Promise.all(
        [...silent, ...half, ...plain].map((socket) => {
          socket.on('error', () => {});
          socket.resume();
          return new Promise((resolve) => socket.once('close', resolve));
        }),
      ),
    );
    assert(slowest < 2_000, `${slowest} ms`);
  });

  test('a connection that says nothing is closed without a word, one that begins a head gets a 408', async () => {
    for (const port of [gateway.port, gateway.plainPort]) {
      const tls = port === gateway.port ? TLS : undefined;
      const before = gateway.refusals.length;
      assert.equal(await (await rawClient(port, tls)).rest(), '');
      assert.equal(gateway.refusals.length, before, 'nothing was refused');
      const begun = await rawClient(port, tls);
      begun.write('GET / HTTP/1.1\r\n');
      assert.match(await begun.rest(), /^HTTP\/1\.1 408 /);
      assert.equal(gateway.refusals.at(-1)?.code, 'request-timeout');
    }
  });

  test('a body that drips is 408 and closed, over HTTP/1.1 and HTTP/2, to an app and to ourselves', async () => {
    for (const head of [
      `POST / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\nContent-Length: 100000\r\n\r\n`,
      'POST /.foyer/session HTTP/1.1\r\nHost: wiki.test\r\nOrigin: https://portal.test\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 20000\r\n\r\n',
    ]) {
      const client = await rawClient(gateway.port, TLS);
      client.write(head);
      const dripping = setInterval(() => client.write('x'), 20);
      assert.equal((await client.answer()).status, 408);
      await client.closed;
      clearInterval(dripping);
    }
    const http2 = await openHttp2(gateway.port, 'wiki.test');
    const stream = http2.request({ ':path': '/', ':method': 'POST', cookie });
    stream.on('error', () => {});
    const dripping = setInterval(() => stream.write('x'), 20);
    const [headers] = await once(stream, 'response');
    assert.equal(headers[':status'], 408);
    clearInterval(dripping);
    http2.destroy();
    await gateway.until(() => gateway.context.live.size === 0);
  });

  test('a refused body that drips on is closed', async () => {
    const client = await rawClient(gateway.port, TLS);
    client.write('POST / HTTP/1.1\r\nHost: wiki.test\r\nContent-Length: 100000\r\n\r\n');
    assert.equal((await client.answer()).status, 401);
    await drip(client.socket, () => Buffer.from('x'));
  });

  test('a browser that takes nothing of its answer is let go, over HTTP/1.1 and HTTP/2', async () => {
    const client = await rawClient(gateway.port, { servername: 'board.test' });
    client.socket.pause();
    client.write(`GET / HTTP/1.1\r\nHost: board.test\r\nCookie: ${boardCookie}\r\n\r\n`);
    const http2 = await openHttp2(gateway.port, 'board.test');
    const stream = http2.request({ ':path': '/', cookie: boardCookie });
    stream.on('error', () => {});
    stream.pause();
    await once(stream, 'response');
    await gateway.until(() => gateway.context.live.size === 2);
    await gateway.until(() => gateway.context.live.size === 0);
    client.socket.destroy();
    http2.destroy();
  });

  test('a browser that takes nothing of a finished answer is let go, and no sooner than it says', async (t) => {
    const small = await httpServer(t, (_request, response) => response.end(Buffer.alloc(40_000)));
    const own = await startGateway(t, {
      scheme: 'https',
      apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: small }],
      limits: { ...limits, responseStallMs: 1_200 },
    });
    const grant = own.cookie(own.signIn(), 'wiki.test');
    const http2 = await openHttp2(own.port, 'wiki.test');
    http2.settings({ initialWindowSize: 0 });
    await once(http2, 'localSettings');
    const startedAt = performance.now();
    const stream = http2.request({ ':path': '/', cookie: grant });
    stream.on('error', () => {});
    await once(stream, 'response');
    await own.until(() => own.context.live.size === 0);
    const heldMs = performance.now() - startedAt;
    assert(heldMs >= 1_200, `${heldMs} ms`);
    const refused = http2.request({ ':path': '/' });
    refused.on('error', () => {});
    await new Promise((resolve) => refused.once('close', resolve));
    http2.destroy();
  });

  test('half-open: a client that vanished is let go with its keep-alive time', async () => {
    const client = await rawClient(gateway.port, TLS);
    client.write(`GET / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\n\r\n`);
    assert.equal((await client.answer()).status, 200);
    await client.closed;
    const http2 = await openHttp2(gateway.port, 'wiki.test');
    await ask(http2, { ':path': '/', cookie });
    await once(http2, 'close');
  });
});

suite('R1: caps', () => {
  test('one address gets its number of connections and no more; room comes back', async (t) => {
    const own = await startGateway(t, { apps, limits: { connectionsPerAddress: 5, connections: 100 } });
    const clients = await Promise.all(Array.from({ length: 5 }, () => rawClient(own.port)));
    const sixth = connectTcp(own.port, '127.0.0.1');
    sixth.on('error', () => {});
    sixth.resume();
    await new Promise((resolve) => sixth.once('close', resolve));
    clients[0]?.socket.destroy();
    await own.until(() => true);
    for (;;) {
      const again = await rawClient(own.port);
      again.write('GET / HTTP/1.1\r\nHost: wiki.test\r\n\r\n');
      const status = await again.answer().then(
        (answer) => answer.status,
        () => null,
      );
      again.socket.destroy();
      if (status === 401) break;
    }
    for (const client of clients) client.socket.destroy();
  });
});

suite('R2: rapid reset', () => {
  test('streams that are opened and reset leave no work behind, and the connection ends', async (t) => {
    let open = 0;
    let most = 0;
    const port = await rawServer(t, (socket) => {
      open += 1;
      most = Math.max(most, open);
      socket.resume();
      socket.once('close', () => {
        open -= 1;
      });
    });
    const own = await startGateway(t, {
      scheme: 'https',
      apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }],
      limits: { upstreamKeepAliveMs: 300 },
    });
    const grant = own.cookie(own.signIn(), 'wiki.test');
    const http2 = await openHttp2(own.port, 'wiki.test');
    const closed = new Promise((resolve) => http2.once('close', resolve));
    let sent = 0;
    const flood = (): void => {
      for (let i = 0; i < 100 && !http2.closed && !http2.destroyed; i += 1) {
        const stream = http2.request({ ':path': `/${sent}`, cookie: grant });
        stream.on('error', () => {});
        sent += 1;
        setImmediate(() => stream.close(8));
      }
      if (!http2.closed && !http2.destroyed && sent < 3_000) setImmediate(flood);
    };
    flood();
    await closed;
    await own.until(() => own.context.live.size === 0 && open === 0);
    assert(most <= 200, `${most} connections to the upstream at once`);
    assert(own.dials() <= 400, `${own.dials()} dials for ${sent} streams`);
    const next = await openHttp2(own.port, 'wiki.test');
    assert.equal((await ask(next, { ':path': '/' })).status, 401);
    next.destroy();
  });
});

test('R2: resets that a client provokes (MadeYouReset) end the connection too, and leave no work behind', async (t) => {
  let open = 0;
  const port = await rawServer(t, (socket) => {
    open += 1;
    socket.resume();
    socket.once('close', () => {
      open -= 1;
    });
  });
  const own = await startGateway(t, {
    scheme: 'https',
    apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }],
    limits: { upstreamKeepAliveMs: 300 },
  });
  const grant = own.cookie(own.signIn(), 'wiki.test');
  const socket = connectTls({
    port: own.port,
    host: '127.0.0.1',
    servername: 'wiki.test',
    rejectUnauthorized: false,
    ALPNProtocols: ['h2'],
  });
  socket.on('error', () => {});
  socket.resume();
  socket.write(PREFACE);
  const fields = [
    [':method', 'GET'],
    [':scheme', 'https'],
    [':authority', 'wiki.test'],
    [':path', '/'],
    ['cookie', grant],
  ] as const;
  const NO_INCREMENT = Buffer.alloc(4);
  let sent = 0;
  while (!socket.destroyed && sent < 3_000) {
    const id = 2 * sent + 1;
    sent += 1;
    socket.write(Buffer.concat([frame(1, 0x5, id, literals(fields)), frame(8, 0, id, NO_INCREMENT)]));
    if (sent % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  assert(sent < 3_000, 'the gateway ended the connection');
  await own.until(() => own.context.live.size === 0 && open === 0);
  assert(own.dials() <= 200, `${own.dials()} dials`);
});

suite('memory', () => {
  test('names of headers that a client makes up are not all remembered', () => {
    for (let i = 0; i < 5_000; i += 1) headerClass(`x-made-up-${i}`);
    assert.equal(headerClass('Remote-User'), 'reserved');
    assert.equal(headerClass('x-made-up-4999'), 'pass');
  });

  test('a bad grant costs the same with one app and with ten thousand', async (t) => {
    const many = Array.from({ length: 10_000 }, (_, i) => ({
      id: `app-${i}`,
      hosts: [`app-${i}.test`] as const,
      upstream: upstream.port,
    }));
    const own = await startGateway(t, { apps: many });
    const headers = ['Cookie', `__Host-foyer-grant=${'A'.repeat(90)}`];
    let longest = 0;
    let last = busyMs();
    let over = false;
    const tick = (): void => {
      longest = Math.max(longest, busyMs() - last);
      last = busyMs();
      if (!over) setImmediate(tick);
    };
    tick();
    assert.equal(await own.context.grants.readForeign(headers, own.context.snapshot(), own.clock.now), null);
    over = true;
    assert(longest < 100, `the event loop stood still for ${longest} ms`);
    const startedAt = busyMs();
    for (let i = 0; i < 1_000; i += 1)
      await own.context.grants.readForeign(headers, own.context.snapshot(), own.clock.now);
    assert(busyMs() - startedAt < 200);
  });
});

/** Time that this thread has worked, whatever else the machine does. */
function busyMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
