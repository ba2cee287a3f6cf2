// What HTTP/2 must not carry breaks its stream before anybody is asked for it, over frames that no client library writes.
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { recorder, startGateway } from './gateway.testing.ts';
import { frame, literals, PREFACE } from './http2-frames.testing.ts';

const upstream = await recorder({ after });
const apps = [{ id: 'wiki', hosts: ['wiki.test'] as const, upstream: upstream.port }];
const secure = await startGateway({ after }, { scheme: 'https', apps });

type FrameEnd = { kind: 'reset' | 'goaway' | 'answer' | 'closed'; status: string };

/** What the gateway says to these frames: the status of a HEADERS frame is its first indexed field, or 'other'. */
function http2(...frames: Buffer[]): Promise<FrameEnd> {
  const socket = connectTls({
    port: secure.port,
    host: '127.0.0.1',
    servername: 'wiki.test',
    rejectUnauthorized: false,
    ALPNProtocols: ['h2'],
  });
  socket.on('error', () => {});
  socket.write(Buffer.concat([PREFACE, ...frames]));
  let bytes = Buffer.alloc(0);
  return new Promise<FrameEnd>((resolve) => {
    socket.on('close', () => resolve({ kind: 'closed', status: '' }));
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
        const length = bytes.readUIntBE(0, 3);
        const [type, payload] = [bytes[3], bytes.subarray(9, 9 + length)];
        bytes = bytes.subarray(9 + length);
        if (type === 3) resolve({ kind: 'reset', status: '' });
        if (type === 7) resolve({ kind: 'goaway', status: '' });
        if (type === 1) resolve({ kind: 'answer', status: payload[0] === 0x88 ? '200' : 'other' });
      }
    });
  }).finally(() => socket.destroy());
}

const END_STREAM_AND_HEADERS = 0x5;
const PSEUDO: readonly (readonly [string, string])[] = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'wiki.test'],
  [':path', '/bad'],
];
const COOKIE = ['cookie', secure.cookie(secure.signIn(), 'wiki.test')] as const;

suite('P17 P21: what HTTP/2 must not carry breaks its stream, and reaches nobody', () => {
  const without = (name: string) => PSEUDO.filter(([each]) => each !== name);
  const withField = (name: string, value: string) => [...PSEUDO, COOKIE, [name, value] as const];
  for (const [what, fields] of [
    ['connection', withField('connection', 'close')],
    ['proxy-connection', withField('proxy-connection', 'close')],
    ['keep-alive', withField('keep-alive', '5')],
    ['upgrade', withField('upgrade', 'websocket')],
    ['transfer-encoding', withField('transfer-encoding', 'chunked')],
    ['te other than trailers', withField('te', 'gzip')],
    ['an upper-case name', withField('X-A', 'b')],
    ['a late pseudo header', [...without(':path'), COOKIE, [':path', '/bad'] as const]],
    ['an unknown pseudo header', [...PSEUDO, [':x', 'y'] as const, COOKIE]],
    ['a pseudo header of answers', [...PSEUDO, [':status', '200'] as const, COOKIE]],
    ...[':method', ':scheme', ':path'].map((name) => [`no ${name}`, [...without(name), COOKIE]] as const),
    ...PSEUDO.map(([name, value]) => [`two ${name}`, [...PSEUDO, [name, value] as const, COOKIE]] as const),
    [
      ':protocol (P21)',
      [[':method', 'CONNECT'] as const, ...without(':method'), [':protocol', 'websocket'] as const, COOKIE],
    ],
    [':protocol without CONNECT (P21)', [...PSEUDO, [':protocol', 'websocket'] as const, COOKIE]],
    ['an empty :path', [...without(':path'), [':path', ''] as const, COOKIE]],
    ['a :path without a slash', [...without(':path'), [':path', 'bad'] as const, COOKIE]],
    ['a :path above ASCII', [...without(':path'), [':path', '/caf\xe9'] as const, COOKIE]],
    ['a :path with a fragment', [...without(':path'), [':path', '/a#b'] as const, COOKIE]],
    ['a :path with NUL', [...without(':path'), [':path', '/a\0b'] as const, COOKIE]],
    ['a :path with DEL', [...without(':path'), [':path', '/a\x7fb'] as const, COOKIE]],
    [
      'an :authority with a user',
      [...without(':authority'), [':authority', 'wiki.test@evil.test'] as const, COOKIE].toSorted(pseudoFirst),
    ],
    [
      'an :authority with CR LF',
      [...without(':authority'), [':authority', 'wiki.test\r\nx: y'] as const, COOKIE].toSorted(pseudoFirst),
    ],
    ['a :path with a space', [...without(':path'), [':path', '/a b'] as const, COOKIE]],
    ['a :path with CR LF', [...without(':path'), [':path', '/a\r\nx: y'] as const, COOKIE]],
    ['a :method with a space', [...without(':method'), [':method', 'GET /x'] as const, COOKIE].toSorted(pseudoFirst)],
    ['a length that is none', withField('content-length', '1x')],
    ['two lengths', [...withField('content-length', '0'), ['content-length', '1'] as const]],
  ] as readonly (readonly [string, readonly (readonly [string, string])[]])[]) {
    test(`P17: ${what}`, async () => {
      const end = await http2(frame(1, END_STREAM_AND_HEADERS, 1, literals(fields)));
      assert.deepEqual(upstream.seen.filter(isBad), []);
      assert.notEqual(end.status, '200', JSON.stringify(end));
    });
  }

  test('the same fields without the mistake are served, and by then no other request has arrived', async () => {
    const good = [...without(':path'), [':path', '/good'] as const, COOKIE, ['te', 'trailers'] as const];
    const end = await http2(frame(1, END_STREAM_AND_HEADERS, 1, literals(good)));
    assert.deepEqual(end, { kind: 'answer', status: '200' });
    assert.deepEqual(
      upstream.seen.map(({ url }) => url),
      ['/good'],
    );
  });
});

function isBad({ url }: { url: string }): boolean {
  return url !== '/good';
}

function pseudoFirst([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return Number(b.startsWith(':')) - Number(a.startsWith(':'));
}

suite('P18: DATA that is not as long as it was announced', () => {
  const post = (length: string) =>
    literals([[':method', 'POST'], ...PSEUDO.slice(1), COOKIE, ['content-length', length]]);
  for (const [what, frames] of [
    ['more', [frame(1, 0x4, 1, post('2')), frame(0, 0x1, 1, Buffer.from('hello'))]],
    [
      'more, in its second frame',
      [frame(1, 0x4, 1, post('6')), frame(0, 0, 1, Buffer.from('hello')), frame(0, 0x1, 1, Buffer.from('hello'))],
    ],
    ['less', [frame(1, 0x4, 1, post('9')), frame(0, 0x1, 1, Buffer.from('hello'))]],
    ['none', [frame(1, 0x5, 1, post('5'))]],
    ['some where none was announced', [frame(1, 0x4, 1, post('0')), frame(0, 0x1, 1, Buffer.from('hello'))]],
  ] as const) {
    test(`P18: ${what}: the stream is reset, and no upstream gets a whole request`, async () => {
      const end = await http2(...frames);
      assert.ok(end.kind === 'reset' || end.kind === 'goaway', JSON.stringify(end));
      assert(!upstream.seen.some((seen) => isBad(seen) && seen.complete));
    });
  }
});
