// Promise: the same frames come out however their bytes are cut, and what is no frame ends the connection with the right code.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { frame, number } from './control-frame.ts';
import { FrameReader } from './frame-reader.ts';
import { ERROR, FLAG, FRAME, PREFACE } from './http2-frame.ts';

type Seen = { error: number | null; events: string[] };

/** What a reader makes of these bytes; neighbouring pieces of one DATA frame are shown as one. */
function read(...pieces: Uint8Array[]): Seen {
  const events: string[] = [];
  let body = '';
  let flow = 0;
  const reader = new FrameReader(
    {
      data: (stream, piece, flowBytes, isFirst, isEnd) => {
        if (isFirst) [body, flow] = ['', 0];
        else events.pop();
        body += piece.toString('latin1');
        flow += flowBytes;
        events.push(`data ${stream} ${body} ${flow}${isEnd ? ' end' : ''}`);
        return true;
      },
      headers: (stream, block, wireBytes, isEnd) => {
        events.push(`headers ${stream} ${block.toString('latin1')} ${wireBytes}${isEnd ? ' end' : ''}`);
        return true;
      },
      control: (type, flags, stream, payload) => {
        events.push(`${type} ${flags} ${stream} ${payload.toString('latin1')}`);
        return true;
      },
    },
    { blockBytes: 1_000 },
  );
  let error: number | null = null;
  for (const piece of pieces) if (error === null) error = reader.read(Buffer.from(piece));
  return { error, events };
}

const text = (value: string) => Buffer.from(value, 'latin1');
const STREAM = Buffer.concat([
  PREFACE,
  frame(FRAME.settings, 0, 0, Buffer.from([0, 3, 0, 0, 0, 9])),
  frame(FRAME.headers, FLAG.endHeaders, 1, text('abc')),
  frame(FRAME.headers, 0, 3, text('de')),
  frame(FRAME.continuation, 0, 3, text('f')),
  frame(FRAME.continuation, FLAG.endHeaders, 3, text('')),
  frame(FRAME.headers, FLAG.endHeaders | FLAG.padded | FLAG.priority | FLAG.endStream, 5, text('\x02.....gh..')),
  frame(FRAME.data, 0, 1, text('body')),
  frame(FRAME.data, FLAG.padded, 1, text('\x03more...')),
  frame(FRAME.data, FLAG.padded, 1, text('\x00')),
  frame(FRAME.data, FLAG.endStream, 1),
  number(FRAME.windowUpdate, 0, 7),
  frame(0x40, 0xff, 9, text('unknown')),
]);
const EVENTS = [
  '4 0 0 \0\x03\0\0\0\x09',
  'headers 1 abc 12',
  'headers 3 def 30',
  'headers 5 gh 19 end',
  'data 1 body 4',
  'data 1 more 8',
  'data 1  1',
  'data 1  0 end',
  '8 0 0 \0\0\0\x07',
  '64 255 9 unknown',
];

suite('frames', () => {
  test('whole, byte by byte, and cut at any places', () => {
    assert.deepEqual(read(STREAM), { error: null, events: EVENTS });
    assert.deepEqual(read(...Array.from(STREAM, (byte) => Uint8Array.of(byte))), { error: null, events: EVENTS });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: STREAM.length }), { maxLength: 8 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), STREAM.length];
        const pieces = places.slice(1).map((end, i) => STREAM.subarray(places[i], end));
        assert.deepEqual(read(...pieces), { error: null, events: EVENTS });
      }),
    );
  });

  for (const [what, bytes, error] of [
    ['another protocol', text('GET / HTTP/1.1\r\n'), ERROR.protocol],
    ['a frame that is too long', Buffer.concat([PREFACE, text('\x00\x40\x01\x06\x00\0\0\0\0')]), ERROR.frameSize],
    ['DATA on the connection', Buffer.concat([PREFACE, frame(FRAME.data, 0, 0, text('a'))]), ERROR.protocol],
    ['HEADERS on the connection', Buffer.concat([PREFACE, frame(FRAME.headers, 4, 0, text('a'))]), ERROR.protocol],
    [
      'padding longer than its frame',
      Buffer.concat([PREFACE, frame(FRAME.data, 8, 1, text('\x04abc'))]),
      ERROR.protocol,
    ],
    ['padding of a head', Buffer.concat([PREFACE, frame(FRAME.headers, 0xc, 1, text('\x04abc'))]), ERROR.protocol],
    ['a padded head of nothing', Buffer.concat([PREFACE, frame(FRAME.headers, 0xc, 1)]), ERROR.protocol],
    ['a priority that is cut', Buffer.concat([PREFACE, frame(FRAME.headers, 0x24, 1, text('abc'))]), ERROR.protocol],
    ['CONTINUATION of nothing', Buffer.concat([PREFACE, frame(FRAME.continuation, 4, 1)]), ERROR.protocol],
    [
      'another frame inside a head',
      Buffer.concat([PREFACE, frame(FRAME.headers, 0, 1, text('a')), frame(FRAME.ping, 0, 0, Buffer.alloc(8))]),
      ERROR.protocol,
    ],
    [
      'another head inside a head',
      Buffer.concat([PREFACE, frame(FRAME.headers, 0, 1, text('a')), frame(FRAME.continuation, 4, 3, text('a'))]),
      ERROR.protocol,
    ],
    [
      'R4: a head without an end',
      Buffer.concat([PREFACE, frame(FRAME.headers, 0, 1), ...Array.from({ length: 70 }, () => frame(9, 0, 1))]),
      ERROR.enhanceYourCalm,
    ],
    [
      'R4: a head that grows',
      Buffer.concat([PREFACE, frame(FRAME.headers, 0, 1), frame(9, 0, 1, Buffer.alloc(1_001))]),
      ERROR.enhanceYourCalm,
    ],
  ] as const)
    test(`${what} ends the connection`, () => assert.equal(read(bytes).error, error));

  test('any bytes behind the preface come to an end, and nothing throws', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 10 }), (pieces) => {
        read(PREFACE, ...pieces);
      }),
      { numRuns: 3_000 },
    );
  });
});
