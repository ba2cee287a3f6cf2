// The promises of resolving an app: a checked target or a fault with a name, at once when it is known, and never an address that was not checked.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { App, Site } from '#server/core/app.ts';
import { type FaultCode, isFault } from '#server/core/fault.ts';
import { faultText } from '#server/core/texts.ts';
import { createDialer, type Dialer } from '#server/dial.ts';
import type { Exchange } from '#server/dns/exchange.ts';
import { type Message, RCODE, TYPE } from '#server/dns/message.ts';
import { a, address, endpoint, message, replyTo, soa } from '#server/dns/packet.testing.ts';
import type { ExchangeResult } from '#server/dns/query.ts';
import type { UpstreamTarget } from '#server/http/upstream/upstream.ts';
import { app, silentLog, site } from './dial.testing.ts';

const NAME = 'wiki.corp.internal';
const office = site({ dnsServers: [endpoint('192.0.2.53', 53)], ranges: ['192.168.0.0/16', 'fd00::/16'] });

test('a known name is a value, not a promise, and the same one until its TTL ends', async () => {
  const dialer = dialing({ addresses: ['192.168.1.20'] });
  const wiki = app({ host: NAME });
  const first = await dialer.resolve(wiki);
  assert.deepEqual(addresses(first), ['192.168.1.20']);
  assert.equal(dialer.resolve(wiki), first);
  dialer.clock.now += 61_000;
  assert.ok(dialer.resolve(wiki) instanceof Promise);
});

test('F3: of a mixed answer only the checked addresses are dialled', async () => {
  const target = await dialing({
    addresses: ['127.0.0.1', '192.168.1.20', '8.8.8.8', '169.254.169.254', 'fd00::1'],
  }).resolve(app({ host: NAME }));
  assert.deepEqual(addresses(target), ['fd00::1', '192.168.1.20']);
});

test('F3: a name that answers public first and loopback later is refused then', async () => {
  const dialer = dialing({ addresses: ['192.168.1.20'], ttlSeconds: 0 });
  const wiki = app({ host: NAME });
  await dialer.resolve(wiki);
  dialer.answer.addresses = ['127.0.0.1'];
  dialer.clock.now += 1_000;
  await assert.rejects(
    async () => dialer.resolve(wiki),
    fault('upstream-address-refused', /127\.0\.0\.1 \(loopback\)/),
  );
});

test('F1: a literal address skips DNS but never the check', async () => {
  const dialer = dialing({ addresses: [] });
  assert.deepEqual(addresses(await dialer.resolve(app({ host: '192.168.1.20' }))), ['192.168.1.20']);
  assert.throws(() => dialer.resolve(app({ host: '127.0.0.1' })), fault('upstream-address-refused', /loopback/));
  assert.throws(() => dialer.resolve(app({ host: '::ffff:127.0.0.1' })), fault('upstream-address-refused', /loopback/));
  assert.throws(() => dialer.resolve(app({ host: '8.8.8.8' })), fault('upstream-address-refused', /outside-site/));
  assert.equal(dialer.asked.length, 0);
});

test('F1: our own listeners are refused even where an admin named them', () => {
  const own = [endpoint('127.0.0.1', 8080)];
  const named = site({ endpoints: [endpoint('127.0.0.1', 8080), endpoint('127.0.0.2', 8080)] });
  const dialer = createDialer({ site: () => named, own: () => own, now: () => 0, log: silentLog });
  assert.throws(
    () => resolveOwn(dialer, app({ host: '127.0.0.1', port: 8080 })),
    fault('upstream-address-refused', /own-listener/),
  );
  assert.ok(resolveOwn(dialer, app({ host: '127.0.0.2', port: 8080 })));
});

test('a check does not last for ever: what becomes our own listener is refused within seconds', () => {
  const own: { address: ReturnType<typeof endpoint>['address']; port: number }[] = [];
  const clock = { now: 0 };
  const dialer = createDialer({ site: () => office, own: () => own, now: () => clock.now, log: silentLog });
  const wiki = app({ host: '192.168.1.20' });
  assert.ok(resolveOwn(dialer, wiki));
  own.push(endpoint('192.168.1.20', 80));
  clock.now = 10_000;
  assert.throws(() => resolveOwn(dialer, wiki), fault('upstream-address-refused', /own-listener/));
});

test('U6: each way that DNS can fail has its own fault, and none tells the public a name or an address', async () => {
  const table: [Parameters<typeof dialing>[0], Parameters<typeof fault>[0]][] = [
    [{ rcode: RCODE.NXDOMAIN }, 'upstream-name-not-found'],
    [{ addresses: [] }, 'upstream-name-not-found'],
    [{ rcode: RCODE.SERVFAIL }, 'upstream-dns-failed'],
    [{ rcode: RCODE.REFUSED }, 'upstream-dns-failed'],
    [{ failure: 'unreachable' }, 'upstream-dns-failed'],
    [{ failure: 'timeout' }, 'upstream-dns-timeout'],
  ];
  for (const [answer, code] of table) {
    await assert.rejects(async () => dialing(answer).resolve(app({ host: NAME })), fault(code, /wiki\.corp\.internal/));
    assert.ok(!JSON.stringify(faultText(code)).includes('corp'));
  }
});

test('an app without a site is a fault', () => {
  const dialer = createDialer({ site: () => null, own: () => [], now: () => 0, log: silentLog });
  assert.throws(() => resolveOwn(dialer, app({ host: NAME })), fault('site-missing', /site-1/));
});

test('the key changes with site, protocol and TLS identity, and with nothing else', async () => {
  const keyOf = async (upstream: Partial<App['upstream']>, found = ['192.168.1.20', '192.168.1.21']) =>
    (await dialing({ addresses: found }).resolve(app({ ...upstream, host: NAME }))).key;
  const base = await keyOf({});
  assert.equal(await keyOf({}, ['192.168.1.20']), base, 'addresses come and go under one key');
  assert.equal(await keyOf({ port: 81, hostHeader: { kind: 'internal' } }), base);
  const clientCertificate = { cert: 'ours', key: 'secret' };
  const others = await Promise.all([
    keyOf({ protocol: 'h2' }),
    keyOf({ scheme: 'https' }),
    keyOf({ scheme: 'https', clientCertificate }),
    keyOf({ scheme: 'https', clientCertificate: { ...clientCertificate, cert: 'other' } }),
    keyOf({ scheme: 'https', tls: { kind: 'unverified' } }),
    keyOf({ scheme: 'https', tls: { kind: 'ca', pem: 'one' } }),
    keyOf({ scheme: 'https', tls: { kind: 'ca', pem: 'two' } }),
    keyOf({ scheme: 'https', tls: { kind: 'pinned', sha256: 'ab' } }),
  ]);
  assert.equal(new Set([base, ...others]).size, others.length + 1);
  assert(others.every((key) => !key.includes('secret')));
});

test('F3: every place of an upstream is looked up and checked on its own, each with its port', async () => {
  const dialer = dialing({ addresses: ['192.168.1.20', '8.8.8.8'] });
  const replicas = [
    { host: address('192.168.1.30'), port: 81 },
    { host: address('127.0.0.1'), port: 82 },
    { host: address('192.168.1.20'), port: 80 },
  ];
  const { endpoints } = await dialer.resolve(app({ host: NAME, replicas }));
  assert.deepEqual(endpoints, [endpoint('192.168.1.20', 80), endpoint('192.168.1.30', 81)]);
});

test('U6: a place whose name cannot be found takes nothing from the others', async () => {
  const dialer = dialing({ rcode: RCODE.NXDOMAIN });
  const replicas = [{ host: address('192.168.1.30'), port: 81 }];
  const wanted = app({ host: NAME, replicas });
  assert.deepEqual((await dialer.resolve(wanted)).endpoints, [endpoint('192.168.1.30', 81)]);
});

test('U6: while one of several places is looked up again nobody waits, and its last addresses count', async () => {
  const dialer = dialing({ addresses: ['192.168.1.20'] });
  const wanted = app({ host: NAME, replicas: [{ host: address('192.168.1.30'), port: 81 }] });
  await dialer.resolve(wanted);
  dialer.clock.now += 61_000;
  const meanwhile = dialer.resolve(wanted);
  assert.ok(!(meanwhile instanceof Promise));
  assert.deepEqual(meanwhile.endpoints, [endpoint('192.168.1.20', 80), endpoint('192.168.1.30', 81)]);
});

test('U6: five seconds after its TTL an answer counts no more, and whoever comes waits for the new addresses, of several places too', async () => {
  const dialer = dialing({ addresses: ['192.168.1.20'], ttlSeconds: 5 });
  const wanted = app({ host: NAME, replicas: [{ host: address('192.168.1.30'), port: 81 }] });
  const first = await dialer.resolve(wanted);
  dialer.answer.addresses = ['192.168.1.99'];
  for (const laterMs of [10_000, 60 * 3_600_000]) {
    dialer.clock.now = 1_000_000 + laterMs;
    last.set(wanted, first);
    const found = dialer.resolve(wanted);
    assert.ok(found instanceof Promise, `${laterMs} ms later`);
    assert.deepEqual((await found).endpoints, [endpoint('192.168.1.99', 80), endpoint('192.168.1.30', 81)]);
  }
});

test('U6: what one host of an app has learned of its places, no other host of it undoes', async () => {
  const dialer = dialing({ addresses: ['192.168.1.20'], ttlSeconds: 2 });
  const wanted = app({ host: NAME, replicas: [{ host: address('192.168.1.30'), port: 81 }] });
  const ofOneHost = await dialer.resolve(wanted);
  dialer.answer.addresses = ['192.168.1.99'];
  dialer.clock.now += 2_000;
  await dialer.survey(wanted, wanted.upstream);
  dialer.clock.now += 2_000;
  last.set(wanted, ofOneHost);
  const meanwhile = dialer.resolve(wanted);
  assert.ok(!(meanwhile instanceof Promise));
  assert.deepEqual(meanwhile.endpoints, [endpoint('192.168.1.99', 80), endpoint('192.168.1.30', 81)]);
});

test('a change of the site counts at once: new servers are asked, and old ranges no longer hold', async () => {
  const dialer = dialing({ addresses: ['192.168.1.20'] });
  const wiki = app({ host: NAME });
  await dialer.resolve(wiki);
  dialer.current.site = { ...office, ranges: ['10.0.0.0/8'] };
  assert.throws(() => dialer.resolve(wiki), fault('upstream-address-refused', /outside-site/));
  dialer.current.site = { ...office, dnsServers: [endpoint('192.0.2.54', 53)] };
  await dialer.resolve(wiki);
  assert.equal(dialer.asked.at(-1), '192.0.2.54');
});

test('a new snapshot without changes keeps what was learned', async () => {
  const dialer = dialing({ addresses: ['192.168.1.20'] });
  const { key } = await dialer.resolve(app({ host: NAME }));
  dialer.current.site = structuredClone(office);
  const again = dialer.resolve(app({ host: NAME }));
  assert.ok(!(again instanceof Promise) && again.key === key);
});

test('what is held of an app’s names can be looked at, and looking asks nobody', async () => {
  const dialer = dialing({ addresses: ['192.168.1.20'] });
  const wiki = app({ host: NAME });
  assert.deepEqual(dialer.held(wiki).names, []);
  await dialer.resolve(wiki);
  const before = dialer.asked.length;
  const { names, servers } = dialer.held(wiki);
  const [held, ...others] = names;
  assert.deepEqual(
    servers.map(({ circuit, server }) => [server.address, circuit.kind]),
    [['192.0.2.53', 'closed']],
  );
  assert.ok(held?.host === NAME && held.answer.kind === 'addresses');
  assert.deepEqual(held.answer.server, endpoint('192.0.2.53', 53));
  assert.equal(held.answer.answeredAt, dialer.clock.now);
  assert.deepEqual(dialer.held(app({ host: '192.168.1.20' })), { names: [], servers: [] });
  assert.deepEqual([others, dialer.asked.length], [[], before]);
});

function addresses({ endpoints }: UpstreamTarget): string[] {
  return endpoints.map(({ address }) => address);
}

const last = new WeakMap<App, UpstreamTarget>();

/** As a gateway does: with what it was given before. */
function resolveOwn(dialer: Dialer, wanted: App): UpstreamTarget | Promise<UpstreamTarget> {
  const found = dialer.resolve(wanted, wanted.upstream, last.get(wanted));
  const keep = (target: UpstreamTarget): UpstreamTarget => {
    last.set(wanted, target);
    return target;
  };
  return found instanceof Promise ? found.then(keep) : keep(found);
}

type Given = { addresses?: string[]; ttlSeconds?: number; rcode?: number; failure?: 'timeout' | 'unreachable' };

function dialing(answer: Given) {
  const clock = { now: 1_000_000 };
  const current: { site: Site } = { site: office };
  const asked: string[] = [];
  const exchange: Exchange = async (server, question): Promise<ExchangeResult> => {
    asked.push(server.address);
    if (answer.failure !== undefined) return { kind: 'failed', reason: answer.failure };
    const family = (text: string) => (text.includes(':') ? TYPE.AAAA : TYPE.A);
    const found = (answer.addresses ?? []).filter((text) => family(text) === question.type);
    const parts: Partial<Message> = {
      rcode: answer.rcode ?? 0,
      answers: found.map((text) => a(NAME, text, answer.ttlSeconds)),
      authorities: found.length > 0 ? [] : [soa('corp.internal', 60)],
    };
    return { kind: 'answered', transport: 'udp', message: replyTo(message({ questions: [question] }), parts) };
  };
  const dialer = createDialer({
    site: () => current.site,
    own: () => [],
    now: () => clock.now,
    log: silentLog,
    exchange,
  });
  return { ...dialer, resolve: (wanted: App) => resolveOwn(dialer, wanted), answer, clock, current, asked };
}

function fault(code: FaultCode, detail: RegExp) {
  return (error: unknown) => {
    assert.ok(isFault(error), String(error));
    assert.equal(error.code, code);
    assert.match(error.detail, detail);
    return true;
  };
}
