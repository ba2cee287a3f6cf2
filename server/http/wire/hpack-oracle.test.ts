// Promise: what nghttp2 writes we read as it meant it, and the other way round, for any headers on one connection.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Stream, connect } from 'node:http2';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { frame } from './control-frame.ts';
import { FrameReader } from './frame-reader.ts';
import { FrameWriter } from './frame-writer.ts';
import { HpackDecoder } from './hpack-decoder.ts';
import { HpackEncoder } from './hpack-encoder.ts';
import { FRAME } from './http2-frame.ts';

const value = fc
  .oneof(
    fc.string({ maxLength: 60, unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) }),
    fc.integer({ min: 0, max: 3_000 }).map((length) => 'Zz9'.repeat(length / 3)),
  )
  .map((text) => text.trim());
const headers = fc.array(fc.tuple(fc.constantFrom('x-a', 'x-b', 'vary', 'link', 'x-c', 'x-long-name'), value), {
  maxLength: 12,
});
const ROUNDS = fc.sample(fc.record({ asked: headers, answered: headers }), { numRuns: 400, seed: 9113 });

test('nghttp2 and we read each other, with and without Huffman, tables, and more than one frame a block', async () => {
  const [near, far] = duplexPair();
  const session = connect('http://app.test', { createConnection: () => near, maxHeaderListPairs: 1_000 });
  const [encoder, decoder, writer] = [new HpackEncoder(), new HpackDecoder(), new FrameWriter()];
  const asked: string[][] = [];
  let answered: string[] = [];
  const reader = new FrameReader(
    {
      data: () => true,
      control: () => true,
      headers: (stream, block) => {
        const read = decoder.decode(block, { bytes: 1 << 20, fields: 1_000 });
        assert(read.kind === 'fields' && read.isSound);
        asked.push(read.fields);
        writer.begin(far);
        writer.headers(encoder, stream, 200, answered, true);
        writer.finish();
        return true;
      },
    },
    { blockBytes: 1 << 20 },
  );
  far.on('data', (bytes: Buffer) => assert.equal(reader.read(bytes), null));
  far.write(frame(FRAME.settings, 0, 0));
  for (const round of ROUNDS) {
    answered = round.answered.flat();
    const own = [':method', 'GET', ':path', '/', ':scheme', 'http', ':authority', 'app.test'];
    const stream: ClientHttp2Stream = session.request([...own, ...round.asked.flat()]);
    const [, , raw] = (await once(stream, 'response')) as [unknown, unknown, string[]];
    assert.deepEqual(raw, [':status', '200', ...answered]);
    assert.deepEqual(asked.pop(), [...own, ...round.asked.flat()]);
    stream.resume();
  }
  session.destroy();
});
