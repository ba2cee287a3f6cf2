// The promises of the dashboard: what was counted is at its step, nothing is made up, and it is read in a moment.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { RANGES } from '#server/core/plot-range.ts';
import { type AppUsage, FIRST_LATENCY, placeOfNumber, USAGE_COLUMNS, type UsageNumber } from '#server/core/usage.ts';
import { readDashboard } from './dashboard.ts';
import { SYSTEM, someApp, someone, someSite, temporaryStore } from './testing/temporary-store.ts';
import { addGatewayHealth, addUsage } from './usage-write.ts';

const MINUTE = 60_000;

function usageOf(
  appId: string | null,
  counts: Partial<Record<UsageNumber, number>>,
  more: Partial<AppUsage> = {},
): AppUsage {
  const numbers = new Float64Array(USAGE_COLUMNS.length);
  for (const [name, value] of Object.entries(counts)) numbers[placeOfNumber(name as UsageNumber)] = value;
  // All of them between 50 and 100 ms.
  numbers[FIRST_LATENCY + 4] = counts.answers_2xx ?? 0;
  return { appId, numbers, reasons: new Map(), people: new Map(), succeeded: true, failed: false, ...more };
}

async function read(store: Parameters<typeof readDashboard>[0], range: (typeof RANGES)[number]) {
  const dashboard = await readDashboard(store, SYSTEM, range);
  assert.ok(dashboard.kind === 'read');
  return dashboard;
}

async function used(t: TestContext) {
  const { store, clock } = await temporaryStore(t);
  const wiki = await someApp(store, await someSite(store));
  const ada = await someone(store, 'member');
  const people = new Map([[ada.userId, { failed: false }]]);
  const reasons = new Map([
    ['upstream-refused', 2],
    ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((word, at) => [word, 20 - at] as [string, number]),
  ]);
  await addUsage(
    store,
    {
      at: clock.now - 5 * MINUTE,
      apps: [usageOf(wiki, { requests: 10, answers_2xx: 8, faults: 2 }, { people, reasons })],
    },
    () => {},
  );
  await addUsage(
    store,
    { at: clock.now, apps: [usageOf(wiki, { requests: 1 }, { people }), usageOf(null, { requests: 3 })] },
    () => {},
  );
  return { store, clock, wiki };
}

test('requests, failures, people and latencies are at their steps; a step without any is zero, or not measured', async (t) => {
  const { store, wiki } = await used(t);
  const { apps, people, steps, traffic } = await read(store, 'hour');
  assert.equal(steps.length, 60);
  assert.deepEqual(traffic.requests.slice(-6), [10, 0, 0, 0, 0, 4]);
  assert.deepEqual(traffic.failures.slice(-6), [2, 0, 0, 0, 0, 0]);
  assert.deepEqual(traffic.p50.slice(-6), [75, null, null, null, null, null]);
  assert.deepEqual([people.total, people.counts.at(-1)], [1, 1]);
  assert.deepEqual(apps, [{ appId: wiki, name: 'Wiki', requests: 11, failures: 2, p50: 75, p95: 97.5 }]);
});

test('every range has the same sum', async (t) => {
  const { store } = await used(t);
  for (const range of RANGES) {
    const { traffic } = await read(store, range);
    assert.equal(
      traffic.requests.reduce((sum, count) => sum + count),
      14,
      range,
    );
  }
});

test('refusals and faults are apart, by their words; what is rare is one line', async (t) => {
  const { store } = await used(t);
  const { faults, refusals } = await read(store, 'day');
  assert.deepEqual(
    refusals.map(({ reason, total }) => `${reason} ${total}`),
    ['a 20', 'b 19', 'c 18', 'd 17', 'e 16', 'other 29'],
  );
  assert.deepEqual(
    faults.map(({ reason, total }) => `${reason} ${total}`),
    ['upstream-refused 2'],
  );
});

test('a gateway’s health is one line over its processes, which say how often it was started again', async (t) => {
  const { store, clock } = await used(t);
  const health = { ...{ gateway: 1, loop_max: 0, rss: 7, connections: 5, open_requests: 0, web_sockets: 1 } };
  await addGatewayHealth(store, { ...health, started_at: 1, at: clock.now - 2 * MINUTE, loop_p99: 4_000 });
  await addGatewayHealth(store, { ...health, started_at: 2, at: clock.now, loop_p99: 2_000, connections: 9 });
  const { gateways } = await read(store, 'hour');
  assert.deepEqual(
    gateways.map(({ loopP99, rss: _, ...rest }) => [loopP99.slice(-3), rest]),
    [[[4, null, 2], { gateway: 1, restarts: 1, connections: 9, webSockets: 1, seenAt: clock.now }]],
  );
});

test('M1: who may not read the audit reads no dashboard', async (t) => {
  const { store } = await used(t);
  for (const role of ['app-owner', 'member'] as const)
    assert.equal((await readDashboard(store, await someone(store, role), 'day')).kind, 'forbidden');
});
