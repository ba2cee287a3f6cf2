// Random names, records and messages of every shape that the codec knows, for property tests.
import fc from 'fast-check';
import { addressOf } from '#server/core/address.ts';
import { CLASS, type Message, type Question, type RecordData, type ResourceRecord, TYPE } from './message.ts';
import { type Name, nameFromLabels, ROOT } from './name.ts';

/** Plain objects, so that deep equality with decoded ones means what it says. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const anyByte = u8.map((byte) => String.fromCharCode(byte));
const plainLabel = fc.stringMatching(/^[a-zA-Z0-9]([a-zA-Z0-9-]{0,10}[a-zA-Z0-9])?$/);
const wildLabel = fc.array(anyByte, { minLength: 1, maxLength: 63 }).map((bytes) => bytes.join(''));
/** From a small pool, so that names share tails and compression has something to do. */
const sharedLabel = fc.constantFrom('wiki', 'WIKI', 'corp', 'internal', 'a.b', '\xff\xfe');

function nameOf(label: fc.Arbitrary<string>): fc.Arbitrary<Name> {
  return fc.array(label, { maxLength: 8 }).map((labels) => nameFromLabels(labels) ?? ROOT);
}

/** Host names as people write them, which `dns-packet` can read too. */
export const anyPlainName = nameOf(plainLabel).map((name) =>
  name.length === 0 ? (['host'] as readonly string[] as Name) : name,
);
export const anyName = nameOf(fc.oneof(sharedLabel, sharedLabel, plainLabel, wildLabel));

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Uint8Array.from(array));
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const params = fc
  .uniqueArray(record({ key: u16, value: bytes(20) }), { selector: (param) => param.key, maxLength: 4 })
  .map((list) => list.sort((one, other) => one.key - other.key));
const unknownType = u16.filter(
  (type) => type !== TYPE.OPT && ![1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 14, 15, 16, 28, 33, 64, 65].includes(type),
);

const anyData: fc.Arbitrary<RecordData> = fc.oneof(
  record({ kind: fc.constant('a' as const), address: exactly(4).map(addressOf) }),
  record({ kind: fc.constant('aaaa' as const), address: exactly(16).map(addressOf) }),
  record({ kind: fc.constantFrom('cname', 'ns', 'ptr'), target: anyName }),
  record({
    kind: fc.constant('soa' as const),
    mname: anyName,
    rname: anyName,
    serial: u32,
    refresh: u32,
    retry: u32,
    expire: u32,
    minimum: u32,
  }),
  record({ kind: fc.constant('mx' as const), preference: u16, exchange: anyName }),
  record({ kind: fc.constant('txt' as const), strings: fc.array(bytes(255), { minLength: 1, maxLength: 3 }) }),
  record({ kind: fc.constant('srv' as const), priority: u16, weight: u16, port: u16, target: anyName }),
  record({ kind: fc.constantFrom('svcb', 'https'), priority: u16, target: anyName, params }),
  record({ kind: fc.constant('unknown' as const), type: unknownType, bytes: bytes(40) }),
);

const anyRecord: fc.Arbitrary<ResourceRecord> = record({
  name: anyName,
  class: fc.constant(CLASS.IN),
  ttlSeconds: u32,
  data: anyData,
});

const anyQuestion: fc.Arbitrary<Question> = record({ name: anyName, type: u16, class: fc.constant(CLASS.IN) });
const anyEdns = record({
  udpPayloadSize: u16,
  version: u8,
  dnssecOk: fc.boolean(),
  options: fc.array(record({ code: u16, value: bytes(20) }), { maxLength: 3 }),
});

export const anyMessage: fc.Arbitrary<Message> = record({
  id: u16,
  isResponse: fc.boolean(),
  opcode: fc.constantFrom(0, 0, 2, 4, 5),
  isAuthoritative: fc.boolean(),
  isTruncated: fc.boolean(),
  recursionDesired: fc.boolean(),
  recursionAvailable: fc.boolean(),
  authenticData: fc.boolean(),
  checkingDisabled: fc.boolean(),
  rcode: fc.integer({ min: 0, max: 0xfff }),
  questions: fc.array(anyQuestion, { maxLength: 1 }),
  answers: fc.array(anyRecord, { maxLength: 6 }),
  authorities: fc.array(anyRecord, { maxLength: 3 }),
  additionals: fc.array(anyRecord, { maxLength: 3 }),
  edns: fc.option(anyEdns),
}).map((message) => (message.edns === null ? { ...message, rcode: message.rcode & 0xf } : message));
