// The promise of the back-off: it doubles from 0.1 s to 10 s, and a child that was well begins anew.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextWaitMs } from './backoff.ts';

test('Z5: waits double up to ten seconds', () => {
  const waits: number[] = [];
  for (let last = 0; waits.length < 9; last = waits.at(-1) ?? 0) waits.push(nextWaitMs(last, 50));
  assert.deepEqual(waits, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
});

test('Z5: after thirty seconds of life the next crash counts as the first', () => {
  assert.equal(nextWaitMs(10_000, 29_999), 10_000);
  assert.equal(nextWaitMs(10_000, 30_000), 100);
});
