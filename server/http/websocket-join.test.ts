// Promises of the joined byte streams: unchanged however they are cut up, and a frame of ours only between two of theirs.
import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { closeFrame, FrameCounter, pingFrame } from './websocket-frames.ts';
import { joinWebSockets } from './websocket-join.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** One end of a connection: `written` is what the joint wrote, `feed` is what the peer sends; it may take nothing for good. */
function end({ takes = true } = {}) {
  const written: Buffer[] = [];
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      written.push(Buffer.from(chunk));
      if (takes) done();
    },
  });
  return { stream, written, feed: (bytes: Buffer) => stream.push(bytes) };
}

function frame(payload: Buffer, mask: boolean, opcode = 2): Buffer {
  const { length } = payload;
  const head = length < 126 ? Buffer.alloc(2) : length < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10);
  head[0] = 0x80 | opcode;
  head[1] = (mask ? 0x80 : 0) | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, mask ? Buffer.from([1, 2, 3, 4]) : Buffer.alloc(0), payload]);
}

const FRAMES = [
  frame(Buffer.alloc(0), false),
  frame(Buffer.from('hello'), false, 1),
  frame(Buffer.alloc(125, 1), false),
  frame(Buffer.alloc(126, 2), false),
  frame(Buffer.alloc(300, 3), true),
  frame(Buffer.alloc(70_000, 4), false),
  frame(Buffer.alloc(0), false, 9),
  frame(Buffer.from('bye'), true, 1),
];
const STREAM = Buffer.concat(FRAMES.filter((bytes) => bytes.length < 1_000));

suite('frames cut anywhere', () => {
  test('the counter finds the same ends however a stream is cut, byte by byte included', () => {
    const lengths = FRAMES.map((bytes) => bytes.length);
    const ends = lengths.map((_, i) => lengths.slice(0, i + 1).reduce((a, b) => a + b, 0));
    const all = Buffer.concat(FRAMES);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 50 }), (sizes) => {
        const counter = new FrameCounter();
        let at = 0;
        for (let i = 0; at < all.length; i += 1) {
          const chunk = all.subarray(at, at + (sizes[i % sizes.length] ?? 1));
          const boundary = counter.push(chunk);
          const first = ends.find((point) => point > at && point <= at + chunk.length);
          assert.equal(boundary, first === undefined ? -1 : first - at);
          at += chunk.length;
          assert.equal(counter.atBoundary, ends.includes(at));
        }
      }),
      { numRuns: 200 },
    );
    const counter = new FrameCounter();
    const found: number[] = [];
    all.forEach((byte, i) => {
      if (counter.push(Buffer.from([byte])) === 1) found.push(i + 1);
    });
    assert.deepEqual(found, ends);
  });

  test('W6: wherever a Close of ours is asked for, it stands behind a whole frame and nothing follows it', async () => {
    for (let cut = 0; cut <= STREAM.length; cut += 1) {
      const browser = end();
      const upstream = end();
      const joined = joinWebSockets(browser.stream, upstream.stream, {
        pingMs: 1_000_000,
        onBytes: () => {},
        onActivity: () => {},
      });
      if (cut > 0) upstream.feed(STREAM.subarray(0, cut));
      await turn();
      joined.close(1008, 'not-assigned');
      if (cut < STREAM.length) upstream.feed(STREAM.subarray(cut));
      await turn();
      const got = Buffer.concat(browser.written);
      const close = closeFrame(1008, 'not-assigned', null);
      const before = got.subarray(0, got.length - close.length);
      assert.deepEqual(got.subarray(-close.length), close, `cut at ${cut}`);
      assert.deepEqual(before, STREAM.subarray(0, before.length));
      const counter = new FrameCounter();
      counter.push(before);
      assert(counter.atBoundary, `cut at ${cut}`);
      browser.stream.destroy();
      upstream.stream.destroy();
    }
  });

  test('bytes pass unchanged both ways, one at a time', async () => {
    const browser = end();
    const upstream = end();
    joinWebSockets(browser.stream, upstream.stream, { pingMs: 1_000_000, onBytes: () => {}, onActivity: () => {} });
    for (const byte of STREAM) {
      browser.feed(Buffer.from([byte]));
      upstream.feed(Buffer.from([byte]));
    }
    await turn();
    assert.deepEqual(Buffer.concat(browser.written), STREAM);
    assert.deepEqual(Buffer.concat(upstream.written), STREAM);
    browser.stream.destroy();
    upstream.stream.destroy();
  });

  test('W9: a length of 2^63 is bytes like others, and memory stays as it is', () => {
    const counter = new FrameCounter();
    const head = Buffer.from('82ffffffffffffffffff01020304', 'hex');
    assert.equal(counter.push(head), -1);
    for (let i = 0; i < 100; i += 1) assert.equal(counter.push(Buffer.alloc(65_536)), -1);
    assert.equal(counter.atBoundary, false);
  });

  test('W7: a ping of ours waits for the end of the frame that is under way', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const browser = end();
    const upstream = end();
    joinWebSockets(browser.stream, upstream.stream, { pingMs: 1_000, onBytes: () => {}, onActivity: () => {} });
    const message = frame(Buffer.alloc(200, 5), false);
    upstream.feed(message.subarray(0, 100));
    await turn();
    t.mock.timers.tick(1_000);
    upstream.feed(Buffer.concat([message.subarray(100), message.subarray(0, 10)]));
    await turn();
    assert.deepEqual(Buffer.concat(browser.written), Buffer.concat([message, pingFrame(), message.subarray(0, 10)]));
    browser.stream.destroy();
    upstream.stream.destroy();
    // Told that both are closed, it stops this clock and not the next test's.
    await turn();
  });

  test('W7: a frame that takes longer than all pings arrives, since none of them could be sent; then they count', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const browser = end();
    const upstream = end();
    joinWebSockets(browser.stream, upstream.stream, { pingMs: 1_000, onBytes: () => {}, onActivity: () => {} });
    const message = frame(Buffer.alloc(1_000, 5), false);
    for (let at = 0; at < message.length; at += 100) {
      upstream.feed(message.subarray(at, at + 100));
      await turn();
      t.mock.timers.tick(1_000);
    }
    assert.deepEqual(Buffer.concat(browser.written), Buffer.concat([message, pingFrame(), pingFrame()]));
    t.mock.timers.tick(1_000);
    assert.equal(browser.stream.destroyed, false);
    t.mock.timers.tick(1_000);
    assert.equal(browser.stream.destroyed, true);
    assert.equal(upstream.stream.destroyed, true);
  });

  test('W7: a browser that takes nothing of a long frame is dead after as long as two pings', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const browser = end({ takes: false });
    const upstream = end();
    joinWebSockets(browser.stream, upstream.stream, { pingMs: 1_000, onBytes: () => {}, onActivity: () => {} });
    upstream.feed(frame(Buffer.alloc(1_000_000, 5), false).subarray(0, 500_000));
    await turn();
    t.mock.timers.tick(2_000);
    assert.equal(browser.stream.destroyed, false);
    t.mock.timers.tick(1_000);
    assert.equal(browser.stream.destroyed, true);
    assert.equal(upstream.stream.destroyed, true);
  });

  test('W7: a browser that takes data and answers no ping is dead after two of them', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const browser = end();
    const upstream = end();
    joinWebSockets(browser.stream, upstream.stream, { pingMs: 1_000, onBytes: () => {}, onActivity: () => {} });
    for (let tick = 0; tick < 3; tick += 1) {
      assert.equal(browser.stream.destroyed, false);
      upstream.feed(frame(Buffer.alloc(100_000, 5), false));
      await turn();
      browser.stream.emit('drain');
      t.mock.timers.tick(1_000);
    }
    assert.equal(browser.stream.destroyed, true);
    upstream.stream.destroy();
  });

  test('R8: an app that does not end with its browser is ended', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
    const browser = end();
    const upstream = end();
    joinWebSockets(browser.stream, upstream.stream, { pingMs: 3_600_000, onBytes: () => {}, onActivity: () => {} });
    browser.stream.destroy();
    await turn();
    assert.equal(upstream.stream.writableEnded, true);
    t.mock.timers.tick(4_999);
    assert.equal(upstream.stream.destroyed, false);
    t.mock.timers.tick(1);
    assert.equal(upstream.stream.destroyed, true);
  });

  test('W7: once one side has ended, the other has as long as two pings to end too, whatever it still says', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    for (const first of ['browser', 'upstream'] as const) {
      const sides = { browser: end(), upstream: end() };
      joinWebSockets(sides.browser.stream, sides.upstream.stream, {
        pingMs: 1_000,
        onBytes: () => {},
        onActivity: () => {},
      });
      const other = sides[first === 'browser' ? 'upstream' : 'browser'];
      sides[first].feed(STREAM);
      sides[first].stream.push(null);
      await turn();
      assert.equal(other.stream.writableFinished, true);
      sides[first].stream.destroy();
      await turn();
      for (let tick = 0; tick < 3; tick += 1) {
        assert.equal(other.stream.destroyed, false);
        other.feed(STREAM);
        await turn();
        t.mock.timers.tick(1_000);
      }
      assert.equal(other.stream.destroyed, true);
      assert.deepEqual(Buffer.concat(other.written), STREAM);
      assert.deepEqual(sides[first].written, []);
    }
  });
});
