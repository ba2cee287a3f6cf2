// Against a real BIND: the resolver finds what a private DNS has, notices what changes, and goes on when a server stops.
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { pino } from 'pino';
import type { Endpoint } from '#server/core/app.ts';
import type { Answer } from './answer.ts';
import { zoneAnswerer } from './authority.ts';
import { type BindOptions, startBind, zoneText } from './bind.testing.ts';
import { createExchange } from './exchange.ts';
import { startDnsServer } from './listen.ts';
import { RCODE, TYPE } from './message.ts';
import { address, endpoint, host, name, question } from './packet.testing.ts';
import { createResolver, type ResolverOptions } from './resolve.ts';
import { buildZone } from './zone.ts';

const { exchange, close } = createExchange({ ca: () => [], now: Date.now });
after(close);

/** As many as BIND takes of one kind (`max-records-per-type`), and too many for one UDP packet. */
const MANY = 100;
const many = Array.from({ length: MANY }, (_, at) => `many A 192.168.2.${at}`).join('\n');
const chain = Array.from({ length: 10 }, (_, at) => `c${at} CNAME c${at + 1}`).join('\n');
const records = `
wiki A 192.168.1.20
wiki AAAA fd00::20
v6 AAAA fd00::21
docs CNAME handbook
handbook CNAME wiki
away CNAME app.partner.internal.
${chain}
c10 A 192.168.1.36
text TXT "no address here"
${many}`;

test('SOL-5: addresses of both families, alias chains, long answers and absences come out as they are in the zone', async (t) => {
  const bind = await started(t, {
    zones: {
      'corp.internal': zoneText('corp.internal', records),
      'partner.internal': zoneText('partner.internal', 'app A 10.9.9.9'),
    },
  });
  const lookup = resolving(t, [bind]);
  assert.deepEqual(told(await lookup('wiki.corp.internal')), 'fd00::20 192.168.1.20');
  assert.deepEqual(told(await lookup('WIKI.corp.internal')), 'fd00::20 192.168.1.20');
  assert.deepEqual(told(await lookup('v6.corp.internal')), 'fd00::21');
  assert.deepEqual(
    told(await lookup('docs.corp.internal')),
    '>handbook.corp.internal >wiki.corp.internal fd00::20 192.168.1.20',
  );
  assert.deepEqual(told(await lookup('away.corp.internal')), '>app.partner.internal 10.9.9.9');
  assert.deepEqual(
    told(await lookup('c0.corp.internal'))
      .split(' ')
      .at(-1),
    '192.168.1.36',
  );
  assert.equal(told(await lookup('many.corp.internal')).split(' ').length, MANY);
  assert.equal(told(await lookup('none.corp.internal')), 'no-such-name');
  assert.equal(told(await lookup('text.corp.internal')), 'no-address');
  assert.equal(told(await lookup('www.example.com')), 'server-refused');
});

test('U6: a zone that cannot be loaded and a forwarder that is dead are failures, not absences', async (t) => {
  const bind = await started(t, {
    zones: { 'corp.internal': zoneText('corp.internal', records), 'broken.internal': 'this is no zone file\n' },
    config: 'zone "far.internal" { type forward; forward only; forwarders { 127.0.0.1 port 1; }; };',
  });
  const lookup = resolving(t, [bind]);
  assert.equal(told(await lookup('wiki.broken.internal')), 'server-failure');
  assert.equal(told(await lookup('wiki.far.internal')), 'server-failure');
  assert.equal(told(await lookup('wiki.corp.internal')), 'fd00::20 192.168.1.20');
});

test('U6: under load, a changed address with TTL 1 is used within TTL + 5 s, and no lookup fails meanwhile', async (t) => {
  const zone = (value: string, serial: number) => zoneText('corp.internal', `wiki 1 A ${value}`, { serial });
  const bind = await started(t, { zones: { 'corp.internal': zone('192.168.1.1', 1) } });
  const lookup = resolving(t, [bind]);
  for (let change = 2; change <= 4; change++) {
    await bind.setZone('corp.internal', zone(`192.168.1.${change}`, change));
    const changedAt = performance.now();
    let lookups = 0;
    for (;;) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => lookup('wiki.corp.internal')));
      lookups += answers.length;
      const seen = new Set(answers.map(told));
      assert.ok(
        [...seen].every((text) => text === `192.168.1.${change}` || text === `192.168.1.${change - 1}`),
        [...seen].join(),
      );
      if (seen.has(`192.168.1.${change}`)) break;
      assert.ok(performance.now() - changedAt < 6_000, 'the new address was not used in time');
      await new Promise(setImmediate);
    }
    assert.ok(lookups >= 50);
  }
});

test('U6: when the first server stops the second answers at once, and the first is used again soon after it is back', async (t) => {
  const zones = { 'corp.internal': zoneText('corp.internal', 'wiki 1 A 192.168.1.20') };
  const one = await started(t, { zones });
  const two = await started(t, { zones });
  const clock = { aheadMs: 0 };
  const lookup = resolving(t, [one, two], { now: () => Date.now() + clock.aheadMs });
  assert.equal(serverOf(await lookup('wiki.corp.internal')), one.port);
  await one.stop();
  clock.aheadMs += 1_000;
  const before = performance.now();
  assert.equal(serverOf(await lookup('wiki.corp.internal')), two.port);
  assert.ok(performance.now() - before < 1_000);
  const back = await started(t, { port: one.port, zones });
  const servers: (number | undefined)[] = [];
  for (let at = 0; at < 5 && servers.at(-1) !== back.port; at++) {
    clock.aheadMs += 1_000;
    servers.push(serverOf(await lookup('wiki.corp.internal')));
  }
  assert.equal(servers.at(-1), back.port);
});

test('D7: with every server stopped, the last answer is used and says so', async (t) => {
  const bind = await started(t, { zones: { 'corp.internal': zoneText('corp.internal', 'wiki 1 A 192.168.1.20') } });
  const clock = { aheadMs: 0 };
  const lookup = resolving(t, [bind], { now: () => Date.now() + clock.aheadMs });
  await lookup('wiki.corp.internal');
  await bind.stop();
  clock.aheadMs += 1_000;
  const answer = await lookup('wiki.corp.internal');
  assert.ok(answer.kind === 'addresses' && answer.staleSince !== null);
  assert.equal(told(await lookup('docs.corp.internal')), 'unreachable');
});

test('BIND takes our own authoritative server’s word, also when it comes by TCP', async (t) => {
  const lines = [
    { name: 'wiki', type: 'A', value: '192.168.1.20' },
    { name: 'docs', type: 'CNAME', value: 'wiki' },
    ...Array.from({ length: MANY }, (_, at) => ({ name: 'many', type: 'A', value: `192.168.3.${at}` })),
  ];
  const zone = buildZone({ origin: name('office.internal'), lines });
  assert.ok(zone.kind === 'zone');
  const ours = await startDnsServer({
    address: address('127.0.0.1'),
    port: 0,
    answer: zoneAnswerer(() => [zone.zone]),
  });
  t.after(() => ours.close());
  const config = `zone "office.internal" { type forward; forward only; forwarders { 127.0.0.1 port ${ours.port}; }; };`;
  const bind = await started(t, { zones: {}, config });
  const lookup = resolving(t, [bind]);
  assert.equal(told(await lookup('docs.office.internal')), '>wiki.office.internal 192.168.1.20');
  assert.equal(told(await lookup('many.office.internal')).split(' ').length, MANY);
  assert.equal(told(await lookup('none.office.internal')), 'no-such-name');
});

test('every kind of record that BIND serves is read and written again as it was', async (t) => {
  const kinds = `
kinds MX 10 mail
kinds TXT "one" "two\\255\\000"
kinds SRV 1 2 443 wiki
kinds HTTPS 1 . alpn="h2,h3" port=8443 ipv4hint=192.168.1.20
kinds CAA 0 issue "none"
dotted\\.label TXT "dot"`;
  const bind = await started(t, { zones: { 'corp.internal': zoneText('corp.internal', kinds) } });
  const ask = async (text: string, type: number) => {
    const result = await exchange(bind, question(text, type), { timeoutMs: 2000 });
    assert.ok(result.kind === 'answered' && result.message.rcode === RCODE.NOERROR, `${text} ${type}`);
    return result.message.answers.map(({ data }) => data);
  };
  const kind = 'kinds.corp.internal';
  assert.deepEqual(await ask(kind, TYPE.MX), [{ kind: 'mx', preference: 10, exchange: name('mail.corp.internal') }]);
  assert.deepEqual(await ask(kind, TYPE.TXT), [{ kind: 'txt', strings: [bytes('one'), bytes('two\xff\x00')] }]);
  assert.deepEqual(await ask(kind, TYPE.SRV), [
    { kind: 'srv', priority: 1, weight: 2, port: 443, target: name('wiki.corp.internal') },
  ]);
  const params = [
    { key: 1, value: bytes('\x02h2\x02h3') },
    { key: 3, value: bytes('\x20\xfb') },
    { key: 4, value: bytes('\xc0\xa8\x01\x14') },
  ];
  assert.deepEqual(await ask(kind, TYPE.HTTPS), [{ kind: 'https', priority: 1, target: [], params }]);
  assert.deepEqual(await ask(kind, 257), [{ kind: 'unknown', type: 257, bytes: bytes('\x00\x05issuenone') }]);
  assert.deepEqual(await ask('dotted\\.label.corp.internal', TYPE.TXT), [{ kind: 'txt', strings: [bytes('dot')] }]);
  assert.equal((await ask('corp.internal', TYPE.SOA))[0]?.kind, 'soa');
});

async function started(t: TestContext, options: BindOptions) {
  const bind = await startBind(options);
  t.after(() => bind.stop());
  return bind;
}

function resolving(t: TestContext, servers: readonly Endpoint[], options: Partial<ResolverOptions> = {}) {
  const endpoints = servers.map((server) => endpoint(server.address, server.port));
  const resolver = createResolver({
    servers: endpoints,
    exchange,
    now: Date.now,
    log: pino({ level: 'silent' }),
    ...options,
  });
  t.after(() => resolver.close());
  return (text: string) => resolver.lookup(host(text));
}

function told(answer: Answer): string {
  if (answer.kind === 'failure') return answer.reason;
  const addresses = answer.kind === 'addresses' ? answer.addresses : [answer.kind];
  return [...answer.chain.map((alias) => `>${alias}`), ...addresses].join(' ');
}

function serverOf(answer: Answer): number | undefined {
  return answer.kind === 'failure' ? undefined : answer.server.port;
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}
