// The promises of the resolver: asks once, remembers as long as it may, follows aliases, survives its servers, and never asks what it should not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import type { Answer } from './answer.ts';
import type { Exchange } from './exchange.ts';
import { type Message, RCODE, type ResourceRecord, TYPE } from './message.ts';
import { nameText } from './name.ts';
import { a, alias, endpoint, host, message, replyTo, soa } from './packet.testing.ts';
import { createResolver, type ResolverOptions } from './resolve.ts';

const wiki = host('wiki.corp.internal');
const [first, second] = [endpoint('192.0.2.1', 53), endpoint('192.0.2.2', 53)];

test('both families are asked at the same time and given together, with where they come from', async () => {
  const r = resolving({
    'wiki.corp.internal A': [a('wiki.corp.internal', '192.168.1.20', 30)],
    'wiki.corp.internal AAAA': [a('wiki.corp.internal', 'fd00::20', 20)],
  });
  const answer = await r.lookup(wiki);
  const expected: Answer = {
    kind: 'addresses',
    addresses: [addressOf('fd00::20'), addressOf('192.168.1.20')],
    ttlSeconds: 20,
    answeredAt: 1_000_000,
    staleSince: null,
    chain: [],
    server: first,
  };
  assert.deepEqual(answer, expected);
  assert.deepEqual(r.asked, ['192.0.2.1 wiki.corp.internal A', '192.0.2.1 wiki.corp.internal AAAA']);
});

test('U6: an answer is used for its TTL without asking, and a new one is asked for then', async () => {
  const r = resolving({ 'wiki.corp.internal A': [a('wiki.corp.internal', '192.168.1.20', 10)] });
  const answer = await r.lookup(wiki);
  r.clock.now += 9_999;
  assert.equal(r.lookup(wiki), answer);
  assert.equal(r.asked.length, 2);
  r.data['wiki.corp.internal A'] = [a('wiki.corp.internal', '192.168.1.21', 10)];
  r.clock.now += 1;
  assert.deepEqual(addresses(await r.lookup(wiki)), ['192.168.1.21']);
});

test('D7: a hundred callers at once cost one lookup', async () => {
  const r = resolving({ 'wiki.corp.internal A': [a('wiki.corp.internal', '192.168.1.20')] });
  const answers = await Promise.all(Array.from({ length: 100 }, () => r.lookup(wiki)));
  assert.equal(new Set(answers).size, 1);
  assert.equal(r.asked.length, 2);
});

test('a caller who leaves takes nobody along', async () => {
  const r = resolving({ 'wiki.corp.internal A': [a('wiki.corp.internal', '192.168.1.20')] });
  const controller = new AbortController();
  const [leaving, staying] = [r.lookup(wiki, controller.signal), r.lookup(wiki)];
  controller.abort(new Error('gone'));
  await assert.rejects(async () => leaving, /gone/);
  assert.deepEqual(addresses(await staying), ['192.168.1.20']);
  await assert.rejects(
    async () => r.lookup(host('docs.corp.internal'), AbortSignal.abort(new Error('gone before'))),
    /gone before/,
  );
});

test('D6: aliases are followed within an answer and beyond it, and the shortest TTL of the way counts', async () => {
  const r = resolving({
    'wiki.corp.internal A': [
      alias('wiki.corp.internal', 'web.corp.internal', 50),
      alias('web.corp.internal', 'farm.partner.internal', 40),
    ],
    'farm.partner.internal A': [alias('farm.partner.internal', 'node.partner.internal', 30)],
    'node.partner.internal A': [a('node.partner.internal', '10.1.1.1', 60)],
  });
  const answer = await r.lookup(wiki);
  assert.ok(answer.kind === 'addresses');
  assert.deepEqual(answer.chain, ['web.corp.internal', 'farm.partner.internal', 'node.partner.internal']);
  assert.equal(answer.ttlSeconds, 30);
});

test('D6: an endless chain and a circle that only show over many answers end as a failure', async () => {
  const endless = resolving((text) => [alias(text, `n${text}`.slice(0, 60))]);
  assert.deepEqual(await endless.lookup(wiki), { kind: 'failure', reason: 'alias-loop' });
  assert.ok(endless.asked.length <= 2 * 18);
  const circle = resolving({
    'wiki.corp.internal A': [alias('wiki.corp.internal', 'b.corp.internal')],
    'b.corp.internal A': [alias('b.corp.internal', 'wiki.corp.internal')],
  });
  assert.deepEqual(await circle.lookup(wiki), { kind: 'failure', reason: 'alias-loop' });
});

test('F7: only names of the site’s zones are asked for, also at the end of an alias', async () => {
  const zones = [host('corp.internal')];
  const r = resolving({ 'wiki.corp.internal A': [alias('wiki.corp.internal', 'www.example.com')] }, { zones });
  assert.deepEqual(await r.lookup(host('www.example.com')), { kind: 'failure', reason: 'outside-zones' });
  assert.deepEqual(await r.lookup(host('notcorp.internal')), { kind: 'failure', reason: 'outside-zones' });
  assert.equal(r.asked.length, 0);
  assert.deepEqual(await r.lookup(wiki), { kind: 'failure', reason: 'outside-zones' });
  assert.ok(r.asked.every((line) => !line.includes('example.com')));
});

test('D9: absence is remembered for the zone’s negative TTL, at most five minutes', async () => {
  const r = resolving({});
  assert.equal((await r.lookup(wiki)).kind, 'no-such-name');
  r.clock.now += 59_999;
  assert.equal(r.asked.length, 2);
  assert.equal((r.lookup(wiki) as Answer).kind, 'no-such-name');
  r.clock.now += 1;
  r.data['wiki.corp.internal A'] = [a('wiki.corp.internal', '192.168.1.20')];
  assert.deepEqual(addresses(await r.lookup(wiki)), ['192.168.1.20']);
});

test('a name with records of another kind has no address, which is not the same as no such name', async () => {
  const r = resolving({ 'wiki.corp.internal A': [], 'wiki.corp.internal AAAA': [] });
  assert.equal((await r.lookup(wiki)).kind, 'no-address');
});

test('a family that fails or is called absent does not hide the addresses of the other', async () => {
  for (const broken of ['SERVFAIL', 'NXDOMAIN', 'unreachable'] as const) {
    const r = resolving({
      'wiki.corp.internal A': [a('wiki.corp.internal', '192.168.1.20')],
      'wiki.corp.internal AAAA': broken,
    });
    assert.deepEqual(addresses(await r.lookup(wiki)), ['192.168.1.20'], broken);
  }
});

test('a family that never answers holds nobody up for longer than the resolution delay, and joins when it comes late', async () => {
  const late = Promise.withResolvers<void>();
  const r = resolving({
    'wiki.corp.internal A': [a('wiki.corp.internal', '192.168.1.20')],
    'wiki.corp.internal AAAA': [a('wiki.corp.internal', 'fd00::20')],
  });
  r.delays.set('AAAA', late.promise);
  const started = performance.now();
  assert.deepEqual(addresses(await r.lookup(wiki)), ['192.168.1.20']);
  assert.ok(performance.now() - started < 1_000);
  late.resolve();
  await r.idle();
  assert.deepEqual(addresses(await r.lookup(wiki)), ['fd00::20', '192.168.1.20']);
});

test('a server that ignores questions for IPv6 addresses stays in use', async () => {
  const r = resolving({
    'wiki.corp.internal A': [a('wiki.corp.internal', '192.168.1.20', 1)],
    'wiki.corp.internal AAAA': 'timeout',
  });
  for (let at = 0; at < 3; at++) {
    assert.deepEqual(addresses(await r.lookup(wiki)), ['192.168.1.20']);
    await r.idle();
    r.clock.now += 1_000;
  }
  assert.ok(r.servers().every(({ circuit }) => circuit.kind === 'closed'));
});

test('an answer that comes late never takes the place of a newer one', async () => {
  const late = Promise.withResolvers<void>();
  const r = resolving({
    'wiki.corp.internal A': [a('wiki.corp.internal', '192.168.1.20', 1)],
    'wiki.corp.internal AAAA': [a('wiki.corp.internal', 'fd00::20', 1)],
  });
  r.delays.set('AAAA', late.promise);
  await r.lookup(wiki);
  r.clock.now += 1_000;
  r.delays.clear();
  r.data['wiki.corp.internal A'] = [a('wiki.corp.internal', '192.168.1.99', 1)];
  r.data['wiki.corp.internal AAAA'] = [];
  await r.lookup(wiki);
  late.resolve();
  await r.idle();
  assert.deepEqual(addresses(await r.lookup(wiki)), ['192.168.1.99']);
});

test('U6: when the first server is down, fails or refuses, the second is asked', async () => {
  for (const broken of ['unreachable', 'timeout', 'SERVFAIL', 'REFUSED', 'lame'] as const) {
    const r = resolving({ 'wiki.corp.internal A': [a('wiki.corp.internal', '192.168.1.20')], '192.0.2.1': broken });
    const answer = await r.lookup(wiki);
    assert.ok(answer.kind === 'addresses', broken);
    assert.deepEqual(answer.server, second, broken);
  }
});

test('D7: a silent server is left out, probed beside the others, and first again once it answers', async () => {
  const r = resolving({ 'wiki.corp.internal A': [a('wiki.corp.internal', '192.168.1.20', 1)], '192.0.2.1': 'timeout' });
  await r.lookup(wiki);
  const askedFirst = () => r.asked.filter((line) => line.startsWith('192.0.2.1')).length;
  const before = askedFirst();
  r.clock.now += 400;
  await r.lookup(host('docs.corp.internal'));
  assert.equal(askedFirst(), before);
  delete r.data['192.0.2.1'];
  r.clock.now += 600;
  await r.lookup(wiki);
  await r.idle();
  assert.equal(askedFirst(), before + 1);
  r.clock.now += 1_000;
  const answer = await r.lookup(wiki);
  assert.ok(answer.kind === 'addresses');
  assert.deepEqual(answer.server, first);
});

test('D7: when all servers are dead a lookup costs a few tries, then nothing for a while', async () => {
  const r = resolving({ '192.0.2.1': 'timeout', '192.0.2.2': 'timeout' });
  assert.deepEqual(await r.lookup(wiki), { kind: 'failure', reason: 'timeout' });
  assert.ok(r.asked.length <= 6, `${r.asked.length}`);
  const cost = r.asked.length;
  for (let at = 0; at < 100; at++) assert.deepEqual(r.lookup(wiki), { kind: 'failure', reason: 'timeout' });
  assert.equal(r.asked.length, cost);
});

test('D7: a storm of SERVFAIL is answered from memory for 1, 2, 4 … 30 s', async () => {
  const r = resolving({ '192.0.2.1': 'SERVFAIL', '192.0.2.2': 'SERVFAIL' });
  for (const waitMs of [1_000, 2_000, 4_000]) {
    await r.lookup(wiki);
    const cost = r.asked.length;
    r.clock.now += waitMs - 1;
    assert.deepEqual(r.lookup(wiki), { kind: 'failure', reason: 'server-failure' });
    assert.equal(r.asked.length, cost);
    r.clock.now += 1;
  }
});

test('D7: the last good answer is used while no server can be asked, says so, and not for ever', async () => {
  const r = resolving({ 'wiki.corp.internal A': [a('wiki.corp.internal', '192.168.1.20', 10)] }, { staleMs: 300_000 });
  await r.lookup(wiki);
  r.data['192.0.2.1'] = r.data['192.0.2.2'] = 'unreachable';
  r.clock.now += 20_000;
  const stale = await r.lookup(wiki);
  assert.ok(stale.kind === 'addresses');
  assert.equal(stale.staleSince, 1_010_000);
  assert.equal(r.lookup(wiki), stale);
  r.clock.now += 300_000;
  assert.deepEqual(await r.lookup(wiki), { kind: 'failure', reason: 'unreachable' });
});

test('D7: an old answer is given after 1.8 s when the servers take longer', async () => {
  const r = resolving({ 'wiki.corp.internal A': [a('wiki.corp.internal', '192.168.1.20', 1)] });
  await r.lookup(wiki);
  r.clock.now += 1_000;
  const never = Promise.withResolvers<void>();
  r.delays.set('A', never.promise);
  const started = performance.now();
  const answer = await r.lookup(wiki);
  const waitedMs = performance.now() - started;
  assert.ok(answer.kind === 'addresses' && answer.staleSince === 1_001_000);
  assert.ok(waitedMs > 1_700 && waitedMs < 3_000, `${waitedMs} ms`);
  never.resolve();
});

test('a name that was taken away is gone at once, not served from the past', async () => {
  const r = resolving({ 'wiki.corp.internal A': [a('wiki.corp.internal', '192.168.1.20', 1)] });
  await r.lookup(wiki);
  delete r.data['wiki.corp.internal A'];
  r.clock.now += 1_000;
  assert.equal((await r.lookup(wiki)).kind, 'no-such-name');
  r.data['192.0.2.1'] = r.data['192.0.2.2'] = 'unreachable';
  r.clock.now += 60_000;
  assert.deepEqual(await r.lookup(wiki), { kind: 'failure', reason: 'unreachable' });
});

test('once a server is back, names that failed are asked for again at once', async () => {
  const r = resolving({
    'wiki.corp.internal A': [a('wiki.corp.internal', '192.168.1.20')],
    '192.0.2.1': 'timeout',
    '192.0.2.2': 'timeout',
  });
  await r.lookup(wiki);
  delete r.data['192.0.2.1'];
  await r.lookup(host('docs.corp.internal'));
  assert.deepEqual(addresses(await r.lookup(wiki)), ['192.168.1.20']);
});

test('a site without servers has no answers', async () => {
  assert.deepEqual(await resolving({}, { servers: [] }).lookup(wiki), { kind: 'failure', reason: 'no-servers' });
});

test('a closed resolver ends its lookups', async () => {
  const r = resolving({});
  r.close();
  assert.deepEqual(await r.lookup(wiki), { kind: 'failure', reason: 'aborted' });
});

type Given = readonly ResourceRecord[] | 'timeout' | 'unreachable' | 'SERVFAIL' | 'REFUSED' | 'NXDOMAIN' | 'lame';
type Data = Record<string, Given>;

/** A resolver in front of two servers whose answers are `data`: by server address, else by name and type; a name that is not there does not exist. */
function resolving(
  given: Data | ((text: string) => readonly ResourceRecord[]),
  options: Partial<ResolverOptions> = {},
) {
  const data: Data = typeof given === 'function' ? {} : { ...given };
  const clock = { now: 1_000_000 };
  const asked: string[] = [];
  const delays = new Map<'A' | 'AAAA', Promise<void>>();
  const running: Promise<unknown>[] = [];
  const exchange: Exchange = (server, question, { timeoutMs, signal }) => {
    const text = nameText(question.name);
    const type = question.type === TYPE.A ? 'A' : 'AAAA';
    asked.push(`${server.address} ${text} ${type}`);
    const answer = data[server.address] ?? (typeof given === 'function' ? given(text) : data[`${text} ${type}`]);
    const exists = answer !== undefined || Object.keys(data).some((key) => key.startsWith(`${text} `));
    const result = (delays.get(type) ?? Promise.resolve()).then(() => {
      if (signal?.aborted) return { kind: 'failed', reason: 'aborted' } as const;
      if (answer === 'timeout' && timeoutMs > 0) clock.now += 1;
      if (answer === 'timeout' || answer === 'unreachable') return { kind: 'failed', reason: answer } as const;
      return {
        kind: 'answered',
        transport: 'udp',
        message: replyTo(message({ questions: [question] }), parts(answer ?? [], exists)),
      } as const;
    });
    running.push(result);
    return result;
  };
  const resolver = createResolver({
    servers: [first, second],
    now: () => clock.now,
    log: pino({ level: 'silent' }),
    exchange,
    ...options,
  });
  const idle = async () => {
    while (running.length > 0) await Promise.all(running.splice(0));
    await new Promise(setImmediate);
  };
  return { ...resolver, data, clock, asked, delays, idle };
}

function parts(answer: Exclude<Given, 'timeout' | 'unreachable'>, exists: boolean): Partial<Message> {
  switch (answer) {
    case 'SERVFAIL':
      return { rcode: RCODE.SERVFAIL };
    case 'REFUSED':
      return { rcode: RCODE.REFUSED };
    case 'NXDOMAIN':
      return { rcode: RCODE.NXDOMAIN, authorities: [soa('internal', 60)] };
    case 'lame':
      return {
        authorities: [
          { ...soa('internal', 60), data: { kind: 'ns', target: host('ns.elsewhere').split('.') as never } },
        ],
      };
    default:
      if (answer.length > 0) return { answers: answer };
      return { rcode: exists ? RCODE.NOERROR : RCODE.NXDOMAIN, authorities: [soa('internal', 60)] };
  }
}

function addresses(answer: Answer): readonly string[] {
  assert.ok(answer.kind === 'addresses', JSON.stringify(answer));
  return answer.addresses;
}

function addressOf(text: string) {
  return endpoint(text, 0).address;
}
