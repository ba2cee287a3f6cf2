// The promises of the list of names in a resolver: each name is found however it is written, and a list is swapped whole, never seen in half.
import assert from 'node:assert/strict';
import { Resolver } from 'node:dns/promises';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { type Address, parseAddress } from '#server/core/address.ts';
import type { NamesDocument } from '#server/core/names-document.ts';
import { createEngine } from '#server/dns/engine.ts';
import { startDnsServer } from '#server/dns/listen.ts';
import { type LocalZone, type Names, NO_DOMAINS, NO_LEASES } from '#server/dns/names.ts';
import { machineZone } from './machine-zone.ts';

const loopback = parseAddress('127.0.0.1') ?? assert.fail();

function document(parts: Partial<NamesDocument> = {}): NamesDocument {
  return {
    version: 'v',
    zone: 'yourorg.zt.net',
    search: ['ztna'],
    machines: [],
    records: [],
    ttlSeconds: 60,
    ...parts,
  };
}

const at = (name: string, address: string) => ({ name, address: address as Address });

function zoneOf(names: NamesDocument): LocalZone {
  const read = machineZone(names);
  return read.kind === 'zone' ? read.zone : assert.fail(read.problem);
}

/** A resolver that answers by the zone of the moment, and asks nobody: `asked` counts what it would have. */
async function serve(t: TestContext, zone: () => LocalZone) {
  let asked = 0;
  const rest = {
    allow: NO_DOMAINS,
    block: NO_DOMAINS,
    leases: NO_LEASES,
    hosted: [],
    routes: [],
    rebindingAllowed: [],
  };
  const servers = [{ address: parseAddress('192.0.2.53') ?? assert.fail(), port: 53 }];
  const upstreams = { servers, plaintextFallback: null, timeoutMs: 100, staleMs: 0 };
  let built: { zone: LocalZone; names: Names } | null = null;
  const engine = createEngine({
    names: () => {
      const now = zone();
      if (built?.zone !== now) built = { zone: now, names: { ...rest, local: [now], upstreams } };
      return built.names;
    },
    exchange: async () => {
      asked += 1;
      return { kind: 'failed', reason: 'timeout' };
    },
    now: Date.now,
    log: pino({ level: 'silent' }),
  });
  const server = await startDnsServer({ address: loopback, port: 0, answer: engine.answer });
  t.after(async () => {
    await server.close();
    engine.close();
  });
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  resolver.setServers([`127.0.0.1:${server.port}`]);
  return { resolver, asked: () => asked };
}

test('ST1.1, QZ: a machine is found by its name alone, in full and with a search ending, in any case; for a minute; IPv6 says none', async (t) => {
  const zone = zoneOf(document({ machines: [at('Win-A', '100.64.0.1')] }));
  const { resolver, asked } = await serve(t, () => zone);
  for (const name of ['Win-A', 'win-a', 'WIN-A.ztna', 'win-a.yourorg.zt.net']) {
    assert.deepEqual(await resolver.resolve4(name, { ttl: true }), [{ address: '100.64.0.1', ttl: 60 }], name);
    await assert.rejects(resolver.resolve6(name), { code: 'ENODATA' }, name);
  }
  assert.equal(asked(), 0, 'nobody else was asked');
});

test('QZ: a name of the zone that is no machine does not exist, and nobody else is asked for it (F7)', async (t) => {
  const zone = zoneOf(document({ machines: [at('Win-A', '100.64.0.1')] }));
  const { resolver, asked } = await serve(t, () => zone);
  for (const name of ['Win-B.yourorg.zt.net', 'Win-B.ztna', 'x.Win-A.yourorg.zt.net']) {
    await assert.rejects(resolver.resolve4(name), { code: 'ENOTFOUND' }, name);
  }
  assert.equal(asked(), 0);
  await assert.rejects(resolver.resolve4('example.com'));
  assert.ok(asked() > 0, 'what lies outside of it is asked for elsewhere');
});

test('records stand beside machines, of both families; a machine’s name is the machine’s', async (t) => {
  const machines = [at('Win-A', '100.64.0.1')];
  const records = [at('printer', '192.168.1.9'), at('printer', 'fd00::9'), at('win-a', '192.168.1.66')];
  const zone = zoneOf(document({ machines, records }));
  const { resolver } = await serve(t, () => zone);
  assert.deepEqual(await resolver.resolve4('printer'), ['192.168.1.9']);
  assert.deepEqual(await resolver.resolve6('printer.ztna'), ['fd00::9']);
  assert.deepEqual(await resolver.resolve4('win-a'), ['100.64.0.1']);
});

test('ST5.5, D14: under a hail of queries a list of thousands is swapped again and again, and no query sees it half-filled', async (t) => {
  const MACHINES = 2_000;
  const SWAPS = 40;
  const lists = [1, 2].map((net) =>
    document({
      version: String(net),
      machines: Array.from({ length: MACHINES }, (_, i) => at(`m${i}`, `100.6${net + 3}.${i >> 8}.${i & 255}`)),
    }),
  );
  let zone = zoneOf(lists[0] ?? assert.fail());
  const { resolver } = await serve(t, () => zone);
  let isSwapping = true;
  let queries = 0;
  const seen = new Set<string>();
  const hammer = async (step: number) => {
    for (let i = step; isSwapping; i = (i + 7) % MACHINES) {
      const [address = ''] = await resolver.resolve4(`m${i}`);
      assert.match(address, new RegExp(`^100\\.6[45]\\.${i >> 8}\\.${i & 255}$`));
      seen.add(address.slice(0, 6));
      queries += 1;
    }
  };
  const hammers = Array.from({ length: 16 }, (_, step) => hammer(step));
  for (let swap = 1; swap <= SWAPS; swap++) {
    const next = zoneOf(lists[swap % 2] ?? assert.fail());
    zone = next;
    // Queries that came meanwhile are answered before the next list is built.
    await resolver.resolve4('m0');
  }
  isSwapping = false;
  await Promise.all(hammers);
  assert.deepEqual([...seen].sort(), ['100.64', '100.65']);
  assert.ok(queries > SWAPS * 16, `${queries} queries`);
});

test('a zone that is none is said, and a name that is too long for it as well', () => {
  assert.equal(machineZone(document({ zone: '' })).kind, 'invalid');
  const long = Array.from({ length: 4 }, () => 'x'.repeat(60)).join('.');
  assert.equal(machineZone(document({ zone: long, machines: [at('y'.repeat(60), '100.64.0.1')] })).kind, 'invalid');
});
