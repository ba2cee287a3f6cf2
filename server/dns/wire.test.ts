// The promises of the codec for messages of known shapes; wire-fuzz.test.ts has those for any bytes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import dnsPacket from 'dns-packet';
import fc from 'fast-check';
import { parseAddress } from '#server/core/address.ts';
import { anyMessage, anyPlainName } from './arbitrary.testing.ts';
import { CLASS, type Message, RCODE, type ResourceRecord, TYPE } from './message.ts';
import { type Name, nameText, parseName, ROOT } from './name.ts';
import { decode, encode } from './wire.ts';

test('D1: each malformed shape is named', () => {
  const question = '01610000010001';
  const opt = '0000290000000000000000';
  const longName = `3f${'61'.repeat(63)}`.repeat(4);
  const table: [counts: string, sections: string[], RegExp][] = [
    ['0002000000000000', [question, question], /more than one question/],
    ['0001000000000000', [], /past the end/],
    ['0001000000000000', [question, '00'], /bytes behind/],
    ['0001000000000000', ['c00c00010001'], /backwards/],
    ['0001000000000000', ['c00d00010001'], /backwards/],
    ['0001000000000000', ['c00000010001'], /backwards/],
    ['0001000000000000', ['0161c00c00010001'], /backwards/],
    ['0001000000000000', ['40', '61'.repeat(64), '0000010001'], /label type/],
    ['0001000000000000', [longName, '0000010001'], /255/],
    ['0001000000000000', ['0561'], /past the end/],
    ['0001000000000001', [question, '01610000290000000000000000'], /OPT record out of place/],
    ['0001000000000002', [question, opt, opt], /more than one OPT/],
    ['0001000100000000', [question, opt], /OPT record out of place/],
    ['0001000000000001', [question, '00002900000000000000040001ffff'], /too early|past its record/],
    ['0000000100000000', ['0161000001000100000000000301020304'], /wrong length|bytes behind/],
    ['0000000100000000', ['01610000010001000000000005', '0102030405'], /wrong length/],
    ['0000000100000000', ['01610000050001000000000004', '01620000'], /longer than its type/],
    ['0000000100000000', ['01610000100001000000000000'], /too early/],
    ['0000000100000000', ['0161000041000100000000000f', '000100', '0003000201bb', '0001000201bb'], /out of order/],
    ['0000000100000000', ['01610000400001000000000004', '0001c00c'], /compressed name where none may be/],
    ['00000001ffff0000', ['0161000001000100000000000401020304'], /past the end|too early/],
  ];
  for (const [counts, sections, reason] of table) {
    const decoded = decode(Buffer.from(['00010000', counts, ...sections].join(''), 'hex'));
    assert.equal(decoded.kind, 'malformed', sections.join(' '));
    if (decoded.kind === 'malformed') assert.match(decoded.reason, reason, sections.join(' '));
  }
  for (const length of [0, 1, 11])
    assert.deepEqual(decode(new Uint8Array(length)), {
      kind: 'malformed',
      reason: 'shorter than a header',
      header: null,
    });
});

test('a deep chain of pointers that each lead backwards is still read in bounded steps', () => {
  const pointers: number[] = [];
  for (let at = 0; at < 300; at++)
    pointers.push(0xc0 | ((13 + at * 2 - (at === 0 ? 1 : 2)) >> 8), (13 + at * 2 - (at === 0 ? 1 : 2)) & 0xff);
  const last = 13 + 299 * 2;
  const tail = [0xc0 | (last >> 8), last & 0xff, 0, 1, 0, 1];
  const decoded = decode(Uint8Array.from([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...tail, 0, ...pointers]));
  assert.equal(decoded.kind, 'malformed');
});

test('RFC 3597 §4: names of the old types of mail come compressed, and are whole wherever they are written', () => {
  const owner = '046d61696c04636f727000';
  for (const [type, data] of [
    ['0007', 'c00c'],
    ['0008', '0161c00c'],
    ['000e', 'c00c0162c011'],
  ] as const) {
    const length = (data.length / 2).toString(16).padStart(4, '0');
    const packet = `00018000000000010000_0000${owner}${type}000100000007${length}${data}`.replace('_', '');
    const decoded = decode(Buffer.from(packet, 'hex'));
    assert.ok(decoded.kind === 'message', JSON.stringify(decoded));
    const [first] = decoded.message.answers;
    assert.ok(first?.data.kind === 'unknown');
    const whole = data.replaceAll('c00c', owner).replaceAll('c011', '04636f727000');
    assert.equal(Buffer.from(first.data.bytes).toString('hex'), whole);
    const again = decode(encode(response({ answers: [a(host('x.example'), '10.0.0.1'), first] })));
    assert.deepEqual(again.kind === 'message' && again.message.answers[1], first);
  }
  const broken = `0001800000000001000000000161000007000100000007000200ff`;
  assert.equal(decode(Buffer.from(broken, 'hex')).kind, 'malformed');
});

test('names are compressed: four addresses of one name take 99 octets', () => {
  const name = host('wiki.corp.internal.example');
  const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'].map((text) => a(name, text));
  const bytes = encode(response({ questions: [{ name, type: TYPE.A, class: CLASS.IN }], answers: addresses }));
  assert.equal(bytes.length, 12 + 28 + 4 + 4 * 16);
});

test('D5: what does not fit is left out as a whole and TC says so', () => {
  const name = host('many.corp.internal');
  const answers = Array.from({ length: 100 }, (_, at) => a(name, `10.0.0.${at}`));
  const message = response({ questions: [{ name, type: TYPE.A, class: CLASS.IN }], answers, edns: opt });
  const bytes = encode(message, 1232);
  const decoded = decode(bytes);
  assert.ok(bytes.length <= 1232);
  assert.equal(decoded.kind === 'message' && decoded.message.isTruncated, true);
  assert.equal(decoded.kind === 'message' && decoded.message.answers.length, 0);
  assert.deepEqual(decoded.kind === 'message' && decoded.message.edns, opt);
});

test('D5: additional records are dropped without TC, since nobody asked for them', () => {
  const name = host('mx.corp.internal');
  const additionals = Array.from({ length: 100 }, (_, at) => a(name, `10.0.0.${at}`));
  const decoded = decode(encode(response({ answers: [a(name, '10.0.0.1')], additionals, edns: opt }), 512));
  assert.ok(decoded.kind === 'message');
  assert.equal(decoded.message.isTruncated, false);
  assert.equal(decoded.message.answers.length, 1);
  assert.ok(decoded.message.additionals.length > 10 && decoded.message.additionals.length < 100);
});

test('D5: an encoded message never exceeds the limit and says truncated exactly when an answer is missing', () => {
  fc.assert(
    fc.property(anyMessage, fc.integer({ min: 512, max: 1232 }), (message, limit) => {
      const untruncated = { ...message, isTruncated: false };
      const bytes = encode(untruncated, limit);
      const decoded = decode(bytes);
      assert.ok(decoded.kind === 'message');
      assert.ok(bytes.length <= limit);
      const isWhole =
        decoded.message.answers.length === message.answers.length &&
        decoded.message.authorities.length === message.authorities.length;
      assert.equal(decoded.message.isTruncated, !isWhole);
    }),
    { numRuns: 1000 },
  );
});

test('an independent codec reads what we write', () => {
  fc.assert(
    fc.property(anyPlainName, anyPlainName, fc.nat({ max: 0x7fffffff }), (name, target, ttlSeconds) => {
      const data: ResourceRecord['data'][] = [
        { kind: 'a', address: address('192.168.1.20') },
        { kind: 'aaaa', address: address('fd00::20') },
        { kind: 'cname', target },
        { kind: 'mx', preference: 10, exchange: target },
        { kind: 'srv', priority: 1, weight: 2, port: 443, target },
        { kind: 'txt', strings: [Buffer.from('hello'), Buffer.from('world')] },
        { kind: 'soa', mname: name, rname: target, serial: 7, refresh: 1, retry: 2, expire: 3, minimum: 4 },
      ];
      const answers = data.map((each) => ({ name, class: CLASS.IN, ttlSeconds, data: each }));
      const read = dnsPacket.decode(
        encode(response({ questions: [{ name, type: TYPE.A, class: CLASS.IN }], answers })),
      );
      const [host, other] = [nameText(name), nameText(target)];
      const expected = [
        '192.168.1.20',
        'fd00::20',
        other,
        { preference: 10, exchange: other },
        { priority: 1, weight: 2, port: 443, target: other },
        [Buffer.from('hello'), Buffer.from('world')],
        { mname: host, rname: other, serial: 7, refresh: 1, retry: 2, expire: 3, minimum: 4 },
      ];
      assert.deepEqual(
        read.answers?.map((answer) => ('data' in answer ? answer.data : null)),
        expected,
      );
      assert.deepEqual(
        read.answers?.map((answer) => ('ttl' in answer ? answer.ttl : null)),
        expected.map(() => ttlSeconds),
      );
      assert.equal(read.questions?.[0]?.name, host);
    }),
    { numRuns: 500 },
  );
});

test('an independent codec reads every header, EDNS and data that it has no names for as we wrote them', () => {
  const flag = fc.boolean();
  const options = fc.array(fc.tuple(fc.integer({ min: 65_001, max: 65_534 }), fc.uint8Array({ maxLength: 30 })), {
    maxLength: 3,
  });
  const header = fc.record({
    id: fc.nat({ max: 0xffff }),
    isResponse: flag,
    isAuthoritative: flag,
    isTruncated: flag,
    recursionDesired: flag,
    recursionAvailable: flag,
    authenticData: flag,
    checkingDisabled: flag,
    opcode: fc.constantFrom(0, 2, 4, 5),
    rcode: fc.nat({ max: 10 }),
  });
  const edns = fc.record({ udpPayloadSize: fc.nat({ max: 0xffff }), version: fc.nat({ max: 255 }), dnssecOk: flag });
  fc.assert(
    fc.property(
      header,
      edns,
      options,
      anyPlainName,
      fc.uint8Array({ maxLength: 60 }),
      (head, opt, list, name, bytes) => {
        const answers: ResourceRecord[] = [
          { name, class: CLASS.IN, ttlSeconds: 7, data: { kind: 'unknown', type: 65_280, bytes } },
          { name, class: CLASS.IN, ttlSeconds: 7, data: { kind: 'ns', target: name } },
          { name, class: CLASS.IN, ttlSeconds: 7, data: { kind: 'ptr', target: name } },
        ];
        const ednsOptions = list.map(([code, value]) => ({ code, value }));
        const written = encode(response({ ...head, answers, edns: { ...opt, options: ednsOptions } }));
        const read = dnsPacket.decode(written);
        const flags = ['flag_aa', 'flag_tc', 'flag_rd', 'flag_ra', 'flag_ad', 'flag_cd'].map((key) => read[key]);
        const { isAuthoritative, isTruncated, recursionDesired, recursionAvailable, authenticData, checkingDisabled } =
          head;
        assert.deepEqual(flags, [
          isAuthoritative,
          isTruncated,
          recursionDesired,
          recursionAvailable,
          authenticData,
          checkingDisabled,
        ]);
        assert.deepEqual([read.id, read.type], [head.id, head.isResponse ? 'response' : 'query']);
        assert.equal(read.opcode, { 0: 'QUERY', 2: 'STATUS', 4: 'NOTIFY', 5: 'UPDATE' }[head.opcode]);
        assert.equal(read.rcode, RCODE_WORDS[head.rcode]);
        assert.deepEqual(
          read.answers?.map(({ data }) => (Buffer.isBuffer(data) ? new Uint8Array(data) : data)),
          [new Uint8Array(bytes), nameText(name), nameText(name)],
        );
        const [found] = (read.additionals ?? []) as unknown as Record<string, unknown>[];
        assert.deepEqual(
          [found?.udpPayloadSize, found?.ednsVersion, found?.flag_do],
          [opt.udpPayloadSize, opt.version, opt.dnssecOk],
        );
        const foundOptions = (found?.options ?? []) as { code: number; data: Buffer }[];
        assert.deepEqual(
          foundOptions.map(({ code, data }) => [code, new Uint8Array(data)]),
          list.map(([code, value]) => [code, new Uint8Array(value)]),
        );
      },
    ),
    { numRuns: 1_000 },
  );
});

/** As dns-packet writes codes. */
const RCODE_WORDS = 'NOERROR FORMERR SERVFAIL NXDOMAIN NOTIMP REFUSED YXDOMAIN YXRRSET NXRRSET NOTAUTH NOTZONE'.split(
  ' ',
);

test('we read what an independent codec writes', () => {
  fc.assert(
    fc.property(anyPlainName, anyPlainName, fc.nat({ max: 0x7fffffff }), (name, target, ttl) => {
      const [host, other] = [nameText(name), nameText(target)];
      const bytes = dnsPacket.encode({
        type: 'response',
        id: 4711,
        flags: dnsPacket.AUTHORITATIVE_ANSWER | dnsPacket.RECURSION_DESIRED,
        questions: [{ type: 'A', class: 'IN', name: host }],
        answers: [
          { type: 'CNAME', name: host, ttl, data: other },
          { type: 'A', name: other, ttl, data: '192.168.1.20' },
        ],
        additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options: [] }],
      });
      const decoded = decode(bytes);
      assert.ok(decoded.kind === 'message');
      assert.equal(decoded.message.id, 4711);
      assert.equal(decoded.message.isAuthoritative, true);
      assert.equal(decoded.message.rcode, RCODE.NOERROR);
      assert.deepEqual(decoded.message.answers, [
        { name, class: CLASS.IN, ttlSeconds: ttl, data: { kind: 'cname', target } },
        { name: target, class: CLASS.IN, ttlSeconds: ttl, data: { kind: 'a', address: '192.168.1.20' } },
      ]);
      assert.equal(decoded.message.edns?.udpPayloadSize, 1232);
    }),
    { numRuns: 500 },
  );
});

const opt = { udpPayloadSize: 1232, version: 0, dnssecOk: false, options: [] };

function response(parts: Partial<Message>): Message {
  return {
    id: 1,
    isResponse: true,
    opcode: 0,
    isAuthoritative: true,
    isTruncated: false,
    recursionDesired: false,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: 0,
    questions: [],
    answers: [],
    authorities: [],
    additionals: [],
    edns: null,
    ...parts,
  };
}

function a(name: Name, text: string): ResourceRecord {
  return { name, class: CLASS.IN, ttlSeconds: 60, data: { kind: 'a', address: address(text) } };
}

function host(text: string): Name {
  return parseName(text) ?? ROOT;
}

function address(text: string) {
  const parsed = parseAddress(text);
  assert.ok(parsed);
  return parsed;
}
