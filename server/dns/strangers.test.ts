// The promise of a nameserver at a public address: strangers get the zone that is delegated to it, and no other name, asked for or remembered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import type { Address } from '#server/core/address.ts';
import { createEngine } from './engine.ts';
import type { Exchange } from './exchange.ts';
import { type Message, RCODE, TYPE } from './message.ts';
import { type HostedZone, type Names, NO_DOMAINS, NO_LEASES } from './names.ts';
import { a, address, message, name, question } from './packet.testing.ts';
import { queryFor } from './query.ts';
import { decode, encode } from './wire.ts';
import { buildZone, type Zone } from './zone.ts';

const FRIEND = address('10.0.0.7');
const STRANGER = address('198.51.100.7');

test('D4, F7: a client outside of those who may ask gets the public zone alone, and nobody is asked for it', async () => {
  const asked: string[] = [];
  const { ask } = engineWith((_server, { name: labels }) => {
    asked.push(labels.join('.'));
    return [a(labels.join('.'), '203.0.113.80')];
  });
  assert.deepEqual(told(await ask(STRANGER, 'x.alias.example')), ['203.0.113.20']);
  assert.equal((await ask(STRANGER, 'y.alias.example')).rcode, RCODE.NXDOMAIN);
  for (const text of ['www.example', 'wiki.corp.internal', 'win-a.machines.internal', 'win-a', 'gw.cluster.internal']) {
    assert.equal((await ask(FRIEND, text)).rcode, RCODE.NOERROR, text);
    const refused = await ask(STRANGER, text);
    assert.deepEqual([refused.rcode, told(refused)], [RCODE.REFUSED, []], text);
  }
  assert.equal((await ask(STRANGER, 'alias.example', TYPE.AXFR)).rcode, RCODE.REFUSED);
  assert.deepEqual(asked, ['www.example', 'wiki.corp.internal']);
});

test('D4: refusals are counted against a client as answers are', async () => {
  const { engine } = engineWith(() => [], 1);
  const packet = encode(queryFor(question('www.example'), 'edns'));
  const replies = Array.from({ length: 20 }, () => engine.answer(packet, { address: STRANGER, transport: 'udp' }));
  assert.equal(replies.filter((reply) => reply !== null).length, 2 + 9);
});

function engineWith(
  answersOf: (...asked: Parameters<Exchange>) => Message['answers'],
  perSecond: number | null = null,
) {
  const exchange: Exchange = async (...asked) => {
    const reply = message({ isResponse: true, questions: [asked[1]], answers: answersOf(...asked) });
    return { kind: 'answered', message: reply, transport: 'udp' };
  };
  const engine = createEngine({
    ...{ names: () => NAMES, exchange, now: () => 1_000_000, log: pino({ level: 'silent' }) },
    ...{ mayAsk: (client: Address) => client === FRIEND, perSecond: () => perSecond },
  });
  const ask = async (client: Address, text: string, type: number = TYPE.A): Promise<Message> => {
    const reply = await engine.answer(encode(queryFor(question(text, type), 'edns')), {
      address: client,
      transport: 'udp',
    });
    const decoded = reply && decode(reply);
    assert.ok(decoded?.kind === 'message');
    return decoded.message;
  };
  return { engine, ask };
}

function zone(origin: string, label: string, value: string): Zone {
  const built = buildZone({ origin: name(origin), lines: [{ name: label, type: 'A', value }] });
  assert.ok(built.kind === 'zone');
  return built.zone;
}

function hosted(of: Zone, isPublic: boolean): HostedZone {
  return { origin: of.origin, zoneFor: () => of, isPublic };
}

function told({ answers }: Message): string[] {
  return answers.flatMap(({ data }) => (data.kind === 'a' ? [data.address] : []));
}

const SERVER = { address: address('10.0.0.53'), port: 53 };
const NAMES: Names = {
  ...{ allow: NO_DOMAINS, block: NO_DOMAINS, leases: NO_LEASES, rebindingAllowed: [] },
  local: [
    {
      zone: zone('machines.internal', 'win-a', '100.64.0.1'),
      ...{ search: [], answersSingleLabels: true, covers: 'whole' },
    },
  ],
  hosted: [
    hosted(zone('alias.example', 'x', '203.0.113.20'), true),
    hosted(zone('cluster.internal', 'gw', '10.0.0.20'), false),
  ],
  routes: [{ zone: name('corp.internal'), servers: [SERVER], select: 'all', staleMs: 0 }],
  upstreams: { servers: [SERVER], plaintextFallback: null, timeoutMs: 1_000, staleMs: 0 },
};
