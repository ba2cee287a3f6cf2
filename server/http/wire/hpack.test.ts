// Promise: header blocks are read and written as RFC 7541 says, and what is no block is told from one, whatever its bytes are.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { type BlockRead, HpackDecoder } from './hpack-decoder.ts';
import { blockBytesAtMost, HpackEncoder } from './hpack-encoder.ts';
import { DynamicTable, STATIC_FIELDS } from './hpack-table.ts';
import { decodedBytesAtMost, decodeHuffman } from './huffman.ts';

const LIMITS = { bytes: 16_384, fields: 100 };
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

function fieldsOf(read: BlockRead): string[] {
  assert.equal(read.kind, 'fields');
  return read.kind === 'fields' ? read.fields : [];
}

/** RFC 7541 Appendix C: three messages on one connection, each way it is written there. */
const REQUESTS = [
  [':method', 'GET', ':scheme', 'http', ':path', '/', ':authority', 'www.example.com'],
  [':method', 'GET', ':scheme', 'http', ':path', '/', ':authority', 'www.example.com', 'cache-control', 'no-cache'],
  [
    ...[':method', 'GET', ':scheme', 'https', ':path', '/index.html', ':authority', 'www.example.com'],
    ...['custom-key', 'custom-value'],
  ],
];
const COOKIE = 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1';
const DATES = ['Mon, 21 Oct 2013 20:13:21 GMT', 'Mon, 21 Oct 2013 20:13:22 GMT'];
const LOCATION = 'https://www.example.com';
const ANSWERS = [
  [':status', '302', 'cache-control', 'private', 'date', DATES[0], 'location', LOCATION],
  [':status', '307', 'cache-control', 'private', 'date', DATES[0], 'location', LOCATION],
  [
    ...[':status', '200', 'cache-control', 'private', 'date', DATES[1], 'location', LOCATION],
    ...['content-encoding', 'gzip', 'set-cookie', COOKIE],
  ],
];

suite('RFC 7541 Appendix C', () => {
  for (const [what, tableBytes, messages, blocks] of [
    [
      'C.3: requests without Huffman',
      4_096,
      REQUESTS,
      [
        '828684410f7777772e6578616d706c652e636f6d',
        '828684be58086e6f2d6361636865',
        '828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565',
      ],
    ],
    [
      'C.4: requests with Huffman',
      4_096,
      REQUESTS,
      [
        '828684418cf1e3c2e5f23a6ba0ab90f4ff',
        '828684be5886a8eb10649cbf',
        '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf',
      ],
    ],
    [
      'C.5: answers without Huffman',
      256,
      ANSWERS,
      [
        '4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d',
        '4803333037c1c0bf',
        '88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31',
      ],
    ],
    [
      'C.6: answers with Huffman',
      256,
      ANSWERS,
      [
        '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3',
        '4883640effc1c0bf',
        '88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007',
      ],
    ],
  ] as const) {
    test(what, () => {
      const decoder = new HpackDecoder();
      // RFC 7541 C.5 has a table of 256 bytes, which is said in front of the first block.
      const size = tableBytes === 4_096 ? Buffer.alloc(0) : hex('3fe101');
      for (const [i, block] of blocks.entries()) {
        const read = decoder.decode(i === 0 ? Buffer.concat([size, hex(block)]) : hex(block), LIMITS);
        assert.deepEqual(fieldsOf(read), messages[i]);
      }
    });
  }
});

suite('what is no header block', () => {
  for (const [what, block] of [
    ['index zero', '80'],
    ['an index beyond both tables', 'be'],
    ['the name of one', '7f00 00'],
    ['an integer without its end', 'ff'],
    ['an integer of six bytes', 'ff8080808080 01'],
    ['a string without its end', '4004 6162'],
    ['a literal without its value', '4001 61'],
    ['a table larger than was allowed', '3fe21f'],
    ['a size behind a field', '82 20'],
    ['a code of Huffman that is none', '4001 61 84 ffffffff'],
    ['padding of a whole byte', '4001 61 82 1fff'],
    ['padding of zeros', '4001 61 81 18'],
  ] as const) {
    test(`${what} is an error of compression`, () => {
      assert.deepEqual(new HpackDecoder().decode(hex(block), LIMITS), { kind: 'bad' });
    });
  }

  test('any bytes are read to an end, and never throw', () => {
    const decoder = new HpackDecoder();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const read = decoder.decode(Buffer.from(bytes), LIMITS);
        assert(read.kind !== 'fields' || read.fields.length % 2 === 0);
      }),
      { numRuns: 5_000 },
    );
  });
});

suite('P16: what HTTP/2 does not allow in a field', () => {
  const isSound = (name: string, value: string): boolean => {
    const literal = (text: string) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')]);
    const read = new HpackDecoder().decode(Buffer.concat([hex('40'), literal(name), literal(value)]), LIMITS);
    // What was put into the table is as unsound when it is named again.
    const decoder = new HpackDecoder();
    decoder.decode(Buffer.concat([hex('40'), literal(name), literal(value)]), LIMITS);
    const again = decoder.decode(hex('be'), LIMITS);
    assert.equal(again.kind === 'fields' && again.isSound, read.kind === 'fields' && read.isSound);
    return read.kind === 'fields' && read.isSound;
  };
  for (const name of ['', 'A', 'a b', 'a:b', 'a\r', 'a\n', 'a\0', 'a\x7f', 'a\xe4', 'a(', '::a', ':'])
    test(`a name like ${JSON.stringify(name)}`, () => assert(!isSound(name, 'b')));
  for (const value of ['a\rb', 'a\nb', 'a\0b', ' a', 'a ', '\ta', 'a\t', '\r', 'a\x01b', 'a\x7fb'])
    test(`a value like ${JSON.stringify(value)}`, () => assert(!isSound('a', value)));
  for (const value of ['', 'a', 'a b', 'a\tb', '\xe4', 'a\xffb', '!~'])
    test(`and one like ${JSON.stringify(value)} is none of them`, () => assert(isSound('x-a', value)));
});

suite('R4: blocks that unpack to more than they are', () => {
  test('a list above its limits is let go, and the next one on the connection is read', () => {
    const decoder = new HpackDecoder();
    const field = Buffer.concat([hex('4001617fa11e'), Buffer.alloc(4_000, 0x62)]);
    assert.equal(fieldsOf(decoder.decode(field, LIMITS)).length, 2);
    assert.deepEqual(decoder.decode(Buffer.alloc(10_000, 0xbe), LIMITS), { kind: 'too-large' });
    assert.deepEqual(decoder.decode(Buffer.alloc(101, 0x82), LIMITS), { kind: 'too-large' });
    assert.deepEqual(fieldsOf(decoder.decode(hex('82'), LIMITS)), [':method', 'GET']);
  });
});

suite('the encoder', () => {
  const header = fc.tuple(
    fc.constantFrom('Content-Type', 'ETag', 'X-A', 'x-a', 'Set-Cookie', 'Vary', 'X-Very-Long', 'Link', 'Server'),
    fc.oneof(
      fc.constantFrom('', 'a', 'b', 'text/html; charset=utf-8'),
      fc.string({ maxLength: 40, unit: 'binary-ascii' }),
      fc.integer({ min: 0, max: 3_000 }).map((length) => 'v'.repeat(length)),
    ),
  );
  const message = fc.record({
    status: fc.constantFrom(null, 200, 204, 304, 404, 418, 503),
    headers: fc.array(header, { maxLength: 30 }),
    table: fc.option(fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 3 })),
  });

  test('what it writes is what is read, on one connection, whatever was said before and whatever the table is', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
        const encoder = new HpackEncoder();
        const decoder = new HpackDecoder();
        for (const { status, headers, table } of messages) {
          for (const bytes of table ?? []) encoder.limitTable(bytes);
          const list = headers.flat();
          const out = Buffer.alloc(blockBytesAtMost(list));
          const end = encoder.encode(out, 0, status, list);
          assert(end <= out.length);
          const expected = list.map((text, i) => (i % 2 === 0 ? text.toLowerCase() : text));
          const read = decoder.decode(out.subarray(0, end), { bytes: 1 << 20, fields: 1_000 });
          assert.deepEqual(fieldsOf(read), status === null ? expected : [':status', String(status), ...expected]);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('what was said before is a byte, and cookies enter no table', () => {
    const encoder = new HpackEncoder();
    const out = Buffer.alloc(200);
    const list = ['Content-Type', 'text/html', 'X-Own', 'always the same'];
    const first = encoder.encode(out, 0, 200, list);
    assert(first > 30);
    assert.equal(encoder.encode(out, 0, 200, list), 3);
    encoder.encode(out, 0, 200, ['Set-Cookie', 'secret=1']);
    // RFC 7541 §6.2.3: never indexed.
    assert.equal(out[1], 0x1f);
    assert(encoder.encode(out, 0, 200, ['Set-Cookie', 'secret=1']) > 10);
  });

  test('P20: what belongs to one connection is not said', () => {
    const encoder = new HpackEncoder();
    const out = Buffer.alloc(500);
    const names = ['Connection', 'Keep-Alive', 'Proxy-Connection', 'Transfer-Encoding', 'Upgrade', 'HTTP2-Settings'];
    const end = encoder.encode(
      out,
      0,
      200,
      names.flatMap((name) => [name, 'x']),
    );
    assert.deepEqual([...out.subarray(0, end)], [0x88]);
  });
});

suite('the tables', () => {
  test('the oldest field goes first, and one that is too large takes all', () => {
    const table = new DynamicTable();
    const field = (name: string, size: number) => ({ name, value: '', size, isSound: true });
    for (let i = 0; i < 1_000; i += 1) table.add(field(String(i), 33));
    assert.equal(table.length, Math.floor(4_096 / 33));
    assert.equal(table.at(0)?.name, '999');
    assert.equal(table.at(table.length - 1)?.name, String(1_000 - table.length));
    assert.equal(table.at(table.length), undefined);
    table.resize(100);
    assert.equal(table.length, 3);
    assert.equal(table.add(field('large', 101)), false);
    assert.equal(table.length, 0);
    assert.equal(table.at(0), undefined);
  });

  test('the static table has its 61 fields', () => {
    assert.equal(STATIC_FIELDS.length, 61);
    assert.equal(STATIC_FIELDS[60]?.name, 'www-authenticate');
    assert.equal(STATIC_FIELDS[27]?.name, 'content-length');
  });
});

test('Huffman: a text of any bytes never becomes longer than it may, and bad padding is told', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const out = Buffer.alloc(decodedBytesAtMost(bytes.length));
      assert(decodeHuffman(bytes, 0, bytes.length, out) <= out.length);
    }),
    { numRuns: 5_000 },
  );
});
