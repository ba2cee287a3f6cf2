// Host names: what is one, and that every spelling of it is the same one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isWithin, parseAuthority, parseHostname } from './hostname.ts';

for (const [text, expected] of [
  ['wiki.corp.example', 'wiki.corp.example'],
  ['WIKI.Corp.Example.', 'wiki.corp.example'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['localhost', 'localhost'],
  ['a', 'a'],
  ['1a', '1a'],
  ['', null],
  ['.', null],
  ['..', null],
  ['a..b', null],
  ['.a', null],
  ['-a', null],
  ['a-', null],
  ['a_b', null],
  ['a b', null],
  ['a\0', null],
  ['a/b', null],
  ['a@b', null],
  ['127.0.0.1', null],
  ['127.1', null],
  ['0x7f.1', null],
  ['0x7f000001', null],
  ['2130706433', null],
  ['a.1', null],
  ['a.0x', null],
  ['[::1]', null],
  ['::1', null],
  [`${'a'.repeat(64)}.b`, null],
  [`${'a'.repeat(63)}.b`, `${'a'.repeat(63)}.b`],
  [`${'a.'.repeat(126)}a`, `${'a.'.repeat(126)}a`],
  [`${'a.'.repeat(127)}a`, null],
  ['a。b', 'a.b'],
  ['ａ.b', 'a.b'],
  ['a‍b', null],
] as const) {
  test(`H6: ${JSON.stringify(text).slice(0, 40)} is ${expected === null ? 'no host name' : expected.slice(0, 40)}`, () => {
    const parsed = parseHostname(text);
    // What IDNA makes of a joiner is its own; a byte that no host name has never stays.
    if (text === 'a‍b') assert(parsed === null || /^[a-z0-9.-]+$/.test(parsed));
    else assert.equal(parsed, expected);
  });
}

test('H2: whatever a Host says, what is parsed is canonical and parses to itself', () => {
  const labels = fc.array(fc.stringMatching(/^[A-Za-z0-9_.:@/\\ [\]%\u00e9-]{0,12}$/), { maxLength: 5 });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        labels.map((list) => list.join('.')),
      ),
      (text) => {
        const parsed = parseAuthority(text);
        if (!parsed) return;
        assert.match(parsed.hostname, /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/);
        assert(parsed.hostname.length <= 253);
        assert.deepEqual(parseAuthority(parsed.hostname), { hostname: parsed.hostname, port: null });
        assert.equal(parseHostname(parsed.hostname), parsed.hostname);
        assert.equal(new URL(`https://${parsed.hostname}/`).hostname, parsed.hostname, 'a browser reads the same name');
        assert(text.toLowerCase().startsWith(parsed.hostname), 'nothing but case, a dot and a port was changed');
      },
    ),
    { numRuns: 2_000 },
  );
});

test('H6: case, one trailing dot and the port never change which name it is', () => {
  const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/);
  fc.assert(
    fc.property(fc.array(label, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 65_535 }), (parts, port) => {
      const name = parts.join('.');
      for (const text of [name, name.toUpperCase(), `${name}.`, `${name}:${port}`, `${name.toUpperCase()}.:${port}`])
        assert.equal(parseAuthority(text)?.hostname, name);
      for (const text of [`${name}..`, `${name}:`.concat('0'), `${name}:65536`, `${name}:1:2`, `${name} `, ` ${name}`])
        assert.equal(parseAuthority(text), null);
    }),
  );
});

test('a zone holds itself and what lies under it, not what only ends like it', () => {
  const [zone, under, beside] = ['corp.example', 'a.corp.example', 'evilcorp.example'].map((text) =>
    parseHostname(text),
  );
  assert(zone && under && beside);
  assert(isWithin(zone, zone) && isWithin(under, zone));
  assert(!isWithin(beside, zone) && !isWithin(zone, under));
});

test('H6: a Host header’s name, read character by character, is what the reading of any name makes of it', () => {
  const label = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', 'z', '0', '9', '-', 'x', 'é', 'A'), maxLength: 4 }),
    fc.constantFrom('a'.repeat(63), 'a'.repeat(64), '0x', '1'),
  );
  fc.assert(
    fc.property(fc.array(label, { maxLength: 6 }), (labels) => {
      const name = labels.join('.');
      const expected = /^[\x21-\x7e]+$/.test(name) ? parseHostname(name) : null;
      assert.equal(parseAuthority(name)?.hostname ?? null, expected);
    }),
    { numRuns: 3_000 },
  );
});
