// R2, R4: frames that only make work end their own connection, and nobody else notices; what is no flood goes on.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, suite, test } from 'node:test';
import { httpServer, rawServer, startGateway } from './gateway.testing.ts';
import { ask, openHttp2 } from './http2-client.testing.ts';
import { FRAME, frame, frameClient, literals, PREFACE, uint32 } from './http2-frames.testing.ts';

const CALM = 11;
const PROTOCOL_ERROR = 1;
const MB = 1_024 * 1_024;
const BIG = 2 * MB;

let atUpstream = 0;
const hanging = await rawServer({ after }, (socket) => {
  atUpstream += 1;
  socket.resume();
  socket.once('close', () => {
    atUpstream -= 1;
  });
});
/** One for all answers: what the app keeps of them is no memory of the gateway's, and both are one process here. */
const bigBody = Buffer.alloc(BIG, 0x61);
const big = await httpServer({ after }, (_request, response) => response.end(bigBody));
const small = await httpServer({ after }, (request, response) => {
  request.resume();
  if (request.url !== '/hangs') request.once('end', () => response.end('ok'));
});
const gateway = await startGateway(
  { after },
  {
    scheme: 'https',
    apps: [
      { id: 'wiki', hosts: ['wiki.test'], upstream: hanging },
      { id: 'big', hosts: ['big.test'], upstream: big },
      { id: 'small', hosts: ['small.test'], upstream: small },
    ],
    limits: { headersTimeoutMs: 1_000, keepAliveMs: 5_000, upstreamKeepAliveMs: 300 },
  },
);
const session = gateway.signIn();

function request(host = 'wiki.test', ...more: (readonly [string, string])[]): Buffer {
  const fields = new Map([
    [':method', 'GET'],
    [':scheme', 'https'],
    [':authority', host],
    [':path', '/'],
    ['cookie', gateway.cookie(session, host)],
    ...more,
  ]);
  return literals([...fields]);
}
const GET = request();
const POST = request('wiki.test', [':method', 'POST']);
const idOf = (i: number) => 2 * i + 1;
const OPEN = frame(FRAME.headers, 0x4, 1, POST);

/** Somebody else's requests, one after the other, until the work is over: all answered. Gives the slowest. */
async function meanwhile<Result>(work: Promise<Result>): Promise<{ result: Result; slowestMs: number }> {
  let isOver = false;
  const done = work.finally(() => {
    isOver = true;
  });
  const client = await openHttp2(gateway.port, 'small.test');
  const cookie = gateway.cookie(session, 'small.test');
  let slowestMs = 0;
  while (!isOver) {
    const startedAt = performance.now();
    assert.equal((await ask(client, { ':path': '/', cookie })).status, 200);
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
  }
  client.destroy();
  return { result: await done, slowestMs };
}

const priority = (id: number) => frame(FRAME.priority, 0, id, Buffer.from([0, 0, 0, 0, 10]));
const setting = (id: number, value: number) =>
  frame(FRAME.settings, 0, 0, Buffer.concat([Buffer.from([0, id]), uint32(value)]));

type Flood = { name: string; open?: Buffer; build(i: number): Buffer; code?: number; atMost: number };

const FLOODS: readonly Flood[] = [
  { name: 'PING', build: () => frame(FRAME.ping, 0, 0, Buffer.alloc(8)), atMost: 20_000 },
  { name: 'SETTINGS', build: () => frame(FRAME.settings, 0, 0), atMost: 20_000 },
  { name: 'SETTINGS that change the table', build: (i) => setting(1, i % 2 ? 4_096 : 0), atMost: 20_000 },
  { name: 'SETTINGS that change every window', build: (i) => setting(4, i % 2 ? 65_535 : 1), atMost: 20_000 },
  {
    name: 'SETTINGS of many entries',
    build: () =>
      frame(FRAME.settings, 0, 0, Buffer.concat(Array.from({ length: 200 }, () => Buffer.from([0, 3, 0, 0, 0, 9])))),
    atMost: 1_000,
  },
  { name: 'PRIORITY', build: (i) => priority(idOf(i % 1_000)), atMost: 200_000 },
  {
    name: 'PRIORITY_UPDATE',
    build: () => frame(FRAME.priorityUpdate, 0, 0, Buffer.concat([uint32(1), Buffer.from('u=1')])),
    atMost: 200_000,
  },
  { name: 'frames of an unknown type', build: () => frame(0x40, 0, 0, Buffer.alloc(100)), atMost: 200_000 },
  { name: 'empty DATA', open: OPEN, build: () => frame(FRAME.data, 0, 1), atMost: 20_000 },
  {
    name: 'DATA of padding alone',
    open: OPEN,
    build: () => frame(FRAME.data, 8, 1, Buffer.concat([Buffer.from([200]), Buffer.alloc(200)])),
    atMost: 200_000,
  },
  { name: 'DATA of one byte', open: OPEN, build: () => frame(FRAME.data, 0, 1, Buffer.from('x')), atMost: 800_000 },
  { name: 'WINDOW_UPDATE of one byte', build: () => frame(FRAME.windowUpdate, 0, 0, uint32(1)), atMost: 800_000 },
  {
    name: 'WINDOW_UPDATE of one byte on a stream',
    open: OPEN,
    build: () => frame(FRAME.windowUpdate, 0, 1, uint32(1)),
    atMost: 800_000,
  },
  {
    name: 'WINDOW_UPDATE of zero',
    build: () => frame(FRAME.windowUpdate, 0, 0, uint32(0)),
    code: PROTOCOL_ERROR,
    atMost: 20_000,
  },
  {
    name: 'CONTINUATION',
    build: (i) => (i === 0 ? frame(FRAME.headers, 1, 1, GET) : frame(FRAME.continuation, 0, 1)),
    atMost: 20_000,
  },
  {
    name: 'CONTINUATION of many fields',
    build: (i) =>
      i === 0
        ? frame(FRAME.headers, 1, 1, GET)
        : frame(FRAME.continuation, 0, 1, literals([['x-a', 'a'.repeat(8_000)]])),
    atMost: 2_000,
  },
  {
    name: 'heads that are refused',
    build: (i) => frame(FRAME.headers, 5, idOf(i), request('wiki.test', ['X-UPPER', '1'])),
    atMost: 20_000,
  },
  {
    name: 'more streams than are allowed',
    build: (i) => frame(FRAME.headers, 5, idOf(i), GET),
    atMost: 20_000,
  },
];

suite('R4: floods of frames', () => {
  for (const { name, open, build, code = CALM, atMost } of FLOODS) {
    test(`${name}: GOAWAY ${code === CALM ? 'ENHANCE_YOUR_CALM' : 'PROTOCOL_ERROR'}, in bounded memory, while others are served`, async () => {
      const before = process.memoryUsage.rss();
      const client = await frameClient(gateway.port, 'wiki.test');
      client.write(open ? Buffer.concat([PREFACE, open]) : PREFACE);
      const { result: sent, slowestMs } = await meanwhile(client.flood(build, atMost));
      assert(sent < atMost, `all ${sent} frames were taken`);
      await client.closed;
      assert(client.goaway() === code || client.goaway() === null, `GOAWAY ${client.goaway()}`);
      const grown = (process.memoryUsage.rss() - before) / MB;
      assert(grown < 64, `${grown.toFixed()} MB more`);
      assert(slowestMs < 2_000, `somebody else waited ${slowestMs.toFixed()} ms`);
      await gateway.until(() => atUpstream === 0);
    });
  }
});

test('R4: a head that unpacks to megabytes is refused before it does', async () => {
  const client = await frameClient(gateway.port, 'wiki.test');
  client.write(PREFACE);
  // RFC 7541 §6.2.1: one field of 4,000 bytes enters the dynamic table, and one byte each names it again.
  const bomb = Buffer.concat([Buffer.from([0x40, 1, 0x61, 0x7f, 0xa1, 0x1e]), Buffer.alloc(4_000, 0x62)]);
  client.write(frame(FRAME.headers, 5, 1, Buffer.concat([GET, bomb])));
  client.write(frame(FRAME.headers, 5, 3, Buffer.concat([GET, Buffer.alloc(10_000, 0xbe)])));
  const before = process.memoryUsage.rss();
  await gateway.until(() => client.count(FRAME.headers) > 0 || client.goaway() !== null);
  // RFC 7541 §6.2.2, §B: the name of ":status" by its index, and its value as it is.
  assert.equal(client.payloads(FRAME.headers, 3)[0]?.toString('latin1', 0, 5), '\x08\x03431');
  assert((process.memoryUsage.rss() - before) / MB < 32);
  client.end();
  await gateway.until(() => atUpstream === 0);
});

test('R4: a window of one byte costs one stream, not memory, and not other people', async (t) => {
  const before = process.memoryUsage.rss();
  const clients = await Promise.all(Array.from({ length: 4 }, () => frameClient(gateway.port, 'big.test')));
  t.after(async () => {
    for (const client of clients) client.end();
    await gateway.until(() => gateway.context.live.size === 0);
  });
  const head = request('big.test');
  const slow = clients.map(async (client) => {
    client.write(Buffer.concat([PREFACE, setting(4, 1)]));
    for (let i = 0; i < 25; i += 1) client.write(frame(FRAME.headers, 5, idOf(i), head));
    await gateway.until(() => client.count(FRAME.data) > 0);
    return client.flood((i) => frame(FRAME.windowUpdate, 0, idOf(i % 25), uint32(1)), 2_000);
  });
  const { slowestMs } = await meanwhile(Promise.all(slow));
  // A hundred answers are waiting to be read: 200 MB of them, of which a few KB each are here.
  const grown = (process.memoryUsage.rss() - before) / MB;
  assert(grown < 64, `${grown.toFixed()} MB`);
  assert(slowestMs < 5_000, `${slowestMs.toFixed()} ms`);
});

suite('R2: resets', () => {
  for (const code of [8, 0]) {
    test(`requests that are opened and reset with code ${code} end in GOAWAY ENHANCE_YOUR_CALM and leave no work`, async () => {
      const before = gateway.dials();
      const client = await frameClient(gateway.port, 'wiki.test');
      client.write(PREFACE);
      const sent = await client.flood(
        (i) => Buffer.concat([frame(FRAME.headers, 5, idOf(i), GET), frame(FRAME.reset, 0, idOf(i), uint32(code))]),
        5_000,
      );
      assert(sent < 5_000);
      await client.toldOff;
      assert([CALM, null].includes(client.goaway()), `GOAWAY ${client.goaway()}`);
      await gateway.until(() => atUpstream === 0 && gateway.context.live.size === 0);
      assert(gateway.dials() - before <= 250, `${gateway.dials() - before} dials`);
    });
  }

  test('a browser that cancels much is told to go elsewhere, and what it still waits for arrives', async () => {
    const client = await frameClient(gateway.port, 'small.test');
    const upload = request('small.test', [':method', 'POST']);
    client.write(Buffer.concat([PREFACE, frame(FRAME.headers, 0x4, 1, upload)]));
    const hangs = request('small.test', [':path', '/hangs']);
    let sent = 0;
    while (client.goaway() === null && sent < 400) {
      sent += 1;
      client.write(frame(FRAME.headers, 5, idOf(sent), hangs));
      await gateway.until(() => gateway.context.live.size === 2 || client.goaway() !== null);
      client.write(frame(FRAME.reset, 0, idOf(sent), uint32(8)));
      await gateway.until(() => gateway.context.live.size === 1);
    }
    assert.equal(client.goaway(), CALM);
    assert(sent > 100, `${sent} cancelled`);
    client.write(frame(FRAME.headers, 5, idOf(sent + 1), hangs));
    client.write(frame(FRAME.data, 0x1, 1, Buffer.from('the rest of it')));
    await client.closed;
    assert.equal(client.count(FRAME.headers), 1);
    assert.equal(client.count(FRAME.data), 1);
    await gateway.until(() => gateway.context.live.size === 0);
  });

  test('what is still looked up for reset requests counts: no more of it at once than requests are allowed', async (t) => {
    let open = 0;
    let most = 0;
    const own = await startGateway(t, {
      scheme: 'https',
      apps: [
        {
          id: 'wiki',
          hosts: ['wiki.test'],
          upstream: () => new Promise(() => {}),
        },
      ],
      limits: { streams: 10, streamResetBurst: 1_000, streamResetsPerSecond: 1_000 },
    });
    // A store that does not answer: the work of a reset request goes on.
    const pending: (() => void)[] = [];
    const { sessions } = own.context;
    const get = sessions.get.bind(sessions);
    sessions.get = async (...given) => {
      open += 1;
      most = Math.max(most, open);
      await new Promise<void>((resolve) => pending.push(resolve));
      open -= 1;
      return get(...given);
    };
    const cookie = own.cookie(own.signIn(), 'wiki.test');
    const head = literals([
      [':method', 'GET'],
      [':scheme', 'https'],
      [':authority', 'wiki.test'],
      [':path', '/'],
      ['cookie', cookie],
    ]);
    const client = await frameClient(own.port, 'wiki.test');
    client.write(PREFACE);
    await client.flood(
      (i) => Buffer.concat([frame(FRAME.headers, 5, idOf(i), head), frame(FRAME.reset, 0, idOf(i), uint32(8))]),
      200,
    );
    await own.until(() => pending.length >= 10);
    assert.equal(most, 10);
    for (const resolve of pending) resolve();
    client.end();
    await own.until(() => own.context.live.size === 0);
  });
});

test('no flood: a long upload in small pieces, a long download, and pings between', async () => {
  const client = await openHttp2(gateway.port, 'small.test');
  const upload = client.request({ ':path': '/up', ':method': 'POST', cookie: gateway.cookie(session, 'small.test') });
  for (let i = 0; i < 4_000; i += 1) {
    if (!upload.write(Buffer.alloc(64))) await once(upload, 'drain');
    if (i % 100 === 0) await new Promise((resolve) => client.ping(() => resolve(null)));
  }
  upload.end();
  const [headers] = await once(upload, 'response');
  assert.equal(headers[':status'], 200);
  client.destroy();
  const downloads = await openHttp2(gateway.port, 'big.test');
  const cookie = gateway.cookie(session, 'big.test');
  for (let i = 0; i < 5; i += 1) {
    const stream = downloads.request({ ':path': '/', cookie });
    let bytes = 0;
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    await once(stream, 'end');
    assert.equal(bytes, BIG);
  }
  downloads.destroy();
});
