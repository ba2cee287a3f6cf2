// The promises of path routes: the longest prefix by whole segments, and no path that two servers read differently.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type App, PLAIN_LOOK, PLAIN_TRAFFIC, PLAIN_UPSTREAM, type Upstream } from './app.ts';
import type { Hostname } from './hostname.ts';
import { isPlainPath, upstreamOf } from './upstream-of.ts';

const PREFIXES = ['/api', '/api/v2', '/files', '/caf%C3%A9'] as const;

test('a request goes to the longest prefix that holds it, by whole segments and byte for byte', () => {
  const app = appWith(PREFIXES);
  const table: [target: string, prefix: string | null][] = [
    ['/', null],
    ['*', null],
    ['', null],
    ['/api', '/api'],
    ['/api/', '/api'],
    ['/api?x=/files/../..', '/api'],
    ['/api/v1/users', '/api'],
    ['/api/v2', '/api/v2'],
    ['/api/v2/users?id=1', '/api/v2'],
    ['/api/v20', '/api'],
    ['/apis', null],
    ['/API', null],
    ['/x/api', null],
    ['/?/api', null],
    ['/files/a%20b/%C3%BC', '/files'],
    ['/caf%C3%A9/menu', '/caf%C3%A9'],
    ['/files/.well-known/...', '/files'],
  ];
  for (const [target, prefix] of table) {
    const chosen = upstreamOf(app, target);
    assert.equal(chosen && (PREFIXES[chosen.route] ?? null), prefix, target);
    assert.equal(chosen?.upstream.host, prefix ? `up-${PREFIXES.indexOf(prefix as never)}.test` : 'own.test', target);
  }
});

test('A1: a path that some server reads as one of another route goes to neither', () => {
  const app = appWith(PREFIXES);
  const refused = [
    ...['/files/../api', '/files/./../api/x', '/x/../api', '/./api', '/api/..', '/api/../', '/api/v2/../v1'],
    ...['/files/%2e%2e/api', '/files/%2E%2e/api', '/files/.%2e/api', '/files%2f..%2fapi', '/api%2fv2', '/api%2Fv2'],
    ...['/files/..;/api', '/files/..;x=1/api', '/api;v=1', '/api/v2;x', '/files/%2e%2e%3b/api', '/;/api', '/x;/../api'],
    ...['/files\\..\\api', '/files/..\\api', '/files%5c..%5capi', '/api\\v2', '\\api'],
    ...['//api', '///api/v2', '/api//v2', '/api/x//../../v2', '//files/../api'],
    ...['/%61pi', '/%61%70%69/v2', '/api/%76%32', '/caf%c3%a9', '/caf\u00c3\u00a9'],
  ];
  for (const target of refused) assert.equal(upstreamOf(app, target), null, target);
  const harmless: [string, string | null][] = [
    ['/x/../y', null],
    ['/x;v=1/y', null],
    ['/proxy/https://elsewhere.test/api', null],
    ['/api/a%2fb', '/api'],
    ['/api/a;b/c', '/api'],
    ['/api//x', '/api'],
    ['/files/a/../b', '/files'],
    ['/files/%252e%252e/api', '/files'],
  ];
  for (const [target, prefix] of harmless) {
    const chosen = upstreamOf(app, target);
    assert.ok(chosen, target);
    assert.equal(PREFIXES[chosen.route] ?? null, prefix, target);
  }
});

test('A1: an app without routes takes every path as it is', () => {
  const app = appWith([]);
  for (const target of ['/files/..%2fapi', '//api', '/..;/', '/%00', '\\', '*', '/%']) {
    assert.deepEqual(upstreamOf(app, target), { upstream: app.upstream, route: -1 }, target);
  }
});

test('A1: whatever the spelling, what is forwarded is read alike by a server that resolves everything', () => {
  const app = appWith(PREFIXES);
  const piece = fc.constantFrom(
    ...['/', '//', '.', '..', '%2e', '%2E%2e', '%2f', '%5c', '\\', ';', '%3b', 'api', '%61pi', 'v2', 'files', 'x', '%'],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const path = `/${pieces.join('')}`;
      const chosen = upstreamOf(app, path);
      if (chosen === null) return;
      assert.equal(PREFIXES[chosen.route] ?? null, lenient(path), path);
    }),
    { numRuns: 5_000 },
  );
});

test('a prefix is plain when every server reads it alike', () => {
  for (const path of ['/api', '/a/b', '/caf%C3%A9', '/a.b', '/~x', '/a%25b', '/a%20b'])
    assert.ok(isPlainPath(path), path);
  for (const path of [
    '/a/..',
    '/.',
    '/a/./b',
    '//a',
    '/a//b',
    '/a;b',
    '/a\\b',
    '/%61',
    '/caf%c3%a9',
    '/a%2fb',
    '/a%3B',
  ])
    assert.ok(!isPlainPath(path), path);
});

test('R7: the longest path is read in a moment, however it is written', () => {
  const app = appWith(PREFIXES);
  const before = process.cpuUsage().user;
  upstreamOf(app, '/x;%2e/\\a/../;'.repeat(1_200));
  assert.ok(process.cpuUsage().user - before < 100_000, 'µs of CPU');
});

/** The most obliging server: decodes, turns backslashes, drops parameters, merges slashes, resolves dots. */
function lenient(path: string): string | null {
  const text = path
    .replace(/%(2e|2f|5c|3b|61)/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll('\\', '/')
    .replace(/;[^/]*/g, '');
  const kept: string[] = [];
  for (const segment of text.split('/').filter((each) => each !== '' && each !== '.')) {
    if (segment === '..') kept.pop();
    else kept.push(segment);
  }
  const found = PREFIXES.filter((prefix) => {
    const wanted = prefix.slice(1).split('/');
    return wanted.every((segment, at) => kept[at] === segment);
  });
  return found.sort((a, b) => b.length - a.length)[0] ?? null;
}

function appWith(prefixes: readonly string[]): App {
  const upstream = (host: string): Upstream => ({
    ...PLAIN_UPSTREAM,
    scheme: 'http',
    host: host as Hostname,
    port: 80,
    hostHeader: { kind: 'public' },
    tls: { kind: 'system' },
  });
  return {
    id: 'app',
    name: 'App',
    description: '',
    hosts: ['app.test' as Hostname],
    ...PLAIN_LOOK,
    showInLauncher: true,
    enabled: true,
    siteId: 'site',
    upstream: upstream('own.test'),
    identityHeaders: [],
    maxSessionMs: null,
    traffic: {
      ...PLAIN_TRAFFIC,
      routes: prefixes.map((prefix, at) => ({ prefix, upstream: upstream(`up-${at}.test`) })),
    },
  };
}
