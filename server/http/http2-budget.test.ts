// What an HTTP/2 connection may cost beside its requests, in numbers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BARE_BYTES_AT_ONCE, Bucket, debtAfter } from './http2-budget.ts';

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

test('R4: frames that carry nothing are owed for, and what carries something pays for its own', () => {
  const nothing = { read: 0, written: 0, used: 0, unread: 0 };
  assert.equal(debtAfter(0, nothing, 1, 0), 0);
  // A megabyte of WINDOW_UPDATE frames in a second.
  assert(debtAfter(0, { ...nothing, read: 1 << 20 }, 1, 0) > BARE_BYTES_AT_ONCE);
  // The same for a download of ten megabytes, or around an upload in pieces of ten bytes.
  assert.equal(debtAfter(0, { ...nothing, read: 1 << 20, written: 10 << 20 }, 1, 0), 0);
  assert.equal(debtAfter(0, { ...nothing, read: 19 * 50_000, used: 10 * 50_000 }, 1, 0), 0);
  // One byte in each frame is too few.
  assert(debtAfter(0, { ...nothing, read: 10 * 100_000, used: 100_000 }, 1, 0) > BARE_BYTES_AT_ONCE);
  // An upload that its app has not read yet is no debt, also when it is given up.
  assert.equal(debtAfter(0, { ...nothing, read: 256 << 10, unread: 256 << 10 }, 0, 0), 0);
  assert.equal(debtAfter(-(256 << 10), { ...nothing, read: 256 << 10 }, 0, 256 << 10), 0);
  // Debt is paid by quiet.
  assert.equal(debtAfter(64 * 1_024, nothing, 1, 0), 0);
});
