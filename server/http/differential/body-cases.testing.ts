// Request bodies however they are framed and cut up, and requests that follow one another on a connection.
import { answer, type Case, chunked, request } from './case.testing.ts';
import type { Answer } from './echo-upstream.testing.ts';

const BIG = 'x'.repeat(300_000);
const ALL_BYTES = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i));
const CHUNKED = ['Transfer-Encoding: chunked'];

const lengths: Case[] = [
  ['empty', ''],
  ['one byte', 'x'],
  ['every byte', ALL_BYTES],
  ['what looks like a request', 'GET /inner HTTP/1.1\r\nHost: wiki.test\r\n\r\n'],
  ['what looks like chunks', chunked('hello')],
  ['300,000 bytes', BIG],
].map(([name, body = '']) => ({
  name: `body: length, ${name}`,
  method: 'POST',
  request: [request('POST', '/b', [`Content-Length: ${body.length}`], body)],
}));

const chunks: Case[] = (
  [
    ['empty', '0\r\n\r\n'],
    ['one chunk', chunked('hello')],
    ['one-byte chunks', chunked(...'hello world')],
    ['sizes 1 to 40', chunked(...Array.from({ length: 40 }, (_, i) => 'y'.repeat(i + 1)))],
    ['every byte', chunked(ALL_BYTES, ALL_BYTES)],
    ['300,000 bytes in chunks of 7,919', chunked(...(BIG.match(/.{1,7919}/gs) ?? []))],
    ['an upper-case size', 'A\r\n0123456789\r\n0\r\n\r\n'],
    ['a lower-case size', 'a\r\n0123456789\r\n0\r\n\r\n'],
    ['leading zeros', '0005\r\nhello\r\n000\r\n\r\n'],
    ['an extension', '5;a=b\r\nhello\r\n0\r\n\r\n'],
    ['an extension without a value', '5;a\r\nhello\r\n0;z\r\n\r\n'],
    ['a quoted extension', '5;a="b;c"\r\nhello\r\n0\r\n\r\n'],
    ['an extension of 1,000 bytes', `5;a=${'b'.repeat(1_000)}\r\nhello\r\n0\r\n\r\n`],
    ['a trailer', '5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n'],
    ['two trailers', '5\r\nhello\r\n0\r\nX-T: 1\r\nx-u: 2\r\n\r\n'],
    ['the same trailer twice', '5\r\nhello\r\n0\r\nX-T: 1\r\nX-T: 2\r\n\r\n'],
    ['a forbidden trailer: Content-Length', '5\r\nhello\r\n0\r\nContent-Length: 3\r\n\r\n'],
    ['a forbidden trailer: Host', '5\r\nhello\r\n0\r\nHost: evil.test\r\n\r\n'],
    ['a forbidden trailer: Remote-User', '5\r\nhello\r\n0\r\nRemote-User: root\r\nX-T: 1\r\n\r\n'],
    ['a forbidden trailer: Cookie', '5\r\nhello\r\n0\r\nCookie: a=1\r\n\r\n'],
    ['a forbidden trailer: Foyer-Assertion', '5\r\nhello\r\n0\r\nFoyer-Assertion: x\r\n\r\n'],
    ['a trailer with obs-text', '5\r\nhello\r\n0\r\nX-T: \xe4\r\n\r\n'],
  ] as const
).map(([name, body]) => ({
  name: `body: chunked, ${name}`,
  method: 'POST',
  request: [request('POST', '/b', CHUNKED, body)],
}));

const announced: Case = {
  name: 'body: chunked, an announced trailer',
  method: 'POST',
  request: [
    request(
      'POST',
      '/b',
      [...CHUNKED, 'Trailer: X-T', 'TE: trailers', 'Connection: TE'],
      '5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n',
    ),
  ],
};
const mixedCaseCoding: Case[] = ['Chunked', 'CHUNKED'].map((coding) => ({
  name: `body: Transfer-Encoding: ${coding}`,
  method: 'POST',
  request: [request('POST', '/b', [`Transfer-Encoding: ${coding}`], chunked('hello'))],
}));

/** The same bytes, one write each: where a stream is cut must not matter. */
const cut: Case[] = [
  ['byte by byte, length', request('POST', '/b', ['Content-Length: 5'], 'hello')],
  ['byte by byte, chunked', request('POST', '/b', CHUNKED, '5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX-T: 1\r\n\r\n')],
].map(([name, text = '']) => ({ name: `body: ${name}`, method: 'POST', request: text.split(/(?![^{]*\})/) }));

const CONTINUE: Answer = [
  { after: 'head', bytes: 'HTTP/1.1 100 Continue\r\n\r\n' },
  { after: 'body', bytes: 'HTTP/1.1 200 OK\r\nX-Up: 1\r\nContent-Length: 2\r\n\r\nok' },
];
const EARLY: Answer = [{ after: 'head', bytes: 'HTTP/1.1 413 Too Large\r\nX-Up: 1\r\nContent-Length: 2\r\n\r\nno' }];
const EARLY_CLOSE: Answer = [
  {
    after: 'head',
    bytes: 'HTTP/1.1 413 Too Large\r\nX-Up: 1\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno',
    close: 'end',
  },
];
const EXPECT = ['Expect: 100-continue', 'Content-Length: 5'];

const expect: Case[] = [
  {
    name: 'expect: waits for 100',
    method: 'POST',
    request: [request('POST', '/e', EXPECT), { wait: '1xx' }, 'hello'],
    answer: CONTINUE,
  },
  {
    name: 'expect: waits, upstream says no 100',
    method: 'POST',
    request: [request('POST', '/e', EXPECT), { wait: '1xx' }, 'hello'],
  },
  {
    name: 'expect: does not wait',
    method: 'POST',
    request: [request('POST', '/e', EXPECT, 'hello')],
    answer: CONTINUE,
  },
  {
    name: 'expect: upper case',
    method: 'POST',
    request: [request('POST', '/e', ['Expect: 100-Continue', 'Content-Length: 5'], 'hello')],
  },
  { name: 'expect: without a body', method: 'GET', request: [request('GET', '/e', ['Expect: 100-continue'])] },
  {
    name: 'expect: chunked',
    method: 'POST',
    request: [request('POST', '/e', ['Expect: 100-continue', ...CHUNKED]), { wait: '1xx' }, chunked('hello')],
    answer: CONTINUE,
  },
  {
    name: 'expect: another expectation',
    method: 'POST',
    request: [request('POST', '/e', ['Expect: x', 'Content-Length: 5'], 'hello')],
  },
  { name: 'expect: on HTTP/1.0', method: 'POST', request: [request('POST', '/e', EXPECT, 'hello', '1.0')] },
  {
    name: 'early: the answer comes before the body',
    method: 'POST',
    request: [request('POST', '/y', ['Content-Length: 5']), { wait: 'answer' }, 'hello'],
    answer: EARLY,
    answers: 1,
  },
  {
    name: 'early: the answer comes before the body and closes',
    method: 'POST',
    request: [request('POST', '/y', ['Content-Length: 5']), { wait: 'answer' }],
    answer: EARLY_CLOSE,
  },
  {
    name: 'early: the answer comes before the last chunk',
    method: 'POST',
    request: [request('POST', '/y', CHUNKED, '5\r\nhello\r\n'), { wait: 'answer' }],
    answer: EARLY_CLOSE,
  },
];

const pipelined = (...requests: string[]) => requests.join('');
const sequences: Case[] = [
  {
    name: 'pipeline: two GETs',
    method: 'GET',
    request: [pipelined(request('GET', '/p1'), request('GET', '/p2'))],
    answers: 2,
  },
  {
    name: 'pipeline: five GETs',
    method: 'GET',
    request: [pipelined(...[1, 2, 3, 4, 5].map((i) => request('GET', `/p${i}`)))],
    answers: 5,
  },
  {
    name: 'pipeline: POST then GET',
    method: 'POST',
    request: [pipelined(request('POST', '/p1', ['Content-Length: 5'], 'hello'), request('GET', '/p2'))],
    answers: 2,
  },
  {
    name: 'pipeline: chunked POST then GET',
    method: 'POST',
    request: [pipelined(request('POST', '/p1', CHUNKED, chunked('hello')), request('GET', '/p2'))],
    answers: 2,
  },
  {
    name: 'pipeline: GET with a body then GET',
    method: 'GET',
    request: [pipelined(request('GET', '/p1', ['Content-Length: 5'], 'hello'), request('GET', '/p2'))],
    answers: 2,
  },
  {
    name: 'pipeline: an empty line between',
    method: 'GET',
    request: [pipelined(request('GET', '/p1'), '\r\n', request('GET', '/p2'))],
    answers: 2,
  },
  { name: 'pipeline: an empty line first', method: 'GET', request: [pipelined('\r\n', request('GET', '/p1'))] },
  { name: 'pipeline: two empty lines first', method: 'GET', request: [pipelined('\r\n\r\n', request('GET', '/p1'))] },
  {
    name: 'pipeline: nothing behind Connection: close',
    method: 'GET',
    request: [pipelined(request('GET', '/p1', ['Connection: close']), request('GET', '/p2'))],
  },
  {
    name: 'sequence: POST, answer, GET',
    method: 'POST',
    request: [request('POST', '/s1', ['Content-Length: 5'], 'hello'), { wait: 'answer' }, request('GET', '/s2')],
    answers: 2,
  },
  { name: 'sequence: HTTP/1.0', method: 'GET', request: [request('GET', '/s', [], '', '1.0')] },
  {
    name: 'sequence: HTTP/1.0 keep-alive',
    method: 'GET',
    request: [request('GET', '/s', ['Connection: keep-alive'], '', '1.0')],
  },
  {
    name: 'sequence: HTTP/1.0 with a body',
    method: 'POST',
    request: [request('POST', '/s', ['Content-Length: 5'], 'hello', '1.0')],
  },
  {
    name: 'sequence: HTTP/1.0 gets no chunks',
    method: 'GET',
    request: [request('GET', '/s', [], '', '1.0')],
    answer: answer('200 OK', CHUNKED, chunked('hello', 'world')),
  },
  {
    name: 'sequence: HTTP/1.0 keep-alive gets no chunks',
    method: 'GET',
    request: [request('GET', '/s', ['Connection: keep-alive'], '', '1.0')],
    answer: answer('200 OK', CHUNKED, chunked('hello', 'world')),
  },
];

export const BODY_CASES: readonly Case[] = [
  ...lengths,
  ...chunks,
  announced,
  ...mixedCaseCoding,
  ...cut,
  ...expect,
  ...sequences,
];
