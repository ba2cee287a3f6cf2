// Nobody fills a server's memory by asking for names that are new each time: 10^5 of them from as many clients, 10^6 with TEST_LONG=1.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pino } from 'pino';
import { addressOf } from '#server/core/address.ts';
import { seededRandom } from '#server/core/seeded-random.testing.ts';
import type { Client } from './answerer.ts';
import { createEngine } from './engine.ts';
import type { Exchange } from './exchange.ts';
import { RCODE } from './message.ts';
import { nameText } from './name.ts';
import { type Names, NO_DOMAINS, NO_LEASES } from './names.ts';
import { a, endpoint, message, name, question, replyTo, soa } from './packet.testing.ts';
import { decode, encode } from './wire.ts';

const NAMES = process.env.TEST_LONG === '1' ? 1_000_000 : 100_000;
const MAX_OCTETS = 4 * 2 ** 20;
/** Between two looks at a heap whose caches are full: what a collector leaves lying, not what grows with the names. */
const MAX_GROWTH_OCTETS = 3 * 2 ** 20;

test('10^5 and more names that are new each time leave memory as it was: answers, absences and failures, from ever new clients', {
  timeout: 600_000,
}, async () => {
  const engine = createEngine({
    names: () => names,
    exchange,
    now: () => now,
    log: pino({ level: 'silent' }),
    perSecond: () => 10,
    maxOctets: MAX_OCTETS,
  });
  const random = seededRandom(5);
  const kinds = new Map<number | null, number>();
  let now = 1_000_000;
  let halfway = 0;
  for (let at = 0; at < NAMES; at++) {
    if (at === NAMES / 2) halfway = heapOctets();
    now += 1;
    const packet = encode(
      message({ id: at & 0xffff, questions: [question(`${random().toString(36).slice(2)}.${at % 3}.example`)] }),
    );
    const client: Client = { address: addressOf(Uint8Array.from([10, at >> 16, at >> 8, at])), transport: 'udp' };
    const reply = await engine.answer(packet, client);
    const decoded = reply && decode(reply);
    const rcode = decoded?.kind === 'message' ? decoded.message.rcode : null;
    kinds.set(rcode, (kinds.get(rcode) ?? 0) + 1);
    if (at % 1000 === 0) assert.ok(engine.view().octets <= MAX_OCTETS);
  }
  const growth = heapOctets() - halfway;
  const view = engine.view();
  for (const rcode of [RCODE.NOERROR, RCODE.NXDOMAIN, RCODE.SERVFAIL])
    assert.ok((kinds.get(rcode) ?? 0) > NAMES / 4, [...kinds].join(' '));
  assert.equal(view.flights, 0);
  assert.ok(view.entries < NAMES / 4, `${view.entries} entries`);
  assert.ok(growth < MAX_GROWTH_OCTETS, `${(growth / 2 ** 20).toFixed(1)} MB more after the second half`);
  engine.close();
});

const names: Names = {
  allow: NO_DOMAINS,
  block: NO_DOMAINS,
  leases: NO_LEASES,
  local: [],
  hosted: [],
  routes: [{ zone: name('example'), servers: [endpoint('192.0.2.53', 53)], select: 'all', staleMs: 86_400_000 }],
  upstreams: null,
  rebindingAllowed: [],
};

/** By the second label: an address, no such name, or a server that failed. */
const exchange: Exchange = async (_server, asked) => {
  const kind = asked.name[1];
  const host = nameText(asked.name);
  const parts =
    kind === '0'
      ? { answers: [a(host, '192.0.2.1', 3600)] }
      : kind === '1'
        ? { rcode: RCODE.NXDOMAIN, authorities: [soa('example', 3600)] }
        : { rcode: RCODE.SERVFAIL };
  return { kind: 'answered', message: replyTo(message({ questions: [asked] }), parts), transport: 'udp' };
};

/** What is reachable: the collector runs first. */
function heapOctets(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  return process.memoryUsage().heapUsed;
}
