// The promises of what is read off a histogram.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LATENCY_BOUNDS_MS, latencyQuantile } from './usage.ts';

const EMPTY = Array.from({ length: LATENCY_BOUNDS_MS.length + 1 }, () => 0);
const withCounts = (counts: Record<number, number>) => EMPTY.map((_, at) => counts[at] ?? 0);

test('a share of the answers is found on a straight line within its bucket', () => {
  assert.equal(latencyQuantile(EMPTY, 0.5), null);
  assert.equal(latencyQuantile(withCounts({ 0: 10 }), 0.5), 2.5);
  assert.equal(latencyQuantile(withCounts({ 0: 50, 4: 50 }), 0.5), 5);
  assert.equal(latencyQuantile(withCounts({ 4: 100 }), 0.95), 97.5);
  assert.equal(latencyQuantile(withCounts({ 12: 1 }), 0.5), 30_000, 'above the last bound');
});

test('a larger share never takes less time, and none takes more than the bound of the slowest', () => {
  const counts = fc.array(fc.nat(1_000), { minLength: EMPTY.length, maxLength: EMPTY.length });
  const share = fc.double({ min: 0.01, max: 1, noNaN: true });
  fc.assert(
    fc.property(counts, share, share, (buckets, one, other) => {
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      const [atLow, atHigh] = [latencyQuantile(buckets, low), latencyQuantile(buckets, high)];
      if (atLow === null || atHigh === null) return assert.ok(buckets.every((count) => count === 0));
      assert.ok(atLow <= atHigh + 1e-6);
      const slowest = buckets.findLastIndex((count) => count > 0);
      assert.ok(atHigh <= (LATENCY_BOUNDS_MS[slowest] ?? 30_000) + 1e-6);
    }),
  );
});
