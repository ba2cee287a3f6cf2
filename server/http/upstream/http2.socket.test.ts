// The promises of HTTP/2 to upstreams: many requests on one connection, each whole or broken on its own, and no guess about what the far end speaks.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { constants, createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { suite, test } from 'node:test';
import type { FaultCode } from '#server/core/fault.ts';
import { httpServer, rawServer } from '../gateway.testing.ts';
import { FRAME, frame, literals, uint32 } from '../http2-frames.testing.ts';
import { type Ask, appOf, ask, client, type Ends, targetOf, until } from './client.testing.ts';

type Serve = (stream: ServerHttp2Stream, headers: Record<string, string | string[] | undefined>, raw: string[]) => void;

async function upstream(t: Ends, serve: Serve, settings: { maxConcurrentStreams?: number } = {}) {
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer({ settings });
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers, _flags, raw) => {
    stream.on('error', () => {});
    serve(stream as ServerHttp2Stream, headers as never, raw as unknown as string[]);
  });
  server.on('sessionError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  const target = targetOf([(server.address() as AddressInfo).port], { protocol: 'h2' });
  const pools = client(t);
  return { sessions, target, pools, ask: (given: Partial<Ask> = {}) => ask(pools, { target, ...given }) };
}

/** An upstream by hand: to the first request of a connection it answers 200 and `half`, and a moment later `bytes`. */
async function framesAfterHalf(t: Ends, bytes: Buffer, isCut = false) {
  const port = await rawServer(t, (socket) => {
    socket.write(frame(FRAME.settings, 0, 0));
    let read = Buffer.alloc(0);
    let at = 24;
    socket.on('data', (chunk: Buffer) => {
      read = Buffer.concat([read, chunk]);
      let isAsked = false;
      for (; read.length >= at + 9; at += 9 + read.readUIntBE(at, 3)) isAsked ||= read[at + 3] === FRAME.headers;
      if (!isAsked) return;
      socket.write(frame(FRAME.settings, 1, 0));
      socket.write(frame(FRAME.headers, 4, 1, literals([[':status', '200']])));
      socket.write(frame(FRAME.data, 0, 1, Buffer.from('half')));
      setTimeout(() => {
        socket.write(bytes);
        if (isCut) socket.end();
      }, 20);
    });
  });
  const pools = client(t);
  const target = targetOf([port], { protocol: 'h2' });
  return { ask: (given: Partial<Ask> = {}) => ask(pools, { target, ...given }) };
}

/** An upstream by hand: what it does with the nth request of a connection, and the stream of that. */
function byHand(t: Ends, serve: (socket: Socket, n: number, id: number) => void): Promise<number> {
  return rawServer(t, (socket) => {
    socket.write(frame(FRAME.settings, 0, 0));
    let read = Buffer.alloc(0);
    let at = 24;
    let n = 0;
    socket.on('data', (chunk: Buffer) => {
      read = Buffer.concat([read, chunk]);
      for (; read.length >= at + 9; at += 9 + read.readUIntBE(at, 3)) {
        if (read[at + 3] !== FRAME.headers) continue;
        n += 1;
        serve(socket, n, read.readUInt32BE(at + 5));
      }
    });
  });
}

const answerOf = (id: number, status = '200', flags = 5) =>
  frame(FRAME.headers, flags, id, literals([[':status', status]]));
const goaway = (id: number, code: number) => frame(FRAME.goaway, 0, 0, Buffer.concat([uint32(id), uint32(code)]));

test('what is sent is what was given: method, path, one authority, lower-case names, order and duplicates', async (t) => {
  let seen: string[] = [];
  const { ask } = await upstream(t, (stream, _headers, raw) => {
    seen = raw;
    stream.respond({ ':status': 201, 'x-a': '1', 'set-cookie': ['a=b', 'c=d'] });
    stream.end('ok');
  });
  const headers = ['Host', 'wiki.test', 'X-b', '1', 'x-A', '\xe9', 'X-b', '2', 'Cookie', 'a=b; c=d', 'TE', 'trailers'];
  const answer = await ask({ method: 'SEARCH', path: '/a%2f//b?c=%20', headers }).done;
  const [method, path, scheme, authority] = [':method', ':path', ':scheme', ':authority'].map(
    (name) => seen[seen.indexOf(name) + 1],
  );
  assert.deepEqual([method, path, scheme, authority], ['SEARCH', '/a%2f//b?c=%20', 'http', 'wiki.test']);
  assert.deepEqual(seen.slice(8), ['x-b', '1', 'x-a', '\xe9', 'x-b', '2', 'cookie', 'a=b; c=d', 'te', 'trailers']);
  assert.equal(answer.status, 201);
  const named = answer.headers.filter((_, at) => at % 2 === 0);
  assert.deepEqual(named.slice(0, 3), ['x-a', 'set-cookie', 'set-cookie']);
});

test('many requests share one connection, and a full one gets a second beside it', async (t) => {
  const streams: ServerHttp2Stream[] = [];
  const { ask, sessions, target } = await upstream(t, (stream) => void streams.push(stream), {
    maxConcurrentStreams: 10,
  });
  const asked = Array.from({ length: 15 }, () => ask());
  await until(() => streams.length === 15);
  assert.equal(sessions.size, 2);
  for (const stream of streams) {
    stream.respond({ ':status': 200 });
    stream.end('ok');
  }
  const answers = await Promise.all(asked.map(({ done }) => done));
  assert(answers.every(({ body, fault }) => fault === null && String(body) === 'ok'));
  assert.equal(target.dials, 2);
});

test('10,000 requests one after the other take one connection', async (t) => {
  const { ask, target } = await upstream(t, (stream) => {
    stream.respond({ ':status': 200 });
    stream.end('ok');
  });
  for (let i = 0; i < 10_000; i += 1) {
    const { body } = await ask().done;
    if (body.length !== 2) assert.fail(`answer ${i}`);
  }
  assert.equal(target.dials, 1);
});

suite('answers', () => {
  test('with and without a length, HEAD, 204, 304, and interim ones', async (t) => {
    const { ask } = await upstream(t, (stream, headers) => {
      const status = Number(headers[':path']?.slice(1));
      stream.additionalHeaders({ ':status': 103, link: '</a.css>' });
      stream.respond({ ':status': status, ...(status === 206 ? { 'content-length': 4 } : {}) });
      if (headers[':method'] === 'HEAD' || status === 204 || status === 304) stream.end();
      else stream.end('body');
    });
    for (const [method, path, length, body] of [
      ['GET', '/200', null, 'body'],
      ['GET', '/206', 4, 'body'],
      ['HEAD', '/200', 0, ''],
      ['GET', '/204', 0, ''],
      ['GET', '/304', 0, ''],
    ] as const) {
      const answer = await ask({ method, path }).done;
      assert.deepEqual(
        [answer.status, answer.length, String(answer.body)],
        [Number(path.slice(1)), length, body],
        path,
      );
      assert.deepEqual(answer.interim, [{ status: 103, headers: ['link', '</a.css>'] }]);
    }
  });

  test('U10: trailers come with the end, as gRPC needs them, also behind no body at all', async (t) => {
    const { ask } = await upstream(t, (stream, headers) => {
      if (headers[':path'] === '/only')
        return stream.respond({ ':status': 200, 'grpc-status': 5 }, { endStream: true });
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', 'grpc-message': 'fine' }));
      stream.end(headers[':path'] === '/body' ? 'message' : '');
    });
    for (const path of ['/body', '/none']) {
      const { fault, trailers } = await ask({ path }).done;
      assert.deepEqual([fault, trailers], [null, ['grpc-status', '0', 'grpc-message', 'fine']]);
    }
    const { headers, trailers } = await ask({ path: '/only' }).done;
    assert.deepEqual([headers.includes('grpc-status'), trailers], [true, null]);
  });

  test('bodies both ways, large ones and bidirectional streams', async (t) => {
    const { ask } = await upstream(t, (stream, headers) => {
      if (headers[':path'] === '/echo') {
        stream.respond({ ':status': 200 });
        stream.pipe(stream);
        return;
      }
      const hash = createHash('sha256');
      stream.on('data', (chunk) => hash.update(chunk));
      stream.on('end', () => {
        stream.respond({ ':status': 200 });
        stream.end(`${headers['content-length']} ${hash.digest('hex')}`);
      });
    });
    const bytes = randomBytes(3_000_000);
    const body = () => Readable.from([bytes.subarray(0, 5), bytes.subarray(5)], { objectMode: false });
    const sum = createHash('sha256').update(bytes).digest('hex');
    const length = ['Content-Length', String(bytes.length)];
    assert.equal(String((await ask({ method: 'POST', body: body() }).done).body), `undefined ${sum}`);
    const headers = ['Host', 'wiki.test', ...length];
    assert.equal(String((await ask({ method: 'POST', headers, body: body() }).done).body), `${length[1]} ${sum}`);
    const echoed = await ask({ method: 'POST', path: '/echo', body: body() }).done;
    assert(echoed.body.equals(bytes));
  });
});

suite('U1: what breaks is broken, never whole', () => {
  const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR, NGHTTP2_PROTOCOL_ERROR, NGHTTP2_REFUSED_STREAM } =
    constants;
  for (const [what, code] of [
    ['NO_ERROR', NGHTTP2_NO_ERROR],
    ['CANCEL', NGHTTP2_CANCEL],
    ['INTERNAL_ERROR', NGHTTP2_INTERNAL_ERROR],
    ['REFUSED_STREAM', NGHTTP2_REFUSED_STREAM],
  ] as const) {
    test(`a stream that is reset with ${what} in its body, also when it is read late`, async (t) => {
      for (const isLate of [false, true]) {
        const { ask } = await framesAfterHalf(t, frame(FRAME.reset, 0, 1, uint32(code)));
        const asked = ask({ onAnswered: (stream) => void (isLate && stream.pause()) });
        const stream = await asked.carried;
        await until(() => asked.answer.status === 200);
        await new Promise((resolve) => setTimeout(resolve, 60));
        stream.resume();
        const { again, fault, status } = await asked.done;
        assert.deepEqual([status, fault, again], [200, 'upstream-closed', false]);
      }
    });
  }

  for (const [what, bytes] of [
    ['a cut', null],
    ['a GOAWAY and a cut', Buffer.concat([frame(FRAME.goaway, 0, 0, Buffer.concat([uint32(1), uint32(0)]))])],
  ] as const) {
    test(`${what} of the connection in a body`, async (t) => {
      const { ask } = await framesAfterHalf(t, bytes ?? Buffer.alloc(0), true);
      const { again, body, fault, status } = await ask().done;
      assert.deepEqual([status, String(body), fault, again], [200, 'half', 'upstream-closed', false]);
      assert.equal((await ask().done).status, 200, 'the next one takes another connection');
    });
  }

  test('an answer that is whole is whole, also when it is read late and its stream is reset behind it', async (t) => {
    const rest = [frame(FRAME.data, 1, 1, Buffer.from('rest')), frame(FRAME.reset, 0, 1, uint32(NGHTTP2_NO_ERROR))];
    const { ask } = await framesAfterHalf(t, Buffer.concat(rest));
    const asked = ask({ onAnswered: (stream) => stream.pause() });
    const stream = await asked.carried;
    await until(() => asked.answer.status === 200);
    await new Promise((resolve) => setTimeout(resolve, 60));
    stream.resume();
    const { body, fault } = await asked.done;
    assert.deepEqual([String(body), fault], ['halfrest', null]);
  });

  test('a body that is not what Content-Length says', async (t) => {
    const { ask } = await upstream(t, (stream, headers) => {
      stream.respond({ ':status': 200, 'content-length': 10 });
      stream.end(headers[':path'] === '/short' ? 'short' : 'more than ten bytes');
    });
    for (const path of ['/short', '/long']) assert.notEqual((await ask({ path }).done).fault, null, path);
  });

  test('U7: a stream that was refused may be sent again, one that was reset otherwise may not', async (t) => {
    const codes: Record<string, number> = {
      '/refused': NGHTTP2_REFUSED_STREAM,
      '/cancelled': NGHTTP2_CANCEL,
      '/protocol': NGHTTP2_PROTOCOL_ERROR,
    };
    const { ask, target } = await upstream(t, (stream, headers) => stream.close(codes[`${headers[':path']}`]));
    for (const [path, fault, again] of [
      ['/refused', 'upstream-closed', true],
      ['/cancelled', 'upstream-closed', false],
      ['/protocol', 'upstream-protocol', false],
    ] as const) {
      const answer = await ask({ path }).done;
      assert.deepEqual([answer.fault, answer.again], [fault, again], path);
    }
    assert.equal(target.dials, 1);
  });

  for (const [what, end, fault, again] of [
    ['is closed', (socket) => socket.end(), 'upstream-closed', true],
    ['is reset', (socket) => socket.resetAndDestroy(), 'upstream-closed', true],
    ['is closed after GOAWAY', (socket, id) => socket.end(goaway(id, NGHTTP2_NO_ERROR)), 'upstream-closed', true],
    [
      'ends since it broke at the far end',
      (socket, id) => socket.end(goaway(id, NGHTTP2_INTERNAL_ERROR)),
      'upstream-closed',
      true,
    ],
    [
      'ends since the far end understood nothing',
      (socket, id) => socket.end(goaway(id, NGHTTP2_PROTOCOL_ERROR)),
      'upstream-protocol',
      false,
    ],
    [
      'ends in noise',
      (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'.repeat(9)),
      'upstream-protocol',
      false,
    ],
    [
      'is closed behind an interim answer',
      (socket, id) => socket.end(answerOf(id, '103', 4)),
      'upstream-closed',
      false,
    ],
  ] as [string, (socket: Socket, id: number) => void, FaultCode, boolean][]) {
    test(`U7: before an answer, a kept connection that ${what}: a safe request may ${again ? '' : 'not '}be sent again`, async (t) => {
      const port = await byHand(t, (socket, n, id) => void (n === 1 ? socket.write(answerOf(id)) : end(socket, id)));
      const pools = client(t);
      const target = targetOf([port], { protocol: 'h2' });
      for (const method of ['GET', 'POST']) {
        assert.equal((await ask(pools, { target }).done).status, 200);
        const answer = await ask(pools, { target, method }).done;
        assert.deepEqual([answer.fault, answer.again], [fault, again && method === 'GET'], answer.detail);
        await until(() => pools.view()[0]?.connections === 0);
      }
      const blamed = pools.view()[0]?.endpoints[0]?.lastFailure?.why ?? null;
      assert.equal(blamed, again ? null : fault, 'what was reused and closed is nobody’s failure');
    });
  }

  test('U7: a connection that ends before its first answer is no reason to ask again', async (t) => {
    const port = await byHand(t, (socket) => void socket.end());
    const pools = client(t);
    const { again, fault } = await ask(pools, { target: targetOf([port], { protocol: 'h2' }) }).done;
    assert.deepEqual([fault, again], ['upstream-closed', false]);
    assert.equal(pools.view()[0]?.endpoints[0]?.lastFailure?.why, 'upstream-closed');
  });

  test('U8: a connection that ends is one failure, however many requests end with it', async (t) => {
    for (const last of [null, goaway(0, NGHTTP2_NO_ERROR)]) {
      const port = await byHand(t, (socket, n) => {
        if (n === 6) socket.end(last ?? '');
      });
      const pools = client(t);
      const target = targetOf([port], { protocol: 'h2' });
      for (const state of ['well', 'well', 'well', 'well', 'ejected']) {
        const answers = await Promise.all(Array.from({ length: 6 }, () => ask(pools, { target }).done));
        assert(answers.every(({ fault }) => fault === 'upstream-closed'));
        assert.equal(pools.view()[0]?.endpoints[0]?.state, state);
        await until(() => pools.view()[0]?.connections === 0);
      }
    }
  });

  test('U7: what is sent again takes a new connection, and a shared one where no more are allowed', async (t) => {
    const { ask: askOne, target } = await upstream(t, (stream) => {
      stream.respond({ ':status': 200 });
      stream.end('ok');
    });
    const options = { isRetry: true };
    await askOne().done;
    assert.equal((await askOne({ options }).done).fault, null);
    assert.equal(target.dials, 2);
    const pools = client(t, { upstreamConnections: 1 });
    await ask(pools, { target }).done;
    assert.equal((await ask(pools, { target, options }).done).fault, null);
    assert.equal(target.dials, 3);
  });

  test('U7: what the gateway itself lets go of is not sent again', async (t) => {
    const streams: ServerHttp2Stream[] = [];
    const { ask, pools } = await upstream(t, (stream, headers) => {
      if (headers[':path'] === '/held') return void streams.push(stream);
      stream.respond({ ':status': 200 });
      stream.end('ok');
    });
    await ask().done;
    const asked = ask({ path: '/held' });
    await until(() => streams.length === 1);
    pools.destroy();
    const { again, fault } = await asked.done;
    assert.deepEqual([fault, again], ['upstream-closed', false]);
  });

  test('after GOAWAY what runs goes on, and what comes takes a new connection', async (t) => {
    const streams: ServerHttp2Stream[] = [];
    const { ask, sessions, target } = await upstream(t, (stream) => void streams.push(stream));
    const first = ask();
    await until(() => streams.length === 1);
    for (const session of sessions) session.close();
    await until(() => sessions.size === 1 && [...sessions][0]?.closed === true);
    let second = ask();
    const answerAll = () => {
      for (const stream of streams.splice(0)) {
        stream.respond({ ':status': 200 });
        stream.end('ok');
      }
    };
    await until(() => streams.length === 2 || second.answer.fault !== null);
    // The request may have crossed the GOAWAY: then it was not processed, and says so.
    if (second.answer.fault !== null) {
      assert.equal(second.answer.again, true);
      second = ask({ options: { isRetry: true } });
      await until(() => streams.length === 2);
    }
    answerAll();
    assert.equal((await first.done).fault, null);
    assert.equal((await second.done).fault, null);
    assert.equal(target.dials, 2);
  });

  test('P13 P15: a request body that is not what Content-Length says resets the stream alone', async (t) => {
    const codes: number[] = [];
    const { ask, target } = await upstream(t, (stream, headers) => {
      stream.on('close', () => codes.push(stream.rstCode));
      if (headers[':method'] !== 'GET') return void stream.resume();
      stream.respond({ ':status': 200 });
      stream.end('ok');
    });
    for (const text of ['short', 'a body that is too long']) {
      const headers = ['Host', 'wiki.test', 'Content-Length', '10'];
      const body = Readable.from([Buffer.from(text)]);
      assert.equal((await ask({ method: 'POST', headers, body }).done).fault, 'bad-request');
    }
    await until(() => codes.length === 2);
    assert.equal(String((await ask().done).body), 'ok');
    assert.equal(target.dials, 1);
  });
});

suite('limits and ends', () => {
  test('U4: no answer, and a body that stands still, are timeouts of their stream alone', async (t) => {
    const { ask, target } = await upstream(t, (stream, headers) => {
      if (headers[':path'] === '/silent') return;
      stream.respond({ ':status': 200, 'content-type': headers[':path'] === '/events' ? 'text/event-stream' : 'a/b' });
      if (headers[':path'] === '/ok') stream.end('ok');
      else stream.write('half');
    });
    const timeouts = { headers: 100, idle: 100 };
    const events = ask({ path: '/events', timeouts });
    assert.equal((await ask({ path: '/silent', timeouts }).done).fault, 'upstream-timeout');
    assert.equal((await ask({ path: '/still', timeouts }).done).fault, 'upstream-timeout');
    assert.equal(events.answer.fault, null);
    events.dispatched.cancel();
    assert.equal((await ask({ path: '/ok' }).done).fault, null);
    assert.equal(target.dials, 1);
  });

  test('U4: a connection that has fallen silent gets no more requests, and ends with all that runs on it', async (t) => {
    const { sessions, target: real } = await upstream(t, (stream, headers) => {
      stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
      if (headers[':path'] === '/ok') stream.end('ok');
    });
    let isCut = false;
    const port = await rawServer(t, (socket) => {
      const isFirst = sessions.size === 0;
      const on = connect(real.endpoints[0]?.port ?? 0, '127.0.0.1').on('error', () => {});
      socket.on('data', (chunk) => void ((isFirst && isCut) || on.write(chunk)));
      on.on('data', (chunk) => void ((isFirst && isCut) || socket.write(chunk)));
      socket.on('close', () => on.destroy());
    });
    const target = targetOf([port], { protocol: 'h2' });
    const pools = client(t);
    const timeouts = { headers: 3_000, idle: 3_000 };
    const events = ask(pools, { target, path: '/events', timeouts });
    await until(() => events.answer.status === 200);
    isCut = true;
    assert.equal((await ask(pools, { target, path: '/ok', timeouts }).done).fault, 'upstream-timeout');
    assert.equal((await ask(pools, { target, path: '/ok', timeouts }).done).fault, null);
    assert.equal(target.dials, 2);
    assert.equal((await events.done).fault, 'upstream-closed');
  });

  for (const [what, lateMs] of [
    ['at once', 0],
    ['late', 700],
  ] as const) {
    test(`U4: a connection that answers a PING ${what} goes on after a request in vain`, async (t) => {
      const { target: real } = await upstream(t, (stream, headers) => {
        if (headers[':path'] === '/silent') return;
        stream.respond({ ':status': 200 });
        stream.end('ok');
      });
      const port = await rawServer(t, (socket) => {
        const on = connect(real.endpoints[0]?.port ?? 0, '127.0.0.1').on('error', () => {});
        socket.pipe(on);
        on.on('data', (chunk) => void setTimeout(() => socket.write(chunk), lateMs));
        socket.on('close', () => on.destroy());
      });
      const target = targetOf([port], { protocol: 'h2' });
      // So that the next request has to wait for what it says.
      const pools = client(t, { upstreamConnections: 1 });
      const timeouts = { headers: 2_000, idle: 2_000 };
      assert.equal((await ask(pools, { target, path: '/silent', timeouts }).done).fault, 'upstream-timeout');
      assert.equal((await ask(pools, { target, path: '/ok' }).done).fault, null);
      assert.equal(target.dials, 1);
    });
  }

  test('R10: a client that does not read holds back its own stream alone', async (t) => {
    let given = 0;
    const { ask } = await upstream(t, (stream, headers) => {
      stream.respond({ ':status': 200 });
      if (headers[':path'] !== '/large') return void stream.end('ok');
      new Readable({
        read() {
          given += 64 * 1024;
          this.push(Buffer.alloc(64 * 1024));
        },
      }).pipe(stream);
    });
    const slow = Array.from({ length: 20 }, () => ask({ path: '/large', onData: (_chunk, stream) => stream.pause() }));
    await until(() => given > 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert(given < 20 * 2 * 1024 * 1024, `${given} bytes for clients that read nothing`);
    assert.equal(String((await ask().done).body), 'ok');
    for (const { dispatched } of slow) dispatched.cancel();
  });

  test('a cancel resets its stream, and the connection carries the next request', async (t) => {
    const codes: number[] = [];
    const { ask, target } = await upstream(t, (stream, headers) => {
      stream.on('close', () => codes.push(stream.rstCode));
      stream.respond({ ':status': 200 });
      if (headers[':path'] === '/ok') stream.end('ok');
      else stream.write('half');
    });
    const asked = ask({ path: '/long' });
    await until(() => asked.answer.status === 200);
    asked.dispatched.cancel();
    await until(() => codes.length === 1);
    assert.deepEqual(codes, [constants.NGHTTP2_CANCEL]);
    assert.equal(String((await ask({ path: '/ok' }).done).body), 'ok');
    assert.equal(target.dials, 1);
  });

  test('a connection without requests ends after its time', async (t) => {
    const { sessions, target } = await upstream(t, (stream) => {
      stream.respond({ ':status': 200 });
      stream.end('ok');
    });
    const pools = client(t, { upstreamKeepAliveMs: 200 });
    await ask(pools, { target }).done;
    await until(() => target.sockets[0]?.destroyed === true && pools.view()[0]?.connections === 0);
    await until(() => [...sessions].every(({ destroyed }) => destroyed));
  });

  test('health checks speak the upstream’s protocol', async (t) => {
    const seen: string[] = [];
    const { pools, target } = await upstream(t, (stream, headers) => {
      seen.push(`${headers[':path']} ${headers[':authority']} ${headers.cookie}`);
      stream.respond({ ':status': headers[':path'] === '/health' ? 500 : 200 }, { endStream: true });
    });
    const app = appOf({ healthCheck: { path: '/health', everyMs: 60_000 } });
    await ask(pools, { app, target, headers: ['Host', 'wiki.test', 'Cookie', 'a=b'] }).done;
    await until(() => pools.view()[0]?.endpoints[0]?.state === 'failing');
    assert.deepEqual(seen, ['/ wiki.test a=b', '/health wiki.test undefined']);
  });
});

suite('R8: an upstream that allows no stream', () => {
  const NO_STREAMS = frame(FRAME.settings, 0, 0, Buffer.from([0, 3, 0, 0, 0, 0]));
  const GOAWAY = frame(FRAME.goaway, 0, 0, Buffer.alloc(8));

  test('for a while is waited for on one connection, and serves once its SETTINGS say so', async (t) => {
    let isOpen = false;
    const { ask, pools, sessions, target } = await upstream(
      t,
      (stream) => {
        assert(isOpen);
        stream.respond({ ':status': 200 });
        stream.end('ok');
      },
      { maxConcurrentStreams: 0 },
    );
    const asked = [ask(), ask()];
    await until(() => pools.view()[0]?.connections === 1);
    asked.push(ask());
    const leaves = ask();
    leaves.dispatched.cancel();
    assert.equal(pools.view()[0]?.waiting, 3);
    isOpen = true;
    for (const session of sessions) session.settings({ maxConcurrentStreams: 2 });
    const answers = await Promise.all(asked.map(({ done }) => done));
    assert(answers.every(({ status }) => status === 200));
    assert.equal((await ask().done).status, 200);
    assert(target.dials <= 2, 'the third may take one beside the two that run');
  });

  test('at all is a wait on one connection, longer than idle ones are kept, that ends in time and counts against it', async (t) => {
    let accepted = 0;
    const port = await rawServer(t, (socket) => {
      accepted += 1;
      socket.write(NO_STREAMS);
    });
    const target = targetOf([port], { protocol: 'h2' });
    const pools = client(t, { upstreamQueueMs: 1_500, upstreamKeepAliveMs: 300 });
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(pools, { target }).done));
    for (const { again, fault } of answers) assert.deepEqual([fault, again], ['overloaded', false]);
    assert.deepEqual([accepted, target.dials], [1, 1]);
    assert.equal(pools.view()[0]?.endpoints[0]?.state, 'ejected');
    await until(() => pools.view()[0]?.connections === 0);
  });

  for (const [when, greet] of [
    ['with its SETTINGS', (socket: Socket) => void socket.write(Buffer.concat([frame(FRAME.settings, 0, 0), GOAWAY]))],
    [
      'as the first request comes',
      (socket: Socket) => {
        socket.write(frame(FRAME.settings, 0, 0));
        let read = Buffer.alloc(0);
        socket.on('data', (chunk: Buffer) => {
          read = Buffer.concat([read, chunk]);
          let at = 24;
          for (; read.length >= at + 9; at += 9 + read.readUIntBE(at, 3))
            if (read[at + 3] === FRAME.headers) socket.write(GOAWAY);
        });
      },
    ],
    [
      'while it allows none',
      (socket: Socket) => {
        socket.write(NO_STREAMS);
        socket.once('data', () => socket.write(GOAWAY));
      },
    ],
  ] as const) {
    test(`since it goes away ${when}: one dial for a request, a fault that may be tried again, and ejection`, async (t) => {
      let accepted = 0;
      const port = await rawServer(t, (socket) => {
        accepted += 1;
        greet(socket);
      });
      const pools = client(t);
      const target = targetOf([port], { protocol: 'h2' });
      for (let i = 1; i <= 5; i += 1) {
        const { again, fault } = await ask(pools, { target }).done;
        assert.deepEqual([fault, again], ['upstream-closed', true]);
        assert.deepEqual([accepted, target.dials], [i, i]);
      }
      assert.equal(pools.view()[0]?.endpoints[0]?.state, 'ejected');
      await until(() => pools.view()[0]?.connections === 0);
    });
  }
});

suite('U5: an upstream that does not speak HTTP/2', () => {
  test('HTTP/1.1, silence, a close and noise are faults that say so', async (t) => {
    const http1 = await httpServer(t, (_request, response) => void response.end('ok'));
    const closing = await rawServer(t, (socket: Socket) => void socket.end());
    const noise = await rawServer(
      t,
      (socket: Socket) => void socket.write('hello, this is not HTTP/2 at all\r\n'.repeat(9)),
    );
    const pools = client(t);
    for (const port of [http1, closing, noise]) {
      const { again, detail, fault, status } = await ask(pools, { target: targetOf([port], { protocol: 'h2' }) }).done;
      assert.deepEqual([status, fault], [0, 'upstream-protocol'], detail);
      assert.match(detail, /does not speak HTTP\/2/);
      assert.equal(again, true, 'nothing was sent');
    }
  });
});
