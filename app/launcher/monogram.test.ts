import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initials, ink } from './monogram.ts';

test('initials are two letters of what a person reads', () => {
  const table = [
    ['Wiki', 'Wi'],
    ['ops board', 'OB'],
    ['Pay-Roll', 'PR'],
    ['x', 'X'],
    ['Ölstand', 'Öl'],
    ['日本 語', '日語'],
    ['👩‍💻 dev', '👩D'],
    ['', ''],
  ] as const;
  for (const [name, expected] of table) assert.equal(initials(name), expected);
});

test('an ink is one of eight and stays', () => {
  for (const id of ['', 'a', '0198c5f2-0000-7000-8000-000000000001', '😀']) {
    assert.ok(ink(id) >= 0 && ink(id) < 8);
    assert.equal(ink(id), ink(id));
  }
});
