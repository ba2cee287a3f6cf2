// The promise of the order: whatever time a look has, each list gets its share, and the next look goes on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookOrder } from './look-order.ts';

const keyed = (...keys: string[]) => keys.map((key) => ({ key }));
const order = (lists: { key: string }[][], startAt: string | null) => lookOrder(lists, startAt).map(({ key }) => key);

test('lists are spread over each other, each in its own order and the first one’s first in front', () => {
  const lists = [keyed('p1', 'p2', 'p3', 'p4'), keyed('i1', 'i2')];
  assert.deepEqual(order(lists, null), ['p1', 'i1', 'p2', 'p3', 'i2', 'p4']);
  assert.deepEqual(order([keyed(), keyed('i1')], null), ['i1']);
  assert.deepEqual(order([], 'p1'), []);
});

test('a look begins where the last one ended and comes to everything; a name that is gone begins anew', () => {
  const lists = [keyed('p1', 'p2', 'p3', 'p4'), keyed('i1', 'i2')];
  assert.deepEqual(order(lists, 'p3'), ['p3', 'i2', 'p4', 'p1', 'i1', 'p2']);
  assert.deepEqual(order(lists, 'gone'), order(lists, null));
});

test('looks of any length come to every name within as many looks as that takes', () => {
  const lists = [keyed('p1', 'p2', 'p3', 'p4', 'p5'), keyed('l1'), keyed('i1', 'i2', 'i3')];
  const seen = new Set<string>();
  let startAt: string | null = null;
  for (let look = 0; look < 5; look++) {
    const names: string[] = order(lists, startAt);
    for (const name of names.slice(0, 2)) seen.add(name);
    startAt = names[2] ?? null;
  }
  assert.equal(seen.size, 9);
});
