// R5, R9: under pressure new sign-ins go first, then new connections, then what is idle longest; what runs goes on, and it is over by itself.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { PORTAL_SESSION_COOKIE } from '#server/core/portal-cookie.ts';
import { httpServer, startGateway, type TestGateway } from './gateway.testing.ts';
import { ask, openHttp2 } from './http2-client.testing.ts';
import type { OverloadFacts } from './overload.ts';
import { type Connected, type OverloadWatch, watchOverload } from './overload-watch.ts';
import { header, type RawClient, rawClient } from './raw-client.testing.ts';

const CALM: OverloadFacts = { heap: 0.1, memory: 0.1, files: 0.1, connections: 0, eventLoopMs: 1 };
const NAVIGATION = 'Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n';

let endStream = () => {};

type Pressed = { gateway: TestGateway; watch: OverloadWatch; connected: Connected; press(memory: number): void };

async function pressed(t: TestContext, scheme: 'http' | 'https'): Promise<Pressed> {
  const port = await httpServer(t, (request, response) => {
    if (request.url !== '/stream') return response.end('ok');
    response.write('begun');
    endStream = () => response.end(' and ended');
  });
  const clock = { now: 0 };
  const facts = { memory: 0.1 };
  const watch = watchOverload({
    limits: { overloadPercent: 80, eventLoopDelayMs: 300 },
    sampler: { sample: () => ({ ...CALM, ...facts }), stop: () => {} },
    log: pino({ level: 'silent' }),
    now: () => clock.now,
  });
  let connected: Connected | null = null;
  const start = watch.start;
  watch.start = (to) => {
    connected = to;
    start(to);
  };
  const gateway = await startGateway(t, {
    scheme,
    apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }],
    overload: watch,
    limits: { headersTimeoutMs: 400 },
  });
  assert(connected);
  const press = (memory: number) => {
    facts.memory = memory;
    // Up at once; each step down takes two looks, and two seconds between.
    for (let looks = memory > 0.5 ? 1 : 7; looks > 0; looks -= 1) {
      watch.look();
      clock.now += 2_000;
    }
  };
  return { gateway, watch, connected, press };
}

async function get(client: RawClient, host: string, lines = '', path = '/'): Promise<number> {
  client.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${lines}\r\n`);
  return (await client.answer()).status;
}

test('R9: new sign-ins are told to come back, whoever is signed in notices nothing, and it is over by itself', async (t) => {
  const { gateway, watch, press } = await pressed(t, 'http');
  const cookie = `Cookie: ${gateway.cookie(gateway.signIn(), 'wiki.test')}\r\n`;
  const client = await rawClient(gateway.port);
  assert.equal(await get(client, 'wiki.test', NAVIGATION), 302);
  press(0.85);
  client.write(`GET / HTTP/1.1\r\nHost: wiki.test\r\n${NAVIGATION}\r\n`);
  const refused = await client.answer();
  assert.equal(refused.status, 503);
  assert.equal(header(refused.headers, 'retry-after'), '10');
  assert.equal(await get(client, 'wiki.test', NAVIGATION, '/.foyer/sign-in'), 503);
  assert.equal(await get(client, 'portal.test', NAVIGATION, '/sign-in'), 503);
  assert.equal(await get(client, 'wiki.test', NAVIGATION + cookie), 200);
  assert.equal(await get(client, 'portal.test', `Cookie: ${PORTAL_SESSION_COOKIE}=x\r\n`), 200);
  assert.equal(await get(client, 'wiki.test'), 401);
  assert.deepEqual(watch.shed, { 'sign-ins': 3, connections: 0, idle: 0 });
  press(0.1);
  assert.equal(await get(client, 'wiki.test', NAVIGATION), 302);
  client.socket.destroy();
});

test('R5: new connections are closed before a handshake, and what is connected goes on', async (t) => {
  const { gateway, watch, press } = await pressed(t, 'https');
  const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
  const http1 = await rawClient(gateway.port, { servername: 'wiki.test' });
  const http2 = await openHttp2(gateway.port, 'wiki.test');
  press(0.92);
  for (const port of [gateway.port, gateway.plainPort]) {
    const late = connect(port, '127.0.0.1');
    late.on('error', () => {});
    late.resume();
    await new Promise((resolve) => late.once('close', resolve));
    assert.equal(late.bytesRead, 0);
  }
  assert.equal(watch.shed.connections, 2);
  assert.equal(await get(http1, 'wiki.test', `Cookie: ${cookie}\r\n`), 200);
  assert.equal((await ask(http2, { ':path': '/', cookie })).status, 200);
  press(0.1);
  const next = await openHttp2(gateway.port, 'wiki.test');
  assert.equal((await ask(next, { ':path': '/', cookie })).status, 200);
  for (const client of [http2, next]) client.destroy();
  http1.socket.destroy();
});

test('R9: the longest idle connection is closed first, HTTP/1.1 or HTTP/2, and never one with a request', async (t) => {
  const { gateway, connected } = await pressed(t, 'https');
  const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
  const lines = `Cookie: ${cookie}\r\n`;
  const closed: string[] = [];
  const note = (name: string, closing: { once(event: 'close', then: () => void): unknown }) =>
    closing.once('close', () => closed.push(name));
  const streaming = await openHttp2(gateway.port, 'wiki.test');
  const stream = streaming.request({ ':path': '/stream', cookie });
  await once(stream, 'response');
  const first = await rawClient(gateway.port, { servername: 'wiki.test' });
  assert.equal(await get(first, 'wiki.test', lines), 200);
  await later();
  const second = await openHttp2(gateway.port, 'wiki.test');
  assert.equal((await ask(second, { ':path': '/', cookie })).status, 200);
  await later();
  const third = await rawClient(gateway.port, { servername: 'wiki.test' });
  assert.equal(await get(third, 'wiki.test', lines), 200);
  await later();
  note('first', first.socket);
  note('second', second);
  note('third', third.socket);
  for (const expected of [['first'], ['first', 'second'], ['first', 'second', 'third']]) {
    await gateway.until(() => connected.closeIdle(1) === 1);
    await gateway.until(() => closed.length === expected.length);
    assert.deepEqual(closed, expected);
  }
  assert.equal(connected.closeIdle(100), 0);
  endStream();
  let text = '';
  stream.setEncoding('utf8').on('data', (piece) => {
    text += piece;
  });
  await once(stream, 'end');
  assert.equal(text, 'begun and ended');
  streaming.destroy();
});

/** Longer than the sweep that reads the clock for HTTP/1.1. */
function later(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 250));
}

test('R5: at the limit of open files newcomers are closed, what runs goes on, and all recovers', {
  skip: process.platform !== 'linux' && 'only Linux tells its open files',
}, async (t) => {
  const file = join(import.meta.dirname, 'overload-child.testing.ts');
  const child = spawn('sh', ['-c', 'ulimit -n 300 && exec "$0" "$1"', process.execPath, file], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  t.after(() => child.kill('SIGKILL'));
  const [{ port, cookie }] = (await once(child, 'message')) as [{ port: number; cookie: string }];
  const lines = `Cookie: ${cookie}\r\n`;
  const busy = await rawClient(port);
  const waiting = await rawClient(port);
  waiting.write(`GET /slow HTTP/1.1\r\nHost: wiki.test\r\n${lines}\r\n`);
  const flood: Socket[] = [];
  let closed = 0;
  const add = (count: number): void => {
    for (let i = 0; i < count; i += 1) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.resume();
      socket.once('close', () => {
        closed += 1;
      });
      flood.push(socket);
    }
  };
  // Slowly, so that each look sees more; then faster than anybody looks, past what the process may open.
  while (flood.length < 300) {
    add(30);
    // It never rests for long: whoever does is the first to go.
    for (const since = performance.now(); performance.now() - since < 300; )
      assert.equal(await get(busy, 'wiki.test', lines), 200);
  }
  while (flood.length < 1_000) {
    add(100);
    assert.equal(await get(busy, 'wiki.test', lines), 200);
  }
  while (closed < 700) assert.equal(await get(busy, 'wiki.test', lines), 200);
  assert((await busyShare(child.pid ?? 0)) < 0.5, 'a full process does not spin');
  assert.equal(await get(busy, 'wiki.test', lines), 200);
  assert.equal(await statusOfNewcomer(port, lines), 0);
  child.send('release');
  assert.equal((await waiting.answer()).status, 200);
  const [{ shed }] = (await once(child, 'message')) as [{ shed: Record<string, number> }];
  assert((shed.connections ?? 0) > 0, JSON.stringify(shed));
  for (const socket of flood) socket.destroy();
  while ((await statusOfNewcomer(port, lines)) !== 200);
});

async function statusOfNewcomer(port: number, lines: string): Promise<number> {
  const client = await rawClient(port).catch(() => null);
  const status = client ? await get(client, 'wiki.test', lines).catch(() => 0) : 0;
  client?.socket.destroy();
  return status;
}

/** How much of half a second a process works. */
async function busyShare(pid: number): Promise<number> {
  const CLOCK_TICK_MS = 10;
  const workedMs = () => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS;
  };
  const before = workedMs();
  await new Promise((resolve) => setTimeout(resolve, 500));
  return (workedMs() - before) / 500;
}
