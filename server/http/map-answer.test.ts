// The promises of mapped answers: what names the upstream's own place becomes public, and every other byte stays.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAddress } from '#server/core/address.ts';
import { type HeaderEdit, PLAIN_TRAFFIC, PLAIN_UPSTREAM, type Upstream } from '#server/core/app.ts';
import type { Hostname } from '#server/core/hostname.ts';
import { isAllowedSetCookie } from './cookies.ts';
import { type AnswerNames, editHeaders, mapAnswer, mapLocation, mapRefresh, mapSetCookie } from './map-answer.ts';

const PUBLIC = 'https://wiki.corp.example';

test('a redirect to the upstream’s own origin leads to the public one, whatever name the upstream uses for itself', () => {
  const names = namesOf({
    replicas: [
      { host: 'wiki-2.corp.internal' as Hostname, port: 8080 },
      { host: v6, port: 80 },
    ],
  });
  const table = [
    ['http://wiki.corp.internal:8080/login?next=%2Fa%20b#x', `${PUBLIC}/login?next=%2Fa%20b#x`],
    ['HTTP://Wiki.Corp.Internal.:08080/', `${PUBLIC}/`],
    ['//wiki.corp.internal:8080/x', `${PUBLIC}/x`],
    ['http://wiki.corp.internal:8080', PUBLIC],
    ['http://wiki.corp.internal:8080?q', `${PUBLIC}?q`],
    ['http://wiki-2.corp.internal:8080//x/../y', `${PUBLIC}//x/../y`],
    ['http://[FD00::20]/x', `${PUBLIC}/x`],
    ['http://[fd00:0::20]:80/x', `${PUBLIC}/x`],
    // The Host that it was sent, in the scheme that it knows.
    ['http://wiki.corp.example/x', `${PUBLIC}/x`],
    ['http://wiki.corp.example:80/x', `${PUBLIC}/x`],
  ];
  for (const [value = '', expected] of table) assert.equal(mapLocation(value, names), expected, value);
});

test('every other Location passes byte for byte', () => {
  const names = namesOf();
  const values = [
    ...[
      '/login',
      'login',
      '?x',
      '#x',
      '',
      '../x',
      '/http://wiki.corp.internal:8080/',
      '/r?u=http://wiki.corp.internal:8080/',
    ],
    ...['https://wiki.corp.internal:8080/', 'http://wiki.corp.internal/', 'http://wiki.corp.internal:8081/'],
    ...['https://wiki.corp.example/x', 'http://wiki.corp.example:8080/', 'ftp://wiki.corp.internal:8080/'],
    ...[
      'http://wiki.corp.internal:8080@evil.example/',
      'http://u:p@wiki.corp.internal:8080/',
      'http://x.wiki.corp.internal:8080/',
    ],
    ...[
      'http://wiki.corp.internal.evil.example:8080/',
      'http:\\\\wiki.corp.internal:8080\\x',
      'http://wiki.corp.internal:8080\\@evil.example/',
    ],
    ...[
      'http:///wiki.corp.internal:8080/',
      'http:wiki.corp.internal:8080',
      '//',
      'http://',
      'http://[fd00::20/',
      'javascript://%0aalert(1)',
    ],
  ];
  for (const value of values) assert.equal(mapLocation(value, names), value, value);
});

test('a Refresh leads to the public origin, and keeps its delay and its quotes', () => {
  const names = namesOf();
  const own = 'http://wiki.corp.internal:8080/x';
  const table = [
    [`5; url=${own}`, `5; url=${PUBLIC}/x`],
    [`0;URL='${own}'`, `0;URL='${PUBLIC}/x'`],
    [`0.5 , "${own}" more`, `0.5 , "${PUBLIC}/x" more`],
    ['5', '5'],
    ['5; url=/x', '5; url=/x'],
    ['nonsense http://wiki.corp.internal:8080/', 'nonsense http://wiki.corp.internal:8080/'],
  ];
  for (const [value = '', expected] of table) assert.equal(mapRefresh(value, names), expected, value);
});

test('a cookie for the upstream’s own host becomes one of the public host alone, every other byte as it was', () => {
  const names = namesOf({ hostHeader: { kind: 'fixed', value: 'inside.corp.test' as Hostname } });
  const table = [
    ['a=1; Domain=wiki.corp.internal; Path=/;HttpOnly', 'a=1; Path=/;HttpOnly'],
    ['a=1;domain = .Corp.Internal ;Secure', 'a=1;Secure'],
    ['a="x=1, y"; DOMAIN=inside.corp.test', 'a="x=1, y"'],
    ['a=1; Domain=wiki.corp.internal; Domain=internal; Max-Age=1', 'a=1; Max-Age=1'],
    ['a=domain=1; Domain=corp.test;', 'a=domain=1;'],
  ];
  for (const [value = '', expected] of table) {
    assert.equal(mapSetCookie(value, names), expected, value);
    assert.ok(isAllowedSetCookie(expected ?? '', names.publicHost), 'and passes');
  }
});

test('S7: a cookie wider than the app stays as it is, for the filter to refuse', () => {
  const names = namesOf({ host: 'wiki.corp.example' as Hostname });
  const values = [
    ...[
      'a=1; Domain=corp.example',
      'a=1; Domain=.example',
      'a=1; Domain=files.corp.internal',
      'a=1; Domain=x.wiki.corp.example',
    ],
    ...[
      'a=1; Domain=wiki.corp.internal; Domain=corp.example',
      'a=1; Domain=10.0.0.1',
      'a=1; Domain=%77iki',
      'a=1; Domain=(',
    ],
  ];
  for (const value of values) {
    assert.equal(mapSetCookie(value, names), value, value);
    assert.ok(!isAllowedSetCookie(value, names.publicHost), value);
  }
  const untouched = [
    'a=1',
    'domain=corp.internal',
    'a=1; Domain',
    'a=1; Domain=',
    'a=1; xDomain=corp.internal',
    'a=1; Domain=wiki.corp.example',
  ];
  for (const value of untouched) assert.equal(mapSetCookie(value, names), value, value);
});

test('an upstream at an address is known by that address, in any spelling of it', () => {
  const names = namesOf({ host: v6, port: 443, scheme: 'https' });
  assert.equal(mapLocation('https://[fd00:0:0::20]/x', names), `${PUBLIC}/x`);
  assert.equal(mapSetCookie('a=1; Domain=fd00::20', names), 'a=1');
  assert.equal(mapSetCookie('a=1; Domain=20', names), 'a=1; Domain=20');
});

test('edits replace every line of a name at the first one’s place, remove, and add at the end', () => {
  const headers = ['Server', 'x/1', 'X-A', '1', 'x-a', '2', 'X-B', '3'];
  const table: [HeaderEdit[], string[]][] = [
    [[{ name: 'server', value: null }], ['X-A', '1', 'x-a', '2', 'X-B', '3']],
    [[{ name: 'X-a', value: '9' }], ['Server', 'x/1', 'X-a', '9', 'X-B', '3']],
    [[{ name: 'x-a', value: null }], ['Server', 'x/1', 'X-B', '3']],
    [
      [
        { name: 'X-New', value: '' },
        { name: 'X-None', value: null },
      ],
      [...headers, 'X-New', ''],
    ],
  ];
  for (const [edits, expected] of table) assert.deepEqual(editHeaders(headers, edits), expected);
});

test('an answer with nothing to map is the very same list', () => {
  const names = namesOf();
  const headers = ['Content-Type', 'text/html', 'Set-Cookie', 'a=1; Path=/', 'Location', '/login', 'Refresh', '5'];
  assert.equal(mapAnswer(headers, PLAIN_TRAFFIC, names), headers);
  const own = ['LOCATION', 'http://wiki.corp.internal:8080/', 'set-cookie', 'a=1; Domain=corp.internal'];
  assert.deepEqual(mapAnswer(own, PLAIN_TRAFFIC, names), ['LOCATION', `${PUBLIC}/`, 'set-cookie', 'a=1']);
  assert.equal(mapAnswer(own, { ...PLAIN_TRAFFIC, mapLocation: false, mapCookieDomain: false }, names), own);
  assert.deepEqual(mapAnswer(own, { ...PLAIN_TRAFFIC, mapLocation: false }, names)[1], own[1]);
  assert.deepEqual(mapAnswer(own, { ...PLAIN_TRAFFIC, mapCookieDomain: false }, names)[3], own[3]);
});

test('R7: no answer, however odd, is mapped to anything but text, and quickly', () => {
  const names = namesOf();
  const odd = fc.string({ unit: fc.constantFrom(...'/:;=."\'@[]\\?# \tabhtpsdomainurlrefresh0159'), maxLength: 60 });
  fc.assert(
    fc.property(odd, (value) => {
      assert.equal(typeof mapLocation(value, names), 'string');
      assert.equal(typeof mapRefresh(value, names), 'string');
      assert.ok(mapSetCookie(value, names).length <= value.length);
    }),
    { numRuns: 2_000 },
  );
  const before = process.cpuUsage().user;
  for (const unit of [' ', '1', ';', '; domain= ', '/', 'a.', "'"]) {
    const value = `5${unit.repeat(8_000)}x`;
    mapLocation(`http://${value}`, names);
    mapRefresh(value, names);
    mapSetCookie(`a=1; domain=${value}`, names);
  }
  assert.ok(process.cpuUsage().user - before < 300_000, 'µs of CPU');
});

const v6 = parseAddress('fd00::20') ?? assert.fail();

function namesOf(upstream: Partial<Upstream> = {}): AnswerNames {
  return {
    upstream: {
      ...PLAIN_UPSTREAM,
      scheme: 'http',
      host: 'wiki.corp.internal' as Hostname,
      port: 8080,
      hostHeader: { kind: 'public' },
      tls: { kind: 'system' },
      ...upstream,
    },
    sentHost: 'wiki.corp.example',
    publicOrigin: PUBLIC,
    publicHost: 'wiki.corp.example' as Hostname,
  };
}
