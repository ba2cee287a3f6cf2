// D12: block lists in every usual format are read, and what is no list is refused with a sentence, however large or broken.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { createListReader, type ListResult, MAX_LIST_BYTES, suddenChange } from './block-list.ts';
import { name } from './packet.testing.ts';

function read(text: string | Uint8Array, chunkBytes = 7): ListResult {
  const reader = createListReader();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunkBytes) reader.push(bytes.subarray(at, at + chunkBytes));
  return reader.end();
}

function list(text: string) {
  const result = read(text);
  assert.ok(result.kind === 'list', JSON.stringify(result));
  return result;
}

function covered(text: string, ...names: string[]): (string | null)[] {
  const { domains } = list(text);
  return names.map((each) => domains.match(name(each)));
}

function refusal(text: string | Uint8Array, chunkBytes?: number): string {
  const result = read(text, chunkBytes);
  assert.ok(result.kind === 'refused', JSON.stringify(result));
  return result.sentence;
}

test('a hosts file covers its names alone, and what it says of the machine itself is no rule', () => {
  const text =
    '# a title\r\n127.0.0.1 localhost\r\n::1 ip6-localhost ip6-loopback\r\nfe80::1%lo0 localhost\r\n0.0.0.0 0.0.0.0\r\n' +
    '0.0.0.0 ads.example tracker.example # both\r\n127.0.0.1\tTABS.example\r\n';
  assert.deepEqual(list(text).counts, { names: 3, unsupported: 0, unreadable: 0 });
  assert.deepEqual(covered(text, 'ads.example', 'www.ads.example', 'tabs.example', 'localhost'), [
    'ads.example',
    null,
    'tabs.example',
    null,
  ]);
});

test('a hosts file that maps names to places is no block list for them', () => {
  assert.deepEqual(list('10.0.0.5 wiki.corp.internal\n0.0.0.0 ads.example\n').counts, {
    names: 1,
    unsupported: 1,
    unreadable: 0,
  });
});

const formats: [string, string, string[], string[]][] = [
  ['a domain', 'ads.example', ['ads.example', 'a.b.ads.example'], ['example', 'xads.example']],
  ['a domain with dots around', '.ads.example.', ['ads.example', 'a.ads.example'], ['example']],
  ['a wildcard', '*.ads.example', ['a.ads.example'], ['ads.example']],
  ['an adblock rule', '||ads.example^', ['ads.example', 'a.ads.example'], ['example']],
  ['an adblock wildcard', '||*.ads.example^', ['a.ads.example'], ['ads.example']],
  ['an adblock rule of a top-level domain', '||zip^', ['zip', 'a.zip'], ['zap']],
  ['dnsmasq address', 'address=/ads.example/bad.example/', ['a.ads.example', 'bad.example'], ['example']],
  ['dnsmasq address to nowhere', 'address=/ads.example/0.0.0.0', ['ads.example'], ['example']],
  ['dnsmasq local', 'local=/ads.example/', ['ads.example'], ['example']],
  ['dnsmasq server', 'server=/ads.example/', ['ads.example'], ['example']],
  ['dnsmasq address to null addresses', 'address=/ads.example/#', ['a.ads.example'], ['example']],
];
for (const [format, text, yes, no] of formats) {
  test(`${format} is read: ${text}`, () => {
    const { domains } = list(text);
    for (const each of yes) assert.notEqual(domains.match(name(each)), null, each);
    for (const each of no) assert.equal(domains.match(name(each)), null, each);
  });
}

test('what dnsmasq sends to a server, the usual ones or others, is no block', () => {
  const exceptions = ['server=/good.example/#', 'local=/good.example/#', 'server=/good.example/0.0.0.0'];
  const others = ['server=/good.example/127.0.0.1', 'server=/good.example/127.0.0.1#5353', 'local=/good.example/::1'];
  const { counts, domains } = list(['server=/ads.example/', ...exceptions, ...others].join('\n'));
  assert.deepEqual(counts, { names: 1, unsupported: 6, unreadable: 0 });
  assert.equal(domains.match(name('good.example')), null);
});

test('D11: an IDN is its ASCII form, and case does not matter', () => {
  assert.deepEqual(covered('Bücher.example\nADS.Example\n', 'xn--bcher-kva.example', 'ads.example'), [
    'xn--bcher-kva.example',
    'ads.example',
  ]);
});

test('D12: what DNS cannot do is skipped and counted', () => {
  const rules = [
    '/ad[sx]+\\.example/',
    '/(a+)+$/',
    '@@||good.example^',
    '||ads.example^$third-party',
    '||example.com/banner',
    '||ads*.example^',
    'example.com##.banner',
    'ads.*',
    '*',
    '*.*.example',
    '10.0.0.1',
    'address=/wiki.example/10.0.0.5',
  ];
  const { counts } = list([...rules, ...rules.map((_, at) => `a${at}.example`)].join('\n'));
  assert.deepEqual(counts, { names: rules.length, unsupported: rules.length, unreadable: 0 });
});

test('D12: comments, blank lines, a byte order mark and a missing last line end are no rules', () => {
  const text = '\ufeff! title\n# comment\n[Adblock Plus]\n\n   \nads.example # why\n##\nlast.example';
  assert.deepEqual(list(text).counts, { names: 2, unsupported: 0, unreadable: 0 });
});

test('D12: a line that is too long or no name is skipped and counted', () => {
  const long = 'x'.repeat(2_000_000);
  const reader = createListReader();
  for (const part of ['a.example\n', long, long, '.example\nb.example\nc..example\nd.example\nno name here\n'])
    assert.equal(reader.push(Buffer.from(part)), null);
  const result = reader.end();
  assert.ok(result.kind === 'list');
  assert.deepEqual(result.counts, { names: 3, unsupported: 0, unreadable: 3 });
});

test('D12: what is no list is refused, and says what it is', () => {
  assert.match(refusal(''), /empty/);
  assert.match(refusal('<!DOCTYPE html><html>', 100), /HTML/);
  assert.match(refusal('\ufeff \n <html>', 100), /HTML/);
  assert.match(refusal(gzipSync('ads.example\n'), 100), /gzip/);
  assert.match(refusal('PK\x03\x04'), /zip/);
  assert.match(refusal('ads.example\nb\0d.example\n'), /NUL/);
  assert.match(refusal(Buffer.from('ads.example\n', 'utf16le')), /NUL/);
  assert.match(refusal('{\n"error": "not found"\n}\n'), /3 lines cannot be read/);
  assert.match(refusal('404: Not Found\n'), /no list of domains/);
});

test('D12: five million lines are refused on the way, and every piece takes little time', () => {
  const reader = createListReader();
  let pieces = 0;
  let longestMs = 0;
  let sentence: string | null = null;
  for (let line = 0; line < 5_000_000 && sentence === null; line += 2_000) {
    const chunk = Buffer.from(Array.from({ length: 2_000 }, (_, at) => `d${line + at}.example\n`).join(''));
    const startedAt = performance.now();
    sentence = reader.push(chunk);
    longestMs = Math.max(longestMs, performance.now() - startedAt);
    pieces++;
  }
  assert.match(sentence ?? '', /more than 1,000,000 names/);
  assert.ok(pieces < 600, `${pieces}`);
  assert.ok(longestMs < 500, `${longestMs} ms`);
  assert.equal(reader.end().kind, 'refused');
});

test('D12: a file that is too large is refused without being kept', () => {
  const reader = createListReader();
  const chunk = Buffer.alloc(1024 * 1024, '# comment\n');
  let pushed = 0;
  while (reader.push(chunk) === null) pushed += chunk.length;
  assert.ok(pushed <= MAX_LIST_BYTES);
  assert.match(JSON.stringify(reader.end()), /larger than 64 MB/);
});

test('D12: a sudden change of a large list is refused, of a small one it is somebody’s edit', () => {
  assert.match(suddenChange(200_000, 99_999) ?? '', /200,000 names and now has 99,999, less than half/);
  assert.match(suddenChange(5_000, 50_001) ?? '', /more than ten times/);
  assert.match(suddenChange(5_000, 0) ?? '', /less than half/);
  const fine: [number | null, number][] = [
    [200_000, 100_000],
    [5_000, 50_000],
    [null, 900_000],
    [900, 0],
    [3, 900],
  ];
  for (const [before, after] of fine) assert.equal(suddenChange(before, after), null, `${before} → ${after}`);
});

test('how the bytes are cut into pieces changes nothing, and no bytes make it throw', () => {
  const line = fc.constantFrom('ads.example', '0.0.0.0 x.example', 'Bücher.example', '# c', '||a.b^', '\r', '/x/', 'ü');
  fc.assert(
    fc.property(fc.array(line), fc.integer({ min: 1, max: 50 }), (lines, size) => {
      const text = lines.join('\n');
      assert.equal(summary(read(text, size)), summary(read(text, 1_000_000)));
    }),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void read(bytes)));
});

function summary(result: ListResult): string {
  return JSON.stringify(result.kind === 'list' ? result.counts : result);
}
