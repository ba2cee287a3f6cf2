// The promises of the operator's listener: three paths and nothing else, no page of a browser reads it, and no client of it costs more than seconds.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import type { ListenAddress } from '#server/config/listen-address.ts';
import { parseListen } from '#server/config/listen-address.ts';
import { openOperator } from './operator.ts';
import type { Readiness } from './readiness.ts';

const READY: Readiness = { ready: true, reasons: [], processes: [{ process: 'gateway-1', state: 'ready' }] };
const DRAINING: Readiness = { ...READY, ready: false, reasons: ['draining'] };

test('each path answers what it is for, to GET and HEAD alone', async (t) => {
  const { port } = await open(t);
  const table: [method: string, path: string, status: number, type: RegExp, body: string | null][] = [
    ['GET', '/livez', 200, /^text\/plain/, 'ok\n'],
    ['HEAD', '/livez', 200, /^text\/plain/, ''],
    ['GET', '/readyz', 200, /^application\/json/, `${JSON.stringify(READY)}\n`],
    ['GET', '/metrics', 200, /^text\/plain; version=0\.0\.4/, 'foyer_x 1\n'],
    ['GET', '/metrics?name=x', 200, /^text\/plain; version=0\.0\.4/, 'foyer_x 1\n'],
    ['GET', '/', 404, /^text\/plain/, null],
    ['GET', '/metrics/', 404, /^text\/plain/, null],
    ['GET', '/debug/pprof', 404, /^text\/plain/, null],
    ['POST', '/metrics', 405, /^text\/plain/, null],
    ['DELETE', '/livez', 405, /^text\/plain/, null],
  ];
  for (const [method, path, status, type, body] of table) {
    const answer = await ask(port, { method, path });
    assert.equal(answer.status, status, `${method} ${path}`);
    assert.match(answer.type, type);
    assert.equal(answer.cacheControl, 'no-store');
    if (body !== null) assert.equal(answer.body, body);
  }
});

test('Z3: a Foyer that drains says so with 503 and the reason, and is alive all the same', async (t) => {
  const { port } = await open(t, { readiness: async () => DRAINING });
  const { status, body } = await ask(port, { path: '/readyz' });
  assert.deepEqual([status, JSON.parse(body)], [503, DRAINING]);
  assert.equal((await ask(port, { path: '/livez' })).status, 200);
});

test('a page that points its own name at this machine reads nothing', async (t) => {
  const { port } = await open(t);
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, 'LOCALHOST', `[::1]:${port}`])
    assert.equal((await ask(port, { path: '/metrics', host })).status, 200, host);
  for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example'])
    assert.equal((await ask(port, { path: '/metrics', host })).status, 421, host);
});

test('what cannot be gathered is a 500 with a line in the log, and the next question is answered', async (t) => {
  let fails = true;
  const { port, lines } = await open(t, {
    metrics: async () => {
      if (fails) throw new Error('no sums');
      return Buffer.from('foyer_x 1\n');
    },
  });
  const { status, body } = await ask(port, { path: '/metrics' });
  assert.equal(status, 500);
  assert.ok(!body.includes('no sums'));
  assert.match(lines.join(''), /no sums/);
  fails = false;
  assert.equal((await ask(port, { path: '/metrics' })).status, 200);
});

test('R5: clients that say nothing take the places that there are, are let go, and then others are served', async (t) => {
  const { port } = await open(t, {}, 300);
  const silent = await Promise.all(Array.from({ length: 64 }, () => connected(t, port)));
  const gone = silent.map((socket) => once(socket, 'close'));
  const [refused] = await once(await connected(t, port), 'close');
  assert.equal(refused, false);
  await Promise.all(gone);
  assert.equal((await ask(port, { path: '/livez' })).status, 200);
});

test('R1: clients that do not read their answers are let go, and then others are served', async (t) => {
  const large = Buffer.alloc(32 * 1024 * 1024, 'x');
  const { port } = await open(t, { metrics: async () => large }, 300);
  for (let i = 0; i < 64; i += 1) {
    const socket = await connected(t, port);
    socket.on('error', () => {});
    socket.pause();
    socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
  }
  const deadline = performance.now() + 10_000;
  let status = 0;
  while (status === 0 && performance.now() < deadline)
    ({ status } = await ask(port, { path: '/livez' }).catch(() => ({ status: 0 })));
  assert.equal(status, 200);
});

test('hostile heads end their connection and nothing else', async (t) => {
  const { port } = await open(t);
  const table = [
    'GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n',
  ];
  for (const bytes of table) {
    const socket = await connected(t, port);
    socket.on('error', () => {});
    socket.resume();
    socket.end(bytes, 'latin1');
    await once(socket, 'close');
  }
  assert.equal((await ask(port, { path: '/livez' })).status, 200);
});

test('a taken port is one sentence that names it and says what to do', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  const opened = await openOperator({ ...parts([]), at: at(port) });
  assert.equal(opened.kind, 'refused');
  assert.equal(
    opened.kind === 'refused' && opened.sentence,
    `Another program already listens on http://127.0.0.1:${port}, where metrics would be: stop it, name another address or port in FOYER_METRICS_LISTEN, or set it to off.`,
  );
});

type Parts = Parameters<typeof openOperator>[0];

function parts(lines: string[]): Parts {
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  return { at: at(0), log, readiness: async () => READY, metrics: async () => Buffer.from('foyer_x 1\n') };
}

async function open(t: TestContext, more: Partial<Parts> = {}, connectionMs?: number) {
  const lines: string[] = [];
  const opened = await openOperator({ ...parts(lines), ...more, connectionMs });
  assert.ok(opened.kind === 'open');
  t.after(() => opened.operator.close());
  return { port: opened.operator.port, lines };
}

function at(port: number): ListenAddress {
  const parsed = parseListen(`127.0.0.1:${port}`, 'http');
  assert.ok(parsed);
  return parsed;
}

async function connected(t: TestContext, port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

function ask(port: number, options: { method?: string; path: string; host?: string }) {
  const { method = 'GET', path, host = `127.0.0.1:${port}` } = options;
  const { promise, resolve, reject } = Promise.withResolvers<
    Record<'type' | 'cacheControl' | 'body', string> & { status: number }
  >();
  const outgoing = request({ host: '127.0.0.1', port, method, path, headers: { host }, agent: false }, (response) => {
    let body = '';
    response.setEncoding('utf8');
    response.on('data', (chunk) => {
      body += chunk;
    });
    response.on('error', reject);
    response.on('end', () =>
      resolve({
        status: response.statusCode ?? 0,
        type: response.headers['content-type'] ?? '',
        cacheControl: response.headers['cache-control'] ?? '',
        body,
      }),
    );
  });
  outgoing.on('error', reject);
  outgoing.end();
  return promise;
}
