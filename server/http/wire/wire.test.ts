// The HTTP/1.1 codec on bytes: one meaning or a refusal, wherever the bytes are cut.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChunkedReader } from './chunked.ts';
import { requestFraming, responseFraming } from './framing.ts';
import { readRequestHead, readResponseHead } from './head.ts';

const LIMITS = { headerBytes: 16 * 1024, headerLines: 100 };
const bytes = (text: string) => Buffer.from(text, 'latin1');
const request = (text: string) => readRequestHead(bytes(text), 0, LIMITS);
const response = (text: string) => readResponseHead(bytes(text), 0, LIMITS);

test('a request head keeps order, case, duplicates and every byte of its target', () => {
  const text = 'GET /a%2Fb//c;x?|=1 HTTP/1.1\r\nHost: a\r\nX-b:\t 1 \t\r\nx-B: \r\nHOST: c\xe9\r\n\r\nrest';
  assert.deepEqual(request(text), {
    kind: 'head',
    method: 'GET',
    target: '/a%2Fb//c;x?|=1',
    minor: 1,
    headers: ['Host', 'a', 'X-b', '1', 'x-B', '', 'HOST', 'c\xe9'],
    end: text.length - 4,
  });
});

test('a head that comes byte by byte is unfinished until its last byte', () => {
  const head = '\r\nPOST / HTTP/1.0\r\nHost: a\r\nContent-Length: 3\r\n\r\n';
  for (let cut = 0; cut < head.length; cut += 1) assert.equal(request(head.slice(0, cut)).kind, 'more', String(cut));
  assert.equal(request(head).kind, 'head');
});

for (const [name, text] of [
  ['bare LF', 'GET / HTTP/1.1\nHost: a\n\n'],
  ['bare LF behind a header', 'GET / HTTP/1.1\r\nHost: a\n\r\n\r\n'],
  ['bare CR', 'GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n'],
  ['folded header', 'GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n'],
  ['NUL', 'GET / HTTP/1.1\r\nHost: a\0\r\n\r\n'],
  ['empty name', 'GET / HTTP/1.1\r\n: a\r\n\r\n'],
  ['space before the colon', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n'],
  ['space before the first header', 'GET / HTTP/1.1\r\n Host: a\r\n\r\n'],
  ['no colon', 'GET / HTTP/1.1\r\nHost\r\n\r\n'],
  ['two spaces', 'GET  / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['tab for a space', 'GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['lower-case version', 'GET / http/1.1\r\nHost: a\r\n\r\n'],
  ['bytes of a TLS hello', '\x16\x03\x01\x02\x00\x01'],
] as const) {
  test(`P5: ${name} is malformed`, () => {
    assert.deepEqual(request(text), { kind: 'bad', problem: 'malformed' });
  });
}

for (const line of ['GET /', 'GET / HTTP/2.0', 'GET / HTTP/1.2', 'GET / HTTP/0.9', 'PRI * HTTP/2.0']) {
  test(`P9: ${line} is another version`, () => {
    assert.deepEqual(request(`${line}\r\n\r\n`), { kind: 'bad', problem: 'version' });
  });
}

test('P23: a head above its limits is too large, whole or not', () => {
  const long = `GET / HTTP/1.1\r\nx: ${'a'.repeat(17_000)}`;
  assert.deepEqual(request(long), { kind: 'bad', problem: 'too-large' });
  assert.deepEqual(request(`${long}\r\n\r\n`), { kind: 'bad', problem: 'too-large' });
  assert.deepEqual(request(`GET / HTTP/1.1\r\n${'x: 1\r\n'.repeat(101)}\r\n`), { kind: 'bad', problem: 'too-large' });
});

test('R7: what a head costs grows with its length, not with the square of it', () => {
  const limits = { headerBytes: 1024 * 1024, headerLines: 100 };
  for (const piece of [' ', '\t', 'a', ' a', '\x80']) {
    for (const end of ['\0\r\n\r\n', '\r\n\r\n', '']) {
      const text = bytes(`GET / HTTP/1.1\r\nX:${piece.repeat(500_000 / piece.length)}${end}`);
      const startedAt = process.cpuUsage();
      readRequestHead(text, 0, limits);
      assert.ok(process.cpuUsage(startedAt).user < 1_000_000, JSON.stringify([piece, end]));
    }
  }
});

for (const line of ['HTTP/1.1 20 OK', 'HTTP/1.1 1000 OK', 'HTTP/2 200', 'HTTP/1.1  200 OK', 'ICY 200 OK', 'hello']) {
  test(`U2: “${line}” is no status line`, () => {
    assert.deepEqual(response(`${line}\r\n\r\n`), { kind: 'bad', problem: 'malformed' });
  });
}

test('a status line may have no reason, and an empty one', () => {
  for (const line of ['HTTP/1.1 200', 'HTTP/1.1 200 ']) {
    const read = response(`${line}\r\nA: b\r\n\r\n`);
    assert.ok(read.kind === 'head' && read.status === 200, line);
  }
});

test('P1: two framings, or one that is none, are refused', () => {
  const of = (...headers: string[]) => requestFraming(1, headers).kind;
  const length = (value: string) => of('Content-Length', value);
  for (const value of ['+5', '0x1', '1,1', '', '-1', ' 1', '9'.repeat(16)]) assert.equal(length(value), 'bad', value);
  assert.equal(of('content-length', '1', 'Content-Length', '1'), 'bad');
  assert.equal(of('content-length', '1', 'Transfer-Encoding', 'chunked'), 'bad');
  assert.equal(requestFraming(0, ['Transfer-Encoding', 'chunked']).kind, 'bad');
  for (const coding of ['xchunked', 'chunked, identity', 'gzip, chunked', '"chunked"', 'chunked,', '']) {
    assert.equal(of('Transfer-Encoding', coding), 'bad', coding);
  }
  assert.equal(of('TRANSFER-ENCODING', 'Chunked'), 'chunked');
  assert.deepEqual(requestFraming(1, ['content-length', '0042']), { kind: 'length', bytes: 42 });
});

test('a response without a length ends with its connection, unless it has no body', () => {
  assert.equal(responseFraming('GET', 200, 1, []).kind, 'until-close');
  for (const status of [204, 304])
    assert.equal(responseFraming('GET', status, 1, ['Content-Length', '5']).kind, 'none');
  assert.equal(responseFraming('HEAD', 200, 1, ['Content-Length', '5']).kind, 'none');
});

const CHUNKED = '4;a=b;c="d"\r\nWiki\r\n5\r\npedia\r\n0\r\nA: 1\r\nb:2\r\n\r\n';

test('a chunked body is the same wherever it is cut', () => {
  for (let cut = 0; cut <= CHUNKED.length; cut += 1) {
    const { content, reader, taken } = readChunked([CHUNKED.slice(0, cut), `${CHUNKED.slice(cut)}GET`]);
    assert.equal(content, 'Wikipedia', String(cut));
    assert.deepEqual(reader.trailers, ['A', '1', 'b', '2']);
    assert.ok(reader.done);
    assert.equal(taken, CHUNKED.length, String(cut));
  }
});

for (const [name, text] of [
  ['0x1', '0x1\r\na\r\n'],
  ['a space behind the size', '1 \r\na\r\n'],
  ['a negative size', '-1\r\n'],
  ['17 digits', `${'0'.repeat(17)}1\r\na\r\n`],
  ['LF alone', '1\na\r\n'],
  ['CR in an extension', '1;a\rb\r\na\r\n'],
  ['a missing CRLF', '1\r\nab\r\n'],
  ['no size', '\r\n'],
  ['a trailer without a colon', '0\r\nabc\r\n\r\n'],
  ['LF alone in the trailers', '0\r\na: b\n\n'],
  ['a length in the trailers', '0\r\nContent-LENGTH: 3\r\n\r\n'],
  ['a coding in the trailers', '0\r\na: b\r\ntransfer-encoding: chunked\r\n\r\n'],
  ['an extension without a name', '1;="b"\r\na\r\n'],
  ['a quote that does not end', '1;a="b\r\na\r\n'],
  ['a space in front of an extension', '1; a=b\r\na\r\n'],
] as const) {
  test(`P6: ${name} is no chunked body`, () => {
    assert.ok(readChunked([text]).reader.bad);
    assert.ok(readChunked([...text]).reader.bad, 'byte by byte');
  });
}

test('P7: chunk extensions of more than 4 KB, and a flood of tiny chunks, are refused', () => {
  assert.ok(readChunked([`1;${'a'.repeat(5_000)}\r\n`]).reader.bad);
  assert.ok(readChunked(['1;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\na\r\n'.repeat(200)]).reader.bad);
  assert.ok(readChunked(['1\r\na\r\n'.repeat(10_001)]).reader.bad);
  assert.ok(!readChunked(['9\r\n123456789\r\n'.repeat(20_000)]).reader.bad);
});

test('P7: trailers have the size of a head', () => {
  assert.ok(readChunked([`0\r\na: ${'b'.repeat(17_000)}`]).reader.bad);
});

function readChunked(parts: readonly string[]) {
  const reader = new ChunkedReader();
  let content = '';
  let taken = 0;
  for (const part of parts) taken += reader.read(bytes(part), 0, (piece) => (content += piece.toString('latin1')));
  return { reader, content, taken };
}
