// Promise: what a stream holds for a body that nobody reads is what it counts, whatever the pieces came with.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Http2Stream, type StreamOwner } from './http2-stream.ts';
import { UNSAID } from './wire/priority.ts';

test('R10: small pieces of an upload that waits do not keep the reads that they came with', () => {
  let held = 0;
  let taken = 0;
  const owner: StreamOwner = {
    ready: () => {},
    push: () => {},
    hold: (bytes) => {
      held += bytes;
    },
    taken: (bytes) => {
      taken += bytes;
    },
    reset: () => {},
    dismiss: () => {},
    left: () => {},
  };
  const stream = new Http2Stream(owner, {
    ...{ id: 1, sendWindow: 65_535, receiveWindow: 1 << 20, length: null, priority: UNSAID, isEnd: false },
  });
  for (let i = 0; i < 20_000; i += 1) {
    // Five bytes in the middle of what one read of the socket brought.
    const read = Buffer.alloc(16_384, 'x');
    assert.equal(stream.receive(read.subarray(100, 105), 5, false), null);
  }
  assert.equal(held + taken, 100_000);
  const memories = new Set<ArrayBufferLike>();
  for (let piece = stream.body?.read(5); piece; piece = stream.body?.read(5)) memories.add(piece.buffer);
  const bytes = [...memories].reduce((sum, { byteLength }) => sum + byteLength, 0);
  assert(bytes <= 2 * 100_000, `${bytes} bytes are kept for 100,000`);
  stream.close();
  assert.equal(held, 0);
});
