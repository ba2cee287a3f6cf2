// What no listener may confuse: where one request ends and the next begins, over raw sockets, for requests that we answer ourselves too.
import assert from 'node:assert/strict';
import { connect as connectTcp } from 'node:net';
import { after, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { recorder, startGateway } from './gateway.testing.ts';
import { PREFACE } from './http2-frames.testing.ts';
import { exchangeRaw, rawClient } from './raw-client.testing.ts';

const upstream = await recorder({ after });
const apps = [{ id: 'wiki', hosts: ['wiki.test'] as const, upstream: upstream.port }];
const gateway = await startGateway({ after }, { apps });
const secure = await startGateway({ after }, { scheme: 'https', apps });
const cookie = gateway.cookie(gateway.signIn(), 'wiki.test');
const own = (method: string, target: string, lines = '') =>
  `${method} ${target} HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie}\r\n${lines}\r\n`;
/** A request that would be served if anybody took it for one. */
const SMUGGLED = own('GET', '/smuggled');
const STATUS = /HTTP\/1\.1 \d\d\d /;
const answers = (text: string) => text.split(STATUS).length - 1;
const PAUSE_MS = 20;
const seenSmuggled = () => upstream.seen.filter((seen) => seen.url === '/smuggled').length;

/** Everything that comes back when the pieces are sent with a pause between them, until nothing came any more for a moment. */
async function send(port: number, pieces: readonly string[]): Promise<string> {
  const client = await rawClient(port);
  let text = '';
  client.socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  for (const piece of pieces) {
    client.write(piece);
    await setTimeout(PAUSE_MS);
  }
  await client.when((answer) => STATUS.test(answer)).catch(() => '');
  await setTimeout(PAUSE_MS);
  client.socket.end();
  await client.closed;
  return text;
}

suite('P12 P14: a body is never the next request, whoever answers', () => {
  const length = `Content-Length: ${SMUGGLED.length}\r\n`;
  const chunks = `${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`;
  const framings = [
    ['by its length', length, SMUGGLED],
    ['by chunks', 'Transfer-Encoding: chunked\r\n', chunks],
  ] as const;
  const heads = [
    ['an app’s', (framing: string) => own('POST', '/a', framing)],
    ['GET', (framing: string) => own('GET', '/a', framing)],
    ['HEAD', (framing: string) => own('HEAD', '/a', framing)],
    ['DELETE', (framing: string) => own('DELETE', '/a', framing)],
    ['OPTIONS', (framing: string) => own('OPTIONS', '/a', framing)],
    ['anonymous', (framing: string) => `POST /a HTTP/1.1\r\nHost: wiki.test\r\n${framing}\r\n`],
    [
      'anonymous navigation',
      (framing: string) => `POST /a HTTP/1.1\r\nHost: wiki.test\r\nAccept: text/html\r\n${framing}\r\n`,
    ],
    ['unknown host', (framing: string) => `POST /a HTTP/1.1\r\nHost: nobody.test\r\n${framing}\r\n`],
    ['published keys', (framing: string) => own('GET', '/.well-known/foyer/jwks.json', framing)],
    ['reserved path', (framing: string) => own('POST', '/.foyer/nothing', framing)],
    ['first visit', (framing: string) => own('POST', '/.foyer/session', framing)],
    [
      'first visit of the portal',
      (framing: string) => own('POST', '/.foyer/session', `Origin: http://portal.test\r\n${framing}`),
    ],
    ['a loop', (framing: string) => own('POST', '/a', `Via: 1.1 foyer-test, 1.1 foyer-test\r\n${framing}`)],
    [
      'preflight',
      (framing: string) =>
        `OPTIONS /a HTTP/1.1\r\nHost: wiki.test\r\nOrigin: http://x.test\r\nAccess-Control-Request-Method: PUT\r\n${framing}\r\n`,
    ],
    [
      'worker script',
      (framing: string) => `GET /sw.js HTTP/1.1\r\nHost: wiki.test\r\nService-Worker: script\r\n${framing}\r\n`,
    ],
    ['the portal’s', (framing: string) => `POST /a HTTP/1.1\r\nHost: portal.test\r\n${framing}\r\n`],
  ] as const;
  for (const [what, head] of heads) {
    for (const [how, framing, body] of framings) {
      test(`${what}, ${how}, in one piece, in two, and cut in its middle`, async () => {
        const text = head(framing);
        const half = body.length >> 1;
        for (const pieces of [[text + body], [text, body], [text + body.slice(0, half), body.slice(half)]]) {
          upstream.seen.length = 0;
          const answer = await send(gateway.port, pieces);
          assert.equal(seenSmuggled(), 0, 'never served');
          assert.equal(answers(answer), 1, `one request, one answer: ${answer.slice(0, 200)}`);
        }
      });
    }
  }

  test('a request whose head says that it is the last one ends the connection: what stands behind it is nothing', async () => {
    for (const lines of [
      'Connection: close\r\n',
      'Connection: x, CLOSE\r\n',
      'connection: keep-alive\r\nConnection: close\r\n',
    ]) {
      upstream.seen.length = 0;
      const answer = await exchangeRaw(gateway.port, own('GET', '/last', lines) + SMUGGLED);
      assert.equal(answers(answer), 1, lines);
      assert.equal(seenSmuggled(), 0, lines);
    }
    const old = own('GET', '/last').replace('HTTP/1.1', 'HTTP/1.0');
    assert.equal(answers(await exchangeRaw(gateway.port, old + SMUGGLED)), 1);
    assert.equal(seenSmuggled(), 0);
  });

  test('what is pipelined behind a whole request is a request of its own: served in order, as often as it was sent', async () => {
    upstream.seen.length = 0;
    const empty = own('POST', '/empty', 'Content-Length: 0\r\n');
    const chunked = `${own('POST', '/chunked', 'Transfer-Encoding: chunked\r\n')}2\r\nhi\r\n0\r\n\r\n`;
    const answer = await send(gateway.port, [empty + SMUGGLED + chunked + SMUGGLED]);
    assert.equal(answers(answer), 4);
    assert.deepEqual(
      upstream.seen.map(({ url }) => url),
      ['/empty', '/smuggled', '/chunked', '/smuggled'],
    );
  });

  test('an empty line in front of a request is passed over once, and no more', async () => {
    assert.equal((await send(gateway.port, [`\r\n${SMUGGLED}`])).match(/ 200 /g)?.length, 1);
    assert.match(await exchangeRaw(gateway.port, `\r\n\r\n${SMUGGLED}`), /^HTTP\/1\.1 400 /);
    assert.match(await exchangeRaw(gateway.port, `\n${SMUGGLED}`), /^HTTP\/1\.1 400 /);
  });
});

suite('P13: an expectation', () => {
  test('that comes twice or with another is refused, and its body is no request', async () => {
    for (const lines of [
      'Expect: nonsense\r\nExpect: 100-continue\r\n',
      'Expect: 100-continue\r\nExpect: nonsense\r\n',
      'Expect: 100-continue, nonsense\r\n',
      'Expect:\r\n',
    ]) {
      upstream.seen.length = 0;
      const answer = await exchangeRaw(gateway.port, own('POST', '/a', `Content-Length: 60\r\n${lines}`) + SMUGGLED);
      assert.match(answer, /^HTTP\/1\.1 417 /, lines);
      assert.equal(answers(answer), 1);
      assert.equal(seenSmuggled(), 0);
    }
  });

  test('of a refused request gets no 100, and the body that comes anyway is no request', async () => {
    for (const host of ['wiki.test', 'nobody.test']) {
      const head = `POST /a HTTP/1.1\r\nHost: ${host}\r\nExpect: 100-continue\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n`;
      const answer = await send(gateway.port, [head, SMUGGLED, SMUGGLED]);
      assert.equal(answers(answer), 1);
      assert.doesNotMatch(answer, / 100 /);
      assert.match(answer, /connection: close/i);
    }
    assert.equal(seenSmuggled(), 0);
  });
});

/** Version 2 of the protocol: signature, command, family, length, two addresses and ports. */
const PROXY_V2 = Buffer.from('\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x01\x02\x03\x04\x7f\0\0\x01\x04\xd2\0\x50', 'latin1');

suite('H13: a PROXY protocol header is no request of anybody', () => {
  const headers = [
    'PROXY TCP4 1.2.3.4 127.0.0.1 1234 80\r\n',
    'PROXY TCP6 2001:db8::1 ::1 1234 80\r\n',
    'PROXY UNKNOWN\r\n',
    `PROXY TCP4 ${'1'.repeat(200)}\r\n`,
    PROXY_V2.toString('latin1'),
    PROXY_V2.toString('latin1').replace('\x21', '\x20'),
    PROXY_V2.toString('latin1').replace('\0\x0c', '\xff\xff'),
  ];
  for (const header of headers) {
    test(`${JSON.stringify(header).slice(0, 60)}: 400, closed, nothing behind it is read`, async () => {
      upstream.seen.length = 0;
      assert.match(
        await exchangeRaw(gateway.port, header + SMUGGLED),
        /^HTTP\/1\.1 (400|505) [\s\S]*connection: close/i,
      );
      assert.equal(upstream.seen.length, 0);
    });
  }

  test('a version 2 header that is cut anywhere is refused as soon as no request can begin so', async () => {
    const bytes = PROXY_V2.toString('latin1');
    for (let cut = 5; cut <= bytes.length; cut += 1) {
      assert.match(await exchangeRaw(gateway.port, bytes.slice(0, cut)), /^HTTP\/1\.1 400 /, String(cut));
    }
  });

  test('in front of TLS, or inside it where HTTP/2 was chosen, it ends the connection', async () => {
    for (const header of headers) {
      const raw = connectTcp(secure.port, '127.0.0.1');
      raw.on('error', () => {}).resume();
      raw.write(Buffer.from(header, 'latin1'));
      await new Promise((resolve) => raw.once('close', resolve));
      const tls = connectTls({
        port: secure.port,
        host: '127.0.0.1',
        servername: 'wiki.test',
        rejectUnauthorized: false,
        ALPNProtocols: ['h2'],
      });
      tls.on('error', () => {}).resume();
      tls.write(Buffer.concat([Buffer.from(header, 'latin1'), PREFACE]));
      await new Promise((resolve) => tls.once('close', resolve));
    }
  });
});
