// D1: whatever bytes arrive, the codec and the server's answer to them stay whole: 10^4 cases of each kind, 10^6 with TEST_LONG=1.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pino } from 'pino';
import { seededRandom } from '#server/core/seeded-random.testing.ts';
import { anyMessage, anyName } from './arbitrary.testing.ts';
import { createEngine } from './engine.ts';
import { UDP_PAYLOAD_OCTETS } from './message.ts';
import { ROOT } from './name.ts';
import { type Names, NO_DOMAINS, NO_LEASES } from './names.ts';
import { address, message, name } from './packet.testing.ts';
import { decode, encode } from './wire.ts';
import { buildZone } from './zone.ts';

const CASES = process.env.TEST_LONG === '1' ? 1_000_000 : 10_000;
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_129);
const TIMEOUT = { timeout: CASES > 10_000 ? 1_800_000 : 120_000 };

const sampled = { seed: SEED, numRuns: 1_000 };
/** Real messages of every shape, to be damaged. */
const messages = fc.sample(anyMessage, sampled).map((each) => encode(each));
/** And what a server is really sent: of what is damaged in any message, most would be refused at the door. */
const queries = fc
  .sample(
    fc.tuple(anyName, fc.constantFrom(1, 1, 28, 16, 65, 251, 252, 255), fc.constantFrom(1, 1, 1, 3), anyMessage),
    sampled,
  )
  .map(([name, type, recordClass, { edns, id, recursionDesired }], at) => {
    // Every other one without options, which is the kind that is remembered.
    const plain = edns && { ...edns, version: 0, options: at % 2 === 0 ? [] : edns.options };
    return encode(message({ id, recursionDesired, questions: [{ name, type, class: recordClass }], edns: plain }));
  });

test(
  'D1: damaged, spliced and random messages are read or refused; what was read is written and read again the same',
  TIMEOUT,
  () => {
    const kinds = { message: 0, malformed: 0 };
    for (const bytes of cases(CASES)) {
      const decoded = decode(bytes);
      kinds[decoded.kind]++;
      if (decoded.kind === 'malformed') {
        assert.notEqual(decoded.reason, '');
        assert.equal(decoded.header === null, bytes.length < 12);
        continue;
      }
      const written = encode(decoded.message);
      const again = decode(written);
      assert.deepEqual(again, decoded, hex(bytes));
      assert.deepEqual(encode(decoded.message), written);
    }
    // A fuzzer whose cases are all refused at the door tests the door alone.
    assert.ok(kinds.message > CASES / 20 && kinds.malformed > CASES / 20, JSON.stringify(kinds));
  },
);

test('D1: a message that was made is the message that is read', TIMEOUT, () => {
  fc.assert(
    fc.property(anyMessage, (message) => assert.deepEqual(decode(encode(message)), { kind: 'message', message })),
    { seed: SEED, numRuns: CASES },
  );
});

test(
  'D1, D2: a server answers any bytes with nothing or with a reply to them that can be read and fits',
  TIMEOUT,
  () => {
    const lines = [{ name: '*', type: 'A', value: '192.168.1.20' }];
    // The corpus asks for names of all kinds; the root zone has them all.
    const zones = [ROOT, name('internal')].map((origin) => buildZone({ origin, lines }));
    const local = zones.map((built) => {
      assert.ok(built.kind === 'zone');
      return { zone: built.zone, search: [], answersSingleLabels: true, covers: 'whole' as const };
    });
    const lists = { allow: NO_DOMAINS, block: NO_DOMAINS, leases: NO_LEASES };
    const names: Names = { ...lists, local, hosted: [], routes: [], upstreams: null, rebindingAllowed: [] };
    const engine = createEngine({
      names: () => names,
      exchange: async () => ({ kind: 'failed', reason: 'timeout' }),
      now: () => 1_000,
      log: pino({ level: 'silent' }),
    });
    const clients = (['udp', 'tcp', 'tls'] as const).map((transport) => ({ address: address('10.0.0.1'), transport }));
    for (const bytes of cases(CASES, queries)) {
      const isAnswered = bytes.length >= 12 && ((bytes[2] ?? 0) & 0x80) === 0;
      for (const client of clients) {
        const reply = engine.answer(bytes, client);
        assert.ok(!(reply instanceof Promise), 'nobody else was to be asked');
        assert.equal(reply !== null, isAnswered, hex(bytes));
        if (reply === null) continue;
        const decoded = decode(reply);
        assert.ok(decoded.kind === 'message' && decoded.message.isResponse, hex(bytes));
        assert.equal(decoded.message.id, bytes.readUInt16BE(0));
        assert.ok(client.transport !== 'udp' || reply.length <= UDP_PAYLOAD_OCTETS);
        // What is said from memory is what was said first.
        assert.deepEqual(engine.answer(bytes, client), reply, hex(bytes));
      }
    }
    const { local: answered, malformed, refused, repeated } = engine.view().outcomes;
    assert.ok(Math.min(answered, malformed, refused, repeated) > CASES / 200, JSON.stringify(engine.view().outcomes));
    engine.close();
  },
);

test('D1: the steps of reading grow with the length of a message and not with what is in it', () => {
  const worst = [
    ...cases(500),
    // A record per 12 octets whose name is the longest there is, behind as many pointers as may be.
    bomb(),
  ];
  for (const bytes of worst) {
    let steps = 0;
    const counted = new Proxy(bytes, {
      get(target, key) {
        if (typeof key === 'string' && key.charCodeAt(0) <= 0x39) steps++;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    decode(counted);
    assert.ok(steps <= 64 * (bytes.length + 12), `${steps} steps for ${bytes.length} octets`);
  }
});

/** The same for the same seed: real messages that were damaged, parts of two, counts that lie, pointers put anywhere, and plain noise. */
function* cases(count: number, corpus: readonly Buffer[] = messages): Generator<Buffer> {
  const random = seededRandom(SEED);
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = () => corpus[below(corpus.length)] ?? Buffer.alloc(0);
  for (let at = 0; at < count; at++) {
    if (at % 8 === 0) {
      yield noise(below(300), below);
      continue;
    }
    if (at % 8 === 1) {
      const header = [0, 0, 1, 0, 0, below(3), 0, below(3), 0, below(2), 0, below(3)];
      yield Buffer.concat([Buffer.from(header), noise(below(300), below)]);
      continue;
    }
    let bytes: Buffer = Buffer.from(pick());
    for (let change = below(4); change >= 0; change--)
      bytes = damage[below(damage.length)]?.(bytes, below, pick()) ?? bytes;
    yield bytes;
  }
}

function noise(length: number, below: Below): Buffer {
  return Buffer.from(Array.from({ length }, () => below(256)));
}

type Below = (limit: number) => number;

const damage: ((bytes: Buffer, below: Below, other: Buffer) => Buffer)[] = [
  (bytes) => bytes,
  (bytes, below) => put(bytes, below(bytes.length), below(256)),
  (bytes, below) => put(bytes, below(bytes.length), (bytes[below(bytes.length)] ?? 0) ^ (1 << below(8))),
  (bytes, below) => bytes.subarray(0, below(bytes.length + 1)),
  (bytes, below) => Buffer.concat([bytes, Buffer.from([below(256)])]),
  // A count that lies, by a little or by a lot.
  (bytes, below) => put(bytes, 5 + 2 * below(4), below(4)),
  (bytes, below) => put(bytes, 4 + 2 * below(4), 0xff),
  // A pointer to anywhere, itself and what follows it included.
  (bytes, below) => put(put(bytes, 12 + below(bytes.length), 0xc0 | below(2)), 13 + below(bytes.length), below(256)),
  (bytes, below) => put(bytes, 12 + below(bytes.length), 0xc0),
  (bytes, below, other) => Buffer.concat([bytes.subarray(0, below(bytes.length)), other.subarray(below(other.length))]),
  (bytes, below) => {
    const at = below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(4))]);
  },
];

function put(bytes: Buffer, at: number, value: number): Buffer {
  if (at < bytes.length) bytes[at] = value;
  return bytes;
}

/** The longest name in single-byte labels, then pointers of which each leads to the one before, then records named by the last. */
function bomb(): Buffer {
  const label = Buffer.from([1, 0x61]);
  const name = Buffer.concat([...Array.from({ length: 127 }, () => label), Buffer.of(0)]);
  const records: Buffer[] = [];
  let at = 12 + name.length + 4;
  let target = 12;
  while (at < 60_000) {
    // The first pointers make a chain; beyond what a name may take, all lead to its end.
    const record = Buffer.from([0xc0 | (target >> 8), target & 0xff, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0]);
    record.writeUInt16BE(0xff00, 2);
    if (records.length < 100) target = at;
    records.push(record);
    at += record.length;
  }
  const header = Buffer.from([0, 1, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, name, Buffer.from([0, 1, 0, 1]), ...records]);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
