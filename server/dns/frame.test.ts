// Messages come out of a stream as they went in, wherever the stream was cut.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { framed, frameReader } from './frame.ts';

test('D5: messages of any length, cut anywhere, are read as they were written, and a rest waits', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 8 });
  const cuts = fc.array(fc.nat(5_000), { maxLength: 40 });
  fc.assert(
    fc.property(messages, cuts, fc.nat(3), (written, at, missing) => {
      const stream = Buffer.concat(written.map(framed));
      const sent = stream.subarray(0, Math.max(0, stream.length - missing));
      const places = [...new Set([0, ...at.filter((place) => place < sent.length), sent.length])].sort((a, b) => a - b);
      const read = frameReader();
      const got = places
        .slice(1)
        .flatMap((end, index) => read(sent.subarray(places[index], end)).map((bytes) => [...bytes]));
      const whole = written.filter(
        (_, index) => Buffer.concat(written.slice(0, index + 1).map(framed)).length <= sent.length,
      );
      assert.deepEqual(
        got,
        whole.map((bytes) => [...bytes]),
      );
    }),
    { numRuns: 500 },
  );
});

test('D5: the longest message in single bytes is read once, and what is longer is not written', () => {
  const longest = new Uint8Array(65_535).fill(7);
  const read = frameReader();
  const got = [...framed(longest)].flatMap((byte) => read(Buffer.of(byte)));
  assert.deepEqual([got.length, got[0]?.length], [1, 65_535]);
  assert.throws(() => framed(new Uint8Array(65_536)), RangeError);
});
