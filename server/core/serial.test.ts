// A zone's serial only moves forward, whatever the clock does (D14).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isAfter, nextSerial } from './serial.ts';

test('D14: a serial is the second of now, and one more where the clock stands or went back', () => {
  assert.equal(nextSerial(0, 1_800_000_000.9), 1_800_000_000);
  assert.equal(nextSerial(1_800_000_000, 1_800_000_000), 1_800_000_001);
  assert.equal(nextSerial(1_800_000_000, 1_700_000_000), 1_800_000_001);
  assert.equal(nextSerial(2 ** 32 - 1, 2 ** 32 - 10), 0);
});

test('D14: whatever the clock says, the next serial comes after the one before', () => {
  const seconds = fc.double({ min: 0, max: 1e12, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), seconds, (before, now) => {
      const next = nextSerial(before, now);
      assert.ok(Number.isInteger(next) && next >= 0 && next < 2 ** 32 && isAfter(next, before));
    }),
  );
});
