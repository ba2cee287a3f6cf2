// Promises about request parsing: what is ambiguous is refused and closed before an upstream hears of it.
import assert from 'node:assert/strict';
import { connect as connectTcp } from 'node:net';
import { after, suite, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { rawServer, recorder, startGateway } from './gateway.testing.ts';
import { ask, openHttp2 } from './http2-client.testing.ts';
import { frame, literals, PREFACE } from './http2-frames.testing.ts';
import { exchangeRaw, header, headersOf, rawClient } from './raw-client.testing.ts';

const upstream = await recorder({ after });
const gateway = await startGateway(
  { after },
  {
    apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: upstream.port }],
    limits: { requestBodyIdleMs: 200, requestBodyMinBytes: 4 },
  },
);
const secure = await startGateway(
  { after },
  { scheme: 'https', apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: upstream.port }] },
);
const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
const secureCookie = secure.cookie(secure.signIn(), 'wiki.test');
const SMUGGLED = `GET /smuggled HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\n\r\n`;

async function refused(bytes: string, status: number | string): Promise<void> {
  upstream.seen.length = 0;
  const text = await exchangeRaw(gateway.port, bytes);
  assert.match(text, new RegExp(`^HTTP/1\\.1 (${status}) `), JSON.stringify(bytes.slice(0, 120)));
  assert.equal(text.match(/HTTP\/1\.1 \d\d\d /g)?.length, 1, 'one answer, nothing behind it');
  assert(!upstream.seen.some((seen) => seen.url.startsWith('/smuggled')), 'nothing smuggled');
  assert(!upstream.seen.some((seen) => seen.url.startsWith('/bad') && seen.complete), 'nothing bad arrived whole');
}

const head = (lines: string, method = 'POST', version = '1.1') =>
  `${method} /bad HTTP/${version}\r\nHost: wiki.test\r\nCookie: ${cookie}\r\n${lines}\r\n`;

for (const lines of [
  'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n',
  'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n',
  'Content-Length: 5\r\nContent-Length: 5\r\n',
  'Content-Length: 5\r\nContent-Length: 6\r\n',
  'Content-Length: 5\r\ncontent-length: 5\r\n',
  'Content-Length: +5\r\n',
  'Content-Length: -5\r\n',
  'Content-Length: 0x5\r\n',
  'Content-Length: 5,5\r\n',
  'Content-Length: 5, 6\r\n',
  'Content-Length:\r\n',
  'Content-Length: \r\n',
  'Content-Length: 5 5\r\n',
  'Content-Length: 18446744073709551621\r\n',
  'Content-Length: 99999999999999999999999\r\n',
  'Content-Length: 5;\r\n',
  'Content-Length: "5"\r\n',
]) {
  test(`P1: ambiguous length is refused: ${JSON.stringify(lines)}`, () =>
    refused(`${head(lines)}0\r\n\r\n${SMUGGLED}`, 400));
}

test('P1: more than 2^53 bytes announced never becomes another number upstream', async () => {
  const client = await rawClient(gateway.port);
  client.write(`${head('Content-Length: 9223372036854775808\r\n')}x`);
  assert.match(await client.rest(), /^HTTP\/1\.1 4\d\d /);
  assert(!upstream.seen.some((seen) => seen.url === '/bad' && seen.complete));
});

test('P3: Transfer-Encoding on HTTP/1.0 is refused', () =>
  refused(`${head('Transfer-Encoding: chunked\r\n', 'POST', '1.0')}0\r\n\r\n${SMUGGLED}`, 400));

for (const lines of [
  'Transfer-Encoding: xchunked\r\n',
  'Transfer-Encoding: "chunked"\r\n',
  'Transfer-Encoding: \x0bchunked\r\n',
  'Transfer-Encoding: chunked\x0b\r\n',
  'Transfer-Encoding : chunked\r\n',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n',
  'Transfer-Encoding: chunked, identity\r\n',
  'Transfer-Encoding: chunked, chunked\r\n',
  'Transfer-Encoding: gzip, chunked\r\n',
  'Transfer-Encoding: identity\r\n',
  'Transfer-Encoding: chunked;q=1\r\n',
  'Transfer-Encoding:\r\n',
]) {
  test(`P4: a transfer coding that is not exactly chunked is refused: ${JSON.stringify(lines)}`, () =>
    refused(`${head(lines)}0\r\n\r\n${SMUGGLED}`, 400));
}

for (const bytes of [
  `POST /bad HTTP/1.1\nHost: wiki.test\nCookie: ${cookie}\n\n`,
  head('X-A: 1\nX-B: 2\r\n'),
  head('X-A: 1\rX-B: 2\r\n'),
  head('X-A: 1\r\n folded\r\n'),
  head('X-A: 1\r\n\tfolded\r\n'),
  head('X-A: a\0b\r\n'),
  head('X-A\0: b\r\n'),
  head(': no name\r\n'),
  head('X-A : 1\r\n'),
  head('no colon\r\n'),
  head('X\x80A: 1\r\n'),
  head('(X): 1\r\n'),
  `POST /bad HTTP/1.1\r\n X-A: 1\r\nHost: wiki.test\r\n\r\n`,
  `POST /bad HTTP/1.1\r\r\nHost: wiki.test\r\n\r\n`,
  `POST /bad\0 HTTP/1.1\r\nHost: wiki.test\r\n\r\n`,
  `POST /bad x HTTP/1.1\r\nHost: wiki.test\r\n\r\n`,
  `POST\t/bad HTTP/1.1\r\nHost: wiki.test\r\n\r\n`,
]) {
  test(`P5: a malformed line is refused: ${JSON.stringify(bytes.replace(cookie, '…')).slice(0, 110)}`, () =>
    refused(`${bytes}${SMUGGLED}`, '400|501|505'));
}

for (const chunks of [
  '0x1\r\nA\r\n0\r\n\r\n',
  '1 \r\nA\r\n0\r\n\r\n',
  ' 1\r\nA\r\n0\r\n\r\n',
  '-1\r\nA\r\n0\r\n\r\n',
  '+1\r\nA\r\n0\r\n\r\n',
  '11111111111111111\r\nA\r\n0\r\n\r\n',
  '1\nA\n0\n\n',
  '1\nA\r\n0\r\n\r\n',
  '1\r\nA\n0\r\n\r\n',
  '1;a=\rb\r\nA\r\n0\r\n\r\n',
  '1;a\nb\r\nA\r\n0\r\n\r\n',
  '1\r\nAB0\r\n\r\n',
  '\r\nA\r\n0\r\n\r\n',
  'g\r\nA\r\n0\r\n\r\n',
]) {
  test(`P6: a malformed chunk is refused: ${JSON.stringify(chunks)}`, () =>
    refused(`${head('Transfer-Encoding: chunked\r\n')}${chunks}${SMUGGLED}`, 400));
}

test('P6: chunks that break later are refused in the name of their request, and its line says so', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string>();
  const port = await rawServer(t, (socket) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (text.includes('hello')) arrived.resolve();
    });
    socket.once('close', () => ended.resolve(text));
  });
  const own = await startGateway(t, { apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }] });
  const client = await rawClient(own.port);
  client.write(`POST / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${own.cookie(own.signIn(), 'wiki.test')}\r\n`);
  client.write('Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
  await arrived.promise;
  client.write(`zz\r\n${SMUGGLED.repeat(500)}`);
  const { headers, status } = await client.answer();
  assert.deepEqual([status, header(headers, 'connection')], [400, 'close']);
  const line = await own.accessLine(header(headers, 'foyer-support-id') ?? '');
  assert.deepEqual([line.status, line.reason, line.app, line.received], [400, 'bad-request', 'wiki', 5]);
  assert.equal(await client.rest(), '', 'one answer, nothing behind it');
  assert.doesNotMatch(await ended.promise, /smuggled|\r\n0\r\n\r\n$/);
  assert.deepEqual([...own.context.counters.refusals], [['bad-request', 1]]);
  assert.deepEqual(own.refusals, []);
  assert.equal(own.logs.length, 1);
});

test('P7: a megabyte of chunk extensions is refused', () =>
  refused(`${head('Transfer-Encoding: chunked\r\n')}1;${'a'.repeat(1 << 20)}\r\nA\r\n0\r\n\r\n`, 400));

test('P7: a body of one-byte chunks arrives whole, framed anew; a flood of them is refused', async () => {
  const client = await rawClient(gateway.port);
  client.write(`POST /tiny HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\nTransfer-Encoding: chunked\r\n\r\n`);
  client.write('1\r\nx\r\n'.repeat(5_000));
  client.write('0\r\n\r\n');
  assert.equal((await client.answer()).status, 200);
  assert.equal(upstream.last().body.length, 5_000);
  client.write(`POST /tiny HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\nTransfer-Encoding: chunked\r\n\r\n`);
  client.write('1\r\nx\r\n'.repeat(20_000));
  assert.equal((await client.answer()).status, 400);
  await client.closed;
});

test('P8: request trailers reach no upstream', async () => {
  const client = await rawClient(gateway.port);
  client.write(`POST /trailers HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\nTransfer-Encoding: chunked\r\n`);
  client.write('Trailer: Remote-User\r\n\r\n3\r\nabc\r\n0\r\nRemote-User: root\r\nX-Trailer: 1\r\n\r\n');
  assert.equal((await client.answer()).status, 200);
  assert.equal(upstream.last().body.toString(), 'abc');
  assert.equal(header(upstream.last().headers, 'remote-user'), null);
  assert.equal(header(upstream.last().headers, 'trailer'), null);
  client.socket.destroy();
});

test('P9: HTTP/0.9 and a wrong version are refused', async () => {
  assert.match(await exchangeRaw(gateway.port, 'GET /bad\r\n\r\n'), /^HTTP\/1\.1 (400|505) /);
  await refused(head('', 'GET', '2.0'), 505);
  await refused(head('', 'GET', '1.2'), 505);
  await refused(head('', 'GET', '0.9'), 505);
  await refused(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`, 505);
});

for (const method of ['TRACE', 'CONNECT', 'TRACK', 'PRI', 'FOO', 'get', 'SOURCE']) {
  test(`P11: ${method} never reaches an app`, () => refused(`${head('', method)}${SMUGGLED}`, '405|501|505'));
}

test('P11: CONNECT with an authority target opens no tunnel, over HTTP/2 neither', async () => {
  const text = await exchangeRaw(
    gateway.port,
    `CONNECT 127.0.0.1:${upstream.port} HTTP/1.1\r\nHost: wiki.test\r\n\r\n`,
  );
  assert.match(text, /^HTTP\/1\.1 405 /);
  const client = await openHttp2(secure.port, 'wiki.test');
  const tunnel = await ask(client, { ':method': 'CONNECT', ':authority': 'wiki.test', cookie: secureCookie });
  assert.equal(tunnel.status, 405);
  for (const [method, status] of [
    ['TRACE', 405],
    ['TRACK', 405],
    ['FOO', 501],
  ] as const) {
    const answer = await ask(client, { ':method': method, ':path': '/', cookie: secureCookie });
    assert.equal(answer.status, status);
  }
  client.close();
});

for (const method of ['GET', 'DELETE', 'OPTIONS']) {
  test(`P12: ${method} with a body is framed by us, and the connection goes on`, async () => {
    const client = await rawClient(gateway.port);
    client.write(`${method} /body HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\nContent-Length: 5\r\n\r\nhello`);
    assert.equal((await client.answer()).status, 200);
    assert.equal(upstream.last().body.toString(), 'hello');
    client.write(`GET /next HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\n\r\n`);
    assert.equal((await client.answer()).status, 200);
    assert.equal(upstream.last().url, '/next');
    client.socket.destroy();
  });
}

suite('P13: Expect', () => {
  const expect = (lines: string) =>
    `POST /expect HTTP/1.1\r\nHost: wiki.test\r\nContent-Length: 2\r\nExpect: 100-continue\r\n${lines}\r\n`;

  test('100 comes only after the decision', async () => {
    const client = await rawClient(gateway.port);
    client.write(expect(`Cookie: ${cookie}\r\n`));
    assert.equal((await client.answer()).status, 100);
    client.write('hi');
    assert.equal((await client.answer()).status, 200);
    assert.equal(upstream.last().body.toString(), 'hi');
    assert.equal(header(upstream.last().headers, 'expect'), null);
    client.socket.destroy();
  });

  test('an anonymous one gets the refusal and a closed connection', async () => {
    const text = await exchangeRaw(gateway.port, expect(''));
    assert.match(text, /^HTTP\/1\.1 401 /);
    assert.doesNotMatch(text, /100 Continue/);
  });

  test('any other expectation is 417', () => refused(head('Expect: 200-ok\r\nContent-Length: 1\r\n'), 417));

  test('what stands in place of a refused body is never read as a request', async () => {
    const text = await exchangeRaw(gateway.port, `${expect('')}${SMUGGLED}`);
    assert.equal(text.match(/HTTP\/1\.1 \d\d\d /g)?.length, 1);
    assert(!upstream.seen.some((seen) => seen.url === '/smuggled'));
  });

  test('an upstream that answers before the body is done loses its connection', async (t) => {
    let connections = 0;
    const port = await rawServer(t, (socket) => {
      connections += 1;
      socket.once('data', () => socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno'));
    });
    const early = await startGateway(t, { apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }] });
    const own = early.cookie(early.signIn(), 'wiki.test');
    const client = await rawClient(early.port);
    client.write(`POST / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${own}\r\nContent-Length: 100\r\n\r\nhalf`);
    const answer = await client.answer();
    assert.equal(answer.status, 413);
    assert.equal(answer.body, 'no');
    client.write(SMUGGLED);
    await client.closed;
    const second = await rawClient(early.port);
    second.write(`GET / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${own}\r\n\r\n`);
    assert.equal((await second.answer()).status, 413);
    assert.equal(connections, 2);
    second.socket.destroy();
  });
});

suite('P14: pipelining', () => {
  test('behind a refused request nothing is served, an upgrade neither', async () => {
    const upgrade = SMUGGLED.replace(
      '\r\n\r\n',
      '\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nOrigin: http://wiki.test\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    for (const behind of [SMUGGLED, upgrade]) {
      const text = await exchangeRaw(
        gateway.port,
        `POST /x HTTP/1.1\r\nHost: wiki.test\r\nContent-Length: 2\r\n\r\nhi${behind}`,
      );
      assert.match(text, /^HTTP\/1\.1 401 /);
      assert.equal(text.match(/HTTP\/1\.1 \d\d\d /g)?.length, 1);
    }
    assert(!upstream.seen.some((seen) => seen.url === '/smuggled'));
  });

  test('requests are served in order, one at a time', async (t) => {
    const open: (() => void)[] = [];
    let arrived = (): void => {};
    const port = await rawServer(t, (socket) => {
      socket.on('data', () => {
        open.push(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx'));
        arrived();
      });
    });
    const slow = await startGateway(t, { apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }] });
    const own = slow.cookie(slow.signIn(), 'wiki.test');
    const client = await rawClient(slow.port);
    const next = () =>
      new Promise<void>((resolve) => {
        arrived = resolve;
      });
    let more = next();
    client.write(`GET / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${own}\r\n\r\n`.repeat(4));
    for (let i = 0; i < 4; i += 1) {
      await more;
      assert.equal(open.length, i + 1);
      assert.equal(slow.context.live.size, 1);
      more = next();
      open[i]?.();
      assert.equal((await client.answer()).status, 200);
    }
    client.socket.destroy();
  });

  test('a flood behind an unanswered request ends the connection and leaves nothing behind', async (t) => {
    const port = await rawServer(t, () => {});
    const slow = await startGateway(t, { apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }] });
    const own = slow.cookie(slow.signIn(), 'wiki.test');
    const client = await rawClient(slow.port);
    client.write(`GET / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${own}\r\n\r\n`.repeat(500));
    await client.closed;
    await slow.until(() => slow.logs.some((line) => line.access !== undefined));
    assert.equal(slow.context.live.size, 0);
    assert(slow.dials() <= 1);
  });

  test('garbage behind a request under way is answered behind its body, and nowhere else', async (t) => {
    let goOn = (): unknown => null;
    const port = await rawServer(t, (socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nfirst'));
      goOn = () => socket.write(' whole');
    });
    const slow = await startGateway(t, { apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }] });
    const own = slow.cookie(slow.signIn(), 'wiki.test');
    const client = await rawClient(slow.port);
    client.write(`GET / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${own}\r\n\r\n`);
    await client.when((text) => text.endsWith('first'));
    client.write('GARBAGE\0\r\n\r\n');
    goOn();
    assert.match(await client.rest(), /first wholeHTTP\/1\.1 400 /);
  });
});

suite('P15: a body that stops', () => {
  test('stalls: 408, and the upstream sees a broken request', async () => {
    const client = await rawClient(gateway.port);
    client.write(`POST /stalls HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\nContent-Length: 10\r\n\r\nhalf`);
    const answer = await client.answer();
    assert.equal(answer.status, 408);
    assert.equal(header(answer.headers, 'connection'), 'close');
    await client.closed;
    assert.equal(upstream.last().url, '/stalls');
    assert.equal(upstream.last().complete, false);
  });

  test('closes: the upstream sees a broken request, with a length and with chunks', async (t) => {
    const ends: Promise<string>[] = [];
    const port = await rawServer(t, (socket) => {
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        if (text.includes('half')) client?.socket.destroy();
      });
      ends.push(new Promise((resolve) => socket.once('close', () => resolve(text))));
    });
    const cut = await startGateway(t, { apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }] });
    const own = cut.cookie(cut.signIn(), 'wiki.test');
    let client: Awaited<ReturnType<typeof rawClient>> | null = null;
    for (const framing of ['Content-Length: 10\r\n\r\nhalf', 'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n']) {
      client = await rawClient(cut.port);
      client.write(`POST / HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${own}\r\n${framing}`);
      await client.closed;
    }
    for (const text of await Promise.all(ends)) {
      assert.match(text, /half/);
      assert.doesNotMatch(text, /\r\n0\r\n\r\n$/);
    }
    await cut.until(() => cut.context.live.size === 0);
  });
});

/** Sends HTTP/2 frames by hand and gives the first RST_STREAM or GOAWAY code that comes back, or the HEADERS frame. */
async function frames(...list: Buffer[]): Promise<{ kind: 'reset' | 'goaway' | 'headers' | 'closed'; code: number }> {
  const socket = connectTls({
    port: secure.port,
    host: '127.0.0.1',
    servername: 'wiki.test',
    rejectUnauthorized: false,
    ALPNProtocols: ['h2'],
  });
  socket.write(Buffer.concat([PREFACE, ...list]));
  let bytes = Buffer.alloc(0);
  return new Promise((resolve) => {
    socket.on('error', () => {});
    socket.on('close', () => resolve({ kind: 'closed', code: -1 }));
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
        const length = bytes.readUIntBE(0, 3);
        const type = bytes[3];
        const payload = bytes.subarray(9, 9 + length);
        bytes = bytes.subarray(9 + length);
        if (type === 3) resolve({ kind: 'reset', code: payload.readUInt32BE(0) });
        else if (type === 7) resolve({ kind: 'goaway', code: payload.readUInt32BE(4) });
        else if (type === 1) resolve({ kind: 'headers', code: 0 });
        else continue;
        socket.destroy();
      }
    });
  });
}

const GOOD = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'wiki.test'],
  [':path', '/h2bad'],
] as const;
const END = 0x5;

for (const [what, fields] of [
  ['LF in a value', [...GOOD, ['x-a', 'a\nb']]],
  ['CR in a value', [...GOOD, ['x-a', 'a\rb']]],
  ['NUL in a value', [...GOOD, ['x-a', 'a\0b']]],
  ['space in a name', [...GOOD, ['x a', 'b']]],
  ['colon in a name', [...GOOD, ['x:a', 'b']]],
  ['upper case in a name', [...GOOD, ['X-A', 'b']]],
  ['request line in a name', [...GOOD, ['x\r\n\r\nget / http/1.1', 'b']]],
] as const) {
  test(`P16: HTTP/2 with ${what} is reset, counted, and reaches no app`, async () => {
    const before = secure.listening.view().http2Resets;
    const got = await frames(frame(1, END, 1, literals([...fields, ['cookie', secureCookie]])));
    assert.deepEqual(got, { kind: 'reset', code: 1 });
    assert(!upstream.seen.some((entry) => entry.url === '/h2bad'));
    assert.equal(secure.listening.view().http2Resets, before + 1);
  });
}

for (const [what, fields] of [
  ['connection', [...GOOD, ['connection', 'close']]],
  ['te other than trailers', [...GOOD, ['te', 'gzip']]],
  ['upgrade', [...GOOD, ['upgrade', 'websocket']]],
  ['keep-alive', [...GOOD, ['keep-alive', '5']]],
  ['transfer-encoding', [...GOOD, ['transfer-encoding', 'chunked']]],
  ['two :path', [...GOOD, [':path', '/two']]],
  ['an unknown pseudo header', [[':x', 'y'], ...GOOD]],
  ['a late pseudo header', [...GOOD.slice(0, 3), ['x-a', 'b'], [':path', '/h2late']]],
  ['an empty :path', [...GOOD.slice(0, 3), [':path', '']]],
  ['a :path without slash', [...GOOD.slice(0, 3), [':path', 'h2bad']]],
  ['an absolute :path', [...GOOD.slice(0, 3), [':path', 'https://evil.test/h2bad']]],
  ['no :authority and no host', [...GOOD.slice(0, 2), GOOD[3]]],
  [':protocol', [...GOOD, [':protocol', 'websocket']]],
] as const) {
  test(`P17: HTTP/2 with ${what} is refused`, async () => {
    const before = upstream.seen.length;
    await frames(frame(1, END, 1, literals([...fields, ['cookie', secureCookie]])));
    assert.equal(upstream.seen.length, before);
  });
}

for (const [what, length, data] of [
  ['more', '2', 'hello'],
  ['less', '9', 'hello'],
] as const) {
  test(`P18: HTTP/2 whose DATA is ${what} than its content-length is never whole upstream`, async () => {
    const fields = [
      ...GOOD.slice(1),
      [':method', 'POST'],
      ['content-length', length],
      ['cookie', secureCookie],
    ] as const;
    const ordered = [fields[3], ...fields.slice(0, 3), ...fields.slice(4)] as never;
    const got = await frames(frame(1, 0x4, 1, literals(ordered)), frame(0, 1, 1, Buffer.from(data)));
    assert.notEqual(got.kind, 'headers');
    assert(!upstream.seen.some((entry) => entry.url === '/h2bad' && entry.method === 'POST' && entry.complete));
  });
}

test('P20: what an upstream gets of an HTTP/2 request is HTTP/1.1 made from parsed fields', async (t) => {
  let text = '';
  const port = await rawServer(t, (socket) => {
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.endsWith('0\r\n\r\n')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
  });
  const own = await startGateway(t, {
    scheme: 'https',
    apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream: port }],
  });
  const client = await openHttp2(own.port, 'wiki.test');
  const grant = own.cookie(own.signIn(), 'wiki.test');
  await ask(client, { ':method': 'POST', ':path': '/p?q', cookie: [grant, 'a=1', 'b=2'] as never, 'x-a': '1' }, 'body');
  client.close();
  const [lines = '', body] = text.split('\r\n\r\n');
  assert.match(lines, /^POST \/p\?q HTTP\/1\.1\r\n/);
  assert.equal(lines.match(/\r\nhost:/gi)?.length, 1);
  assert.equal(lines.match(/\r\n(content-length|transfer-encoding):/gi)?.length, 1);
  assert.doesNotMatch(lines, /\r\n:/);
  assert.match(lines, /\r\ncookie: a=1; b=2/i);
  assert.equal(body, '4\r\nbody\r\n0');
});

test('P22: h2c is ignored and stripped, never switched to', async () => {
  for (const version of ['h2c', 'H2C', ' h2c']) {
    const client = await rawClient(gateway.port);
    client.write(
      `GET /h2c HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: ${version}\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n`,
    );
    const answer = await client.answer();
    assert.equal(answer.status, 200);
    const { headers } = upstream.last();
    assert.equal(header(headers, 'upgrade'), null);
    assert.equal(header(headers, 'http2-settings'), null);
    assert.doesNotMatch(headersOf(headers, 'connection').join(), /upgrade/i);
    client.socket.destroy();
  }
  await refused(head('Connection: Upgrade\r\nUpgrade: h2c, websocket\r\n', 'GET'), 400);
});

suite('P23: too many headers', () => {
  for (const [what, lines] of [
    ['more than 16 KB', `X-A: ${'a'.repeat(17_000)}\r\n`],
    ['more than 100 lines', Array.from({ length: 101 }, (_, i) => `X-${i}: 1\r\n`).join('')],
    ['one name 200 times', 'X-A: 1\r\n'.repeat(200)],
    ['one name 3000 times', 'X: 1\r\n'.repeat(2_500)],
  ] as const) {
    test(`${what}: 431`, () => refused(`${head(lines, 'GET')}${SMUGGLED}`, 431));
  }

  test('HTTP/2: refused too, and cookies that a browser splits count as one line', async () => {
    const client = await openHttp2(secure.port, 'wiki.test');
    const before = upstream.seen.length;
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`x-${i}`, '1']));
    await ask(client, { ':path': '/', cookie: secureCookie, ...many }).then(
      (answer) => assert.equal(answer.status, 431),
      () => {},
    );
    const long = await ask(client, { ':path': '/', cookie: secureCookie, 'x-a': 'a'.repeat(17_000) }).then(
      ({ status }) => status,
      () => 431,
    );
    assert.equal(long, 431);
    assert.equal(upstream.seen.length, before);
    const crumbs = [...Array.from({ length: 150 }, (_, i) => `c${i}=${i}`), secureCookie];
    const answer = await ask(client, { ':path': '/crumbs', cookie: crumbs as never });
    assert.equal(answer.status, 200);
    assert.match(header(upstream.last().headers, 'cookie') ?? '', /^c0=0; c1=1; .*c149=149$/);
    client.close();
  });
});

test('bytes of a target above ASCII are forwarded as they came', async () => {
  const client = await rawClient(gateway.port);
  client.write(`GET /caf%C3%A9/\xc3\xa9?q=\xff HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\n\r\n`);
  const answer = await client.answer();
  if (answer.status === 200) assert.equal(upstream.last().url, '/caf%C3%A9/\xc3\xa9?q=\xff');
  else assert.equal(answer.status, 400);
  client.socket.destroy();
});

test('a connection that is plain garbage is refused and closed', async () => {
  for (const bytes of ['\x16\x03\x01\x02\x00', 'PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n', '\0\0\0\0', 'SSH-2.0-x\r\n']) {
    const socket = connectTcp(gateway.port, '127.0.0.1');
    socket.end(Buffer.from(bytes, 'latin1'));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    await new Promise((resolve) => socket.once('close', resolve));
    assert.match(text, /^$|^HTTP\/1\.1 [45]\d\d /);
  }
});
