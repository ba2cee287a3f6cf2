// Promises of the way through: what goes in comes out, both ways, whole, at once, and with flat memory.
import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { createServer as createHttp2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { after, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { httpServer, rawServer, recorder, startGateway } from './gateway.testing.ts';
import { ask, openHttp2 } from './http2-client.testing.ts';
import { header, rawClient } from './raw-client.testing.ts';

const run = promisify(execFile);
const MEGABYTE = 1024 * 1024;
const SIZE = 200 * MEGABYTE;

const upstream = await recorder({ after });
/** Answers by path: streams, statuses and framings that apps use. */
const various = await httpServer({ after }, (request, response) => {
  const path = request.url ?? '';
  if (path === '/large') {
    response.setHeader('Content-Length', SIZE);
    const chunk = Buffer.alloc(256 * 1024, 'x');
    let left = SIZE;
    const pump = (): void => {
      while (left > 0) {
        left -= chunk.length;
        if (!response.write(chunk)) {
          response.once('drain', pump);
          return;
        }
      }
      response.end();
    };
    pump();
  } else if (path === '/sink') {
    const hash = createHash('sha256');
    request.on('data', (chunk) => hash.update(chunk));
    request.on('end', () => response.end(hash.digest('hex')));
  } else if (path === '/events') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.flushHeaders();
    events.push((text) => void response.write(text));
  } else if (path === '/range') {
    response.writeHead(206, { 'Content-Range': 'bytes 2-4/10', 'Content-Length': 3 });
    response.end(request.headers.range === 'bytes=2-4' ? 'cde' : 'bad');
  } else if (path === '/hints') {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' });
    response.writeProcessing();
    response.end('hinted');
  } else if (path === '/trailers') {
    response.setHeader('Trailer', 'Set-Cookie');
    response.write('body');
    response.addTrailers({ 'Set-Cookie': '__Host-foyer-grant=x', 'X-Trailer': '1' });
    response.end();
  } else {
    response.writeHead(Number(path.slice(1)));
    response.end();
  }
});
const events: ((text: string) => void)[] = [];

const apps = [
  { id: 'wiki', hosts: ['wiki.test'] as const, upstream: upstream.port },
  { id: 'board', hosts: ['board.test'] as const, upstream: various },
];
const gateway = await startGateway({ after }, { apps });
const secure = await startGateway({ after }, { scheme: 'https', apps });
const session = gateway.signIn();
const wiki = gateway.cookie(session, 'wiki.test');
const board = gateway.cookie(session, 'board.test');
const secureSession = secure.signIn();
const secureWiki = secure.cookie(secureSession, 'wiki.test');
const secureBoard = secure.cookie(secureSession, 'board.test');

const get = (path: string, lines = '') =>
  `GET ${path} HTTP/1.1\r\nHost: board.test\r\nCookie: ${board}\r\n${lines}\r\n`;

suite('HTTP/1.1', () => {
  test('GET, HEAD, POST by length and by chunks arrive whole on one kept connection', async () => {
    const client = await rawClient(gateway.port);
    client.write(`GET /a?b=%20c HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${wiki}\r\n\r\n`);
    const got = await client.answer();
    assert.equal(got.status, 200);
    assert.equal(got.body, 'ok');
    assert.equal(upstream.last().url, '/a?b=%20c');
    client.write(`HEAD / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${wiki}\r\n\r\n`);
    assert.equal((await client.answer({ head: true })).status, 200);
    client.write(`POST /p HTTP/1.1\r\nHost: wiki.test\r\nContent-Length: 5\r\nCookie: ${wiki}\r\n\r\nhello`);
    assert.equal((await client.answer()).status, 200);
    assert.equal(upstream.last().body.toString(), 'hello');
    client.write(`POST /c HTTP/1.1\r\nHost: wiki.test\r\nTransfer-Encoding: chunked\r\nCookie: ${wiki}\r\n\r\n`);
    client.write('5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n');
    assert.equal((await client.answer()).status, 200);
    assert.equal(upstream.last().body.toString(), 'hello world');
    client.socket.destroy();
  });

  test('paths that mean something else to a parser pass byte for byte', async () => {
    const client = await rawClient(gateway.port);
    for (const path of ['/pub/../adm', '/pub/%2e%2e/adm', '/a//b', '/a\\b', '/a;x=y', '/%00', '/?', '//x', '/%u002e']) {
      client.write(`GET ${path} HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${wiki}\r\n\r\n`);
      assert.equal((await client.answer()).status, 200);
      assert.equal(upstream.last().url, path);
    }
    client.socket.destroy();
  });

  test('204, 304 and HEAD have no body, ranges and early hints pass', async () => {
    const client = await rawClient(gateway.port);
    for (const status of [204, 304, 200, 418, 500]) {
      client.write(get(`/${status}`));
      assert.equal((await client.answer()).status, status);
    }
    client.write(get('/range', 'Range: bytes=2-4\r\n'));
    const range = await client.answer();
    assert.equal(range.status, 206);
    assert.equal(range.body, 'cde');
    client.write(get('/hints'));
    for (const status of [103, 102]) assert.equal((await client.answer()).status, status);
    assert.equal((await client.answer()).body, 'hinted');
    client.write(get('/large').replace('GET', 'HEAD'));
    const head = await client.answer({ head: true });
    assert.equal(header(head.headers, 'content-length'), String(SIZE));
    client.write(get('/200'));
    assert.equal((await client.answer()).status, 200);
    client.socket.destroy();
  });

  test('the line of a HEAD says that no byte of a body was sent, whoever answered', async () => {
    const client = await rawClient(gateway.port);
    for (const [lines, status] of [
      [get('/200'), 200],
      ['GET / HTTP/1.1\r\nHost: wiki.test\r\n\r\n', 401],
    ] as const) {
      client.write(lines.replace('GET', 'HEAD'));
      const { headers, status: got } = await client.answer({ head: true });
      const line = await gateway.accessLine(header(headers, 'foyer-support-id') ?? '');
      assert.deepEqual([got, line.status, line.bytes], [status, status, 0]);
      assert.notEqual(header(headers, 'content-length'), '0');
    }
    client.socket.destroy();
  });

  test('U10: trailers of an upstream are not passed on', async () => {
    const client = await rawClient(gateway.port);
    client.write(get('/trailers'));
    const answer = await client.answer();
    assert.equal(answer.body, 'body');
    assert.doesNotMatch(answer.text, /trailer|foyer-grant/i);
    client.socket.destroy();
  });

  test('the head of an event stream arrives before its first event, and each event at once', async () => {
    const client = await rawClient(gateway.port);
    client.write(get('/events', 'Accept: text/event-stream\r\n'));
    await client.when((text) => text.includes('\r\n\r\n'));
    const send = events.pop();
    assert(send);
    for (const n of [1, 2, 3]) {
      send(`data: ${n}\n\n`);
      await client.when((text) => text.includes(`data: ${n}\n\n`));
    }
    client.socket.destroy();
    await gateway.until(() => gateway.context.live.size === 0);
  });
});

suite('HTTP/2', () => {
  test('GET, HEAD, POST, 204 and 304 arrive whole, event streams at once', async () => {
    const client = await openHttp2(secure.port, 'wiki.test');
    const got = await ask(client, { ':path': '/a', cookie: secureWiki });
    assert.equal(got.status, 200);
    assert.equal(got.body.toString(), 'ok');
    assert.equal((await ask(client, { ':path': '/h', ':method': 'HEAD', cookie: secureWiki })).status, 200);
    assert.equal((await ask(client, { ':path': '/p', ':method': 'POST', cookie: secureWiki }, 'hello')).status, 200);
    assert.equal(upstream.last().body.toString(), 'hello');
    const other = { ':authority': 'board.test', cookie: secureBoard };
    for (const status of [204, 205, 304, 418])
      assert.equal((await ask(client, { ...other, ':path': `/${status}` })).status, status);
    assert.equal((await ask(client, { ...other, ':path': '/trailers' })).body.toString(), 'body');
    assert.equal((await ask(client, { ...other, ':path': '/hints' })).body.toString(), 'hinted');
    const stream = client.request({ ...other, ':path': '/events' });
    await once(stream, 'response');
    events.pop()?.('data: 1\n\n');
    const [first] = await once(stream, 'data');
    assert.equal(first.toString(), 'data: 1\n\n');
    stream.close();
    await once(stream, 'close');
    client.close();
  });

  test('curl and nghttp are served', async () => {
    const resolve = `wiki.test:${secure.port}:127.0.0.1`;
    const { stdout } = await run('curl', [
      ...['-sk', '--http2', '--resolve', resolve, '-H', `Cookie: ${secureWiki}`, '-H', 'Host: wiki.test'],
      ...['-d', 'hello', '-w', ' %{http_version} %{http_code}', `https://wiki.test:${secure.port}/`],
    ]);
    assert.equal(stdout, 'ok 2 200');
    const nghttp = await run('nghttp', [
      ...['-H', `cookie: ${secureWiki}`, '-H', ':authority: wiki.test', '--no-verify-peer', '--no-dep'],
      `https://127.0.0.1:${secure.port}/n`,
    ]);
    assert.equal(nghttp.stdout, 'ok');
  });
});

test('P14: a large upload that is refused, or answered early, gets its answer whole', async (t) => {
  const early = await httpServer(t, (_request, response) => {
    response.writeHead(413);
    response.end('no');
  });
  const own = await startGateway(t, { scheme: 'https', apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: early }] });
  const file = join(tmpdir(), `foyer-upload-${process.pid}`);
  await writeFile(file, Buffer.alloc(3 * MEGABYTE));
  t.after(() => rm(file));
  const grant = own.cookie(own.signIn(), 'wiki.test');
  for (const version of ['--http1.1', '--http2']) {
    for (const [cookie, status] of [
      ['a=1', '401'],
      [grant, '413'],
    ] as const) {
      const once = [
        ...['-sk', version, '--resolve', `wiki.test:${own.port}:127.0.0.1`, '-H', 'Host: wiki.test', '-H', 'Expect:'],
        ...[
          '-H',
          `Cookie: ${cookie}`,
          '-o',
          '/dev/null',
          '-w',
          '%{http_code}:%{exitcode} ',
          '--data-binary',
          `@${file}`,
        ],
        `https://wiki.test:${own.port}/`,
      ];
      const many = Array.from({ length: 6 }, (_, i) => (i === 0 ? once : ['--next', ...once])).flat();
      assert.equal((await run('curl', many)).stdout, `${status}:0 `.repeat(6));
    }
  }
});

test('R10: an upload that is answered early, the rest of it all here and held back, leaves no body and no timer', async (t) => {
  const FIRST = 70 * 1024;
  const REST = 20 * 1024;
  const IDLE_MS = 54_321;
  let stream: ServerHttp2Stream | null = null;
  const sessions: ServerHttp2Session[] = [];
  // It takes less than comes first, and reads none of it.
  const refusing = createHttp2Server({ settings: { initialWindowSize: 1024 } }, () => {});
  refusing.on('stream', (opened) => {
    stream = opened as ServerHttp2Stream;
    opened.on('error', () => {});
  });
  refusing.on('session', (opened) => void sessions.push(opened));
  await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const opened of sessions) opened.destroy();
    refusing.close();
  });
  const own = await startGateway(t, {
    scheme: 'https',
    apps: [
      {
        ...{ id: 'wiki', hosts: ['wiki.test'], protocol: 'h2' },
        upstream: (refusing.address() as AddressInfo).port,
      },
    ],
    limits: { requestBodyIdleMs: IDLE_MS },
  });
  const cookie = own.cookie(own.signIn(), 'wiki.test');
  const { upstreams } = own.context;
  const dispatch = upstreams.dispatch.bind(upstreams);
  let body: Readable | null = null;
  upstreams.dispatch = (owner, target, request, ...rest) => {
    body = request.body;
    return dispatch(owner, target, request, ...rest);
  };
  const timers = new Set<number>();
  const hook = createHook({
    init: (id, type, _trigger, resource) => {
      if (type === 'Timeout' && (resource as { _idleTimeout?: number })._idleTimeout === IDLE_MS) timers.add(id);
    },
    destroy: (id) => void timers.delete(id),
  }).enable();
  t.after(() => hook.disable());

  const held = async (send: (bytes: Buffer, isLast: boolean) => void): Promise<Readable> => {
    send(Buffer.alloc(FIRST), false);
    await own.until(() => stream !== null && body?.isPaused() === true);
    send(Buffer.alloc(REST), true);
    await own.until(() => (body?.readableLength ?? 0) >= REST);
    assert(body);
    assert.equal(timers.size, 1, 'it is watched');
    return body;
  };
  const answer = (): void => {
    stream?.respond({ ':status': 413 }, { endStream: true });
    stream = null;
  };

  const client = await rawClient(own.port, { servername: 'wiki.test' });
  client.write(`POST / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\nContent-Length: ${FIRST + REST}\r\n\r\n`);
  const first = await held((bytes) => client.write(bytes));
  answer();
  assert.equal((await client.answer()).status, 413);
  await own.until(() => first.destroyed && timers.size === 0);
  client.socket.destroy();

  body = null;
  const session = await openHttp2(own.port, 'wiki.test');
  const upload = session.request({ ':path': '/', ':method': 'POST', cookie });
  const second = await held((bytes, isLast) => void (isLast ? upload.end(bytes) : upload.write(bytes)));
  // Answered behind it: so the gateway has its end, too.
  await new Promise((resolve) => session.ping(resolve));
  const responded = once(upload, 'response');
  answer();
  assert.equal((await responded)[0][':status'], 413);
  await own.until(() => second.destroyed && timers.size === 0);
  session.destroy();
});

suite('200 MB with flat memory', () => {
  /** The largest growth of this process while `work` runs; both ends live in it. */
  const growth = async (work: () => Promise<void>): Promise<number> => {
    const before = process.memoryUsage.rss();
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss());
    }, 10).unref();
    try {
      await work();
    } finally {
      clearInterval(watch);
    }
    return (most - before) / MEGABYTE;
  };
  const LIMIT_MB = 120;

  test('down, over HTTP/1.1 and HTTP/2', async () => {
    const grown = await growth(async () => {
      const client = await rawClient(gateway.port);
      let bytes = 0;
      client.socket.removeAllListeners('data');
      client.socket.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes >= SIZE) client.socket.destroy();
      });
      client.write(get('/large'));
      await client.closed;
      const session = await openHttp2(secure.port, 'board.test');
      const stream = session.request({ ':path': '/large', ':authority': 'board.test', cookie: secureBoard });
      bytes = 0;
      stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      await once(stream, 'end');
      assert.equal(bytes, SIZE);
      session.close();
    });
    assert(grown < LIMIT_MB, `grew by ${grown} MB`);
  });

  test('up, by length and over HTTP/2', async () => {
    const chunk = Buffer.alloc(MEGABYTE, 'y');
    const expected = createHash('sha256');
    for (let i = 0; i < SIZE / MEGABYTE; i += 1) expected.update(chunk);
    const digest = expected.digest('hex');
    /** An answer before the end, or a connection that closes, says what went wrong; nobody drains what nobody reads. */
    const send = async (to: Writable, answered: Promise<unknown>): Promise<void> => {
      const early = answered.then((answer) => assert.fail(`answered before the end: ${answer}`));
      early.catch(() => {});
      const closed = once(to, 'close').then(() => assert.fail('closed before the end'));
      closed.catch(() => {});
      for (let i = 0; i < SIZE / MEGABYTE; i += 1)
        if (!to.write(chunk)) await Promise.race([once(to, 'drain'), early, closed]);
    };
    const grown = await growth(async () => {
      const client = await rawClient(gateway.port);
      client.write(get('/sink', `Content-Length: ${SIZE}\r\n`).replace('GET', 'POST'));
      const digested = client.answer().then(({ body }) => body);
      await send(client.socket, digested);
      assert.equal(await digested, digest);
      client.socket.destroy();
      const session = await openHttp2(secure.port, 'board.test');
      const stream = session.request({
        ':path': '/sink',
        ':method': 'POST',
        ':authority': 'board.test',
        cookie: secureBoard,
      });
      const answered = once(stream, 'data');
      await send(stream, answered);
      stream.end();
      assert.equal((await answered).toString(), digest);
      session.close();
    });
    assert(grown < LIMIT_MB, `grew by ${grown} MB`);
  });

  test('up, by chunks of any size, one byte and several megabytes among them, to the byte', {
    timeout: 60_000,
  }, async () => {
    const SIZES = [3 * MEGABYTE + 1, ...Array<number>(1_000).fill(1), 65_537, 1, 4_095, 5 * MEGABYTE - 3, 17, 8_191];
    const content = randomBytes(5 * MEGABYTE);
    const expected = createHash('sha256');
    const grown = await growth(async () => {
      const client = await rawClient(gateway.port);
      client.write(get('/sink', 'Transfer-Encoding: chunked\r\n').replace('GET', 'POST'));
      let chunks = 0;
      for (let sent = 0; sent < SIZE; chunks += 1) {
        const size = SIZES[chunks % SIZES.length] as number;
        const from = chunks % (content.length - size + 1);
        const piece = content.subarray(from, from + size);
        expected.update(piece);
        sent += size;
        client.socket.write(`${size.toString(16)}\r\n`);
        client.socket.write(piece);
        if (!client.socket.write('\r\n')) await once(client.socket, 'drain');
      }
      assert(chunks > 20_000);
      client.socket.write('0\r\n\r\n');
      assert.equal((await client.answer()).body, expected.digest('hex'));
      client.write(get('/200'));
      assert.equal((await client.answer()).status, 200, 'the connection goes on behind it');
      client.socket.destroy();
    });
    assert(grown < LIMIT_MB, `grew by ${grown} MB`);
  });

  test('a slow reader holds the upstream back, over HTTP/1.1 and HTTP/2', async (t) => {
    let written = 0;
    const stuck: Socket[] = [];
    const port = await rawServer(t, (socket) => {
      stuck.push(socket);
      socket.once('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${SIZE}\r\n\r\n`);
        const chunk = Buffer.alloc(64 * 1024);
        const pump = (): void => {
          while (written < SIZE) {
            written += chunk.length;
            if (!socket.write(chunk)) {
              socket.once('drain', pump);
              return;
            }
          }
        };
        pump();
      });
    });
    const slow = await startGateway(t, {
      scheme: 'https',
      apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }],
    });
    const own = slow.cookie(slow.signIn(), 'wiki.test');
    const settled = async (): Promise<number> => {
      let before = -1;
      while (before !== written || written === 0) {
        before = written;
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      return written;
    };
    const client = await rawClient(slow.port, { servername: 'wiki.test' });
    client.write(`GET / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${own}\r\n\r\n`);
    client.socket.pause();
    assert((await settled()) < 40 * MEGABYTE);
    client.socket.destroy();
    await slow.until(() => stuck[0]?.destroyed === true);
    written = 0;
    const session = await openHttp2(slow.port, 'wiki.test');
    const stream = session.request({ ':path': '/', cookie: own });
    stream.pause();
    assert((await settled()) < 40 * MEGABYTE);
    session.destroy();
    await slow.until(() => stuck[1]?.destroyed === true);
  });
});
