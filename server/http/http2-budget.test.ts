// What an HTTP/2 connection may cost beside its requests, in numbers.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Bucket, Http2Budget } from './http2-budget.ts';
import { DEFAULT_LIMITS } from './limits.ts';

test('R2: a burst is free, the long run has a rate, and twice too much is over', () => {
  const bucket = new Bucket(100, 10, 0);
  for (let i = 0; i < 100; i += 1) assert.equal(bucket.take(1, 0), 'enough');
  assert.equal(bucket.take(1, 0), 'short');
  assert.equal(bucket.take(1, 1_000), 'enough');
  assert.equal(bucket.take(9, 1_000), 'short');
  assert.equal(bucket.take(100, 1_000), 'over');
  const rested = new Bucket(100, 10, 0);
  for (let second = 1; second < 1_000; second += 1) assert.equal(rested.take(10, second * 1_000), 'enough');
});

suite('R4: frames that carry nothing are paid for, and what carries something pays for its own', () => {
  /** How the last of so many stands, all in one moment; each may follow a frame of an answer. */
  const after = (count: number, spend: (budget: Http2Budget) => string, answeredBytes = 0): string => {
    const budget = new Http2Budget(DEFAULT_LIMITS, 0);
    let last = '';
    for (let i = 0; i < count; i += 1) {
      if (answeredBytes > 0) budget.answered(answeredBytes);
      last = spend(budget);
    }
    return last;
  };
  for (const [what, count, spend, standing, answeredBytes] of [
    ['a few updates of windows', 1_000, (b) => b.bare(13, 0), 'enough'],
    ['many of them', 6_000, (b) => b.bare(13, 0), 'short'],
    ['twice as many', 12_000, (b) => b.bare(13, 0), 'over'],
    ['two for each frame of an answer', 100_000, (b) => b.bare(26, 0), 'enough', 1],
    ['three for each KB of a long answer', 100_000, (b) => b.bare(39, 0), 'enough', 1_024],
    ['a body in pieces of ten bytes', 100_000, (b) => b.body(19, 10, 0), 'enough'],
    ['a body in pieces of one byte', 20_000, (b) => b.body(10, 1, 0), 'over'],
    ['frames of padding', 1_000, (b) => b.body(210, 0, 0), 'over'],
    ['a hundred pings', 100, (b) => b.ping(17, 0), 'enough'],
    ['three thousand', 3_000, (b) => b.ping(17, 0), 'over'],
    ['one for each frame of an answer', 100_000, (b) => b.ping(17, 0), 'enough', 100],
    ['a hundred settings', 100, (b) => b.settings(9, 0), 'enough'],
    ['three hundred', 300, (b) => b.settings(9, 0), 'over'],
  ] as readonly (readonly [string, number, (budget: Http2Budget) => string, string, number?])[])
    test(`R4: ${what}: ${standing}`, () => assert.equal(after(count, spend, answeredBytes), standing));
});
