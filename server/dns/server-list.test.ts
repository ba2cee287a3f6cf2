// Servers are asked in order, one that falls silent costs only those who ask it first, and whoever looks sees why it was passed over.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LookupFailure } from './answer.ts';
import type { Exchange } from './exchange.ts';
import { RCODE } from './message.ts';
import { a, endpoint, message, question, replyTo } from './packet.testing.ts';
import type { ExchangeFailure } from './query.ts';
import { createServerList, type ServerListOptions, type Verdict } from './server-list.ts';

const FIRST = { ...endpoint('9.9.9.9', 853), tlsName: 'dns.quad9.net' };
const SECOND = { ...endpoint('149.112.112.112', 853), tlsName: 'dns.quad9.net' };
const wiki = question('example.com');
const CHECK = question('check.example');

test('ST2.1, ST2.2: with the first server dead a query takes its 3 s once, and the next ones nothing', async () => {
  const r = listOf({ timeoutMs: 3_000 });
  r.dead.set(FIRST.address, 'timeout');
  const started = r.clock.now;
  assert.equal(await r.ask(), SECOND.address);
  assert.equal(r.clock.now - started, 3_000);
  r.asked.length = 0;
  for (let at = 0; at < 5; at++) assert.equal(await r.ask(), SECOND.address);
  assert.deepEqual([r.clock.now - started, r.asked], [3_000, Array(5).fill(SECOND.address)]);
});

test('ST2.3, D7: with every server dead a query ends within 6 s, and within its tries', async () => {
  const r = listOf({ timeoutMs: 3_000 });
  for (const { address } of [FIRST, SECOND]) r.dead.set(address, 'timeout');
  for (let at = 0; at < 3; at++) {
    const started = r.clock.now;
    r.asked.length = 0;
    assert.equal(await r.ask(), 'timeout');
    assert.ok(r.clock.now - started <= 6_000 && r.asked.length <= 3, `${r.clock.now - started} ms, ${r.asked}`);
  }
});

test('ST2.1, ST2.2: hedged, a dead first server costs one question a second, and the next ones nothing; one that was only slow is first again', async () => {
  const r = listOf({ timeoutMs: 3_000, hedgeMs: 1_000, wait: async () => {} });
  const held: (() => void)[] = [];
  r.hold.set(FIRST.address, held);
  assert.deepEqual([await r.ask(), await r.ask()], [SECOND.address, SECOND.address]);
  assert.deepEqual(r.asked, [FIRST.address, SECOND.address, SECOND.address]);
  r.dead.set(FIRST.address, 'timeout');
  for (const answer of held) answer();
  await r.idle();
  assert.equal(r.list.view()[0]?.circuit.kind, 'open');
  r.asked.length = 0;
  assert.deepEqual([await r.ask(), r.asked], [SECOND.address, [SECOND.address]]);

  const slow = listOf({ timeoutMs: 3_000, hedgeMs: 1_000, wait: async () => {} });
  const thinking: (() => void)[] = [];
  slow.hold.set(FIRST.address, thinking);
  assert.deepEqual([await slow.ask(), await slow.ask()], [SECOND.address, SECOND.address]);
  slow.hold.clear();
  thinking[0]?.();
  await slow.idle();
  assert.equal(slow.list.view()[0]?.circuit.kind, 'closed');
  slow.asked.length = 0;
  await slow.ask();
  assert.equal(slow.asked[0], FIRST.address);
});

test('hedged, who answers in time is the only one that is asked, who refuses is passed over at once, and who is late may still win', async () => {
  const waits: AbortSignal[] = [];
  const never = (_ms: number, signal: AbortSignal) => {
    waits.push(signal);
    return new Promise<void>(() => {});
  };
  const r = listOf({ hedgeMs: 1_000, wait: never });
  assert.deepEqual([await r.ask(), r.asked], [FIRST.address, [FIRST.address]]);
  r.dead.set(FIRST.address, 'SERVFAIL');
  assert.equal(await r.ask(), SECOND.address);
  assert.ok(
    waits.every(({ aborted }) => aborted),
    'no timer is left',
  );

  const late = listOf({ hedgeMs: 1_000, wait: async () => {} });
  const [first, second]: (() => void)[][] = [[], []];
  late.hold.set(FIRST.address, first ?? []);
  late.hold.set(SECOND.address, second ?? []);
  const asking = late.ask();
  await late.settled();
  first?.[0]?.();
  assert.equal(await asking, FIRST.address);
  second?.[0]?.();
});

test('hedged, a server that was overtaken is still asked when the other one refuses', async () => {
  const r = listOf({ timeoutMs: 3_000, hedgeMs: 1_000, wait: async () => {} });
  r.hold.set(FIRST.address, []);
  assert.equal(await r.ask(), SECOND.address);
  // It has not said anything since, and is well: the next question would have its answer.
  r.hold.clear();
  r.dead.set(SECOND.address, 'SERVFAIL');
  r.asked.length = 0;
  assert.equal(await r.ask(), FIRST.address);
  assert.deepEqual(r.asked, [SECOND.address, FIRST.address]);
});

test('ST2.3: hedged, with every server dead each is asked once and the question is over', async () => {
  const r = listOf({ timeoutMs: 3_000, hedgeMs: 1_000, wait: async () => {} });
  for (const { address } of [FIRST, SECOND]) {
    r.dead.set(address, 'timeout');
    r.hold.set(address, []);
  }
  const asking = r.ask();
  await r.settled();
  for (const held of r.hold.values()) held[0]?.();
  assert.deepEqual([await asking, r.asked], ['timeout', [FIRST.address, SECOND.address]]);
});

test('ST2.5: a server that is back is noticed within a second of traffic, however long it was away, and is first again', async () => {
  const r = listOf({ timeoutMs: 3_000, lastProbeMs: 1_000 });
  r.dead.set(FIRST.address, 'unreachable');
  for (let second = 0; second < 120; second++) {
    r.clock.now += 1_000;
    await r.ask();
    await r.idle();
  }
  r.dead.clear();
  r.clock.now += 1_000;
  await r.ask();
  await r.idle();
  r.asked.length = 0;
  assert.equal(await r.ask(), FIRST.address);
  assert.deepEqual(r.asked, [FIRST.address]);
});

test('ST2.3, D7: once every server was found silent a question fails at once, one a second asks, and the first after they are back has its answer', async () => {
  const r = listOf({ timeoutMs: 3_000, lastProbeMs: 1_000, checkWith: CHECK });
  for (const { address } of [FIRST, SECOND]) r.dead.set(address, 'timeout');
  assert.equal(r.list.isSilent(), false);
  assert.equal(await r.ask(), 'timeout');
  await r.idle();
  assert.equal(r.list.isSilent(), true);
  r.dead.set(FIRST.address, 'unreachable');
  r.dead.set(SECOND.address, 'unreachable');
  r.clock.now += 1_000;
  await r.ask();
  r.asked.length = 0;
  for (let second = 0; second < 10; second++) {
    const startedAt = r.clock.now;
    for (let at = 0; at < 50; at++) assert.equal(await r.ask(), 'unreachable');
    assert.equal(r.clock.now, startedAt);
    r.clock.now += 1_000;
  }
  assert.ok(r.asked.length <= 40, `${r.asked.length} in 10 s, half of them questions of our own`);
  r.dead.clear();
  assert.equal(await r.ask(), FIRST.address);
  assert.equal(r.list.isSilent(), false);
});

test('ST2.5: a probe that hears nothing keeps the next one waiting for a second, not for its whole time', async () => {
  const r = listOf({ servers: [FIRST], timeoutMs: 3_000, lastProbeMs: 1_000, checkWith: CHECK });
  r.dead.set(FIRST.address, 'timeout');
  await r.ask();
  await r.idle();
  assert.equal(r.list.isSilent(), true);
  r.clock.now += 1_000;
  r.hold.set(FIRST.address, []);
  const probe = r.ask();
  assert.equal(await r.ask(), 'timeout');
  r.hold.clear();
  r.dead.clear();
  r.clock.now += 1_000;
  assert.equal(await r.ask(), FIRST.address);
  assert.equal(r.list.isSilent(), false);
  void probe;
});

test('D7: names that nobody answers for say nothing of the servers, and keep nobody from being answered', async () => {
  for (const hedgeMs of [undefined, 1_000]) {
    const r = listOf({ checkWith: CHECK, lastProbeMs: 1_000, ...(hedgeMs && { hedgeMs, wait: async () => {} }) });
    r.ignored.add('dead.example');
    for (let at = 0; at < 5; at++) {
      assert.equal(await r.ask('dead.example'), 'timeout');
      await r.idle();
      assert.equal(r.list.isSilent(), false);
      assert.equal(await r.ask(), FIRST.address);
    }
    for (const { address } of [FIRST, SECOND]) r.dead.set(address, 'timeout');
    await r.ask();
    await r.idle();
    assert.equal(r.list.isSilent(), true);
    r.dead.clear();
    r.clock.now += 1_000;
    // Each second somebody else is first, with a name that gets no answer.
    assert.equal(await r.ask('dead.example'), 'timeout');
    await r.idle();
    assert.equal(r.list.isSilent(), false);
    assert.equal(await r.ask(), FIRST.address);
  }
});

test('one lost packet makes nobody fail, also with the other server long dead', async () => {
  const alone = listOf({ servers: [FIRST], checkWith: CHECK });
  alone.lost.push(FIRST.address);
  assert.equal(await alone.ask(), FIRST.address);
  for (const hedgeMs of [undefined, 1_000]) {
    const r = listOf({ checkWith: CHECK, lastProbeMs: 1_000, ...(hedgeMs && { hedgeMs, wait: async () => {} }) });
    r.dead.set(FIRST.address, 'unreachable');
    for (let second = 0; second < 5; second++) {
      await r.ask();
      await r.idle();
      r.clock.now += 1_000;
    }
    const held: (() => void)[] = [];
    r.hold.set(SECOND.address, held);
    const unlucky = r.ask();
    await r.settled();
    r.lost.push(SECOND.address);
    held[0]?.();
    await r.settled();
    // Its second chance is under way, and the list's own question.
    assert.deepEqual([held.length, r.list.view()[1]?.circuit.kind], [3, 'open']);
    r.hold.clear();
    assert.equal(await r.ask(), SECOND.address);
    for (const goOn of held.slice(1)) goOn();
    assert.equal(await unlucky, SECOND.address);
    assert.equal(r.list.isSilent(), false);
  }
});

test('whoever waits for a server when it falls silent goes on to the next at once', async () => {
  const r = listOf({ timeoutMs: 3_000 });
  const held: (() => void)[] = [];
  r.hold.set(FIRST.address, held);
  const waiting = Array.from({ length: 10 }, () => r.ask());
  await r.settled();
  assert.equal(held.length, 10);
  // Only the first query's time runs out.
  r.dead.set(FIRST.address, 'timeout');
  held[0]?.();
  assert.deepEqual(await Promise.all(waiting), Array(10).fill(SECOND.address));
  r.dead.clear();
  for (const answer of held) answer();
});

test('a server alone is waited for by everybody, since there is nobody to go on to', async () => {
  const r = listOf({ servers: [FIRST] });
  const held: (() => void)[] = [];
  r.hold.set(FIRST.address, held);
  const waiting = [r.ask(), r.ask()];
  await r.settled();
  r.dead.set(FIRST.address, 'timeout');
  r.hold.clear();
  held[0]?.();
  r.dead.clear();
  await r.settled();
  held[1]?.();
  assert.deepEqual(await Promise.all(waiting), [FIRST.address, FIRST.address]);
});

test('why a server was passed over is there to see, also when it is well again', async () => {
  const reasons: [ExchangeFailure | 'SERVFAIL', LookupFailure][] = [
    ['certificate-name', 'certificate-name'],
    ['certificate-expired', 'certificate-expired'],
    ['tls-failed', 'tls-failed'],
    ['SERVFAIL', 'server-failure'],
  ];
  for (const [how, reason] of reasons) {
    const r = listOf({});
    r.dead.set(FIRST.address, how);
    await r.ask();
    const [first, second] = r.list.view();
    assert.deepEqual(first?.lastFailure, { reason, at: r.clock.now });
    assert.equal(first?.circuit.kind, how === 'SERVFAIL' ? 'closed' : 'open', 'a failing server lives');
    assert.equal(second?.lastFailure, null);
    r.dead.clear();
    r.clock.now += 1_000;
    await r.ask();
    await r.idle();
    assert.equal(r.list.view()[0]?.circuit.kind, 'closed');
    assert.equal(r.list.view()[0]?.lastFailure?.reason, reason);
  }
});

test('of four dead servers none is left out for ever, though a question may ask only three', async () => {
  const servers = [FIRST, SECOND, endpoint('192.0.2.53', 53), endpoint('192.0.2.54', 53)];
  const r = listOf({ servers });
  for (const { address } of servers) r.dead.set(address, 'unreachable');
  // One of them is not known to be dead before it was asked.
  for (let at = 0; at < 3; at++) await r.ask();
  assert.ok(r.list.view().every(({ circuit }) => circuit.kind === 'open'));
  for (const { address } of servers) {
    r.dead.delete(address);
    r.clock.now += 31_000;
    const answers = [await r.ask(), await r.ask()];
    assert.ok(answers.includes(address), `${address}: ${answers}`);
    r.dead.set(address, 'unreachable');
    for (let at = 0; at < 3; at++) await r.ask();
  }
});

test('too many questions under way say nothing about a server', async () => {
  const r = listOf({});
  r.dead.set(FIRST.address, 'overloaded');
  assert.equal(await r.ask(), SECOND.address);
  assert.equal(r.list.view()[0]?.circuit.kind, 'closed');
});

/** Two servers that answer with their own address; a dead one fails in its way, by silence after the time it is given. */
function listOf(options: Partial<ServerListOptions>) {
  const clock = { now: 1_000_000 };
  const dead = new Map<string, ExchangeFailure | 'SERVFAIL'>();
  const hold = new Map<string, (() => void)[]>();
  const lost: string[] = [];
  const ignored = new Set<string>();
  const asked: string[] = [];
  const running = new Set<Promise<unknown>>();
  const answer: Exchange = async ({ address }, asking, { timeoutMs }) => {
    asked.push(address);
    const held = hold.get(address);
    if (held !== undefined) await new Promise<void>((resolve) => held.push(resolve));
    const isLost = lost.includes(address);
    if (isLost) lost.splice(lost.indexOf(address), 1);
    const failure = isLost || ignored.has(asking.name.join('.')) ? 'timeout' : dead.get(address);
    if (failure === 'timeout' && held === undefined) clock.now += timeoutMs;
    if (failure !== undefined && failure !== 'SERVFAIL') return { kind: 'failed', reason: failure };
    const parts = failure ? { rcode: RCODE.SERVFAIL } : { answers: [a('example.com', address)] };
    return { kind: 'answered', transport: 'tls', message: replyTo(message({ questions: [asking] }), parts) };
  };
  const exchange: Exchange = (...parts) => {
    const result = answer(...parts);
    running.add(result);
    return result.finally(() => running.delete(result));
  };
  const ended = new AbortController();
  const list = createServerList({
    servers: [FIRST, SECOND],
    exchange,
    now: () => clock.now,
    signal: ended.signal,
    onSilent: () => {},
    onRevival: () => {},
    ...options,
  });
  const judge = ({ answers, rcode }: { answers: readonly { data: unknown }[]; rcode: number }): Verdict<string> => {
    const data = answers[0]?.data as { address: string } | undefined;
    return rcode === RCODE.NOERROR && data
      ? { kind: 'accepted', value: data.address }
      : { kind: 'refused', reason: 'server-failure' };
  };
  return {
    list,
    clock,
    dead,
    hold,
    /** Of each of these one packet will be. */
    lost,
    /** Names that no server answers for, though they are all well. */
    ignored,
    asked,
    settled: () => new Promise(setImmediate),
    async idle() {
      await Promise.all(running);
      await new Promise(setImmediate);
    },
    /** Which server's answer it was, or why there is none. */
    async ask(host?: string): Promise<string> {
      const asking = host === undefined ? wiki : question(host);
      const reply = await list.ask(asking, { triesLeft: 3, endsAt: clock.now + 5_000 }, judge);
      return reply.kind === 'accepted' ? reply.value : reply.reason;
    },
  };
}
