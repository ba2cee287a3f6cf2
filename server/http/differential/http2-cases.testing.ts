// HTTP/2 requests that become HTTP/1.1 (P20), sent by a real client; and by hand those that no client sends (P16, P17, P18, P21).
import { answer, chunked } from './case.testing.ts';
import type { Answer } from './echo-upstream.testing.ts';

export type Field = readonly [string, string];

/** `fields` stand behind the pseudo-fields of GET /; one that begins with a colon replaces its own. */
export type Http2Case = {
  name: string;
  fields?: readonly Field[];
  /** DATA frames; none ends the stream with its head. */
  body?: readonly string[];
  trailers?: readonly Field[];
  answer?: Answer;
};

/** The whole field section as it is sent; `{host}` and `{sign}` stand for fields of the run. */
export type RawHttp2Case = { name: string; fields: readonly Field[]; body?: readonly string[] };

const CHUNKED = ['Transfer-Encoding: chunked'];
const POST: Field = [':method', 'POST'];
const path = (value: string): Field => [':path', value];

const targets: Http2Case[] = [
  ...[
    '/',
    '/a//b',
    '/../a',
    '/%2f',
    '/%2e%2e/',
    '/%00',
    '/%zz',
    '/a;b',
    '/?',
    '/?a=b&c',
    '/?a=%2f',
    '/"<>',
    '/\\a',
    '/[a]{b}|',
    '//evil.test/',
  ],
  ...['/*', '/:80', '/?a?b', '/.', '/%', `/${'p'.repeat(4_000)}`],
].map((value) => ({ name: `h2 target: ${value.slice(0, 40)}`, fields: [path(value)] }));

const methods: Http2Case[] = ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY', 'PROPFIND', 'REPORT'].flatMap(
  (method) => [
    { name: `h2 method: ${method}`, fields: [[':method', method]] },
    { name: `h2 method: ${method} with a body`, fields: [[':method', method]], body: ['hello'] },
  ],
);

const headers: Http2Case[] = (
  [
    ['an empty value', [['x-a', '']]],
    [
      'two of one name',
      [
        ['x-a', '1'],
        ['x-b', '3'],
        ['x-a', '2'],
      ],
    ],
    [
      'order',
      [
        ['z', '1'],
        ['a', '2'],
        ['accept', '*/*'],
        ['m', '3'],
        ['user-agent', 'x'],
      ],
    ],
    ['obs-text', [['x-a', '\xe4\xf6']]],
    ['an underscore in a name', [['x_a', '1']]],
    ['a dot in a name', [['x.a', '1']]],
    ['every token character in a name', [["x!#$%&'*+-.^_`|~9", '1']]],
    ['a value of 4 KB', [['x-a', 'v'.repeat(4_096)]]],
    ['sixty fields', Array.from({ length: 60 }, (_, i): Field => [`x-${i}`, String(i)])],
    ['te: trailers', [['te', 'trailers']]],
    ['one cookie', [['cookie', 'a=1']]],
    [
      'cookie crumbs',
      [
        ['cookie', 'a=1'],
        ['cookie', 'b=2'],
        ['cookie', 'c=3'],
      ],
    ],
    [
      'cookie crumbs apart',
      [
        ['cookie', 'a=1'],
        ['x-a', '1'],
        ['cookie', 'b=2'],
      ],
    ],
    ['host like :authority', [['host', 'wiki.test']]],
    [
      'x-forwarded-for',
      [
        ['x-forwarded-for', '1.2.3.4'],
        ['remote_user', 'root'],
      ],
    ],
    ['priority', [['priority', 'u=1, i']]],
    ['range', [['range', 'bytes=0-4']]],
    ['if-none-match', [['if-none-match', '"a"']]],
    ['expect', [['expect', '100-continue']]],
    [
      'max-forwards and via',
      [
        ['max-forwards', '1'],
        ['via', '1.1 other'],
      ],
    ],
  ] as const
).map(([name, fields]) => ({ name: `h2 header: ${name}`, fields }));

const bodies: Http2Case[] = [
  { name: 'h2 body: empty DATA', fields: [POST], body: [''] },
  { name: 'h2 body: one frame', fields: [POST], body: ['hello'] },
  { name: 'h2 body: with a length', fields: [POST, ['content-length', '5']], body: ['hello'] },
  { name: 'h2 body: with a length, cut up', fields: [POST, ['content-length', '5']], body: ['h', 'e', 'l', 'l', 'o'] },
  { name: 'h2 body: a length of 0', fields: [POST, ['content-length', '0']] },
  { name: 'h2 body: 300,000 bytes', fields: [POST], body: ['x'.repeat(300_000)] },
  { name: 'h2 body: what looks like chunks', fields: [POST], body: [chunked('hello')] },
  {
    name: 'h2 body: what looks like a request',
    fields: [POST],
    body: ['GET /inner HTTP/1.1\r\nHost: wiki.test\r\n\r\n'],
  },
  { name: 'h2 body: GET with one', body: ['hello'] },
  {
    name: 'h2 body: expect and a body',
    fields: [POST, ['expect', '100-continue'], ['content-length', '5']],
    body: ['hello'],
  },
  { name: 'h2 trailer: one', fields: [POST], body: ['hello'], trailers: [['x-t', '1']] },
  {
    name: 'h2 trailer: announced',
    fields: [POST, ['te', 'trailers'], ['trailer', 'x-t']],
    body: ['hello'],
    trailers: [['x-t', '1']],
  },
  {
    name: 'h2 trailer: forbidden',
    fields: [POST],
    body: ['hello'],
    trailers: [
      ['remote-user', 'root'],
      ['cookie', 'a=1'],
      ['x-t', '1'],
    ],
  },
];

const get = (name: string, script: Answer, fields: readonly Field[] = []): Http2Case => ({
  name: `h2 answer: ${name}`,
  fields,
  answer: script,
});
const HEAD: Field = [':method', 'HEAD'];
const answers: Http2Case[] = [
  ...[
    '201 Created',
    '204 No Content',
    '206 Partial Content',
    '302 Found',
    '304 Not Modified',
    '404 Own words',
    '418 Teapot',
    '500 Broken',
    '599 Own',
  ].map((status) =>
    get(
      status,
      answer(
        status,
        status.startsWith('204') || status.startsWith('304') ? [] : ['Content-Length: 5'],
        status.startsWith('204') || status.startsWith('304') ? '' : 'hello',
      ),
    ),
  ),
  get('chunked', answer('200 OK', CHUNKED, chunked('hello', 'world'))),
  get('until the connection ends', answer('200 OK', [], 'hello', 'end')),
  get(
    'Connection and Keep-Alive',
    answer(
      '200 OK',
      ['Connection: keep-alive, X-Hop', 'Keep-Alive: timeout=5', 'X-Hop: 1', 'Content-Length: 5'],
      'hello',
    ),
  ),
  get('Upgrade', answer('200 OK', ['Connection: upgrade', 'Upgrade: foo', 'Content-Length: 5'], 'hello')),
  get('two cookies', answer('200 OK', ['Set-Cookie: a=1', 'Set-Cookie: b=2', 'Content-Length: 0'])),
  get('two of one name and order', answer('200 OK', ['Z: 1', 'X-A: 1', 'B: 2', 'X-A: 3', 'Content-Length: 0'])),
  get('a trailer', answer('200 OK', CHUNKED, '5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n'), [['te', 'trailers']]),
  get('a trailer with a cookie', answer('200 OK', CHUNKED, '5\r\nhello\r\n0\r\nSet-Cookie: a=1\r\nX-T: 1\r\n\r\n'), [
    ['te', 'trailers'],
  ]),
  get('103 before', [
    { after: 'head', bytes: 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n' },
    ...answer('200 OK', ['Content-Length: 5'], 'hello'),
  ]),
  get('HEAD with a length', answer('200 OK', ['Content-Length: 5']), [HEAD]),
  get('HEAD, chunked', answer('200 OK', CHUNKED), [HEAD]),
  get('304 with a length', answer('304 Not Modified', ['Content-Length: 5', 'ETag: "a"'])),
  get('cut inside a length', answer('200 OK', ['Content-Length: 10'], 'hello', 'end')),
  get('cut inside a chunk', answer('200 OK', CHUNKED, '9\r\nhello', 'end')),
  get('closed without a byte', [{ after: 'body', bytes: '', close: 'end' }]),
  get('bytes behind the body', answer('200 OK', ['Content-Length: 2'], 'okEXTRA')),
  get('obs-text', answer('200 OK', ['X-A: \xe4', 'Content-Length: 0'])),
];

export const HTTP2_CASES: readonly Http2Case[] = [...targets, ...methods, ...headers, ...bodies, ...answers];

const M: Field = [':method', 'GET'];
const S: Field = [':scheme', 'https'];
const A: Field = [':authority', 'wiki.test'];
const P: Field = [':path', '/bad'];
const SIGN: Field = ['{sign}', ''];
const OK = [M, S, A, P, SIGN];
const withField = (name: string, ...fields: Field[]): RawHttp2Case => ({ name, fields: [...OK, ...fields] });
const posted = (name: string, length: string, ...body: string[]): RawHttp2Case => ({
  name,
  fields: [POST, S, A, P, SIGN, ['content-length', length]],
  body,
});

export const RAW_HTTP2_CASES: readonly RawHttp2Case[] = [
  { name: 'h2 raw: nothing wrong', fields: OK },
  ...['a\rb', 'a\nb', 'a\r\nb: c', 'a\0b', ' a', 'a ', '\ta', 'a\x01b', 'a\x7fb'].map((value) =>
    withField(`P16: value ${JSON.stringify(value)}`, ['x-a', value]),
  ),
  ...['X-A', 'x a', 'x:a', '', 'x\ra', 'x\na', 'x\0a', 'x\xe4', 'x(a)'].map((name) =>
    withField(`P16: name ${JSON.stringify(name)}`, [name, '1']),
  ),
  withField('P17: connection', ['connection', 'close']),
  withField('P17: keep-alive', ['keep-alive', 'timeout=5']),
  withField('P17: proxy-connection', ['proxy-connection', 'close']),
  withField('P17: transfer-encoding', ['transfer-encoding', 'chunked']),
  withField('P17: upgrade', ['upgrade', 'websocket']),
  withField('P17: te: gzip', ['te', 'gzip']),
  withField('P17: two :path', [':path', '/other']),
  withField('P17: a pseudo-field behind the others', [':authority', 'wiki.test']),
  withField('P17: an unknown pseudo-field', [':x', '1']),
  withField('P17: :status', [':status', '200']),
  { name: 'P17: two :method', fields: [M, M, S, A, P, SIGN] },
  { name: 'P17: no :method', fields: [S, A, P, SIGN] },
  { name: 'P17: no :scheme', fields: [M, A, P, SIGN] },
  { name: 'P17: no :path', fields: [M, S, A, SIGN] },
  { name: 'P17: no :authority', fields: [M, S, P, SIGN] },
  { name: 'P17: host in place of :authority', fields: [M, S, P, SIGN, ['host', 'wiki.test']] },
  ...['', 'bad', '*', 'http://wiki.test/bad', '/b d', '/b\td', '/b\r\nX: y', '/b\0d', '/b\x7fd', '/b\xe4d', '/b#d'].map(
    (value): RawHttp2Case => ({ name: `P17: :path ${JSON.stringify(value)}`, fields: [M, S, A, path(value), SIGN] }),
  ),
  ...['GET /x HTTP/1.1\r\nX: y', 'G T', '', 'get', 'TRACE', 'FOO', 'CONNECT', 'PRI'].map(
    (value): RawHttp2Case => ({
      name: `P17: :method ${JSON.stringify(value)}`,
      fields: [[':method', value], S, A, P, SIGN],
    }),
  ),
  ...['', 'ftp', 'http', 'https://x/?', 'a b'].map(
    (value): RawHttp2Case => ({
      name: `P17: :scheme ${JSON.stringify(value)}`,
      fields: [M, [':scheme', value], A, P, SIGN],
    }),
  ),
  ...[
    '',
    'a@wiki.test',
    'wiki.test/x',
    'wiki.test:x',
    'wiki test',
    'wiki.test\r\nX: y',
    'WIKI.test',
    'wiki.test:443',
  ].map(
    (value): RawHttp2Case => ({
      name: `H2: :authority ${JSON.stringify(value)}`,
      fields: [M, S, [':authority', value], P, SIGN],
    }),
  ),
  withField('H5: another host', ['host', 'bank.test']),
  withField('H5: two equal hosts', ['host', 'wiki.test'], ['host', 'wiki.test']),
  posted('P18: fewer bytes than announced', '10', 'hello'),
  posted('P18: more bytes than announced', '2', 'hello'),
  posted('P18: no DATA', '5', ''),
  posted('P18: a length that is none', 'x', 'hello'),
  posted('P18: a list of lengths', '5,5', 'hello'),
  {
    name: 'P18: two lengths',
    fields: [POST, S, A, P, SIGN, ['content-length', '5'], ['content-length', '6']],
    body: ['hello'],
  },
  { name: 'P21: extended CONNECT', fields: [[':method', 'CONNECT'], [':protocol', 'websocket'], S, A, P, SIGN] },
  { name: 'P21: CONNECT', fields: [[':method', 'CONNECT'], A, SIGN] },
];
