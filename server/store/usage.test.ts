// The promises of usage in the store: gateways add up, nothing is counted twice, and an app's evidence is what happened.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type AppUsage, placeOfNumber, USAGE_COLUMNS, type UsageNumber } from '#server/core/usage.ts';
import { anotherStore, someApp, someone, someSite, temporaryStore } from './testing/temporary-store.ts';
import { readAppEvidence } from './usage.ts';
import { addGatewayHealth, addUsage } from './usage-write.ts';

const MINUTE = 60_000;

export function usageOf(
  appId: string | null,
  counts: Partial<Record<UsageNumber, number>>,
  rest: Partial<Omit<AppUsage, 'appId' | 'numbers'>> = {},
): AppUsage {
  const numbers = new Float64Array(USAGE_COLUMNS.length);
  for (const [name, value] of Object.entries(counts)) numbers[placeOfNumber(name as UsageNumber)] = value;
  return { appId, numbers, reasons: new Map(), people: new Map(), succeeded: false, failed: false, ...rest };
}

async function catalogue(t: TestContext) {
  const { store, clock, dataDir } = await temporaryStore(t);
  const site = await someSite(store);
  const wiki = await someApp(store, site);
  const mail = await someApp(store, site, { name: 'Mail', hosts: ['mail.corp.example'] });
  const ada = await someone(store, 'member');
  const bob = await someone(store, 'member');
  return { store, clock, dataDir, wiki, mail, ada: ada.userId, bob: bob.userId };
}

const nothing = () => {};

test('what several gateways count adds up, by the minute, by the hour and altogether', async (t) => {
  const { store, clock, dataDir, wiki, mail, ada } = await catalogue(t);
  const other = await anotherStore(t, dataDir, clock);
  const at = clock.now + 30_000;
  const people = new Map([[ada, { failed: false }]]);
  const reasons = new Map([['not-assigned', 2]]);
  await addUsage(
    store,
    { at, apps: [usageOf(wiki, { requests: 5, refusals: 2 }, { reasons, people }), usageOf(null, { requests: 9 })] },
    nothing,
  );
  await Promise.all([
    addUsage(other, { at, apps: [usageOf(wiki, { requests: 3, refusals: 1 }, { reasons, people })] }, nothing),
    addUsage(store, { at: at + MINUTE, apps: [usageOf(mail, { requests: 1 })] }, nothing),
  ]);
  const rows = await store.db.selectFrom('usage_counts').select(['span', 'at', 'app_id', 'requests']).execute();
  const found = rows.map(({ span, app_id, at, requests }) =>
    [span, (at - clock.now) / MINUTE, app_id, requests].join(' '),
  );
  assert.deepEqual(
    found.sort(),
    [
      ...[`hour 0  18`, `hour 0 ${wiki} 8`, `hour 0 ${mail} 1`],
      ...[`minute 0  17`, `minute 0 ${wiki} 8`, `minute 1  1`, `minute 1 ${mail} 1`],
    ].sort(),
  );
  const refused = await store.db.selectFrom('usage_reasons').selectAll().where('span', '=', 'hour').execute();
  assert.deepEqual(
    refused.map(({ app_id, reason, count }) => [app_id, reason, count]),
    [
      ['', 'not-assigned', 4],
      [wiki, 'not-assigned', 4],
    ],
  );
  const used = await store.db.selectFrom('usage_people').selectAll().execute();
  assert.deepEqual(used.map(({ span, app_id, user_id }) => [span, app_id, user_id]).sort(), [
    ['day', '', ada],
    ['hour', '', ada],
    ['hour', wiki, ada],
  ]);
});

test('apps and people that were deleted meanwhile keep nothing from being counted', async (t) => {
  const { store, clock, wiki } = await catalogue(t);
  const gone = '0199a000-0000-7000-8000-000000000000';
  const people = new Map([[gone, { failed: true }]]);
  const apps = [
    usageOf(gone, { requests: 1 }, { people, succeeded: true }),
    usageOf(wiki, { requests: 2 }, { succeeded: true }),
  ];
  await addUsage(store, { at: clock.now, apps }, nothing);
  assert.deepEqual([...(await readAppEvidence(store, [gone, wiki])).keys()], [wiki]);
  assert.deepEqual(await store.db.selectFrom('usage_people').selectAll().execute(), []);
});

test('thousands of apps are added in transactions of a bounded size, each counted once when one is refused', async (t) => {
  const { store, clock } = await catalogue(t);
  const apps = Array.from({ length: 180 }, (_, at) => usageOf(`app ${at}`, { requests: 1 }));
  let added = 0;
  await addUsage(store, { at: clock.now, apps }, (count) => {
    assert.ok(count <= 50);
    added += count;
  });
  assert.equal(added, 180);
  const total = await store.db
    .selectFrom('usage_counts')
    .select('requests')
    .where('app_id', '=', '')
    .where('span', '=', 'hour')
    .execute();
  assert.deepEqual(total, [{ requests: 180 }]);
});

test('an app fails since the first failure after its last good answer, and people are counted once', async (t) => {
  const { store, clock, wiki, mail, ada, bob } = await catalogue(t);
  const begin = clock.now;
  const failed = (...users: string[]) => ({ failed: true, people: new Map(users.map((id) => [id, { failed: true }])) });
  const at = (minutes: number, app: AppUsage) =>
    addUsage(store, { at: begin + minutes * MINUTE, apps: [app] }, nothing);
  await at(0, usageOf(wiki, { answers_5xx: 4 }, failed(ada)));
  await at(1, usageOf(wiki, { answers_2xx: 1 }, { succeeded: true }));
  await at(5, usageOf(wiki, { faults: 2 }, failed(ada)));
  await at(7, usageOf(wiki, { faults: 2, answers_5xx: 1 }, failed(ada, bob)));
  await at(7, usageOf(mail, { answers_2xx: 1 }, { succeeded: true }));
  clock.now = begin + 8 * MINUTE;
  const evidence = await readAppEvidence(store, [wiki, mail, 'unused']);
  assert.deepEqual(evidence.get(wiki), {
    succeededAt: begin + MINUTE,
    failedAt: begin + 7 * MINUTE,
    run: { since: begin + 5 * MINUTE, failures: 5, people: 2 },
  });
  assert.deepEqual(evidence.get(mail), { succeededAt: begin + 7 * MINUTE, failedAt: null, run: null });
  assert.equal(evidence.get('unused'), undefined);
});

test('what a gateway says late never moves an app’s last answer back', async (t) => {
  const { store, clock, wiki } = await catalogue(t);
  const good = usageOf(wiki, { answers_2xx: 1 }, { succeeded: true });
  await addUsage(store, { at: clock.now + MINUTE, apps: [good] }, nothing);
  await addUsage(store, { at: clock.now, apps: [good] }, nothing);
  assert.equal((await readAppEvidence(store, [wiki])).get(wiki)?.succeededAt, clock.now + MINUTE);
});

test('a gateway’s minute keeps its worst delay and its last size', async (t) => {
  const { store, clock } = await catalogue(t);
  const health = { gateway: 1, started_at: 7, loop_max: 9, rss: 100, connections: 1, open_requests: 2, web_sockets: 3 };
  await addGatewayHealth(store, { ...health, at: clock.now, loop_p99: 5 });
  await addGatewayHealth(store, { ...health, at: clock.now + 20_000, loop_p99: 4, rss: 90 });
  const rows = await store.db.selectFrom('gateway_health').selectAll().where('span', '=', 'minute').execute();
  assert.deepEqual(rows, [{ ...health, span: 'minute', at: clock.now, loop_p99: 5, rss: 90 }]);
});
