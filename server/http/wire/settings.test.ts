// Promise: of a client's SETTINGS what counts for us is read, and what RFC 9113 §6.5.2 forbids ends the connection with its code.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERROR } from './http2-frame.ts';
import { readSettings } from './settings.ts';

const settings = (...list: readonly (readonly [number, number])[]): Buffer => {
  const payload = Buffer.alloc(6 * list.length);
  for (const [i, [name, value]] of list.entries()) {
    payload.writeUInt16BE(name, i * 6);
    payload.writeUInt32BE(value, i * 6 + 2);
  }
  return payload;
};

test('the last window counts, every size of the table is told, and the rest is passed over', () => {
  const payload = settings(
    [1, 0],
    [4, 10],
    [3, 9],
    [1, 4_096],
    [4, 2 ** 31 - 1],
    [6, 1],
    [2, 1],
    [5, 16_384],
    [99, 99],
  );
  assert.deepEqual(readSettings(payload), {
    kind: 'settings',
    headerTableBytes: [0, 4_096],
    initialWindow: 2 ** 31 - 1,
  });
  assert.deepEqual(readSettings(settings()), { kind: 'settings', headerTableBytes: [], initialWindow: null });
});

for (const [what, payload, code] of [
  ['half an entry', Buffer.alloc(7), ERROR.frameSize],
  ['a push that is neither on nor off', settings([2, 2]), ERROR.protocol],
  ['a window that is too large', settings([4, 2 ** 31]), ERROR.flowControl],
  ['frames that are too small', settings([5, 16_383]), ERROR.protocol],
  ['frames that are too large', settings([5, 2 ** 24]), ERROR.protocol],
] as const)
  test(what, () => assert.deepEqual(readSettings(payload), { kind: 'bad', code }));
