// Promise: frames come out whole and in order, one connection's memory is never another's, and what waits keeps no more than it needs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameWriter } from './frame-writer.ts';
import { FRAME } from './http2-frame.ts';

/** Takes everything at once, or nothing as long as it is blocked. */
class Target {
  readonly parts: Buffer[] = [];
  isBlocked = false;
  get writableLength(): number {
    return this.isBlocked ? 1 : 0;
  }
  write(bytes: Buffer): boolean {
    this.parts.push(this.isBlocked ? bytes : Buffer.from(bytes));
    return !this.isBlocked;
  }
}

test('what a connection has not taken is as it was, whatever is written to others meanwhile', () => {
  const writer = new FrameWriter();
  const [slow, quick] = [new Target(), new Target()];
  for (let i = 0; i < 200; i += 1) {
    for (const [target, byte] of [
      [slow, 0x73],
      [quick, 0x71],
    ] as const) {
      slow.isBlocked = i % 7 !== 0;
      writer.begin(target);
      writer.frame(FRAME.data, 0, i + 1, Buffer.alloc((i * 331) % 16_000, byte));
      writer.frame(FRAME.data, 0, i + 1, Buffer.alloc((i * 17) % 300, byte));
      writer.finish();
    }
  }
  for (const [target, byte] of [
    [slow, 0x73],
    [quick, 0x71],
  ] as const) {
    const bytes = Buffer.concat(target.parts);
    let at = 0;
    for (let i = 0; i < 200; i += 1)
      for (const length of [(i * 331) % 16_000, (i * 17) % 300]) {
        assert.equal(bytes.readUIntBE(at, 3), length);
        assert.equal(bytes.readUInt32BE(at + 5), i + 1);
        assert(bytes.subarray(at + 9, at + 9 + length).every((each) => each === byte));
        at += 9 + length;
      }
    assert.equal(at, bytes.length);
  }
});

test('R4: small frames for a client that takes nothing keep little memory', () => {
  const writer = new FrameWriter();
  const [slow, quick] = [new Target(), new Target()];
  slow.isBlocked = true;
  for (let i = 0; i < 1_000; i += 1) {
    writer.begin(slow);
    writer.frame(FRAME.ping, 1, 0, Buffer.alloc(8));
    writer.finish();
    writer.begin(quick);
    for (let k = 0; k < 6; k += 1) writer.frame(FRAME.data, 0, 1, Buffer.alloc(16_000));
    writer.finish();
  }
  const kept = new Set(slow.parts.map(({ buffer }) => buffer));
  const bytes = [...kept].reduce((sum, { byteLength }) => sum + byteLength, 0);
  assert(bytes < 1_000_000, `${bytes} bytes`);
});
