// The promises of usage on its way: nothing is lost while the store is away, nothing is written twice, and what waits is bounded.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import type { AccessLine } from '#server/http/access-log.ts';
import { UsageCounter } from '#server/http/usage.ts';
import type { Store } from '#server/store/handle.ts';
import { someApp, someSite, temporaryStore } from '#server/store/testing/temporary-store.ts';
import { startUsageQueue } from './usage-queue.ts';

const MINUTE = 60_000;
const LINE: AccessLine = {
  ...{ access: 'A', status: 200, reason: 'assigned', method: 'GET', path: '/', app: '', user: null },
  ...{ client: '192.0.2.1', protocol: 'HTTP/2', bytes: 0, received: 0, ms: 3, upstreamMs: 3, retries: 0, trace: null },
};
const HEALTH = {
  ...{ gateway: 1, started_at: 0, loop_p99: 0, loop_max: 0, rss: 0, connections: 0, open_requests: 0, web_sockets: 0 },
};

async function started(t: TestContext) {
  const { store, clock } = await temporaryStore(t);
  const app = await someApp(store, await someSite(store));
  const usage = new UsageCounter();
  let isAway = false;
  const db = new Proxy(store.db, {
    get(target, name) {
      if (isAway) throw new Error('The store is away.');
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const logs: string[] = [];
  const log = pino({ level: 'info' }, { write: (line) => void logs.push(line) });
  const queue = startUsageQueue({ ...store, db } as Store, usage, log, () => HEALTH);
  t.after(() => queue.stop());
  return {
    ...{ store, clock, queue, logs },
    request: () => usage.finished({ ...LINE, app }),
    away: (away: boolean) => {
      isAway = away;
    },
    minutes: async () =>
      (
        await store.db
          .selectFrom('usage_counts')
          .select(['at', 'requests'])
          .where('span', '=', 'minute')
          .where('app_id', '=', app)
          .orderBy('at')
          .execute()
      ).map(({ requests }) => requests),
  };
}

test('M11: what was counted while the store was away is there afterwards, once, in its own minutes', async (t) => {
  const { clock, queue, logs, request, away, minutes } = await started(t);
  request();
  await queue.flush();
  away(true);
  for (const count of [2, 3]) {
    for (let at = 0; at < count; at += 1) request();
    await queue.flush();
    clock.now += MINUTE;
    await queue.flush();
  }
  assert.deepEqual(await minutes(), [1]);
  away(false);
  await queue.flush();
  await queue.flush();
  assert.deepEqual(await minutes(), [3, 3]);
  assert.equal(logs.filter((line) => line.includes('cannot be written')).length, 1);
  assert.equal(logs.filter((line) => line.includes('written again')).length, 1);
});

test('M11: what waits is bounded: the oldest minutes are given up, and the log says so', async (t) => {
  const { clock, queue, logs, request, away, minutes } = await started(t);
  await queue.flush();
  away(true);
  for (let minute = 0; minute < 125; minute += 1) {
    request();
    await queue.flush();
    clock.now += MINUTE;
  }
  away(false);
  await queue.flush();
  assert.equal((await minutes()).length, 120);
  assert.ok(logs.some((line) => line.includes('given up')));
});

test('the last counts are written before a process ends', async (t) => {
  const { queue, request, minutes } = await started(t);
  request();
  await queue.stop();
  assert.deepEqual(await minutes(), [1]);
});
