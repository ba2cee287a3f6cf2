// The promises of address parsing: one canonical form, nothing silently stripped, every numeric notation understood.
import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressBytes, addressOf, parseAddress, parseLegacyAddress, parseRange } from './address.ts';

test('text becomes one canonical form (RFC 5952), or nothing', () => {
  const table: [string, string | null][] = [
    ['192.168.1.20', '192.168.1.20'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::ffff:7f00:1', '::ffff:127.0.0.1'],
    ['64:ff9b::127.0.0.1', '64:ff9b::7f00:1'],
    ['', null],
    ['1.2.3', null],
    ['1.2.3.4.5', null],
    ['01.2.3.4', null],
    ['1.2.3.256', null],
    ['1.2.3.-4', null],
    ['1.2.3.4 ', null],
    ['1.2.3.4\0', null],
    ['+1.2.3.4', null],
    ['1e1.2.3.4', null],
    ['10.0.0.1:dead', null],
    ['[::1]', null],
    ['fe80::1%eth0', null],
    ['::1::', null],
    [':::', null],
    ['1:2:3:4:5:6:7:8:9', null],
    ['1:2:3:4:5:6:7:8::', null],
    ['12345::', null],
    ['1.2.3.4::', null],
    ['::1.2.3.4:5', null],
    ['::ffff:127.1', null],
  ];
  for (const [text, expected] of table) assert.equal(parseAddress(text), expected, JSON.stringify(text));
});

test('F2: what any resolver would take for a number is understood as that address', () => {
  const table: [string, string | null][] = [
    ['127.1', '127.0.0.1'],
    ['127.0.1', '127.0.0.1'],
    ['0x7f.1', '127.0.0.1'],
    ['0X7F000001', '127.0.0.1'],
    ['2130706433', '127.0.0.1'],
    ['017700000001', '127.0.0.1'],
    ['0177.0.0.1', '127.0.0.1'],
    ['127.0.0.1.', '127.0.0.1'],
    ['0', '0.0.0.0'],
    ['0x', '0.0.0.0'],
    ['169.16689662', '169.254.169.254'],
    ['10.0.258', '10.0.1.2'],
    ['[::ffff:7f00:1]', '::ffff:127.0.0.1'],
    ['4294967295', '255.255.255.255'],
    ['4294967296', null],
    ['127.16777216', null],
    ['256.1', null],
    ['08.1.1.1', null],
    ['1..2', null],
    ['', null],
    ['.', null],
    ['[127.0.0.1]', null],
    ['localhost.', null],
    ['wiki.corp.internal', null],
  ];
  for (const [text, expected] of table) assert.equal(parseLegacyAddress(text), expected, JSON.stringify(text));
});

test('every address of either family survives text and back, in the form that Node agrees on', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    sparse,
  );
  fc.assert(
    fc.property(bytes, (original) => {
      const address = addressOf(original);
      assert.equal(parseAddress(address), address);
      assert.deepEqual(addressBytes(address), Uint8Array.from(original));
      assert.equal(isIP(address), original.length === 4 ? 4 : 6);
      if (original.length === 16 && !address.includes('.'))
        assert.equal(new URL(`http://[${address}]/`).hostname, `[${address}]`);
    }),
    { numRuns: 2000 },
  );
});

test('arbitrary text never becomes an address that Node does not read the same way', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-fx:.%[\]]{0,30}$/), fc.ipV6(), fc.ipV4Extended());
  fc.assert(
    fc.property(text, (input) => {
      const strict = parseAddress(input);
      assert.equal(strict !== null, isIP(input) !== 0 && !input.includes('%'));
      const legacy = parseLegacyAddress(input);
      if (legacy !== null && !legacy.includes(':')) assert.equal(new URL(`http://${input}/`).hostname, legacy);
    }),
    { numRuns: 5000 },
  );
});

test('a range is read exactly, and never widened', () => {
  assert.deepEqual(parseRange('10.0.0.0/8'), { address: '10.0.0.0', prefix: 8 });
  assert.deepEqual(parseRange('0.0.0.0/0'), { address: '0.0.0.0', prefix: 0 });
  assert.deepEqual(parseRange('FD00::/8'), { address: 'fd00::', prefix: 8 });
  assert.deepEqual(parseRange('192.168.1.20/32'), { address: '192.168.1.20', prefix: 32 });
  const refused = [
    '10.0.0.0',
    '10.0.0.1/8',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/',
    '10/8',
    'fd00::1/8',
    '::/129',
    '::ffff:10.0.0.0/104',
    '/8',
    '',
  ];
  for (const text of refused) assert.equal(parseRange(text), null, text);
});

/** Sixteen bytes with long runs of zeros, where RFC 5952 has its rules. */
const sparse = fc
  .array(fc.constantFrom(0, 0, 0, 1, 0xff), { minLength: 16, maxLength: 16 })
  .map((bytes) => Uint8Array.from(bytes));
