// What a browser's HTTP/2 stream may do: hints before the answer, trailers behind it, and a window for what it sends.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import { after, suite, test } from 'node:test';
import { rawServer, startGateway } from './gateway.testing.ts';
import { ask, openHttp2 } from './http2-client.testing.ts';
import { FRAME, frame, frameClient, literals, PREFACE, uint32 } from './http2-frames.testing.ts';
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

  test('U10: a hint that HTTP/2 cannot say is left out, and the answer behind it arrives', async () => {
    const { informed, body } = await carefully(
      'HTTP/1.1 103 Early Hints\r\nContent-Type: a\r\nContent-Type: b\r\n\r\n' +
        'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    );
    assert.deepEqual(informed, []);
    assert.equal(body, 'ok');
  });

  for (const trailers of ['ETag: a\r\nETag: b\r\n', 'HTTP2-Settings: a\r\n']) {
    test(`U10: trailers that HTTP/2 cannot say reset their stream, and no other: ${JSON.stringify(trailers)}`, async () => {
      answer = (socket) =>
        void socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n${trailers}\r\n`);
      const client = await openHttp2(gateway.port, 'wiki.test');
      await assert.rejects(ask(client, { ':path': '/', cookie }), /reset 2/);
      answer = (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      assert.equal((await ask(client, { ':path': '/', cookie })).status, 200);
      client.destroy();
    });
  }

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

suite('P15: a body that stops, over HTTP/2', () => {
  for (const [what, ending] of [
    ['is reset', frame(FRAME.reset, 0, 1, uint32(8))],
    ['ends too early', frame(FRAME.data, 0x1, 1)],
  ] as const) {
    test(`one that ${what} is never whole upstream`, async () => {
      let text = '';
      const { promise: closed, resolve } = Promise.withResolvers<void>();
      answer = (socket) => {
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
      await gateway.until(() => gateway.context.live.size === 1);
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
    answer = (socket) => {
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
    await gateway.until(() => gateway.context.live.size === 1);
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
