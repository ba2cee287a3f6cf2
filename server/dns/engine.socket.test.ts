// The promises of the engine on real sockets: what is ours is answered at once, what is others' is asked for once, remembered, and never asked in a circle.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import type { DnsServerAddress } from '#server/core/app.ts';
import type { Answerer } from './answerer.ts';
import { createEngine, type Engine, type EngineOptions } from './engine.ts';
import { createExchange } from './exchange.ts';
import { startDnsServer } from './listen.ts';
import { type Message, RCODE, type ResourceRecord } from './message.ts';
import { type Names, NO_NAMES } from './names.ts';
import { a, address, alias, name, question, record, replyTo, soa } from './packet.testing.ts';
import { queryFor } from './query.ts';
import { decode, encode } from './wire.ts';
import { buildZone } from './zone.ts';

const loopback = address('127.0.0.1');

test('D7: a hundred clients who ask the same at once cost one question, and its answer ages', async (t) => {
  const other = await otherServer(t, () => [a('wiki.corp.internal', '192.168.1.20', 30)]);
  const { ask, clock, engine } = await engineOn(t, routeTo(other.server));
  const replies = await Promise.all(Array.from({ length: 100 }, () => ask('wiki.corp.internal')));
  assert.deepEqual(new Set(replies.map(firstAddress)), new Set(['192.168.1.20']));
  assert.equal(other.asked.length, 1);
  clock.now += 10_000;
  const later = await ask('WIKI.corp.internal');
  assert.equal(later.answers[0]?.ttlSeconds, 20);
  assert.deepEqual(later.answers[0]?.name, ['WIKI', 'corp', 'internal']);
  assert.equal(other.asked.length, 1);
  clock.now += 20_000;
  await ask('wiki.corp.internal');
  assert.equal(other.asked.length, 2);
  assert.equal(engine.view().flights, 0);
});

test('RFC 8767: while no server answers the old answer is given, says so, and not for longer than allowed', async (t) => {
  let isDown = false;
  const other = await otherServer(t, () => (isDown ? null : [a('wiki.corp.internal', '192.168.1.20', 5)]));
  const { ask, clock } = await engineOn(t, routeTo(other.server));
  await ask('wiki.corp.internal');
  isDown = true;
  clock.now += 6_000;
  const stale = await ask('wiki.corp.internal');
  assert.deepEqual([firstAddress(stale), stale.answers[0]?.ttlSeconds, extendedError(stale)], ['192.168.1.20', 30, 3]);
  clock.now += 100_000;
  const failed = await ask('wiki.corp.internal');
  assert.deepEqual([failed.rcode, failed.answers.length], [RCODE.SERVFAIL, 0]);
});

test('D13: two servers that forward to each other end in SERVFAIL at once, and no storm', async (t) => {
  const first = { server: null as DnsServerAddress | null };
  const second = { server: null as DnsServerAddress | null };
  const one = await engineOn(t, () => routes(second.server));
  const two = await engineOn(t, () => routes(first.server));
  first.server = one.server;
  second.server = two.server;
  const startedAt = performance.now();
  const reply = await one.ask('wiki.corp.internal');
  assert.equal(reply.rcode, RCODE.SERVFAIL);
  assert.ok(performance.now() - startedAt < 1_900, 'no server had to be waited for');
  const counts = [one, two].map(({ engine }) =>
    Object.values(engine.view().outcomes).reduce((sum, each) => sum + each, 0),
  );
  assert.ok(
    counts.every((count) => count <= 4),
    `${counts}`,
  );
});

test('D13: a server that is its own upstream says so at once', async (t) => {
  const self = { server: null as DnsServerAddress | null };
  const one = await engineOn(t, () => routes(self.server));
  self.server = one.server;
  assert.equal((await one.ask('wiki.corp.internal')).rcode, RCODE.SERVFAIL);
});

test('D13: two servers that are each other’s upstreams, which are told no mark, ask each once and end in SERVFAIL', async (t) => {
  const [first, second] = [{ servers: [] as DnsServerAddress[] }, { servers: [] as DnsServerAddress[] }];
  const upstreams = (to: { servers: DnsServerAddress[] }): (() => Names) => {
    const names = { ...NO_NAMES, upstreams: { ...to, plaintextFallback: null, timeoutMs: 300, staleMs: 0 } };
    return () => Object.assign(names, { upstreams: { ...names.upstreams, servers: to.servers } });
  };
  const one = await engineOn(t, upstreams(second));
  const two = await engineOn(t, upstreams(first));
  first.servers.push(one.server);
  second.servers.push(two.server);
  assert.equal((await one.ask('wiki.example')).rcode, RCODE.SERVFAIL);
  // Half of them are the questions by which each looks whether the other is there.
  const counts = [one, two].map(({ engine }) => engine.view().counts.misses);
  assert.ok(
    counts.every((count) => count <= 8),
    `${counts}`,
  );
});

test('TG-C4: with `one`, each answer has one of the addresses, and over many all of them are chosen', async (t) => {
  const addresses = ['192.168.1.100', '192.168.1.102', '192.168.1.103'];
  const other = await otherServer(t, () => addresses.map((each) => a('wiki.corp.internal', each)));
  const { ask } = await engineOn(t, routeTo(other.server, 'one'));
  const replies: Message[] = [];
  for (let at = 0; at < 60; at++) replies.push(await ask('wiki.corp.internal'));
  assert.ok(replies.every(({ answers }) => answers.length === 1));
  assert.deepEqual(new Set(replies.map(firstAddress)), new Set(addresses));
  assert.equal(other.asked.length, 1);
});

test('F6: an address of this network in an answer from outside is left out, unless its zone may', async (t) => {
  const other = await otherServer(t, ({ questions: [asked] }) => {
    const owner = (asked?.name ?? []).join('.');
    return [a(owner, '192.168.1.1'), a(owner, '198.51.100.1')];
  });
  const upstreams = { servers: [other.server], plaintextFallback: null, timeoutMs: 1_000, staleMs: 0 };
  const names = { ...NO_NAMES, upstreams, rebindingAllowed: [name('lab.example')] };
  const { ask } = await engineOn(t, () => names);
  const filtered = await ask('evil.example');
  assert.deepEqual([filtered.answers.length, firstAddress(filtered), extendedError(filtered)], [1, '198.51.100.1', 17]);
  assert.equal((await ask('x.lab.example')).answers.length, 2);
});

test('D11: an alias to a blocked name is blocked, also when the list came after the answer was remembered', async (t) => {
  const other = await otherServer(t, () => [alias('x.corp.internal', 'ads.example'), a('ads.example', '198.51.100.1')]);
  const state = { names: routes(other.server) };
  const { ask } = await engineOn(t, () => state.names);
  assert.equal((await ask('x.corp.internal')).answers.length, 2);
  const block = {
    size: 1,
    match: (each: readonly string[]) => (each.join('.') === 'ads.example' ? 'ads.example' : null),
  };
  state.names = { ...state.names, block };
  const blocked = await ask('x.corp.internal');
  assert.deepEqual([blocked.rcode, blocked.answers.length, extendedError(blocked)], [RCODE.NXDOMAIN, 0, 15]);
  state.names = { ...state.names, allow: block };
  assert.equal((await ask('x.corp.internal')).answers.length, 2);
});

test('an alias among our own records is followed to where others know it, and to a blocked name no further', async (t) => {
  const other = await otherServer(t, () => [a('wiki.corp.internal', '192.168.1.20')]);
  const built = buildZone({
    origin: name('acme.zt.net'),
    lines: [
      { name: 'docs', type: 'CNAME', value: 'wiki.corp.internal.' },
      { name: 'trap', type: 'CNAME', value: 'ads.corp.internal.' },
      { name: 'gone', type: 'CNAME', value: 'nowhere.invalid.' },
    ],
  });
  assert.ok(built.kind === 'zone');
  const local = [{ zone: built.zone, search: [], answersSingleLabels: true, covers: 'whole' as const }];
  const block = { size: 1, match: (each: readonly string[]) => (each[0] === 'ads' ? 'ads' : null) };
  const names = { ...routes(other.server), local, block };
  const { ask } = await engineOn(t, () => names);
  const reply = await ask('docs');
  assert.deepEqual(
    reply.answers.map(({ data }) => data.kind),
    ['cname', 'a'],
  );
  assert.equal(firstAddress(reply), '192.168.1.20');
  assert.equal((await ask('docs')).answers.length, 2);
  assert.equal((await ask('trap')).rcode, RCODE.NXDOMAIN);
  assert.equal((await ask('gone.acme.zt.net')).rcode, RCODE.NXDOMAIN);
  assert.equal(other.asked.length, 1);
});

test('a private zone’s server that knows only who else would know is passed over, and its word is no absence', async (t) => {
  const ns = record('eu.corp.internal', { kind: 'ns', target: name('ns.eu.corp.internal') });
  const refers = await otherServer(t, (query) => replyTo(query, { recursionAvailable: false, authorities: [ns] }));
  const knows = await otherServer(t, ({ questions: [asked] }) =>
    asked?.name[0] === 'wiki' ? [a('wiki.eu.corp.internal', '192.168.1.20')] : [],
  );
  const [route] = routes(refers.server).routes;
  assert.ok(route);
  const both = { ...NO_NAMES, routes: [{ ...route, servers: [refers.server, knows.server] }] };
  const { ask } = await engineOn(t, () => both);
  assert.equal(firstAddress(await ask('wiki.eu.corp.internal')), '192.168.1.20');
  const alone = await engineOn(t, routeTo(refers.server));
  assert.equal((await alone.ask('wiki.eu.corp.internal')).rcode, RCODE.SERVFAIL);
});

test('D4: who asks too much by UDP gets truncated replies now and then, and whole ones by TCP; who may not ask is refused', async (t) => {
  const clock = { now: 1_000_000 };
  const engine = engineFor(t, { names: () => NO_NAMES, now: () => clock.now, perSecond: () => 10 });
  const client = { address: address('192.0.2.1'), transport: 'udp' as const };
  const packet = encode(queryFor(question('app.localhost'), 'edns'));
  const replies = await Promise.all(Array.from({ length: 40 }, () => engine.answer(packet, client)));
  const read = replies.map((reply) => (reply === null ? 'NO_NAMES' : messageOf(reply).isTruncated ? 'slip' : 'answer'));
  assert.deepEqual(
    ['answer', 'slip', 'NO_NAMES'].map((kind) => read.filter((each) => each === kind).length),
    [20, 10, 10],
  );
  assert.ok(await engine.answer(packet, { ...client, transport: 'tcp' }));
  const closed = engineFor(t, { names: () => NO_NAMES, now: () => 0, mayAsk: () => false });
  const refused = await closed.answer(packet, client);
  assert.equal(refused && messageOf(refused).rcode, RCODE.REFUSED);
});

test('D6 D9: absence is passed on with its SOA, and asked for again when that says so', async (t) => {
  const other = await otherServer(t, (query) =>
    replyTo(query, { rcode: RCODE.NXDOMAIN, authorities: [soa('corp.internal', 20)] }),
  );
  const { ask, clock } = await engineOn(t, routeTo(other.server));
  const reply = await ask('no.corp.internal');
  assert.deepEqual([reply.rcode, reply.authorities[0]?.data.kind], [RCODE.NXDOMAIN, 'soa']);
  clock.now += 19_000;
  await ask('no.corp.internal');
  assert.equal(other.asked.length, 1);
  clock.now += 1_000;
  await ask('no.corp.internal');
  assert.equal(other.asked.length, 2);
});

test('what is under way for one client is bounded by half of all: one question more is SERVFAIL at once', async (t) => {
  const other = await otherServer(t, () => null);
  const { ask, engine } = await engineOn(t, routeTo(other.server), { maxFlights: 6 });
  const waiting = ['a', 'b', 'c'].map((each) => ask(`${each}.corp.internal`));
  const beyond = await ask('d.corp.internal');
  assert.deepEqual([beyond.rcode, extendedError(beyond)], [RCODE.SERVFAIL, 22]);
  assert.equal(engine.view().flights, 3);
  for (const reply of await Promise.all(waiting)) assert.equal(reply.rcode, RCODE.SERVFAIL);
  assert.equal(engine.view().flights, 0);
});

function routes(server: DnsServerAddress | null, select: 'all' | 'one' = 'all'): Names {
  const servers = server === null ? [] : [server];
  return { ...NO_NAMES, routes: [{ zone: name('corp.internal'), servers, select, staleMs: 60_000 }] };
}

function routeTo(server: DnsServerAddress, select?: 'all' | 'one'): () => Names {
  const names = routes(server, select);
  return () => names;
}

function engineFor(t: TestContext, options: Pick<EngineOptions, 'names' | 'now'> & Partial<EngineOptions>): Engine {
  const own = createExchange({ ca: () => [], now: options.now });
  const engine = createEngine({ exchange: own.exchange, log: pino({ level: 'silent' }), ...options });
  t.after(() => {
    engine.close();
    own.close();
  });
  return engine;
}

async function engineOn(t: TestContext, names: () => Names, more: Partial<EngineOptions> = {}) {
  // The clock of TTLs is set; that of the sockets goes on.
  const clock = { now: Date.now() };
  const startedAt = performance.now();
  const now = () => Math.floor(clock.now + performance.now() - startedAt);
  const engine = engineFor(t, { names, now, ...more });
  const listening = await startDnsServer({ address: loopback, port: 0, answer: engine.answer });
  t.after(() => listening.close());
  const server = { address: loopback, port: listening.port };
  const client = createExchange({ ca: () => [], now: Date.now });
  t.after(client.close);
  const ask = async (text: string): Promise<Message> => {
    const result = await client.exchange(server, question(text), { timeoutMs: 9_000 });
    assert.ok(result.kind === 'answered', JSON.stringify(result));
    return result.message;
  };
  return { ask, clock, engine, server };
}

/** A server that answers with what the test says, and NO_NAMES where it says null. */
async function otherServer(t: TestContext, answerOf: (query: Message) => readonly ResourceRecord[] | Message | null) {
  const asked: Message[] = [];
  const answer: Answerer = (packet) => {
    const query = messageOf(packet);
    asked.push(query);
    const answers = answerOf(query);
    if (answers === null) return null;
    return encode('id' in answers ? answers : replyTo(query, { answers }));
  };
  const server = await startDnsServer({ address: loopback, port: 0, answer });
  t.after(() => server.close());
  return { asked, server: { address: loopback, port: server.port } };
}

function messageOf(packet: Uint8Array): Message {
  const decoded = decode(packet);
  assert.ok(decoded.kind === 'message');
  return decoded.message;
}

function firstAddress({ answers }: Message): string {
  const data = answers.find(({ data }) => data.kind === 'a')?.data;
  return data?.kind === 'a' ? data.address : '';
}

/** RFC 8914 §2. */
function extendedError({ edns }: Message): number | null {
  const value = edns?.options.find(({ code }) => code === 15)?.value;
  return value ? (value[0] ?? 0) * 256 + (value[1] ?? 0) : null;
}
