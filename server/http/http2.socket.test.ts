// What a browser's HTTP/2 stream may do: hints before the answer, trailers behind it, and a window for what it sends.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import { after, suite, type TestContext, test } from 'node:test';
import { rawServer, startGateway } from './gateway.testing.ts';
import { ask, openHttp2 } from './http2-client.testing.ts';
import { FRAME, type FrameClient, frame, frameClient, literals, PREFACE, uint32 } from './http2-frames.testing.ts';
import { rawClient } from './raw-client.testing.ts';

/** What the upstream answers to a request, raw; a request is given with the head that it came in. */
let answer: (socket: Socket, head: string) => void = (socket) =>
  void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
const port = await rawServer({ after }, (socket) => {
  let text = '';
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
    const end = text.indexOf('\r\n\r\n');
    if (end === -1) return;
    const head = text.slice(0, end);
    text = '';
    answer(socket, head);
  });
});
const LIMITS = { streamWindowBytes: 128 * 1024, connectionWindowBytes: 512 * 1024, requestBodyIdleMs: 200 };
const gateway = await startGateway(
  { after },
  { scheme: 'https', apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }], limits: LIMITS },
);
const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');

const GET_FIELDS = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'wiki.test'],
  [':path', '/'],
] as const;

/** One request over HTTP/2, with everything that came for it. */
async function carefully(raw: string): Promise<{
  informed: IncomingHttpHeaders[];
  headers: IncomingHttpHeaders;
  body: string;
  trailers: IncomingHttpHeaders | null;
}> {
  answer = (socket) => void socket.write(raw);
  const client = await openHttp2(gateway.port, 'wiki.test');
  const stream = client.request({ ':path': '/', cookie });
  const informed: IncomingHttpHeaders[] = [];
  let trailers: IncomingHttpHeaders | null = null;
  stream.on('headers', (headers) => informed.push(headers));
  stream.on('trailers', (headers) => {
    trailers = headers;
  });
  const [headers] = await once(stream, 'response');
  const body = await textOf(stream);
  client.destroy();
  return { informed, headers, body, trailers };
}

async function textOf(stream: ClientHttp2Stream): Promise<string> {
  let text = '';
  stream.setEncoding('utf8').on('data', (piece) => {
    text += piece;
  });
  await once(stream, 'end');
  return text;
}

suite('hints and trailers', () => {
  test('every 1xx answer arrives before the answer, in order, with its headers', async () => {
    const { informed, headers, body } = await carefully(
      'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.js>; rel=preload\r\n\r\n' +
        'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    );
    assert.deepEqual(
      informed.map((each) => each[':status']),
      [103, 102],
    );
    assert.match(String(informed[0]?.link), /a\.css.*b\.js/);
    assert.equal(headers[':status'], 200);
    assert.equal(body, 'ok');
  });

  test('trailers arrive, also behind an empty body, and none that change what the head said', async () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/grpc\r\nTransfer-Encoding: chunked\r\n\r\n';
    const trailers = 'grpc-status: 0\r\ngrpc-message: fine\r\nSet-Cookie: a=b\r\n\r\n';
    for (const body of ['2\r\nok\r\n', '']) {
      const got = await carefully(`${head}${body}0\r\n${trailers}`);
      assert.equal(got.body, body === '' ? '' : 'ok');
      assert.equal(got.trailers?.['grpc-status'], '0');
      assert.equal(got.trailers?.['grpc-message'], 'fine');
      assert.equal(got.trailers?.['set-cookie'], undefined);
    }
  });

  test('an answer without trailers has none', async () => {
    const { trailers, body } = await carefully(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    );
    assert.equal(body, 'ok');
    assert.equal(trailers, null);
  });

  test('U10: a field that an app repeats arrives as often, also one that HTTP knows only once', async () => {
    answer = (socket) =>
      void socket.write(
        'HTTP/1.1 103 Early Hints\r\nContent-Type: a\r\nContent-Type: b\r\n\r\n' +
          'HTTP/1.1 200 OK\r\nETag: "a"\r\nETag: "b"\r\nTransfer-Encoding: chunked\r\n\r\n' +
          '2\r\nok\r\n0\r\nX-Sum: a\r\nX-Sum: b\r\n\r\n',
      );
    const client = await openHttp2(gateway.port, 'wiki.test');
    const stream = client.request({ ':path': '/', cookie });
    const said: string[] = [];
    for (const event of ['headers', 'response', 'trailers'])
      stream.on(event, (_headers, _flags, raw: string[]) => said.push(raw.join(' ')));
    assert.equal(await textOf(stream), 'ok');
    assert.match(said[0] ?? '', /content-type a content-type b/);
    assert.match(said[1] ?? '', /etag "a" etag "b"/);
    assert.match(said[2] ?? '', /x-sum a x-sum b/);
    client.destroy();
  });

  test('U10: what belongs to one connection is left out of trailers, and the rest of them arrives', async () => {
    const { body, trailers } = await carefully(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nHTTP2-Settings: a\r\nX-Sum: b\r\n\r\n',
    );
    assert.equal(body, 'ok');
    assert.equal(trailers?.['x-sum'], 'b');
    assert.equal(trailers?.['http2-settings'], undefined);
  });

  test('an answer that says its length and has another one is reset, not whole', async () => {
    answer = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
      socket.end();
    };
    const client = await openHttp2(gateway.port, 'wiki.test');
    await assert.rejects(ask(client, { ':path': '/', cookie }), /reset 2/);
    client.destroy();
  });

  test('headers keep their number: two Set-Cookie lines are two', async () => {
    const { headers } = await carefully(
      'HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX-A: 1\r\nSet-Cookie: b=2\r\nX-A: 2\r\nContent-Length: 0\r\n\r\n',
    );
    assert.deepEqual(headers['set-cookie'], ['a=1', 'b=2']);
    assert.equal(headers['x-a'], '1, 2');
  });
});

suite('windows', () => {
  test('the windows are as large as they were set, and no larger', async () => {
    const client = await frameClient(gateway.port, 'wiki.test');
    client.write(PREFACE);
    await gateway.until(() => client.count(FRAME.windowUpdate) > 0);
    const [settings = Buffer.alloc(0)] = client.payloads(FRAME.settings, 0);
    const values = new Map<number, number>();
    for (let at = 0; at < settings.length; at += 6)
      values.set(settings.readUInt16BE(at), settings.readUInt32BE(at + 2));
    // RFC 9113 §6.5.2: streams, window, header list; and no extended CONNECT (RFC 8441 §3).
    assert.equal(values.get(3), 100);
    assert.equal(values.get(4), LIMITS.streamWindowBytes);
    assert.equal(values.get(6), 16 * 1024);
    assert.notEqual(values.get(8), 1);
    const [update] = client.payloads(FRAME.windowUpdate, 0);
    assert.equal(update?.readUInt32BE(0), LIMITS.connectionWindowBytes - 65_535);
    client.end();
  });

  test('an app that takes nothing is sent nothing more, and the client is held back', async () => {
    let taken: Socket | null = null;
    answer = (socket) => {
      socket.pause();
      taken = socket;
    };
    const client = await openHttp2(gateway.port, 'wiki.test');
    const stream = client.request({ ':path': '/up', ':method': 'POST', cookie });
    stream.on('error', () => {});
    const before = process.memoryUsage.rss();
    const piece = Buffer.alloc(64 * 1024);
    let sent = 0;
    const pump = (): void => {
      while (sent < 256 * 1024 * 1024) {
        sent += piece.length;
        if (stream.write(piece)) continue;
        stream.once('drain', pump);
        return;
      }
    };
    pump();
    await gateway.until(() => taken !== null);
    let last = -1;
    while (last !== sent) {
      last = sent;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    assert(sent < 32 * 1024 * 1024, `${sent} bytes were taken`);
    assert(process.memoryUsage.rss() - before < 64 * 1024 * 1024);
    assert.equal(stream.closed, false, 'an app that is slow is no slow client');
    client.destroy();
    await gateway.until(() => gateway.context.live.size === 0);
  });
});

suite('uploads that one app does not take', () => {
  test('hold up none to another app on the same connection', async (t) => {
    const apps = ['wiki', 'board'].map((id) => ({ id, hosts: [`${id}.test`] as const, upstream: port }));
    const limits = { ...LIMITS, upstreamRequests: 1, upstreamTurnMs: 60_000, requestBodyIdleMs: 60_000 };
    const own = await startGateway(t, { scheme: 'https', apps, limits });
    const session = own.signIn();
    const begin = (id: number, host: string): Buffer =>
      frame(
        FRAME.headers,
        0x4,
        id,
        literals([
          [':method', 'POST'],
          [':scheme', 'https'],
          [':authority', host],
          [':path', '/'],
          ['cookie', own.cookie(session, host)],
        ]),
      );
    answer = (socket, head) => {
      if (head.includes('board.test')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    };
    const client = await frameClient(own.port, 'wiki.test');
    // One request that runs, and four that wait for their turn and fill the windows of their streams, and so the connection's.
    const waiting = [3, 5, 7, 9].flatMap((id) => [
      begin(id, 'wiki.test'),
      ...Array.from({ length: 8 }, () => frame(FRAME.data, 0, id, Buffer.alloc(16_384))),
    ]);
    client.write(Buffer.concat([PREFACE, begin(1, 'wiki.test'), ...waiting]));
    const room = () => client.payloads(FRAME.windowUpdate, 0).reduce((sum, each) => sum + each.readUInt32BE(0), 65_535);
    await own.until(() => room() > LIMITS.connectionWindowBytes);
    client.write(Buffer.concat([begin(11, 'board.test'), frame(FRAME.data, 0x1, 11, Buffer.alloc(10))]));
    await own.until(() => client.payloads(FRAME.headers, 11).length > 0);
    assert.equal(client.resets.size, 0);
    client.end();
    await own.until(() => own.context.live.size === 0);
  });
});

suite('R8, R10: what nobody reads', () => {
  const POST = literals([
    [':method', 'POST'],
    [':scheme', 'https'],
    [':authority', 'wiki.test'],
    [':path', '/'],
    ['cookie', cookie],
  ]);

  test('empty frames and padding between the pieces of an upload make no room for more of it', async () => {
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    answer = (socket) => {
      socket.pause();
      arrive();
    };
    const client = await frameClient(gateway.port, 'wiki.test');
    client.write(Buffer.concat([PREFACE, frame(FRAME.headers, 0x4, 1, POST)]));
    await arrived;
    const before = process.memoryUsage().arrayBuffers;
    const round = Buffer.concat([
      ...Array.from({ length: 8 }, () => frame(FRAME.data, 0, 1, Buffer.alloc(16_384))),
      frame(FRAME.data, 0, 1),
      frame(FRAME.data, 0x8, 1, Buffer.from([3, 0, 0, 0])),
    ]);
    await client.flood(() => (client.resets.size > 0 ? frame(FRAME.ping, 0x1, 0, Buffer.alloc(8)) : round), 600);
    await gateway.until(() => client.resets.size > 0 || client.goaway() !== null);
    // FLOW_CONTROL_ERROR: it sent more than it was given room for.
    assert(client.resets.has(3) || client.goaway() === 3, JSON.stringify([...client.resets, client.goaway()]));
    assert(process.memoryUsage().arrayBuffers - before < 64 * 1024 * 1024);
    client.end();
    await gateway.until(() => gateway.context.live.size === 0);
  });

  test('an answer that is taken byte by byte is let go', async (t) => {
    const own = await startGateway(t, {
      scheme: 'https',
      apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }],
      limits: { responseStallMs: 1_000 },
    });
    answer = (socket) => void socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n${'x'.repeat(9_000)}`);
    const client = await frameClient(own.port, 'wiki.test');
    const noWindow = frame(FRAME.settings, 0, 0, Buffer.concat([Buffer.from([0, 4]), uint32(0)]));
    const get = literals([...GET_FIELDS, ['cookie', own.cookie(own.signIn(), 'wiki.test')]]);
    client.write(Buffer.concat([PREFACE, noWindow, frame(FRAME.headers, 0x5, 1, get)]));
    const sipping = setInterval(() => client.write(frame(FRAME.windowUpdate, 0, 1, uint32(1))), 100);
    await own.until(() => client.resets.size > 0);
    clearInterval(sipping);
    assert.deepEqual([...client.resets.keys()], [8]);
    assert(client.count(FRAME.data) > 5, 'it was let go although it took something');
    client.end();
    await own.until(() => own.context.live.size === 0);
  });
});

suite('an app that speaks HTTP/2 and ends its answer later than its head', () => {
  /** Answers each request with a head of 204, and ends it with an empty frame a moment later. */
  async function late(t: TestContext): Promise<{ port: number; resets: number[] }> {
    const resets: number[] = [];
    const port = await rawServer(t, (socket) => {
      socket.write(frame(FRAME.settings, 0, 0));
      let rest: Buffer = Buffer.alloc(0);
      let isOpen = false;
      socket.on('data', (bytes: Buffer) => {
        rest = Buffer.concat([rest, bytes]);
        if (!isOpen && rest.length >= 24) [isOpen, rest] = [true, rest.subarray(24)];
        while (isOpen && rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
          const [type, flags, stream] = [rest[3], rest[4], rest.readUInt32BE(5)];
          if (type === FRAME.settings && flags === 0) socket.write(frame(FRAME.settings, 0x1, 0));
          if (type === FRAME.reset) resets.push(rest.readUInt32BE(9));
          if (type === FRAME.headers) {
            socket.write(frame(FRAME.headers, 0x4, stream, Buffer.from([0x89])));
            setTimeout(() => socket.write(frame(FRAME.data, 0x1, stream)), 100);
          }
          rest = rest.subarray(9 + rest.readUIntBE(0, 3));
        }
      });
    });
    return { port, resets };
  }

  test('what is left of a body is refused then, and the stream is over', async (t) => {
    const { port } = await late(t);
    const own = await startGateway(t, {
      scheme: 'https',
      apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port, protocol: 'h2' }],
    });
    const post = literals([
      [':method', 'POST'],
      ...GET_FIELDS.slice(1),
      ['cookie', own.cookie(own.signIn(), 'wiki.test')],
    ]);
    const client = await frameClient(own.port, 'wiki.test');
    client.write(Buffer.concat([PREFACE, frame(FRAME.headers, 0x4, 1, post)]));
    await own.until(() => client.resets.size > 0);
    assert.deepEqual([...client.resets.keys()], [0]);
    await own.until(() => own.context.live.size === 0);
    client.end();
  });

  test('it is not taken for given up: the app hears no reset', async (t) => {
    const { port, resets } = await late(t);
    const own = await startGateway(t, {
      scheme: 'https',
      apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port, protocol: 'h2' }],
    });
    const client = await openHttp2(own.port, 'wiki.test');
    const head = { ':path': '/', cookie: own.cookie(own.signIn(), 'wiki.test') };
    for (let i = 0; i < 3; i += 1) assert.equal((await ask(client, head)).status, 204);
    assert.deepEqual(resets, []);
    client.destroy();
  });
});

test('a refusal of HEAD has no body, and is whole', async () => {
  const client = await openHttp2(gateway.port, 'wiki.test');
  const { status, body } = await ask(client, { ':method': 'HEAD', ':path': '/', ':authority': 'a@wiki.test' });
  assert.deepEqual([status, body.length], [400, 0]);
  client.destroy();
});

suite('P15: a body that stops, over HTTP/2', () => {
  for (const [what, ending] of [
    ['is reset', frame(FRAME.reset, 0, 1, uint32(8))],
    ['ends too early', frame(FRAME.data, 0x1, 1)],
  ] as const) {
    test(`one that ${what} is never whole upstream`, async () => {
      let text = '';
      const { promise: closed, resolve } = Promise.withResolvers<void>();
      const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
      answer = (socket) => {
        arrive();
        socket.on('data', (bytes: Buffer) => {
          text += bytes.toString('latin1');
        });
        socket.once('close', () => resolve());
      };
      const client = await frameClient(gateway.port, 'wiki.test');
      const head = literals([
        [':method', 'POST'],
        [':scheme', 'https'],
        [':authority', 'wiki.test'],
        [':path', '/'],
        ['cookie', cookie],
        ['content-length', '10'],
      ]);
      client.write(Buffer.concat([PREFACE, frame(FRAME.headers, 0x4, 1, head)]));
      await arrived;
      client.write(frame(FRAME.data, 0, 1, Buffer.from('half')));
      client.write(ending);
      await closed;
      assert(text.length < 10, text);
      client.end();
      await gateway.until(() => gateway.context.live.size === 0);
    });
  }

  test('one without a length that is reset with NO_ERROR is never whole upstream', async () => {
    let text = '';
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    answer = (socket) => {
      arrive();
      socket.on('data', (bytes: Buffer) => {
        text += bytes.toString('latin1');
      });
      socket.once('close', () => resolve());
    };
    const client = await frameClient(gateway.port, 'wiki.test');
    const head = literals([
      [':method', 'POST'],
      [':scheme', 'https'],
      [':authority', 'wiki.test'],
      [':path', '/'],
      ['cookie', cookie],
    ]);
    client.write(
      Buffer.concat([PREFACE, frame(FRAME.headers, 0x4, 1, head), frame(FRAME.data, 0, 1, Buffer.from('a'))]),
    );
    await arrived;
    client.write(Buffer.concat([frame(FRAME.data, 0, 1, Buffer.from('half')), frame(FRAME.reset, 0, 1, uint32(0))]));
    await closed;
    assert.doesNotMatch(text, /(^|\n)0\r\n\r\n$/);
    client.end();
    await gateway.until(() => gateway.context.live.size === 0);
  });

  test('one that drips ends its own stream with 408, and the others of its connection go on', async () => {
    const client = await openHttp2(gateway.port, 'wiki.test');
    answer = (socket, head) => {
      if (head.startsWith('GET')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    };
    const slow = client.request({ ':path': '/', ':method': 'POST', cookie });
    slow.on('error', () => {});
    const dripping = setInterval(() => slow.write('x'), 20);
    const response = once(slow, 'response');
    for (let i = 0; i < 20; i += 1) assert.equal((await ask(client, { ':path': '/', cookie })).status, 200);
    assert.equal((await response)[0][':status'], 408);
    clearInterval(dripping);
    assert.equal((await ask(client, { ':path': '/', cookie })).status, 200);
    client.destroy();
  });
});

suite('whose turn it is (RFC 9218)', () => {
  const KB64 = 64 * 1024;
  const setting = (id: number, value: number) =>
    frame(FRAME.settings, 0, 0, Buffer.concat([Buffer.from([0, id]), uint32(value)]));
  /** Bytes of each stream's body, of the first few frames that came. */
  const bytesOf = (client: FrameClient, ...ids: number[]) =>
    ids.map((id) => client.payloads(FRAME.data, id).reduce((sum, { length }) => sum + length, 0));

  /** One answer fills the connection's window; two others wait behind it, and then there is room for 64 KB more. */
  async function waiting(second: string, third: string, update?: Buffer): Promise<number[]> {
    answer = (socket) =>
      void socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${4 * KB64}\r\n\r\n${'x'.repeat(4 * KB64)}`);
    const client = await frameClient(gateway.port, 'wiki.test');
    const get = (id: number, priority: string) =>
      frame(FRAME.headers, 0x5, id, literals([...GET_FIELDS, ['cookie', cookie], ['priority', priority]]));
    client.write(Buffer.concat([PREFACE, setting(4, 8 * KB64), get(1, 'u=5')]));
    await gateway.until(() => bytesOf(client, 1)[0] === KB64 - 1);
    client.write(get(3, second));
    await gateway.until(() => client.count(FRAME.headers) === 2);
    client.write(Buffer.concat([get(5, third), update ?? Buffer.alloc(0)]));
    await gateway.until(() => client.count(FRAME.headers) === 3);
    client.write(frame(FRAME.windowUpdate, 0, 0, uint32(KB64)));
    await gateway.until(() => bytesOf(client, 1, 3, 5).reduce((sum, bytes) => sum + bytes) === 2 * KB64 - 1);
    client.end();
    await gateway.until(() => gateway.context.live.size === 0);
    return bytesOf(client, 1, 3, 5);
  }

  for (const [what, second, third, expected] of [
    ['what is urgent overtakes what is not', 'u=4', 'u=0', [KB64 - 1, 0, KB64]],
    ['of equals, the first is finished first', 'u=2', 'u=2', [KB64 - 1, KB64, 0]],
    ['of equals of which parts are of use, each gets its part', 'u=2, i', 'u=2, i', [KB64 - 1, KB64 / 2, KB64 / 2]],
    ['what is no priority is as urgent as most', 'u=9, x', 'u=4', [KB64 - 1, KB64, 0]],
  ] as const)
    test(what, async () => assert.deepEqual(await waiting(second, third), expected));

  test('a browser may change its mind', async () => {
    const update = frame(FRAME.priorityUpdate, 0, 0, Buffer.concat([uint32(5), Buffer.from('u=0')]));
    assert.deepEqual(await waiting('u=2', 'u=7', update), [KB64 - 1, 0, KB64]);
  });
});

suite('Z3: draining', () => {
  const lastStreams = (client: FrameClient) =>
    client.payloads(FRAME.goaway, 0).map((payload) => payload.readUInt32BE(0));

  test('what a client sent before it heard the first GOAWAY is served; the second one says what was', async (t) => {
    const own = await startGateway(t, {
      scheme: 'https',
      apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }],
    });
    answer = (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    const ownCookie = own.cookie(own.signIn(), 'wiki.test');
    const request = (id: number) => frame(FRAME.headers, 0x5, id, literals([...GET_FIELDS, ['cookie', ownCookie]]));
    const client = await frameClient(own.port, 'wiki.test');
    client.write(Buffer.concat([PREFACE, request(1)]));
    await own.until(() => client.count(FRAME.data) === 1);
    const drained = own.listening.drain(60_000);
    await own.until(() => client.count(FRAME.ping) === 1);
    assert.deepEqual(lastStreams(client), [2 ** 31 - 1]);
    client.write(request(3));
    await own.until(() => client.count(FRAME.data) === 2);
    const [ping = Buffer.alloc(8)] = client.payloads(FRAME.ping, 0);
    client.write(Buffer.concat([request(5), frame(FRAME.ping, 0x1, 0, ping), request(7)]));
    await client.closed;
    assert.deepEqual(lastStreams(client), [2 ** 31 - 1, 5]);
    assert.equal(client.count(FRAME.data), 3);
    await drained;
  });

  test('a client that has only just connected gets its first request served, and is told with it', async (t) => {
    const own = await startGateway(t, {
      scheme: 'https',
      apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }],
    });
    answer = (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    const ownCookie = own.cookie(own.signIn(), 'wiki.test');
    const client = await frameClient(own.port, 'wiki.test');
    client.write(PREFACE);
    await own.until(() => client.count(FRAME.settings) > 0);
    const drained = own.listening.drain(60_000);
    client.write(frame(FRAME.headers, 0x5, 1, literals([...GET_FIELDS, ['cookie', ownCookie]])));
    await own.until(() => client.count(FRAME.data) === 1);
    assert.deepEqual(lastStreams(client), [2 ** 31 - 1]);
    client.end();
    await drained;
  });

  test('a client that never answers the PING is given five seconds', async (t) => {
    const own = await startGateway(t, {
      scheme: 'https',
      apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }],
      limits: { headersTimeoutMs: 60_000 },
    });
    const client = await frameClient(own.port, 'wiki.test');
    client.write(PREFACE);
    const drained = own.listening.drain(60_000);
    await client.closed;
    assert.deepEqual(lastStreams(client), [2 ** 31 - 1, 0]);
    await drained;
  });
});

test('P24: lists that make an app work are refused over both protocols, and an honest range passes', async () => {
  let seen = '';
  answer = (socket, head) => {
    seen = head;
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  };
  const ranges = (count: number) => `bytes=${Array.from({ length: count }, (_, i) => `${i}-${i}`).join(',')}`;
  const http2 = await openHttp2(gateway.port, 'wiki.test');
  const bad = [
    ['range', ranges(201)],
    ['range', `bytes=0-${'1'.repeat(9_000)}`],
    ['accept-encoding', 'gzip,'.repeat(1_800)],
  ] as const;
  for (const [name, value] of bad) {
    assert.equal((await ask(http2, { ':path': '/', cookie, [name]: value })).status, 400);
    const http1 = await rawClient(gateway.port, { servername: 'wiki.test' });
    http1.write(`GET / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\n${name}: ${value}\r\n\r\n`);
    assert.equal((await http1.answer()).status, 400);
    await http1.closed;
  }
  assert.equal(seen, '');
  assert.equal((await ask(http2, { ':path': '/', cookie, range: ranges(20) })).status, 200);
  assert(seen.toLowerCase().includes(`range: ${ranges(20)}`));
  http2.destroy();
});
