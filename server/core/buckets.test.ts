// The promises of buckets: as many as the rate says and no more, each for itself, in bounded memory.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBuckets } from './buckets.ts';

const RATE = { perSecond: 2, burst: 4 };

test('a burst, then the rate; the wait that is said is long enough, and no longer', () => {
  const buckets = createBuckets(10);
  assert.deepEqual(
    Array.from({ length: 6 }, () => buckets.take('a', RATE, 0)),
    [0, 0, 0, 0, 500, 500],
  );
  assert.deepEqual([buckets.take('b', RATE, 0), buckets.refusals('a'), buckets.refusals('b')], [0, 2, 0]);
  assert.ok(buckets.take('a', RATE, 490) > 0);
  assert.equal(buckets.take('a', RATE, 501), 0);
  assert.ok(buckets.take('a', RATE, 400) > 490, 'a clock that is set back fills nothing');
});

test('who was not seen for longest is forgotten first', () => {
  const buckets = createBuckets(2);
  for (const key of ['a', 'b', 'a', 'c']) buckets.take(key, { perSecond: 1, burst: 1 }, 0);
  assert.equal(buckets.size, 2);
  assert.equal(buckets.take('a', { perSecond: 1, burst: 1 }, 0) > 0, true);
});
