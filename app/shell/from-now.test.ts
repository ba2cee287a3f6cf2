// The promise: nobody is told that they have longer than they have.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromNow } from './from-now.ts';

test('the largest unit that says it well, rounded down', () => {
  const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
  const table: [number, string][] = [
    [7 * day - 1, 'in 6 days'],
    [2 * day, 'in 2 days'],
    [2 * day - 1, 'in 47 hours'],
    [24 * hour - 1, 'in 23 hours'],
    [hour, 'in 1 hour'],
    [hour - 1, 'in 59 minutes'],
    [minute, 'in 1 minute'],
    [1, 'in 1 minute'],
    [0, 'in 0 minutes'],
    [-day, 'in 0 minutes'],
  ];
  for (const [ms, words] of table) assert.equal(fromNow(ms, 'en'), words);
  assert.equal(fromNow(23 * hour, 'de'), 'in 23 Stunden');
});
