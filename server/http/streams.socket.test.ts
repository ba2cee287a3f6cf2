// Streams last as long as bytes move, end with the session that opened them, and are never unpacked on the way.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { suite, type TestContext, test } from 'node:test';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { httpServer, rawServer, startGateway, type TestGateway } from './gateway.testing.ts';
import { ask, openHttp2 } from './http2-client.testing.ts';
import { rawClient } from './raw-client.testing.ts';

const IDLE_MS = 120;

/** An upstream whose connections are handed over with the path of their request. */
async function streaming(t: TestContext, serve: (socket: Socket, path: string) => void): Promise<TestGateway> {
  const port = await rawServer(t, (socket) => {
    socket.on('data', (chunk: Buffer) => serve(socket, chunk.toString('latin1').split(' ', 2)[1] ?? ''));
  });
  const limits = { upstreamBodyIdleMs: IDLE_MS, upstreamHeadersTimeoutMs: IDLE_MS };
  return startGateway(t, { scheme: 'https', limits, apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }] });
}

async function get(gateway: TestGateway, path: string, cookie: string) {
  const client = await rawClient(gateway.port, { servername: 'wiki.test' });
  client.write(`GET ${path} HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\n\r\n`);
  return client;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const EVENTS = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
const PLAIN = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n';

suite('W11: a stream', () => {
  test('of events may be silent for much longer than any body, and then speak', async (t) => {
    const sockets: Socket[] = [];
    const gateway = await streaming(t, (socket) => {
      sockets.push(socket);
      socket.write(`${EVENTS}8\r\ndata: 1\n\r\n`);
    });
    const client = await get(gateway, '/events', gateway.cookie(gateway.signIn(), 'wiki.test'));
    await client.when((text) => text.includes('data: 1'));
    await pause(IDLE_MS * 5);
    sockets[0]?.write('8\r\ndata: 2\n\r\n');
    await client.when((text) => text.includes('data: 2'));
    client.socket.destroy();
  });

  test('of another type lasts while its bytes drip, and is cut when they stop', async (t) => {
    const gateway = await streaming(t, (socket, path) => {
      socket.write(`${PLAIN}1\r\nx\r\n`);
      if (path === '/drips') dripTen(socket);
    });
    const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
    const drips = await get(gateway, '/drips', cookie);
    assert.match(await drips.when((text) => text.endsWith('0\r\n\r\n')), /^HTTP\/1\.1 200 /);
    drips.socket.destroy();
    const stops = await get(gateway, '/stops', cookie);
    assert.doesNotMatch(await stops.rest(), /\r\n0\r\n\r\n$/, 'cut, not ended');
  });

  test('whose first byte is late is a 504, a long poll’s head in time is not', async (t) => {
    const gateway = await streaming(t, (socket, path) => {
      if (path !== '/late') socket.write(`${PLAIN}`);
      if (path === '/poll') setTimeout(() => socket.write('2\r\nok\r\n0\r\n\r\n'), IDLE_MS / 2);
    });
    const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
    assert.equal((await (await get(gateway, '/late', cookie)).answer()).status, 504);
    const poll = await get(gateway, '/poll', cookie);
    assert.equal((await poll.answer()).body, 'ok');
    poll.socket.destroy();
  });

  test('both ways lasts while the app talks, however long its client only listens', async (t) => {
    const limits = { requestBodyIdleMs: IDLE_MS, requestBodyMinBytes: 1 };
    const port = await httpServer(t, (request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/grpc' }).flushHeaders();
      const talking = setInterval(() => response.write('.'), IDLE_MS / 4);
      response.once('close', () => clearInterval(talking));
      request.on('data', (chunk: Buffer) => chunk.equals(Buffer.from('bye')) && response.end('bye'));
      request.on('error', () => {});
    });
    const apps = [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }] as const;
    const gateway = await startGateway(t, { scheme: 'https', limits, apps });
    const session = await openHttp2(gateway.port, 'wiki.test');
    const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
    const stream = session.request({ ':method': 'POST', cookie }, { endStream: false });
    let text = '';
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.length >= 20 && !stream.writableEnded) stream.end('bye');
    });
    stream.write('hello');
    await new Promise((resolve) => stream.once('close', resolve));
    assert.match(text, /^\.{20,}bye$/);
    session.destroy();
  });

  test('ends with its session, over HTTP/1.1 and HTTP/2, on both sides', async (t) => {
    const closed: Promise<unknown>[] = [];
    const gateway = await streaming(t, (socket) => {
      closed.push(new Promise((resolve) => socket.once('close', resolve)));
      socket.write(`${EVENTS}8\r\ndata: 1\n\r\n`);
    });
    const session = gateway.signIn();
    const cookie = gateway.cookie(session, 'wiki.test');
    const client = await get(gateway, '/events', cookie);
    await client.when((text) => text.includes('data: 1'));
    const http2 = await openHttp2(gateway.port, 'wiki.test');
    const streams = ask(http2, { ':path': '/events', cookie }).then(
      () => 'ended',
      (error) => String(error),
    );
    await gateway.until(() => gateway.context.live.size === 2);
    const startedAt = performance.now();
    gateway.sessions.delete(session.id);
    await gateway.changed({ kind: 'session', id: session.id });
    assert.doesNotMatch(await client.rest(), /\r\n0\r\n\r\n$/);
    assert.match(await streams, /reset/);
    await Promise.all(closed);
    assert.ok(performance.now() - startedAt < 1_000);
    http2.destroy();
  });
});

test('R6: what is packed passes as it is, whatever it would unpack to, both ways', async (t) => {
  const bombs = [
    gzipSync(Buffer.alloc(64 * 1024 * 1024)),
    brotliCompressSync(Buffer.alloc(64 * 1024 * 1024), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  ];
  let at = 0;
  let received = 0;
  const port = await rawServer(t, (socket) => {
    const bomb = bombs[at] ?? Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (!chunk.subarray(-4).equals(bomb.subarray(-4))) return;
      socket.write(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`);
      socket.end(bomb);
    });
  });
  const gateway = await startGateway(t, { apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }] });
  const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
  for (const bomb of bombs) {
    received = 0;
    const before = process.memoryUsage().rss;
    const client = await rawClient(gateway.port);
    client.write(
      `POST / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`,
    );
    client.write(bomb);
    const { body, headers } = await client.answer();
    assert.ok(Buffer.from(body, 'latin1').equals(bomb));
    assert.ok(headers.includes('Content-Encoding'));
    assert.ok(received >= bomb.length && received < bomb.length + 4_096);
    assert.ok(process.memoryUsage().rss - before < 32 * 1024 * 1024);
    client.socket.destroy();
    at += 1;
  }
});

/** One byte in half the idle time, ten times, and the end. */
function dripTen(socket: Socket): void {
  let left = 10;
  const timer = setInterval(() => {
    left -= 1;
    if (left > 0 && socket.writable) socket.write('1\r\nx\r\n');
    else {
      clearInterval(timer);
      if (socket.writable) socket.write('0\r\n\r\n');
    }
  }, IDLE_MS / 2);
}
