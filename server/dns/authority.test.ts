// The promises of the authoritative answer: strict on every packet, complete inside our zones, silent or refusing everywhere else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyMessage } from './arbitrary.testing.ts';
import { answerPacket } from './authority.ts';
import { CLASS, type Message, OPCODE, RCODE, TYPE } from './message.ts';
import { type Name, nameText, parseName } from './name.ts';
import { decode, encode } from './wire.ts';
import { buildZone, type Zone } from './zone.ts';

const many = Array.from({ length: 100 }, (_, at) => ({ name: 'many', type: 'A', value: `192.168.2.${at}` }));
const zones = [
  zone('corp.internal', [
    { name: 'wiki', type: 'A', value: '192.168.1.20' },
    { name: 'docs', type: 'CNAME', value: 'wiki' },
    { name: 'partner', type: 'CNAME', value: 'app.partner.internal.' },
    { name: 'ping', type: 'CNAME', value: 'pong.partner.internal.' },
    ...many,
  ]),
  zone('partner.internal', [
    { name: 'app', type: 'A', value: '10.9.9.9' },
    { name: 'pong', type: 'CNAME', value: 'ping.corp.internal.' },
  ]),
];

test('an answer is authoritative, repeats the question and follows aliases, also into another zone of ours', () => {
  assert.equal(told(query('wiki.corp.internal')), 'NOERROR AA 192.168.1.20');
  assert.equal(told(query('docs.corp.internal')), 'NOERROR AA >wiki.corp.internal 192.168.1.20');
  assert.equal(told(query('partner.corp.internal')), 'NOERROR AA >app.partner.internal 10.9.9.9');
  assert.equal(told(query('wiki.corp.internal', { type: TYPE.AAAA })), 'NOERROR AA soa');
  assert.equal(told(query('none.corp.internal')), 'NXDOMAIN AA soa');
  const reply = answer(query('WiKi.corp.internal'));
  assert.deepEqual(reply?.questions, [{ name: name('WiKi.corp.internal'), type: TYPE.A, class: CLASS.IN }]);
  assert.equal(reply?.recursionAvailable, false);
});

test('D6: aliases that lead from zone to zone in a circle are a failure, without any of them', () => {
  assert.equal(told(query('ping.corp.internal')), 'SERVFAIL');
  assert.equal(told(query('ping.corp.internal', { type: TYPE.CNAME })), 'NOERROR AA >pong.partner.internal');
});

test('F7: names outside our zones are refused, never looked for', () => {
  assert.equal(told(query('www.example.com')), 'REFUSED');
  assert.equal(told(query('notcorp.internal')), 'REFUSED');
});

test('D2: responses get no reply, other opcodes NOTIMP, other classes and transfers REFUSED', () => {
  assert.equal(answerPacket(encode({ ...query('wiki.corp.internal'), isResponse: true }), 'udp', zones), null);
  for (const opcode of [OPCODE.UPDATE, OPCODE.NOTIFY, OPCODE.STATUS, 9])
    assert.equal(told({ ...query('wiki.corp.internal'), opcode }), 'NOTIMP');
  assert.equal(told(query('version.bind', { class: CLASS.CH, type: TYPE.TXT })), 'REFUSED');
  assert.equal(told(query('corp.internal', { type: TYPE.AXFR })), 'REFUSED');
  assert.equal(told(query('corp.internal', { type: TYPE.IXFR })), 'REFUSED');
});

test('D1: what is malformed gets FORMERR with its own id, what has no header gets nothing', () => {
  const whole = encode(query('wiki.corp.internal'));
  const reply = answerPacket(Buffer.concat([whole, Buffer.from('junk')]), 'udp', zones);
  assert.equal(reply?.readUInt16BE(0), 4711);
  assert.equal((reply?.readUInt16BE(2) ?? 0) & 0xf, RCODE.FORMERR);
  assert.equal(told({ ...query('wiki.corp.internal'), questions: [] }), 'FORMERR');
  assert.equal(answerPacket(whole.subarray(0, 11), 'udp', zones), null);
  assert.equal(answerPacket(new Uint8Array(0), 'udp', zones), null);
});

test('D4: ANY is answered with one short record (RFC 8482)', () => {
  assert.equal(told(query('many.corp.internal', { type: TYPE.ANY })), 'NOERROR AA unknown');
});

test('an EDNS version that does not exist yet gets BADVERS (RFC 6891 §6.1.3)', () => {
  const edns = { udpPayloadSize: 4096, version: 1, dnssecOk: false, options: [] };
  assert.equal(answer({ ...query('wiki.corp.internal'), edns })?.rcode, RCODE.BADVERS);
});

test('D5: UDP answers stay within what the client takes, with TC when something is missing, and TCP gives all', () => {
  const packet = encode(query('many.corp.internal'));
  const short = answerPacket(packet, 'udp', zones);
  assert.ok(short && short.length <= 512 && (short.readUInt16BE(2) & 0x0200) !== 0);
  const edns = { udpPayloadSize: 65535, version: 0, dnssecOk: false, options: [] };
  const wide = answerPacket(encode({ ...query('many.corp.internal'), edns }), 'udp', zones);
  assert.ok(wide && wide.length <= 1232);
  const whole = answerPacket(packet, 'tcp', zones);
  const decoded = whole && decode(whole);
  assert.ok(decoded?.kind === 'message' && decoded.message.answers.length === 100 && !decoded.message.isTruncated);
});

test('D1: no packet makes the server throw, and every reply is a valid message', () => {
  const packet = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    anyMessage.map((message) => encode({ ...message, isResponse: false })),
  );
  fc.assert(
    fc.property(packet, fc.constantFrom('udp' as const, 'tcp' as const), (bytes, transport) => {
      const reply = answerPacket(bytes, transport, zones);
      if (reply !== null) assert.equal(decode(reply).kind, 'message');
    }),
    { numRuns: 5000 },
  );
});

function answer(message: Message): Message | null {
  const reply = answerPacket(encode(message), 'udp', zones);
  if (reply === null) return null;
  const decoded = decode(reply);
  assert.ok(decoded.kind === 'message');
  assert.equal(decoded.message.id, message.id);
  return decoded.message;
}

function told(message: Message): string {
  const reply = answer(message);
  if (reply === null) return 'nothing';
  const rcode = Object.entries(RCODE).find(([, code]) => code === reply.rcode)?.[0];
  const records = [...reply.answers, ...reply.authorities].map(({ data }) => {
    if (data.kind === 'a') return data.address;
    return data.kind === 'cname' ? `>${nameText(data.target)}` : data.kind;
  });
  return [rcode, ...(reply.isAuthoritative ? ['AA'] : []), ...records].join(' ');
}

function query(host: string, parts: { type?: number; class?: number } = {}): Message {
  return {
    id: 4711,
    isResponse: false,
    opcode: OPCODE.QUERY,
    isAuthoritative: false,
    isTruncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: 0,
    questions: [{ name: name(host), type: TYPE.A, class: CLASS.IN, ...parts }],
    answers: [],
    authorities: [],
    additionals: [],
    edns: null,
  };
}

function zone(origin: string, lines: { name: string; type: string; value: string }[]): Zone {
  const result = buildZone({ origin: name(origin), lines });
  assert.ok(result.kind === 'zone', JSON.stringify(result));
  return result.zone;
}

function name(text: string): Name {
  const parsed = parseName(text);
  assert.ok(parsed);
  return parsed;
}
