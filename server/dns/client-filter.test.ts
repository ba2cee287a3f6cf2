// Whose questions are answered: those within the ranges, of each family by itself, however many ask.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRange } from '#server/core/address.ts';
import { clientFilter } from './client-filter.ts';
import { address } from './packet.testing.ts';

const filter = (...ranges: string[]) => clientFilter(ranges.map((text) => parseRange(text) ?? assert.fail(text)));

test('within a range is within, and nothing else is', () => {
  const may = filter('10.0.0.0/8', 'fd00::/8');
  const cases: [string, boolean][] = [
    ['10.255.0.1', true],
    ['11.0.0.1', false],
    ['fd12::1', true],
    ['2001:db8::1', false],
    ['::1', false],
  ];
  for (const _again of [1, 2]) for (const [text, expected] of cases) assert.equal(may(address(text)), expected, text);
});

test('no range is nobody', () => {
  assert.equal(filter()(address('127.0.0.1')), false);
});

test('ten thousand clients are each judged right', () => {
  const may = filter('10.0.0.0/17');
  for (let at = 0; at < 65_536; at += 7)
    assert.equal(may(address(`10.0.${at >> 8}.${at & 0xff}`)), at < 32_768, String(at));
});
