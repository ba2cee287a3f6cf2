// Promise: a field list of HTTP/2 is one request or none (RFC 9113 §8.2, §8.3), and what is a request keeps its fields as they came.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { areTrailers, readHttp2Request } from './http2-request.ts';

const PSEUDO = [':method', 'GET', ':scheme', 'https', ':authority', 'wiki.test', ':path', '/a?b'];
const without = (name: string) => PSEUDO.filter((_text, at) => PSEUDO[at - (at % 2)] !== name);

suite('a request', () => {
  test('keeps order and duplicates, without its pseudo fields, and its cookies on one line', () => {
    const fields = ['x-a', '1', 'cookie', 'a=1', 'x-b', '2', 'x-a', '3', 'cookie', 'b=2', 'te', 'trailers'];
    assert.deepEqual(readHttp2Request([...PSEUDO, ...fields]), {
      kind: 'head',
      method: 'GET',
      target: '/a?b',
      authority: 'wiki.test',
      headers: ['x-a', '1', 'x-b', '2', 'x-a', '3', 'te', 'trailers', 'cookie', 'a=1; b=2'],
      expect: null,
      length: null,
      priority: { urgency: 3, isIncremental: true },
    });
  });

  test('tells what the connection has to know of it', () => {
    const fields = ['content-length', '12', 'expect', '100-continue', 'priority', 'u=1'];
    const head = readHttp2Request([...PSEUDO, ...fields]);
    assert(head.kind === 'head');
    assert.deepEqual([head.length, head.expect, head.priority.urgency], [12, '100-continue', 1]);
  });

  test('may name its host in place of :authority, and beside it', () => {
    for (const fields of [
      [...without(':authority'), 'host', 'wiki.test'],
      [...PSEUDO, 'host', 'bank.test'],
    ]) {
      const head = readHttp2Request(fields);
      assert.equal(head.kind === 'head' && head.authority, 'wiki.test');
    }
  });

  test('that is CONNECT has neither scheme nor path', () => {
    const head = readHttp2Request([':method', 'CONNECT', ':authority', 'wiki.test:443']);
    assert.equal(head.kind === 'head' && head.method, 'CONNECT');
  });
});

suite('P17 P18 P21: malformed', () => {
  for (const [what, fields] of [
    ...[':method', ':scheme', ':path'].map((name) => [`no ${name}`, without(name)] as const),
    ['no host at all', without(':authority')],
    ...PSEUDO.flatMap((name, at) => (at % 2 === 0 ? [[`two ${name}`, [...PSEUDO, name, 'x']] as const] : [])),
    ['a late pseudo field', [...without(':path'), 'x-a', '1', ':path', '/']],
    ['an unknown pseudo field', [...PSEUDO, ':x', '1']],
    ['a pseudo field of answers', [...PSEUDO, ':status', '200']],
    [':protocol', [...PSEUDO, ':protocol', 'websocket']],
    ['CONNECT with a path', [...PSEUDO.map((text) => (text === 'GET' ? 'CONNECT' : text))]],
    ...['', '*', 'a', 'http://wiki.test/'].map(
      (path) => [`:path "${path}"`, [...without(':path'), ':path', path]] as const,
    ),
    ...['', 'a b', '1a', 'https:'].map(
      (each) => [`:scheme "${each}"`, [...without(':scheme'), ':scheme', each]] as const,
    ),
    ...['connection', 'proxy-connection', 'keep-alive', 'transfer-encoding', 'upgrade'].map(
      (name) => [name, [...PSEUDO, name, 'x']] as const,
    ),
    ['te: gzip', [...PSEUDO, 'te', 'gzip']],
    ['te: trailers, gzip', [...PSEUDO, 'te', 'trailers, gzip']],
    ['two hosts', [...PSEUDO, 'host', 'wiki.test', 'host', 'wiki.test']],
    ['two lengths', [...PSEUDO, 'content-length', '1', 'content-length', '1']],
    ...['', '-1', '+1', '1x', '1,1', '9'.repeat(16)].map(
      (length) => [`a length "${length}"`, [...PSEUDO, 'content-length', length]] as const,
    ),
  ] as const)
    test(what, () => assert.deepEqual(readHttp2Request(fields), { kind: 'malformed' }));
});

test('trailers have no pseudo fields', () => {
  assert(areTrailers(['grpc-status', '0']));
  assert(!areTrailers(['x', '1', ':path', '/']));
});
