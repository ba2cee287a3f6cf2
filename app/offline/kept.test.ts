// How long a kept catalogue counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCurrent } from './kept.ts';

const HOUR = 3_600_000;

test('K1: a kept catalogue counts until the session’s end, and a clock that is put back gives it no more time', () => {
  const kept = { keptAt: 10 * HOUR, until: 18 * HOUR };
  assert.equal(isCurrent(kept, 10 * HOUR), true);
  assert.equal(isCurrent(kept, 18 * HOUR - 1), true);
  assert.equal(isCurrent(kept, 18 * HOUR), false);
  assert.equal(isCurrent(kept, 10 * HOUR - 30_000), true, 'a clock that was set right by seconds');
  assert.equal(isCurrent(kept, 9 * HOUR), false);
  assert.equal(isCurrent({ keptAt: Number.NaN, until: Number.NaN }, 10 * HOUR), false, 'what cannot be read is over');
});
