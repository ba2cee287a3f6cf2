// The codec against other parsers: whatever it accepts, Node's strict parser (llhttp) and undici read in the same way.
import assert from 'node:assert/strict';
import { request as askHttp, createServer, METHODS } from 'node:http';
import type { Socket } from 'node:net';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { Client } from 'undici';
import { type Message, readRequests, readResponses } from './read-messages.testing.ts';

const SEED = 20_261_120;

const NAMES = [
  'Host',
  'X-A',
  'x-a',
  'Content-Length',
  'content-length',
  'Transfer-Encoding',
  'Connection',
  'Trailer',
  'Expect',
  'Upgrade',
  'Cookie',
  '_',
  'X.Y',
];
const VALUES = [
  'a',
  '',
  ' a ',
  '\ta\t',
  'a b',
  '5',
  '05',
  '0',
  '+5',
  '5,5',
  '0x5',
  'chunked',
  'CHUNKED',
  'chunked, chunked',
  'gzip',
  'identity',
  'close',
  'keep-alive',
  'Upgrade',
  'websocket',
  '100-continue',
  'caf\xe9',
  '"a;b"',
  'a\x7fb',
  'a\x01b',
];
const TARGETS = ['/', '/a?b=c', '/a%2e%2e/;x#f', '//a', '*', 'http://a/b', '/\xe9', '/a|b"<>', 'a:1', '/a\\b'];
const CHUNKED_BODIES = [
  '0\r\n\r\n',
  '5\r\nhello\r\n0\r\n\r\n',
  '5;x="y"\r\nhello\r\n0\r\nX-T: 1\r\n\r\n',
  '1\r\na\r\n4\r\nbcde\r\n0\r\nA:b\r\nC: d \r\n\r\n',
  '00A\r\n0123456789\r\n000\r\n\r\n',
];
const PIECES = [
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '\x0b',
  '\x0c',
  '\x7f',
  '\x80',
  '\xff',
  '0',
  '-',
  'X: y\r\n',
  ' folded\r\n',
  'Content-Length: 3\r\n',
  'Transfer-Encoding: chunked\r\n',
  '0\r\n\r\n',
  'HTTP/1.0',
  'HTTP/1.1',
  'HTTP/2.0',
  'GET / HTTP/1.1\r\nHost: b\r\n\r\n',
];

const header = fc
  .tuple(fc.constantFrom(...NAMES), fc.constantFrom(': ', ':', ':  \t'), fc.constantFrom(...VALUES))
  .map((parts) => `${parts.join('')}\r\n`);
const body = fc.oneof(
  fc.constant({ head: '', body: '' }),
  fc.constant({ head: 'Content-Length: 5\r\n', body: 'hello' }),
  fc.constantFrom(...CHUNKED_BODIES).map((text) => ({ head: 'Transfer-Encoding: chunked\r\n', body: text })),
);
const headerLines = fc.array(header, { maxLength: 2 }).map((lines) => lines.join(''));
const request = fc
  .tuple(
    fc.constantFrom('GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'M-SEARCH'),
    fc.constantFrom(...TARGETS),
    fc.constantFrom('1.1', '1.1', '1.1', '1.0'),
    headerLines,
    body,
  )
  .map(
    ([method, target, version, lines, end]) =>
      `${method} ${target} HTTP/${version}\r\nHost: a\r\n${lines}${end.head}\r\n${end.body}`,
  );
const response = fc
  .tuple(
    fc.constantFrom(
      '200 OK',
      '200',
      '200 ',
      '204 No',
      '304 Not',
      '404 \xe9',
      '100 Continue\r\n\r\nHTTP/1.1 200 OK',
      '103 Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK',
      '999 x',
    ),
    fc.constantFrom('1.1', '1.1', '1.1', '1.0'),
    headerLines,
    body,
  )
  .map(([status, version, lines, end]) => `HTTP/${version} ${status}\r\n${lines}${end.head}\r\n${end.body}`);

type Edit = { kind: 'insert' | 'delete' | 'replace' | 'line'; at: number; piece: string; count: number; byte: number };
const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom('insert', 'delete', 'replace', 'line'),
  at: fc.nat(400),
  piece: fc.constantFrom(...PIECES),
  count: fc.integer({ min: 1, max: 6 }),
  byte: fc.nat(255),
});
const edits = fc.array(edit, { maxLength: 3 });

/** One valid message, or two in a row, with some edits. */
const mutated = (message: fc.Arbitrary<string>) =>
  fc
    .tuple(fc.array(message, { minLength: 1, maxLength: 2 }), edits)
    .map(([messages, list]) => list.reduce(edited, messages.join('')));

function edited(text: string, { kind, at: place, piece, count, byte }: Edit): string {
  const at = place % (text.length + 1);
  if (kind === 'insert') return text.slice(0, at) + piece + text.slice(at);
  if (kind === 'delete') return text.slice(0, at) + text.slice(at + count);
  if (kind === 'replace') return text.slice(0, at) + String.fromCharCode(byte) + text.slice(at + 1);
  const line = text.indexOf('\r\n', at);
  return line === -1 ? text + piece : text.slice(0, line + 2) + piece + text.slice(line + 2);
}

test('P1 P3 P4 P5 P6: every request that the codec accepts, llhttp reads with the same method, target, headers and body', async () => {
  const seen = { accepted: 0, second: 0 };
  await fc.assert(
    fc.asyncProperty(mutated(request), async (text) => {
      const ours = readRequests([Buffer.from(text, 'latin1')]);
      const wanted = comparable(ours.whole, text);
      if (wanted.length === 0) return;
      const theirs = await llhttpRequests(text, wanted.length);
      assert.deepEqual(theirs, wanted.map(withoutLength));
      seen.accepted += 1;
      if (wanted.length > 1) seen.second += 1;
    }),
    { seed: SEED, numRuns: 30_000 },
  );
  assert.ok(seen.accepted > 3_000 && seen.second > 500, JSON.stringify(seen));
});

test('P6 U2: whatever the bytes, the codec never throws and finds the same messages wherever they are cut', () => {
  const read = (text: string, pieces: readonly Buffer[]) =>
    text.startsWith('HTTP/') ? readResponses('GET', pieces) : readRequests(pieces);
  fc.assert(
    fc.property(mutated(fc.oneof(request, response)), (text) => {
      const bytes = Buffer.from(text, 'latin1');
      const whole = read(text, [bytes]);
      for (let cut = 0; cut <= bytes.length; cut += 1) {
        assert.deepEqual(read(text, [bytes.subarray(0, cut), bytes.subarray(cut)]), whole, `cut at ${cut}`);
      }
      const oneByOne = Array.from(bytes, (byte) => Buffer.of(byte));
      assert.deepEqual(read(text, oneByOne), whole, 'byte by byte');
    }),
    { seed: SEED, numRuns: 1_500 },
  );
});

test('U2: every answer that the codec accepts, llhttp reads with the same status, headers, body and trailers', async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(mutated(response), fc.constantFrom('GET', 'HEAD'), async (text, method) => {
      const ours = finalAnswer(method, text);
      if (!ours) return;
      assert.deepEqual(await llhttpAnswer(method, ours.bytes), ours.answer);
      accepted += 1;
    }),
    { seed: SEED, numRuns: 20_000 },
  );
  assert.ok(accepted > 2_000, String(accepted));
});

test('U2: every answer that the codec accepts, undici reads with the same status, headers and body', async (t) => {
  let text = '';
  const origin = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(text, 'latin1'));
  });
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  t.after(() => origin.close());
  const { port } = origin.address() as AddressInfo;
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(mutated(response), async (bytes) => {
      const ours = finalAnswer('GET', bytes);
      // To undici, a 100 that was not asked for is an error.
      if (!ours || bytes.includes(' 100 ')) return;
      text = ours.bytes;
      const client = new Client(`http://127.0.0.1:${port}`);
      try {
        const { statusCode, body } = await client.request({ path: '/', method: 'GET' });
        const content = Buffer.from(await body.arrayBuffer()).toString('latin1');
        assert.deepEqual([String(statusCode), content], [ours.answer.first, ours.answer.body]);
      } finally {
        await client.destroy();
      }
      accepted += 1;
    }),
    { seed: SEED, numRuns: 3_000 },
  );
  assert.ok(accepted > 300, String(accepted));
});

type Read = Omit<Message, 'length'> & { length?: number };

const withoutLength = ({ first, minor, headers, body, trailers }: Message): Read => ({
  first,
  minor,
  headers,
  body,
  trailers,
});

/**
 * Up to where the other parser speaks of the same thing: it knows a list of methods and judges targets as the listener does,
 * it reads nothing behind a close or an upgrade, and a tab behind `chunked`, which RFC 9112 §5 allows, is none to it.
 */
function comparable(messages: readonly Message[], text: string): Message[] {
  const read: Message[] = [];
  if (TAB_BEHIND_CHUNKED.test(text)) return read;
  for (const message of messages) {
    const [method = '', target = ''] = message.first.split(' ');
    if (!METHODS.includes(method) || method === 'CONNECT') break;
    if (!/^(\/|\*$|http:\/\/[a-z.]+(\/|$))/.test(target)) break;
    if (tokensOf(message, 'connection').includes('upgrade') && tokensOf(message, 'upgrade').length > 0) break;
    read.push(message);
    if (isLast(message)) break;
  }
  return read;
}

const TAB_BEHIND_CHUNKED = /chunked *\t/i;

function isLast(message: Message): boolean {
  const tokens = tokensOf(message, 'connection');
  return tokens.includes('close') || (message.minor === 0 && !tokens.includes('keep-alive'));
}

function tokensOf({ headers }: Message, wanted: string): string[] {
  const values = headers.filter((_, at) => at % 2 === 1 && headers[at - 1]?.toLowerCase() === wanted);
  return values.flatMap((value) => value.split(',')).map((token) => token.trim().toLowerCase());
}

const server = createServer({ insecureHTTPParser: false, requireHostHeader: false, maxHeaderSize: 64 * 1024 });
server.maxHeadersCount = 0;
const collectors = new WeakMap<object, (read: Read | null) => void>();
for (const event of ['request', 'checkContinue', 'checkExpectation'] as const) {
  server.on(event, (request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    request.on('error', () => {});
    request.on('end', () => {
      const { method, url, httpVersionMinor, rawHeaders, rawTrailers } = request;
      collectors.get(request.socket)?.({
        first: `${method} ${url}`,
        minor: httpVersionMinor as 0 | 1,
        headers: rawHeaders,
        body: text,
        trailers: rawTrailers,
      });
      response.end();
    });
  });
}
// What was whole before the mistake is told first: it ends in a later turn than the one that read it.
server.on('clientError', (_error, socket) => setImmediate(() => setImmediate(() => collectors.get(socket)?.(null))));

/** What Node's strict parser makes of the first `count` requests of these bytes; fewer where it refuses one. */
async function llhttpRequests(text: string, count: number): Promise<Read[]> {
  const [client, accepted] = duplexPair();
  const read: Read[] = [];
  const done = Promise.withResolvers<void>();
  collectors.set(accepted, (message) => {
    if (message) read.push(message);
    if (!message || read.length === count) done.resolve();
  });
  accepted.on('close', done.resolve).on('error', () => {});
  client.on('error', () => {}).resume();
  server.emit('connection', accepted as Socket);
  client.write(text, 'latin1');
  client.end();
  await done.promise;
  client.destroy();
  accepted.destroy();
  return read.slice(0, count);
}

/** The first answer that is no interim one, with the bytes up to its end; null where the codec does not take it whole. */
function finalAnswer(method: string, text: string): { answer: Read; bytes: string } | null {
  if (TAB_BEHIND_CHUNKED.test(text)) return null;
  const { whole } = readResponses(method, [Buffer.from(text, 'latin1')]);
  const at = whole.findIndex((message) => Number(message.first) >= 200 || message.first === '101' || isLast(message));
  const last = whole[at];
  if (!last || Number(last.first) < 200) return null;
  const length = whole.slice(0, at + 1).reduce((sum, message) => sum + message.length, 0);
  return { answer: withoutLength(last), bytes: text.slice(0, length) };
}

/** What Node's client makes of these bytes; null where it refuses them. */
function llhttpAnswer(method: string, text: string): Promise<Read | null> {
  const [upstream, connected] = duplexPair();
  upstream.on('error', () => {}).once('data', () => upstream.end(text, 'latin1'));
  connected.on('error', () => {});
  return new Promise<Read | null>((resolve) => {
    const options = {
      method,
      createConnection: () => connected as Socket,
      maxHeaderSize: 64 * 1024,
    };
    const asked = askHttp(options, (answer) => {
      let body = '';
      answer.on('data', (chunk: Buffer) => {
        body += chunk.toString('latin1');
      });
      answer.on('error', () => resolve(null));
      answer.on('end', () => {
        const { statusCode, httpVersionMinor, rawHeaders, rawTrailers } = answer;
        resolve({
          first: String(statusCode),
          minor: httpVersionMinor as 0 | 1,
          headers: rawHeaders,
          body,
          trailers: rawTrailers,
        });
      });
    });
    asked.on('error', () => resolve(null));
    asked.end();
  }).finally(() => {
    upstream.destroy();
    connected.destroy();
  });
}
