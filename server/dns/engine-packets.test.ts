// What the engine may say again without thinking, and what it may not: nothing said before outlives its reason, and nobody gets what was said to others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import type { Address } from '#server/core/address.ts';
import type { Client } from './answerer.ts';
import { buildDomainSet, COVERS, namedSet, unionOf } from './domain-set.ts';
import { createEngine, type EngineOptions } from './engine.ts';
import type { Exchange } from './exchange.ts';
import { type Message, RCODE, TYPE } from './message.ts';
import { type Name, sameName } from './name.ts';
import { type Names, NO_NAMES } from './names.ts';
import { a, address, alias, endpoint, message, name, question, record, replyTo, soa } from './packet.testing.ts';
import { decode, encode } from './wire.ts';
import { buildZone, type Zone, type ZoneLine } from './zone.ts';

const ROUTE = { zone: name('example'), servers: [endpoint('192.0.2.53', 53)], select: 'all', staleMs: 0 } as const;

test('what was asked for is asked for once within its TTL, which counts down meanwhile', async () => {
  const { ask, asked, view, wait } = engine({ routes: [ROUTE] });
  assert.deepEqual(ttls(await ask('wiki.example')), [60]);
  wait(20_000);
  for (let time = 0; time < 3; time++) assert.deepEqual(ttls(await ask('WIKI.example')), [40]);
  assert.equal(view().outcomes.repeated, 3);
  assert.equal(asked.length, 1);
  wait(40_000);
  assert.deepEqual(ttls(await ask('wiki.example')), [60]);
  assert.equal(asked.length, 2);
});

test('new names count from the next query on', async () => {
  const { ask, use } = engine({ local: [local('192.168.1.20')] });
  assert.deepEqual(addresses(await ask('wiki.corp.internal')), ['192.168.1.20']);
  assert.deepEqual(addresses(await ask('wiki.corp.internal')), ['192.168.1.20']);
  use({ local: [local('192.168.1.21')] });
  assert.deepEqual(addresses(await ask('wiki.corp.internal')), ['192.168.1.21']);
  const block = buildDomainSet();
  block.add(name('corp.internal'), COVERS.both);
  use({ local: [local('192.168.1.21')], block: block.finish() });
  assert.equal((await ask('wiki.corp.internal'))?.rcode, RCODE.NXDOMAIN);
});

test('a reply that was under way while the names changed is not remembered for the new ones', async () => {
  const slow = Promise.withResolvers<void>();
  const { ask, use } = engine({ routes: [ROUTE] }, { before: slow.promise });
  const late = ask('wiki.example');
  const zone = built('example', '10.0.0.1');
  use({ local: [{ zone, search: [], answersSingleLabels: false, covers: 'whole' }] });
  assert.deepEqual(addresses(await ask('wiki.example')), ['10.0.0.1']);
  slow.resolve();
  assert.deepEqual(addresses(await late), ['192.0.2.1']);
  assert.deepEqual(addresses(await ask('wiki.example')), ['10.0.0.1']);
});

test('TG-C4: who asks decides what a hosted zone says, also right after somebody else', async () => {
  const zones = new Map<Address, Zone>([
    [address('10.0.0.1'), built('cluster.test', '192.168.1.101')],
    [address('10.0.0.2'), built('cluster.test', '10.10.10.101')],
  ]);
  const { ask } = engine({
    hosted: [{ origin: name('cluster.test'), zoneFor: (client) => zones.get(client) ?? null }],
  });
  for (let time = 0; time < 2; time++) {
    assert.deepEqual(addresses(await ask('wiki.cluster.test', '10.0.0.1')), ['192.168.1.101']);
    assert.deepEqual(addresses(await ask('wiki.cluster.test', '10.0.0.2')), ['10.10.10.101']);
    assert.equal((await ask('wiki.cluster.test', '10.0.0.3'))?.rcode, RCODE.SERVFAIL);
  }
});

test('D4: who may not ask, or asks too much, is not told from memory either', async () => {
  const { ask } = engine(
    { local: [local('192.168.1.20')] },
    { mayAsk: (client) => client !== '203.0.113.1', perSecond: () => 2 },
  );
  for (let time = 0; time < 4; time++)
    assert.equal((await ask('wiki.corp.internal', '10.0.0.1'))?.rcode, RCODE.NOERROR);
  const beyond = [await ask('wiki.corp.internal', '10.0.0.1'), await ask('wiki.corp.internal', '10.0.0.1')];
  assert.deepEqual(
    beyond.map((reply) => reply && [reply.isTruncated, reply.answers.length]),
    [null, [true, 0]],
  );
  assert.equal((await ask('wiki.corp.internal', '203.0.113.1'))?.rcode, RCODE.REFUSED);
});

test('a lease that comes later is seen, whatever was said before it', async () => {
  const leased: Name[] = [];
  const leases = {
    addressOf: (asked: Name) => (leased.some((each) => sameName(each, asked)) ? address('100.64.0.7') : null),
    nameOf: () => null,
  };
  const { ask } = engine({ leases, local: [local('192.168.1.20')] });
  assert.deepEqual(addresses(await ask('wiki.corp.internal')), ['192.168.1.20']);
  leased.push(name('wiki.corp.internal'));
  assert.deepEqual(addresses(await ask('wiki.corp.internal')), ['100.64.0.7']);
});

test('where one of several addresses is chosen, every query has its own choice', async () => {
  const { ask } = engine({ routes: [{ ...ROUTE, select: 'one' }] });
  const seen = new Set<string>();
  for (let time = 0; time < 200; time++) for (const each of addresses(await ask('many.example'))) seen.add(each);
  assert.equal(seen.size, 3);
});

test('D7: an old answer that stands in for a new one is not kept beyond the silence that it bridges', async () => {
  const { ask, answers, wait } = engine({ routes: [{ ...ROUTE, staleMs: 3_600_000 }] });
  await ask('wiki.example');
  wait(61_000);
  answers.fail = true;
  assert.deepEqual(ttls(await ask('wiki.example')), [30]);
  answers.fail = false;
  wait(2_000);
  assert.deepEqual(ttls(await ask('wiki.example')), [60]);
});

test('D7: that old answers are used is said when it begins, with the zone and how old they are, and when it ends', async () => {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null, timestamp: false }, { write: (line) => void lines.push(JSON.parse(line)) });
  const { ask, answers, view, wait } = engine({ routes: [{ ...ROUTE, staleMs: 3_600_000 }] }, { log });
  for (const host of ['wiki.example', 'chat.example']) await ask(host);
  wait(61_000);
  answers.fail = true;
  for (const host of ['wiki.example', 'chat.example', 'wiki.example']) await ask(host);
  answers.fail = false;
  wait(2_000);
  for (const host of ['wiki.example', 'chat.example']) await ask(host);
  const said = lines.filter(({ msg }) => String(msg).includes('last answers'));
  const answeredAt = new Date(1_000_000).toISOString();
  assert.deepEqual(said, [
    {
      level: 40,
      zone: 'example',
      answeredAt,
      msg: 'a private zone’s servers cannot be asked, and their last answers are used',
    },
    {
      level: 30,
      zone: 'example',
      msg: 'a private zone’s servers can be asked again, and their last answers are no longer used',
    },
  ]);
  assert.equal(view().counts.stale, 3);
});

test('D8: what was asked for in plain text, or of other servers, is worth nothing once those are not asked', async () => {
  const strict = {
    servers: [{ ...endpoint('192.0.2.53', 853), tlsName: 'dns.example' }],
    timeoutMs: 1_000,
    staleMs: 0,
  };
  const loose = { ...strict, plaintextFallback: [endpoint('192.0.2.54', 53)] };
  const exchange: Exchange = async (server, inquiry) => {
    if (server.tlsName !== undefined) return { kind: 'failed', reason: 'tls-failed' };
    const answers = [a(inquiry.name.join('.'), '198.51.100.9', 86_400)];
    return { kind: 'answered', message: replyTo(message({ questions: [inquiry] }), { answers }), transport: 'udp' };
  };
  const { ask, use } = engine({ upstreams: loose }, { exchange });
  assert.deepEqual(addresses(await ask('wiki.example')), ['198.51.100.9']);
  use({ upstreams: { ...strict, plaintextFallback: null } });
  assert.equal((await ask('wiki.example'))?.rcode, RCODE.SERVFAIL);
  const zone = (text: string) => ({ routes: [{ ...ROUTE, servers: [endpoint(text, 53)] }] });
  const other = engine(zone('192.0.2.53'));
  await other.ask('wiki.example');
  other.use(zone('192.0.2.55'));
  await other.ask('wiki.example');
  other.use(zone('192.0.2.53'));
  await other.ask('wiki.example');
  assert.equal(other.asked.length, 2);
});

test('B1: packets of anybody’s making fill no log: what they cause is said once a minute', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(JSON.parse(line).msg) });
  const strict = {
    servers: [{ ...endpoint('192.0.2.53', 853), tlsName: 'dns.example' }],
    timeoutMs: 1_000,
    staleMs: 0,
  };
  const exchange: Exchange = async () => ({ kind: 'failed', reason: 'tls-failed' });
  const { answer, ask, wait } = engine({ upstreams: { ...strict, plaintextFallback: null } }, { exchange, log });
  const passed = { code: 65_313, value: new Uint8Array(64) };
  const edns = { udpPayloadSize: 1232, version: 0, dnssecOk: false, options: [passed] };
  const looping = encode(message({ questions: [question('loop.example')], edns }));
  const flood = async () => {
    for (let at = 0; at < 50; at++) {
      await answer(looping, { address: address('10.0.0.1'), transport: 'udp' });
      await ask(`x${at}.example`);
    }
  };
  await flood();
  const counts = () =>
    [/came back to us/, /plaintext fallback disabled/].map((word) => lines.filter((line) => word.test(line)).length);
  assert.deepEqual(counts(), [1, 1]);
  wait(60_000);
  await flood();
  assert.deepEqual(counts(), [2, 2]);
});

test('D7: a client who asks for names that nobody answers for leaves room to the others', async () => {
  const silence = Promise.withResolvers<never>();
  const quick: Exchange = async (_server, inquiry) => {
    const answers = [a(inquiry.name.join('.'), '192.0.2.1')];
    return { kind: 'answered', message: replyTo(message({ questions: [inquiry] }), { answers }), transport: 'udp' };
  };
  const exchange: Exchange = (...asked) => (asked[1].name[0] === 'x' ? quick(...asked) : silence.promise);
  const { answer, ask, view } = engine({ routes: [ROUTE] }, { exchange, maxFlights: 10 });
  for (let at = 0; at < 30; at++) {
    const packet = encode(message({ questions: [question(`silent${at}.example`)] }));
    void answer(packet, { address: address('10.0.0.66'), transport: 'udp' });
  }
  assert.equal(view().flights, 5);
  assert.deepEqual(addresses(await ask('x.example', '10.0.0.1')), ['192.0.2.1']);
});

test('D7: with every upstream silent private zones are asked as before, and one client of theirs leaves room to the others', async () => {
  const silence = Promise.withResolvers<never>();
  const exchange: Exchange = async ({ address }, inquiry) => {
    if (address !== ROUTE.servers[0].address) return silence.promise;
    const answers = [a(inquiry.name.join('.'), '192.0.2.1')];
    return { kind: 'answered', message: replyTo(message({ questions: [inquiry] }), { answers }), transport: 'udp' };
  };
  const upstreams = { servers: [endpoint('9.9.9.9', 53)], plaintextFallback: null, timeoutMs: 1_000, staleMs: 0 };
  const { answer, ask, view } = engine({ routes: [ROUTE], upstreams }, { exchange, maxFlights: 10 });
  for (let at = 0; at < 30; at++) {
    const questions = [question(`silent${at}.example.com`)];
    const packet = encode(message({ questions }));
    void answer(packet, { address: address(`10.0.0.${at % 3}`), transport: 'udp' });
  }
  assert.equal(view().flights, 10);
  assert.deepEqual(addresses(await ask('x.example', '10.0.0.1')), ['192.0.2.1']);
});

test('ST2.4b, ST2.5: with every upstream by TLS silent the fallback is asked at once, TLS is tried beside it, and the log says when that begins and ends', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line).msg) });
  const [first, second] = ['192.0.2.51', '192.0.2.52'].map((text) => ({
    ...endpoint(text, 853),
    tlsName: 'dns.example',
  }));
  assert.ok(first && second);
  let isTlsWell = true;
  let tlsAsked = 0;
  let plainAsked = 0;
  const exchange: Exchange = async ({ tlsName }, inquiry, { timeoutMs }) => {
    // The question by which upstreams are known to live.
    if (inquiry.name.length === 0)
      return isTlsWell
        ? { kind: 'answered', message: replyTo(message({ questions: [inquiry] }), {}), transport: 'udp' }
        : { kind: 'failed', reason: 'timeout' };
    if (tlsName !== undefined) {
      tlsAsked++;
      if (!isTlsWell && tlsAsked > 3) return new Promise(() => {});
      if (!isTlsWell) wait(timeoutMs);
      if (!isTlsWell) return { kind: 'failed', reason: 'timeout' };
    } else plainAsked++;
    const answers = [a(inquiry.name.join('.'), tlsName === undefined ? '192.0.2.2' : '192.0.2.1')];
    return { kind: 'answered', message: replyTo(message({ questions: [inquiry] }), { answers }), transport: 'udp' };
  };
  const upstreams = {
    servers: [first, second],
    plaintextFallback: [endpoint('192.0.2.54', 53)],
    timeoutMs: 3_000,
    staleMs: 0,
  };
  const { ask, wait } = engine({ upstreams }, { exchange, log });
  const plaintext = () =>
    lines.filter((line) => /plain text/.test(line)).map((line) => (/no more/.test(line) ? 'ends' : 'begins'));
  assert.deepEqual(addresses(await ask('a.example.com')), ['192.0.2.1']);
  assert.deepEqual([plainAsked, plaintext()], [0, []]);
  isTlsWell = false;
  wait(1_000);
  // Whoever waited for TLS now would wait for ever.
  for (let at = 0; at < 40; at++) {
    assert.deepEqual(addresses(await ask(`b${at}.example.com`)), ['192.0.2.2']);
    wait(100);
  }
  assert.ok(tlsAsked > 5 && tlsAsked <= 13, `${tlsAsked} in four seconds`);
  assert.deepEqual([plainAsked, plaintext()], [40, ['begins']]);
  isTlsWell = true;
  wait(1_000);
  await ask('c.example.com');
  await new Promise(setImmediate);
  assert.deepEqual(addresses(await ask('d.example.com')), ['192.0.2.1']);
  assert.deepEqual([plainAsked, plaintext()], [41, ['begins', 'ends']]);
});

test('F6: an alias that an upstream leaves open leads nobody inside, and one of a private zone leads outside with the filter on', async () => {
  const exchange: Exchange = async ({ address }, inquiry) => {
    const host = inquiry.name.join('.');
    const isInside = address === ROUTE.servers[0].address;
    const inside = host === 'out.example' ? [alias(host, 'evil.example.com')] : [a(host, '10.0.0.1')];
    const outside = host === 'evil.example.com' ? [a(host, '10.0.0.2')] : [alias(host, 'wiki.example')];
    const parts = { answers: isInside ? inside : outside, recursionAvailable: !isInside };
    return { kind: 'answered', message: replyTo(message({ questions: [inquiry] }), parts), transport: 'udp' };
  };
  const upstreams = { servers: [endpoint('9.9.9.9', 53)], plaintextFallback: null, timeoutMs: 1_000, staleMs: 0 };
  const { ask } = engine({ routes: [ROUTE], upstreams }, { exchange });
  assert.deepEqual(addresses(await ask('wiki.example')), ['10.0.0.1']);
  const rebound = await ask('rebind.example.com');
  assert.deepEqual([rebound?.rcode, rebound?.answers.length, addresses(rebound)], [RCODE.NOERROR, 1, []]);
  const led = await ask('out.example');
  assert.deepEqual([led?.rcode, led?.answers.length, addresses(led)], [RCODE.NOERROR, 1, []]);
});

test('F7: an alias that a recursive server gives no address for is passed on as it is, and asked for nowhere else', async () => {
  const asked: string[] = [];
  const exchange: Exchange = async ({ address }, inquiry) => {
    asked.push(`${address} ${inquiry.name.join('.')}`);
    const parts = { answers: [alias(inquiry.name.join('.'), 'srv.ad.lan')] };
    return { kind: 'answered', message: replyTo(message({ questions: [inquiry] }), parts), transport: 'udp' };
  };
  const upstreams = { servers: [endpoint('9.9.9.9', 53)], plaintextFallback: null, timeoutMs: 1_000, staleMs: 0 };
  const { ask } = engine({ routes: [ROUTE], upstreams }, { exchange });
  const reply = await ask('wiki.example');
  assert.deepEqual([reply?.rcode, reply?.answers.length, asked], [RCODE.NOERROR, 1, ['192.0.2.53 wiki.example']]);
});

test('TG-C3: an app’s alias to the cluster is said by a server that recurses, as forwarders want it', async () => {
  const nodes = new Map([['wiki.corp.internal', [alias('wiki.corp.internal', 'cluster.example')]]]);
  const zone = { ...built('corp.internal', '10.0.0.1'), nodes };
  const { ask } = engine({
    local: [{ zone, search: [], answersSingleLabels: false, covers: 'exact' }],
    hosted: [{ origin: name('cluster.example'), zoneFor: () => built('cluster.example', '10.0.0.20') }],
    routes: [ROUTE],
  });
  const reply = await ask('wiki.corp.internal');
  assert.equal(reply?.recursionAvailable, true);
  assert.equal(reply?.isAuthoritative, false);
  assert.equal(reply?.answers.at(0)?.data.kind, 'cname');
});

test('what is told beside our own addresses of a name says neither that it does not exist nor that it is an alias', async () => {
  const outside = new Map<string, Partial<Message>>([
    [
      'mail.example',
      { answers: [record('mail.example', { kind: 'mx', preference: 10, exchange: name('mx.example') })] },
    ],
    ['only-here.example', { rcode: RCODE.NXDOMAIN, authorities: [soa('example', 300)] }],
    ['wiki.example', { answers: [alias('wiki.example', 'gw.example'), a('gw.example', '203.0.113.20')] }],
    ['open.example', { answers: [alias('open.example', 'gw.example')], recursionAvailable: false }],
    ['ads.example', { answers: [alias('ads.example', 'blocked.example')] }],
  ]);
  const exchange: Exchange = async (_server, inquiry) => {
    const parts = outside.get(inquiry.name.join('.')) ?? {};
    return { kind: 'answered', message: replyTo(message({ questions: [inquiry] }), parts), transport: 'udp' };
  };
  const local = [...outside.keys()].map((origin) => {
    const zone = buildZone({ origin: name(origin), lines: [{ name: '@', type: 'A', value: '10.0.0.20' }] });
    assert.ok(zone.kind === 'zone');
    return { zone: zone.zone, search: [], answersSingleLabels: false, covers: 'addresses' as const };
  });
  const block = buildDomainSet();
  block.add(name('blocked.example'), COVERS.both);
  const { ask } = engine({ local, routes: [ROUTE], block: block.finish() }, { exchange });
  for (const host of outside.keys()) {
    assert.deepEqual(addresses(await ask(host)), ['10.0.0.20'], host);
    const reply = await ask(host, '10.0.0.1', { questions: [question(host, TYPE.MX)] });
    const told = [reply?.rcode, ...(reply?.answers ?? []).map(({ data }) => data.kind)];
    assert.deepEqual(told, host === 'mail.example' ? [RCODE.NOERROR, 'mx'] : [RCODE.NOERROR], host);
    if (host !== 'mail.example') assert.deepEqual(reply?.authorities[0]?.name, name(host));
  }
});

test('RFC 8914: why a name is blocked is told to who speaks EDNS: the rule and its list, for an alias that of its target', async () => {
  const exchange: Exchange = async (_server, inquiry) => {
    const answers = [alias(inquiry.name.join('.'), 'x.tracker.example')];
    return { kind: 'answered', message: replyTo(message({ questions: [inquiry] }), { answers }), transport: 'udp' };
  };
  const sets = ['ads.example', 'tracker.example'].map((each) => {
    const domains = buildDomainSet();
    domains.add(name(each), COVERS.both);
    return namedSet(domains.finish(), `${each[0]}.txt`);
  });
  const { ask } = engine({ routes: [ROUTE], block: unionOf(sets) }, { exchange });
  const edns = { udpPayloadSize: 1232, version: 0, dnssecOk: false, options: [] };
  for (const [host, text] of [
    ['ads.example', 'ads.example in a.txt'],
    ['X.ads.example', '*.ads.example in a.txt'],
    ['wiki.example', '*.tracker.example in t.txt'],
  ] as const) {
    const [option] = (await ask(host, '10.0.0.1', { edns }))?.edns?.options ?? [];
    assert.equal(Buffer.from(option?.value ?? []).toString(), `\0\x0f${text}`);
    const plain = await ask(host);
    assert.deepEqual([plain?.rcode, plain?.edns], [RCODE.NXDOMAIN, null]);
  }
  const long = { size: 1, match: () => 'x'.repeat(5_000) };
  const reply = await engine({ block: long }).ask('a.example', '10.0.0.1', { edns: { ...edns, udpPayloadSize: 512 } });
  assert.equal(reply?.isTruncated, false);
});

test('RFC 8914: a failure has the reason that the server gave, also from memory; the network is named where it was that', async () => {
  const edns = { udpPayloadSize: 1232, version: 0, dnssecOk: false, options: [] };
  const saying = (ede: number) => ({ ...edns, options: [{ code: 15, value: Uint8Array.of(0, ede, 0x78) }] });
  const replies = new Map<string, Partial<Message> | null>([
    ['bogus.example', { rcode: RCODE.SERVFAIL, edns: saying(6) }],
    ['broken.example', { rcode: RCODE.SERVFAIL, edns: { ...edns, options: [{ code: 15, value: Uint8Array.of(0) }] } }],
    ['failing.example', { rcode: RCODE.SERVFAIL }],
    ['refusing.example', { rcode: RCODE.REFUSED }],
    ['prohibiting.example', { rcode: RCODE.REFUSED, edns: saying(18) }],
    ['silent.example', null],
  ]);
  const exchange: Exchange = async (_server, inquiry) => {
    const parts = replies.get(inquiry.name.join('.'));
    if (!parts) return { kind: 'failed', reason: 'timeout' };
    return { kind: 'answered', message: replyTo(message({ questions: [inquiry] }), parts), transport: 'udp' };
  };
  const { ask } = engine({ routes: [ROUTE] }, { exchange });
  const expected = [6, 0, 0, 22, 18, 23];
  for (let time = 0; time < 2; time++)
    for (const [at, host] of [...replies.keys()].entries()) {
      const reply = await ask(host, '10.0.0.1', { edns });
      const value = reply?.edns?.options.find(({ code }) => code === 15)?.value;
      assert.deepEqual([reply?.rcode, [...(value ?? [])]], [RCODE.SERVFAIL, [0, expected[at]]], host);
    }
});

test('D11: a name that is allowed is answered although it leads to a blocked one, which is not told by itself', async () => {
  const exchange: Exchange = async (_server, inquiry) => {
    const host = inquiry.name.join('.');
    const answers = [alias(host, 'x.tracker.example'), a('x.tracker.example', '192.0.2.9')];
    return { kind: 'answered', message: replyTo(message({ questions: [inquiry] }), { answers }), transport: 'udp' };
  };
  const [allow, block] = [buildDomainSet(), buildDomainSet()];
  allow.add(name('via.ok.example'), COVERS.both);
  block.add(name('tracker.example'), COVERS.below);
  const { ask } = engine({ routes: [ROUTE], allow: allow.finish(), block: block.finish() }, { exchange });
  assert.deepEqual(addresses(await ask('VIA.ok.example')), ['192.0.2.9']);
  assert.deepEqual(addresses(await ask('x.via.ok.example')), ['192.0.2.9']);
  for (const host of ['other.example', 'x.tracker.example'])
    assert.equal((await ask(host))?.rcode, RCODE.NXDOMAIN, host);
});

test('D11: so is one whose alias its server, or a record of ours, leaves open, however many names lie between', async () => {
  const data = new Map([
    ['open.ok.example', alias('open.ok.example', 'one.tracker.example')],
    ['open.example', alias('open.example', 'one.tracker.example')],
    ['one.tracker.example', alias('one.tracker.example', 'two.tracker.example')],
    ['two.tracker.example', a('two.tracker.example', '192.0.2.9')],
  ]);
  const exchange: Exchange = async (_server, inquiry) => {
    const answers = [data.get(inquiry.name.join('.')) ?? assert.fail()];
    const parts = { answers, recursionAvailable: false };
    return { kind: 'answered', message: replyTo(message({ questions: [inquiry] }), parts), transport: 'udp' };
  };
  const lines = ['ok', 'other'].map((each) => ({ name: each, type: 'CNAME', value: 'one.tracker.example.' }));
  const own = buildZone({ origin: name('corp.internal'), lines });
  assert.ok(own.kind === 'zone');
  const local = [{ zone: own.zone, search: [], answersSingleLabels: false, covers: 'whole' as const }];
  const [allow, block] = [buildDomainSet(), buildDomainSet()];
  for (const each of ['ok.example', 'ok.corp.internal']) allow.add(name(each), COVERS.both);
  block.add(name('tracker.example'), COVERS.both);
  const { ask } = engine({ local, routes: [ROUTE], allow: allow.finish(), block: block.finish() }, { exchange });
  for (let time = 0; time < 2; time++) {
    for (const host of ['open.ok.example', 'OK.corp.internal'])
      assert.deepEqual(addresses(await ask(host)), ['192.0.2.9'], host);
    for (const host of ['open.example', 'other.corp.internal', 'one.tracker.example'])
      assert.deepEqual([(await ask(host))?.rcode, addresses(await ask(host))], [RCODE.NXDOMAIN, []], host);
  }
});

test('a name of ours that NS hands on is a referral, which no authority is claimed for', async () => {
  const own = buildZone({
    origin: name('own.example'),
    lines: [
      { name: 'sub', type: 'NS', value: 'ns.sub' },
      { name: 'ns.sub', type: 'A', value: '10.0.0.53' },
    ],
  });
  assert.ok(own.kind === 'zone');
  const { ask } = engine({ local: [{ zone: own.zone, search: [], answersSingleLabels: false, covers: 'whole' }] });
  for (const host of ['sub.own.example', 'x.SUB.own.example']) {
    const reply = await ask(host);
    assert.deepEqual([reply?.rcode, reply?.isAuthoritative, reply?.answers], [RCODE.NOERROR, false, []], host);
    const servers = [...(reply?.authorities ?? []), ...(reply?.additionals ?? [])];
    assert.deepEqual(
      servers.map(({ data }) => data.kind),
      ['ns', 'a'],
    );
  }
});

test('D6: aliases of ours that lead in a circle are a failure that says so; and however written they lead on', async () => {
  const zoneOf = (origin: string, lines: ZoneLine[]) => {
    const result = buildZone({ origin: name(origin), lines });
    assert.ok(result.kind === 'zone');
    return { zone: result.zone, search: [], answersSingleLabels: origin === 'one.example', covers: 'whole' as const };
  };
  const chain = Array.from({ length: 15 }, (_, at) => ({ name: `a${at}`, type: 'CNAME', value: `a${at + 1}` }));
  const one = zoneOf('one.example', [
    ...[...chain, { name: 'a15', type: 'CNAME', value: 'a16' }, { name: 'a16', type: 'CNAME', value: 'wiki' }],
    ...['ping', 'star'].map((each) => ({ name: each, type: 'CNAME', value: `${each}.two.example.` })),
    { name: 'short', type: 'CNAME', value: 'wiki.' },
    { name: 'wiki', type: 'A', value: '10.0.0.1' },
  ]);
  const two = zoneOf('two.example', [
    { name: 'ping', type: 'CNAME', value: 'ping.one.example.' },
    { name: '*', type: 'CNAME', value: 'star.one.example.' },
  ]);
  const { ask } = engine({ local: [one, two] });
  const edns = { udpPayloadSize: 1232, version: 0, dnssecOk: false, options: [] };
  for (const host of ['ping.one.example', 'ping.two.example', 'any.two.example', 'ping']) {
    const reply = await ask(host, '10.0.0.1', { edns });
    assert.deepEqual([reply?.rcode, reply?.answers.length, reply?.edns?.options[0]?.value.join()], [2, 0, '0,0'], host);
  }
  for (const host of ['short.one.example', 'a0.one.example', 'a3.one.example'])
    assert.deepEqual(addresses(await ask(host)), ['10.0.0.1'], host);
});

test('an alias of ours whose target is not ours, though it lies below our zone, is followed to whoever has it', async () => {
  const zoneOf = (origin: string, covers: Names['local'][number]['covers'], lines: ZoneLine[]) => {
    const result = buildZone({ origin: name(origin), lines });
    assert.ok(result.kind === 'zone');
    return { zone: result.zone, search: [], answersSingleLabels: false, covers };
  };
  const corp = zoneOf('corp.internal', 'exact', [
    { name: 'intranet', type: 'CNAME', value: 'web01' },
    { name: 'www', type: 'CNAME', value: 'web.dmz' },
    { name: 'access', type: 'CNAME', value: 'gw.access' },
  ]);
  const dmz = zoneOf('dmz.corp.internal', 'whole', [{ name: 'web', type: 'A', value: '10.0.0.8' }]);
  const hosted = { origin: name('gw.access.corp.internal'), isPublic: false, zoneFor: () => cluster };
  const cluster = { ...built('gw.access.corp.internal', '10.0.0.9', '@'), isUnsaid: false };
  const { ask, asked } = engine({
    local: [corp, dmz],
    hosted: [hosted],
    routes: [{ ...ROUTE, zone: name('corp.internal') }],
  });
  for (const [host, found] of [
    ['intranet', '192.0.2.1'],
    ['www', '10.0.0.8'],
    ['access', '10.0.0.9'],
  ] as const) {
    const reply = await ask(`${host}.corp.internal`);
    assert.deepEqual([reply?.rcode, addresses(reply)], [RCODE.NOERROR, [found]], host);
  }
  assert.deepEqual(asked, ['web01.corp.internal'], 'and nobody is asked for what is ours');
  const any = await ask('intranet.corp.internal', '10.0.0.1', {
    questions: [question('intranet.corp.internal', TYPE.ANY)],
  });
  assert.deepEqual([any?.rcode, any?.answers.length], [RCODE.NOERROR, 1]);
});

test('an alias of ours is never told for less than it is kept, whatever its target is kept for', async () => {
  const result = buildZone({
    origin: name('corp.internal'),
    lines: [{ name: 'www', type: 'CNAME', value: 'www.example.', ttlSeconds: 20 }],
  });
  assert.ok(result.kind === 'zone');
  const own = { zone: result.zone, search: [], answersSingleLabels: false, covers: 'whole' as const };
  const { ask, asked, wait } = engine({ local: [own], routes: [ROUTE] });
  const told = async () => ttls(await ask('www.corp.internal'));
  assert.deepEqual(await told(), [20, 60]);
  wait(19_999);
  assert.deepEqual(await told(), [1, 41]);
  wait(1);
  assert.deepEqual(await told(), [20, 40]);
  assert.deepEqual(asked, ['www.example']);
});

test('an alias and what it leads to are kept for the lesser time, and called validated where both are', async () => {
  for (const [first, second] of [
    [true, true],
    [true, false],
    [false, true],
  ]) {
    const exchange: Exchange = async (_server, inquiry) => {
      const host = inquiry.name.join('.');
      const isAlias = host === 'docs.example';
      const answers = [isAlias ? alias(host, 'wiki.example', 20) : a(host, '10.0.0.1', 60)];
      const parts = { answers, authenticData: isAlias ? first === true : second === true, recursionAvailable: false };
      return {
        kind: 'answered',
        message: replyTo(message({ questions: [inquiry] }), parts),
        transport: 'udp',
      };
    };
    const servers = [{ ...endpoint('192.0.2.53', 853), tlsName: 'dns.example' }];
    const { ask, view, wait } = engine({ routes: [{ ...ROUTE, servers }] }, { exchange });
    const reply = await ask('docs.example', '10.0.0.1', { authenticData: true });
    assert.deepEqual([addresses(reply), reply?.authenticData], [['10.0.0.1'], first && second]);
    wait(19_999);
    await ask('docs.example', '10.0.0.1', { authenticData: true });
    assert.equal(view().outcomes.repeated, 1);
    wait(1);
    assert.deepEqual(ttls(await ask('docs.example', '10.0.0.1', { authenticData: true })), [20, 40]);
    assert.equal(view().outcomes.repeated, 1);
  }
});

function engine(
  first: Partial<Names>,
  { before, ...options }: Partial<EngineOptions> & { before?: Promise<void> } = {},
) {
  const complete = (parts: Partial<Names>): Names => ({ ...NO_NAMES, ...parts });
  let names = complete(first);
  let now = 1_000_000;
  const asked: string[] = [];
  const answers = { fail: false };
  const exchange: Exchange = async (_server, inquiry) => {
    const host = inquiry.name.join('.');
    asked.push(host);
    await before;
    if (answers.fail) return { kind: 'failed', reason: 'timeout' };
    const found = host === 'many.example' ? ['192.0.2.1', '192.0.2.2', '192.0.2.3'] : ['192.0.2.1'];
    const reply = replyTo(message({ questions: [inquiry] }), { answers: found.map((each) => a(host, each)) });
    return { kind: 'answered', message: reply, transport: 'udp' };
  };
  const { answer, view } = createEngine({
    names: () => names,
    exchange,
    now: () => now,
    log: pino({ level: 'silent' }),
    ...options,
  });
  const ask = async (host: string, from = '10.0.0.1', parts: Partial<Message> = {}): Promise<Message | null> => {
    const client: Client = { address: address(from), transport: 'udp' };
    const packet = encode(message({ questions: [question(host)], ...parts }));
    const reply = await answer(packet, client);
    const decoded = reply && decode(reply);
    return decoded?.kind === 'message' ? decoded.message : null;
  };
  const use = (parts: Partial<Names>) => {
    names = complete(parts);
  };
  const wait = (ms: number) => {
    now += ms;
  };
  return { answer, answers, ask, asked, use, view, wait };
}

function local(value: string): Names['local'][number] {
  return { zone: built('corp.internal', value), search: [], answersSingleLabels: false, covers: 'whole' };
}

function built(origin: string, value: string, owner = 'wiki'): Zone {
  const result = buildZone({ origin: name(origin), lines: [{ name: owner, type: 'A', value }] });
  assert.ok(result.kind === 'zone');
  return result.zone;
}

function addresses(reply: Message | null): string[] {
  return (reply?.answers ?? []).flatMap(({ data }) => (data.kind === 'a' ? [data.address] : []));
}

function ttls(reply: Message | null): number[] {
  return (reply?.answers ?? []).map(({ ttlSeconds }) => ttlSeconds);
}
