// The promises of the packet cache: a hit is what the engine would say now, for this query and nobody else's, in bounded memory.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyMessage, anyName } from './arbitrary.testing.ts';
import { type Message, TYPE } from './message.ts';
import { NO_NAMES } from './names.ts';
import { a, alias, message, question, record, replyTo, soa } from './packet.testing.ts';
import { createPacketCache, type Life } from './packet-cache.ts';
import { decode, encode } from './wire.ts';

const names = NO_NAMES;
const FIXED: Life = { kind: 'fixed' };
const cookie = (octets: number) => ({ code: 10, value: randomBytes(octets) });
const edns = { udpPayloadSize: 1232, version: 0, dnssecOk: false, options: [] };

test('a query that was answered gets the same reply with its own id, by the way that it came', () => {
  const { cache, keep } = filled();
  const { reply } = keep(query('wiki.corp.internal', { id: 1 }), [a('wiki.corp.internal', '192.168.1.20')], FIXED);
  const again = cache.read(encode(query('wiki.corp.internal', { id: 0xabcd })), 'udp', names, 5);
  assert.deepEqual(read(again), { ...reply, id: 0xabcd });
  assert.equal(cache.read(encode(query('wiki.corp.internal', { id: 1 })), 'stream', names, 5), null);
});

test('a query in another case is the same question and gets its own case back', () => {
  const { cache, keep } = filled();
  const name = 'wiki.corp.internal';
  keep(query(name), [alias(name, 'docs.corp.internal'), a('docs.corp.internal', '192.168.1.20')], FIXED);
  const again = read(cache.read(encode(query('WiKi.CORP.internal')), 'udp', names, 0));
  assert.deepEqual(again?.questions, [question('WiKi.CORP.internal')]);
  assert.deepEqual(again?.answers[0]?.name, question('WiKi.CORP.internal').name);
});

test('nothing but the id and the case of the name is left out of account', () => {
  const { cache, keep } = filled();
  // Types and classes hold bytes that are letters elsewhere: 65 is `A`, 97 is `a`.
  const asked = query('wiki.corp.internal', { questions: [{ ...question('wiki.corp.internal'), type: 65 }], edns });
  keep(asked, [], FIXED);
  const first = asked.questions[0] ?? assert.fail();
  const others: Partial<Message>[] = [
    { questions: [{ ...first, type: 97 }] },
    { questions: [{ ...first, class: 3 }] },
    { questions: [{ ...first, name: question('wiki.corp.interna1').name }] },
    { recursionDesired: false },
    { checkingDisabled: true },
    { authenticData: true },
    { edns: null },
    { edns: { ...edns, dnssecOk: true } },
    { edns: { ...edns, udpPayloadSize: 512 } },
    { edns: { ...edns, version: 1 } },
    { edns: { ...edns, options: [{ code: 12, value: Buffer.alloc(8) }] } },
    ...[0, 7, 9, 15, 41].map((octets) => ({ edns: { ...edns, options: [cookie(octets)] } })),
    { edns: { ...edns, options: [cookie(8), cookie(8)] } },
    { edns: { ...edns, options: [cookie(8), { code: 12, value: Buffer.alloc(4) }] } },
    { edns: { ...edns, dnssecOk: true, options: [cookie(8)] } },
  ];
  for (const other of others)
    assert.equal(cache.read(encode({ ...asked, ...other }), 'udp', names, 0), null, JSON.stringify(other));
  assert.ok(cache.read(encode(asked), 'udp', names, 0));
});

test('RFC 7873: a cookie, which nobody answers, is as if it were not there: dig’s questions are found as well', () => {
  const { cache, keep } = filled();
  const plain = query('wiki.corp.internal', { edns });
  const { reply } = keep(plain, [a('wiki.corp.internal', '192.168.1.20')], FIXED);
  for (const octets of [8, 16, 24, 40]) {
    const asked = query('wiki.corp.internal', { id: octets, edns: { ...edns, options: [cookie(octets)] } });
    assert.deepEqual(read(cache.read(encode(asked), 'udp', names, 0)), { ...reply, id: octets }, String(octets));
    const cut = encode(asked).subarray(0, -1);
    assert.equal(cache.read(cut, 'udp', names, 0), null, 'a message that the decoder would refuse');
    assert.equal(cache.read(Buffer.concat([encode(asked), Buffer.of(0)]), 'udp', names, 0), null);
  }
  const first = query('docs.corp.internal', { edns: { ...edns, options: [cookie(8)] } });
  keep(first, [a('docs.corp.internal', '192.168.1.21')], FIXED);
  for (const options of [[], [cookie(8)], [cookie(24)]])
    assert.ok(cache.read(encode(query('docs.corp.internal', { edns: { ...edns, options } })), 'udp', names, 0));
});

test('TTLs count down and the reply is gone when its time is over; where they are fixed they stay', () => {
  const { cache, keep } = filled();
  const answers = [a('wiki.corp.internal', '192.168.1.20', 60), a('wiki.corp.internal', 'fd00::20', 300)];
  keep(query('wiki.corp.internal', { edns }), answers, { kind: 'ages', ttlSeconds: 60 }, 1_000);
  keep(query('docs.corp.internal'), [a('docs.corp.internal', '192.168.1.21', 60)], FIXED, 1_000);
  const ttls = (name: string, now: number, parts: Partial<Message> = {}) =>
    read(cache.read(encode(query(name, parts)), 'udp', names, now))?.answers.map(({ ttlSeconds }) => ttlSeconds);
  assert.deepEqual(ttls('wiki.corp.internal', 1_999, { edns }), [60, 300]);
  assert.deepEqual(ttls('wiki.corp.internal', 31_500, { edns }), [30, 270]);
  assert.deepEqual(ttls('wiki.corp.internal', 60_999, { edns }), [1, 241]);
  assert.equal(ttls('wiki.corp.internal', 61_000, { edns }), undefined);
  assert.deepEqual(ttls('docs.corp.internal', 90_000_000), [60]);
});

test('an absence ages by its SOA, and EDNS flags are no TTL', () => {
  const { cache } = filled();
  const asked = query('none.corp.internal', { edns });
  const parts = { rcode: 3, authorities: [soa('corp.internal', 30, 30)], edns: { ...edns, dnssecOk: true } };
  cache.store(encode(asked), 'udp', names, encode(replyTo(asked, parts)), { kind: 'ages', ttlSeconds: 30 }, 0);
  const aged = read(cache.read(encode(asked), 'udp', names, 10_000));
  assert.equal(aged?.authorities[0]?.ttlSeconds, 20);
  assert.equal(aged?.edns?.dnssecOk, true);
  assert.equal(aged?.rcode, 3);
});

test('a clock that was set back makes nothing younger', () => {
  const { cache, keep } = filled();
  keep(query('wiki.corp.internal'), [a('wiki.corp.internal', '192.168.1.20')], { kind: 'ages', ttlSeconds: 60 }, 5_000);
  assert.equal(cache.read(encode(query('wiki.corp.internal')), 'udp', names, 4_999), null);
});

test('other names forget everything, and a reply made by names that are gone is not kept', () => {
  const { cache, keep } = filled();
  const asked = query('wiki.corp.internal');
  const { bytes } = keep(asked, [a('wiki.corp.internal', '192.168.1.20')], FIXED);
  const newer = { ...names };
  assert.equal(cache.read(encode(asked), 'udp', newer, 0), null);
  assert.equal(cache.bytes, 0);
  cache.store(encode(asked), 'udp', names, bytes, FIXED, 0);
  assert.equal(cache.bytes, 0);
  assert.equal(cache.read(encode(asked), 'udp', newer, 0), null);
});

test('replies that do not repeat the question, and long ones, are not kept', () => {
  const { cache, keep } = filled();
  const asked = query('wiki.corp.internal');
  for (const questions of [[], [question('docs.corp.internal')], [question('WIKI.corp.internal')]])
    cache.store(encode(asked), 'udp', names, encode(replyTo(asked, { questions })), FIXED, 0);
  const many = Array.from({ length: 300 }, (_, at) => a('wiki.corp.internal', `10.0.${at % 3}.${at % 250}`));
  keep(asked, many, FIXED, 0);
  assert.equal(cache.bytes, 0);
});

test('bytes that are no plain query are never kept and never found', () => {
  const { cache } = filled();
  fc.assert(
    fc.property(
      fc.oneof(
        anyMessage.map((any) => encode(any)),
        fc.uint8Array({ maxLength: 400 }),
      ),
      (packet) => {
        const found = cache.read(packet, 'udp', names, 0);
        cache.store(packet, 'udp', names, Buffer.from(packet), FIXED, 0);
        assert.equal(found, null);
        const isPlain = packet.length >= 17 && ((packet[2] ?? 0) & 0xf8) === 0;
        if (!isPlain) assert.equal(cache.read(packet, 'udp', names, 0), null);
      },
    ),
    { numRuns: 5_000 },
  );
});

test('names of any bytes come back as they were asked', () => {
  const { cache } = filled();
  fc.assert(
    fc.property(anyName, fc.nat({ max: 0xffff }), (name, id) => {
      const asked = message({ id, questions: [{ name, type: TYPE.TXT, class: 1 }] });
      const reply = encode(replyTo(asked, {}));
      cache.store(encode(asked), 'udp', names, reply, FIXED, 0);
      assert.deepEqual(cache.read(encode(asked), 'udp', names, 0), reply);
    }),
    { numRuns: 2_000 },
  );
});

test('a hundred thousand names stay within the bytes allowed, and what is used meanwhile is kept', () => {
  const maxBytes = 1_000_000;
  const { cache, keep } = filled(maxBytes);
  const used = query('used.corp.internal');
  keep(used, [a('used.corp.internal', '192.168.1.20')], FIXED);
  for (let at = 0; at < 100_000; at++) {
    keep(query(`n${at}.corp.internal`), [a(`n${at}.corp.internal`, '192.168.1.20')], FIXED);
    if (at % 100 === 0) assert.ok(cache.read(encode(used), 'udp', names, 0), `after ${at}`);
    assert.ok(cache.bytes <= maxBytes);
  }
  assert.ok(cache.bytes > maxBytes / 3);
});

test('in a ring that is far too small, what is found is what was stored last, whole, and never too old', () => {
  const command = fc.record({
    key: fc.nat({ max: 60 }),
    kind: fc.constantFrom('store', 'read', 'read'),
    octets: fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 700 })),
    ttlSeconds: fc.option(fc.integer({ min: 1, max: 200 })),
    wait: fc.nat({ max: 2_000 }),
  });
  let hits = 0;
  fc.assert(
    fc.property(fc.array(command, { minLength: 300, maxLength: 600 }), (commands) => {
      const { cache } = filled(8_192);
      const last = new Map<number, { reply: Message; storedAt: number; ttlSeconds: number | null }>();
      let now = 0;
      for (const [id, { key, kind, octets, ttlSeconds, wait }] of commands.entries()) {
        now += wait;
        const asked = query(`k${key}.corp.internal`, { id });
        if (kind === 'store') {
          const data = { kind: 'unknown' as const, type: 65280, bytes: Buffer.alloc(octets, id) };
          const reply = replyTo(asked, { answers: [record(`k${key}.corp.internal`, data, ttlSeconds ?? 60)] });
          const life: Life = ttlSeconds === null ? FIXED : { kind: 'ages', ttlSeconds };
          cache.store(encode(asked), 'udp', names, encode(reply), life, now);
          last.set(key, { reply, storedAt: now, ttlSeconds });
          continue;
        }
        const found = read(cache.read(encode(asked), 'udp', names, now));
        if (found === null) continue;
        hits++;
        const { reply, storedAt, ttlSeconds: life } = last.get(key) ?? assert.fail('found what was never stored');
        const age = life === null ? 0 : Math.floor((now - storedAt) / 1000);
        assert.ok(life === null || now - storedAt < life * 1000);
        const answers = reply.answers.map((each) => ({ ...each, ttlSeconds: each.ttlSeconds - age }));
        assert.deepEqual(found, { ...reply, id, answers: answers.map(plainBytes) });
      }
    }),
    { numRuns: 60 },
  );
  assert.ok(hits > 1_000, `${hits} hits`);
});

/** As they are read: a Buffer is another kind of object. */
function plainBytes(each: Message['answers'][number]): Message['answers'][number] {
  const { data } = each;
  return data.kind === 'unknown' ? { ...each, data: { ...data, bytes: new Uint8Array(data.bytes) } } : each;
}

/** A cache that was asked once, and so knows its names. */
function filled(maxBytes = 10_000_000) {
  const cache = createPacketCache({ maxBytes });
  assert.equal(cache.read(encode(query('first.corp.internal')), 'udp', names, 0), null);
  const keep = (asked: Message, answers: Message['answers'], life: Life, now = 0) => {
    const reply = replyTo(asked, { answers, edns: asked.edns });
    const bytes = encode(reply);
    cache.store(encode(asked), 'udp', names, bytes, life, now);
    return { reply, bytes };
  };
  return { cache, keep };
}

function query(name: string, parts: Partial<Message> = {}): Message {
  return message({ questions: [question(name)], ...parts });
}

function read(bytes: Buffer | null): Message | null {
  if (bytes === null) return null;
  const decoded = decode(bytes);
  assert.ok(decoded.kind === 'message');
  return decoded.message;
}
