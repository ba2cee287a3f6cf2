// D6 to D9 on the wire: whatever an upstream says or leaves unsaid, clients get the answer to their question or a failure, in time, and nothing else is learnt.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import type { DnsServerAddress } from '#server/core/app.ts';
import { createAuthority } from '../certificates.testing.ts';
import { createEngine } from './engine.ts';
import { createExchange } from './exchange.ts';
import { framed } from './frame.ts';
import { type Message, RCODE, type ResourceRecord } from './message.ts';
import { nameText } from './name.ts';
import { type Names, NO_DOMAINS, NO_LEASES } from './names.ts';
import { a, address, alias, endpoint, message, name, question, record, replyTo, soa } from './packet.testing.ts';
import { type Heard, startStreamServer } from './stream-server.testing.ts';
import { decode, encode } from './wire.ts';

const WIKI = 'wiki.corp.example';
const PUBLIC = '198.18.0.20';
const SERVFAIL_LINE = 'DNS-over-TLS failed, plaintext fallback disabled -- returning SERVFAIL';
const authority = await createAuthority('DNS test authority');

test('D6: records that nobody asked for are neither passed on nor remembered', async (t) => {
  const evil = [
    a('bank.example', '198.18.6.6'),
    record('example', { kind: 'ns', target: name('ns.evil.example') }),
    a('ns.evil.example', '198.18.6.6'),
  ];
  const upstream = await udpUpstream(t, (query) => {
    const good = [a(textOf(query), PUBLIC)];
    const isWiki = textOf(query) === WIKI;
    return replyTo(query, { answers: isWiki ? [...good, ...evil] : good, authorities: evil, additionals: evil });
  });
  const { ask } = engineOf(t, upstream.server);
  const reply = await ask(WIKI);
  assert.deepEqual(reply.answers, [a(WIKI, PUBLIC)]);
  assert.deepEqual([reply.authorities, reply.additionals], [[], []]);
  for (const victim of ['bank.example', 'ns.evil.example'])
    assert.deepEqual((await ask(victim)).answers, [a(victim, PUBLIC)], victim);
  assert.equal(upstream.heard.length, 3, 'the others were asked for');
});

test('D6: of an answer that is an alias, only what the alias leads to counts', async (t) => {
  const upstream = await udpUpstream(t, (query) =>
    replyTo(query, { answers: [alias(WIKI, 'elsewhere.example'), a('other.example', '198.18.6.6')] }),
  );
  const { ask } = engineOf(t, upstream.server);
  assert.deepEqual((await ask(WIKI)).answers, [alias(WIKI, 'elsewhere.example')]);
});

test('D6: aliases in a circle, and a chain of a thousand, are a failure within bounded time', async (t) => {
  const circle = [alias(WIKI, 'b.example'), alias('b.example', 'c.example'), alias('c.example', WIKI)];
  const long = Array.from({ length: 1_000 }, (_, at) =>
    alias(at === 0 ? WIKI : `c${at}.example`, `c${at + 1}.example`),
  );
  const table: [what: string, records: ResourceRecord[]][] = [
    ['to itself', [alias(WIKI, WIKI)]],
    ['circle', circle],
    ['thousand', [...long, a('c1000.example', PUBLIC)]],
    ['thousand backwards', [...long, a('c1000.example', PUBLIC)].reverse()],
  ];
  for (const [what, answers] of table) {
    const tcp = await startStreamServer(t, { answer: ({ query, reply }) => reply(replyTo(query, { answers })) });
    await udpUpstream(t, (query) => replyTo(query, { isTruncated: true }), tcp.server.port);
    const { ask } = engineOf(t, tcp.server);
    const startedAt = performance.now();
    const reply = await ask(WIKI);
    assert.deepEqual([reply.rcode, reply.answers], [RCODE.SERVFAIL, []], what);
    assert.ok(performance.now() - startedAt < 2_000 && tcp.heard.length <= 3, what);
  }
});

test('D7: truncation on TCP, a close, junk, silence and single bytes are a failure within 5 s and three tries, once for a hundred clients', async (t) => {
  const table: [what: string, answer: (heard: Heard) => void][] = [
    ['TC on TCP', ({ query, reply }) => reply(replyTo(query, { isTruncated: true }))],
    ['closes', ({ socket }) => void socket.end()],
    ['resets', ({ socket }) => void socket.resetAndDestroy()],
    ['junk', ({ socket }) => void socket.write(framed(Buffer.from('no message at all')))],
    ['silence', () => {}],
    [
      'a byte a while',
      ({ socket }) => {
        const drip = setInterval(() => socket.write(Buffer.of(0xff)), 100);
        socket.on('close', () => clearInterval(drip));
      },
    ],
  ];
  await Promise.all(
    table.map(async ([what, answer]) => {
      const tcp = await startStreamServer(t, { answer });
      const udp = await udpUpstream(t, (query) => replyTo(query, { isTruncated: true }), tcp.server.port);
      const { ask } = engineOf(t, tcp.server);
      const startedAt = performance.now();
      const replies = await Promise.all(Array.from({ length: 100 }, () => ask(WIKI)));
      assert.deepEqual(new Set(replies.map(({ rcode }) => rcode)), new Set([RCODE.SERVFAIL]), what);
      const tookMs = performance.now() - startedAt;
      assert.ok(tookMs < 5_500, `${what}: ${tookMs} ms`);
      assert.ok(udp.heard.length <= 3 && tcp.heard.length <= 3, `${what}: ${udp.heard.length}, ${tcp.heard.length}`);
      const before = udp.heard.length;
      assert.equal((await ask(WIKI)).rcode, RCODE.SERVFAIL);
      assert.equal(udp.heard.length, before, `${what}: the failure is remembered`);
    }),
  );
});

test('D7: a storm of SERVFAIL reaches the upstreams once a second for each name', async (t) => {
  const upstream = await udpUpstream(t, (query) => replyTo(query, { rcode: RCODE.SERVFAIL }));
  const { ask, clock } = engineOf(t, upstream.server);
  for (let round = 0; round < 200; round++) {
    assert.equal((await ask(WIKI)).rcode, RCODE.SERVFAIL);
    clock.now += 50;
  }
  assert.ok(upstream.heard.length >= 5 && upstream.heard.length <= 11, `${upstream.heard.length} in 10 s`);
});

test('D7: with the upstream dead an old answer is given within 2 s, marked by its TTL, and a name that was never known fails', async (t) => {
  const upstream = await udpUpstream(t, (query) => replyTo(query, { answers: [a(textOf(query), PUBLIC, 60)] }));
  const { ask, clock } = engineOf(t, upstream.server, { staleMs: 3_600_000 });
  assert.deepEqual((await ask(WIKI)).answers, [a(WIKI, PUBLIC, 60)]);
  upstream.mute();
  clock.now += 61_000;
  const startedAt = performance.now();
  assert.deepEqual((await ask(WIKI)).answers, [a(WIKI, PUBLIC, 30)]);
  assert.ok(performance.now() - startedAt < 2_500);
  assert.equal((await ask('never.corp.example')).rcode, RCODE.SERVFAIL);
});

test('D8: an upstream whose certificate is wrong is SERVFAIL with the line that says so, and no query leaves in clear text', async (t) => {
  const stranger = await createAuthority('Somebody else');
  const tls = {
    'another name': await authority.issue({ names: ['dns.evil.example'] }),
    expired: await authority.issue({ names: ['dns.quad9.net'], notAfter: new Date(Date.now() - 60_000) }),
    'self-made': await stranger.issue({ names: ['dns.quad9.net'] }),
  };
  for (const [what, leaf] of Object.entries(tls)) {
    const dot = await startStreamServer(t, { tls: leaf, tlsName: 'dns.quad9.net' });
    const plain = await udpUpstream(t, (query) => replyTo(query, { answers: [a(WIKI, PUBLIC)] }), dot.server.port);
    const strict = engineOf(t, dot.server, { asUpstream: true });
    assert.equal((await strict.ask(WIKI)).rcode, RCODE.SERVFAIL, what);
    assert.ok(strict.lines.includes(SERVFAIL_LINE), what);
    assert.deepEqual([dot.heard.length, plain.heard.length], [0, 0], what);
    // By flag alone, and then at the servers that the flag names.
    const loose = engineOf(t, dot.server, { asUpstream: true, plaintextFallback: [plain.server] });
    assert.deepEqual((await loose.ask(WIKI)).answers, [a(WIKI, PUBLIC)], what);
    assert.ok(!loose.lines.includes(SERVFAIL_LINE), what);
  }
});

test('D9: TTLs of 0, 2^31 and a week are told and kept within a second and a day', async (t) => {
  const table: [ttlSeconds: number, told: number][] = [
    [0, 1],
    [2 ** 31, 1],
    [2 ** 32 - 1, 1],
    [604_800, 86_400],
    [2 ** 31 - 1, 86_400],
  ];
  for (const [ttlSeconds, told] of table) {
    const upstream = await udpUpstream(t, (query) => replyTo(query, { answers: [a(WIKI, PUBLIC, ttlSeconds)] }));
    const { ask, clock } = engineOf(t, upstream.server);
    assert.deepEqual((await ask(WIKI)).answers, [a(WIKI, PUBLIC, told)]);
    clock.now += told * 1_000 - 1;
    await ask(WIKI);
    assert.equal(upstream.heard.length, 1, `${ttlSeconds}: kept for its time`);
    clock.now += 1;
    await ask(WIKI);
    assert.equal(upstream.heard.length, 2, `${ttlSeconds}: and not longer`);
  }
});

test('D9: an absence is kept and told for its SOA’s time, at most five minutes, and for a second where no SOA says how long', async (t) => {
  const table: [what: string, authorities: ResourceRecord[], keptMs: number][] = [
    ['no SOA', [], 1_000],
    ['another zone’s SOA', [soa('evil.example', 3_600)], 1_000],
    ['a minute', [soa('corp.example', 60)], 60_000],
    ['the SOA’s own TTL is less', [soa('corp.example', 3_600, 5)], 5_000],
    ['a week', [soa('corp.example', 604_800, 604_800)], 300_000],
  ];
  for (const [what, authorities, keptMs] of table) {
    for (const rcode of [RCODE.NXDOMAIN, RCODE.NOERROR]) {
      const upstream = await udpUpstream(t, (query) => replyTo(query, { rcode, authorities }));
      const { ask, clock } = engineOf(t, upstream.server);
      const first = await ask(WIKI);
      assert.equal(first.rcode, rcode, what);
      for (const { ttlSeconds } of first.authorities) assert.equal(ttlSeconds, keptMs / 1_000, `${what}: told`);
      clock.now += keptMs - 1;
      await ask(WIKI);
      assert.equal(upstream.heard.length, 1, `${what}: kept`);
      clock.now += 1;
      await ask(WIKI);
      assert.equal(upstream.heard.length, 2, `${what}: asked for again`);
    }
  }
});

function textOf(query: Message): string {
  return nameText(query.questions[0]?.name ?? assert.fail('a query has a question'));
}

async function udpUpstream(t: TestContext, answer: (query: Message) => Message, port = 0) {
  const socket = createSocket('udp4');
  t.after(() => socket.close());
  const heard: Message[] = [];
  let isMute = false;
  socket.on('message', (bytes, from) => {
    const decoded = decode(bytes);
    assert.ok(decoded.kind === 'message');
    heard.push(decoded.message);
    if (!isMute) socket.send(encode(answer(decoded.message)), from.port, from.address);
  });
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  return {
    server: endpoint('127.0.0.1', socket.address().port),
    heard,
    mute() {
      isMute = true;
    },
  };
}

type Way = { staleMs?: number; asUpstream?: boolean; plaintextFallback?: readonly DnsServerAddress[] };

/** An engine that asks one server, as a private zone's or as upstream, over real sockets; only its clock is the test's. */
function engineOf(
  t: TestContext,
  server: DnsServerAddress,
  { staleMs = 0, asUpstream = false, plaintextFallback }: Way = {},
) {
  const clock = { now: Date.now() };
  const lines: string[] = [];
  const own = createExchange({ ca: () => [authority.pem], now: Date.now });
  const zone = { zone: name('example'), servers: [server], select: 'all' as const, staleMs };
  const names: Names = {
    ...{ allow: NO_DOMAINS, block: NO_DOMAINS, leases: NO_LEASES, local: [], hosted: [], rebindingAllowed: [] },
    routes: asUpstream ? [] : [zone],
    upstreams: asUpstream
      ? { servers: [server], plaintextFallback: plaintextFallback ?? null, timeoutMs: 1_000, staleMs: 0 }
      : null,
  };
  const engine = createEngine({
    names: () => names,
    exchange: own.exchange,
    now: () => clock.now,
    log: pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line).msg) }),
  });
  t.after(() => {
    engine.close();
    own.close();
  });
  const ask = async (text: string): Promise<Message> => {
    const query = message({ id: 7, recursionDesired: true, questions: [question(text)] });
    const reply = await engine.answer(encode(query), { address: address('127.0.0.1'), transport: 'tcp' });
    const decoded = decode(reply ?? assert.fail('there is a reply'));
    assert.ok(decoded.kind === 'message');
    return decoded.message;
  };
  return { ask, clock, lines };
}
