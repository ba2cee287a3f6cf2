// R9: what a gateway gives up, in which order and for how long, as a table; and that it measures what it says.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { cgroupMemory } from './cgroup-memory.ts';
import { NO_PRESSURE, type OverloadFacts, type Pressure, pressure } from './overload.ts';
import { sampleOverload } from './overload-facts.ts';
import { watchOverload } from './overload-watch.ts';

const LIMITS = { overloadPercent: 80, eventLoopDelayMs: 300 };
const CALM: OverloadFacts = { heap: 0.2, memory: 0.3, files: 0.1, connections: 0.5, eventLoopMs: 5 };

/** The levels of a story: facts, and the milliseconds since the last. */
function levels(...story: [Partial<OverloadFacts>, number][]): number[] {
  let now = 0;
  let state: Pressure = NO_PRESSURE;
  return story.map(([facts, afterMs]) => {
    now += afterMs;
    state = pressure(state, { ...CALM, ...facts }, LIMITS, now);
    return state.level;
  });
}

test('R9: sign-ins go first, then new connections, then the longest idle', () => {
  for (const cause of ['heap', 'memory', 'files'] as const) {
    const story = [0.79, 0.8, 0.89, 0.9, 0.94, 0.95].map((share): [Partial<OverloadFacts>, number] => [
      { [cause]: share },
      250,
    ]);
    assert.deepEqual(levels(...story), [0, 1, 1, 2, 2, 3], cause);
  }
  assert.deepEqual(levels([{ memory: 1 }, 250]), [3]);
  assert.deepEqual(
    levels([{ connections: 0.94 }, 250], [{ connections: 0.95 }, 250], [{ connections: 1 }, 250]),
    [0, 1, 2],
  );
  assert.deepEqual(
    levels([{ eventLoopMs: 299 }, 250], [{ eventLoopMs: 300 }, 250], [{ eventLoopMs: 900 }, 250]),
    [0, 1, 2],
  );
});

test('R9: what the system does not say is no pressure', () => {
  assert.deepEqual(levels([{ heap: null, memory: null, files: null }, 250]), [0]);
});

test('R9: the longest idle make room when refusing newcomers was not enough, but not for a busy event loop', () => {
  const full = { connections: 1 };
  assert.deepEqual(levels([full, 0], [full, 1_999], [full, 1], [{ connections: 0.96 }, 250]), [2, 2, 3, 3]);
  const busy = { eventLoopMs: 5_000 };
  assert.deepEqual(levels([busy, 0], [busy, 10_000]), [2, 2]);
});

test('R9: a level is left step by step, with room and when it has been calm for two seconds', () => {
  assert.deepEqual(
    levels([{ memory: 0.95 }, 0], [{}, 250], [{}, 1_999], [{}, 1], [{}, 1], [{}, 2_000], [{}, 1], [{}, 2_000]),
    [3, 3, 3, 2, 2, 1, 1, 0],
  );
});

test('R9: facts that swing around a limit change nothing', () => {
  const swing = Array.from({ length: 40 }, (_, i): [Partial<OverloadFacts>, number] => [
    { memory: i % 2 === 0 ? 0.805 : 0.78 },
    250,
  ]);
  assert.deepEqual([...new Set(levels(...swing))], [1]);
  const spikes = Array.from({ length: 40 }, (_, i): [Partial<OverloadFacts>, number] => [
    i % 4 === 0 ? { eventLoopMs: 400 } : {},
    250,
  ]);
  assert.deepEqual([...new Set(levels(...spikes))], [1]);
});

test('R9: each step is counted, closes the longest idle only at the end, is logged once, and is over by itself', () => {
  const lines: { msg: string; alarm?: boolean; sheds: string[] }[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  let memory = 0.85;
  const closed: number[] = [];
  const watch = watchOverload({
    limits: LIMITS,
    log,
    sampler: { sample: () => ({ ...CALM, memory }), stop: () => {} },
    now: () => 0,
  });
  watch.start({
    connections: () => 1_000,
    closeIdle: (atMost) => {
      closed.push(atMost);
      return 7;
    },
  });
  assert.equal(watch.sheds('sign-ins'), false);
  for (let i = 0; i < 3; i += 1) watch.look();
  assert.equal(watch.sheds('sign-ins'), true);
  assert.equal(watch.sheds('connections'), false);
  memory = 0.92;
  watch.look();
  assert.equal(watch.sheds('connections'), true);
  assert.deepEqual(closed, []);
  memory = 0.99;
  watch.look();
  watch.look();
  assert.deepEqual(closed, [50, 50]);
  assert.deepEqual(watch.shed, { 'sign-ins': 1, connections: 1, idle: 14 });
  assert.deepEqual(
    lines.map(({ alarm, sheds }) => [alarm, sheds.length]),
    [
      [true, 1],
      [true, 2],
      [true, 3],
    ],
  );
  watch.stop();
});

test('R9: no idle connection is closed once the pressure is gone, though its step is kept for two seconds more', () => {
  const clock = { now: 0 };
  let memory = 0.96;
  const closed: number[] = [];
  const watch = watchOverload({
    limits: LIMITS,
    log: pino({ level: 'silent' }),
    sampler: { sample: () => ({ ...CALM, memory }), stop: () => {} },
    now: () => clock.now,
  });
  watch.start({
    connections: () => 1_000,
    closeIdle: (atMost) => {
      closed.push(atMost);
      return atMost;
    },
  });
  const look = (share: number): void => {
    memory = share;
    watch.look();
    clock.now += 250;
  };
  look(0.96);
  assert.deepEqual(closed, [50]);
  for (let looks = 0; looks < 8; looks += 1) look(0.5);
  assert.equal(watch.level, 3);
  assert.deepEqual(closed, [50]);
  look(0.96);
  assert.deepEqual(closed, [50, 50], 'it is back');
  for (let looks = 0; looks < 9; looks += 1) look(0.5);
  assert.equal(watch.level, 2);
  assert.deepEqual(closed, [50, 50]);
  watch.stop();
});

test('R9: the sampler sees files, connections, memory and a late event loop as they are', async () => {
  const sampler = sampleOverload({
    memoryBytes: process.memoryUsage.rss() * 2,
    heapBytes: 512 * 1_024 ** 2,
    connectionLimit: 200,
  });
  sampler.sample(0);
  const until = performance.now() + 400;
  // Each turn of the event loop takes long, as under load.
  while (performance.now() < until) {
    await new Promise((resolve) => setImmediate(resolve));
    const turn = performance.now() + 100;
    while (performance.now() < turn);
  }
  const facts = sampler.sample(50);
  sampler.stop();
  assert.equal(facts.connections, 0.25);
  assert(facts.memory !== null && facts.memory > 0.05 && facts.memory < 0.5, `memory ${facts.memory}`);
  assert(facts.heap !== null && facts.heap > 0 && facts.heap < 0.6, `heap ${facts.heap}`);
  assert(facts.eventLoopMs > 50, `${facts.eventLoopMs} ms`);
  if (process.platform === 'linux') assert(facts.files !== null && facts.files > 0 && facts.files < 0.5);
});

test('R9: a container that is full of what nobody uses is not full', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'foyer-cgroup-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const say = (max: string, current: number, inactive: number) => {
    writeFileSync(join(folder, 'memory.max'), `${max}\n`);
    writeFileSync(join(folder, 'memory.current'), `${current}\n`);
    writeFileSync(join(folder, 'memory.stat'), `anon 1\ninactive_file ${inactive}\nactive_file 2\n`);
  };
  const shareOf = async (cgroup: ReturnType<typeof cgroupMemory>, expected: number | null) => {
    while (cgroup.share() !== expected) await new Promise((resolve) => setImmediate(resolve));
  };
  say('max', 900, 0);
  const cgroup = cgroupMemory(folder);
  await shareOf(cgroup, null);
  say('1000', 950, 500);
  await shareOf(cgroup, 0.45);
  say('1000', 950, 50);
  await shareOf(cgroup, 0.9);
  say('1000', 400, 0);
  await shareOf(cgroup, 0.4);
  cgroup.stop();
  assert.equal(cgroupMemory(join(folder, 'none')).share(), null);
});
