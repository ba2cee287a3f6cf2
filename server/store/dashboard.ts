// The numbers of the dashboard, each in one query however many apps there are.
import { sql } from 'kysely';
import { RANGE_STEPS, type Range, stepsOf } from '#server/core/plot-range.ts';
import {
  isAppFault,
  LATENCY_BOUNDS_MS,
  latencyQuantile,
  PEOPLE_SPANS,
  type PeopleSpan,
  SPANS,
} from '#server/core/usage.ts';
import type { Store } from './handle.ts';
import { rightTo } from './right.ts';
import { type Actor, FORBIDDEN, type Forbidden } from './saved.ts';
import { ALL_APPS } from './usage-write.ts';

/** Each list has a value for every step; null where nothing was measured. Latencies in milliseconds. */
export type Traffic = {
  requests: number[];
  /** Answers that were errors, and answers that never came. */
  failures: number[];
  p50: (number | null)[];
  p95: (number | null)[];
};
/** What did not go well, by its word, the most frequent first; all that are rarer are `other`. */
export type ReasonLine = { reason: string; counts: number[]; total: number };
export type AppLine = {
  appId: string;
  /** Null when it is gone. */
  name: string | null;
  requests: number;
  failures: number;
  p50: number | null;
  p95: number | null;
};
/** One number of a gateway, whatever processes had it. Delays in milliseconds, memory in bytes. */
export type GatewayLine = {
  gateway: number;
  loopP99: (number | null)[];
  rss: (number | null)[];
  /** Processes that began within the range, after the first. */
  restarts: number;
  connections: number;
  webSockets: number;
  /** When it last said how it is (epoch ms, to a minute). */
  seenAt: number;
};
export type Dashboard = {
  kind: 'read';
  steps: number[];
  stepMs: number;
  traffic: Traffic;
  /** People who used an app, each counted once: in the range, and by the hour up to a day, by the day (UTC) beyond. */
  people: { total: number; steps: number[]; counts: number[] };
  refusals: ReasonLine[];
  faults: ReasonLine[];
  apps: AppLine[];
  gateways: GatewayLine[];
};

const SHOWN_REASONS = 5;
const SHOWN_APPS = 12;
export const OTHER_REASONS = 'other';
const LATENCIES = Array.from({ length: LATENCY_BOUNDS_MS.length + 1 }, (_, at) => `latency_${at}`);

/** Needs the right to read the audit: who was refused is in both. */
export async function readDashboard(store: Store, actor: Actor, range: Range): Promise<Dashboard | Forbidden> {
  const now = store.now();
  const right = await rightTo(store.db, actor, 'audit.read', now);
  if (right.kind !== 'any') return FORBIDDEN;
  const view: View = { store, range, steps: stepsOf(range, now), ...RANGE_STEPS[range] };
  const [traffic, people, reasons, apps, gateways] = await Promise.all([
    readTraffic(view),
    readPeople(view),
    readReasons(view),
    readApps(view),
    readGateways(view),
  ]);
  const { stepMs, steps } = view;
  return { kind: 'read', steps, stepMs, traffic, people, ...reasons, apps, gateways };
}

type View = { store: Store; range: Range; steps: number[] } & (typeof RANGE_STEPS)[Range];

const first = ({ steps }: View) => steps[0] ?? 0;
/** The step that a row is in, as SQL. */
const stepOf = (stepMs: number) => sql<number>`at - at % ${sql.lit(stepMs)}`;
const sumOf = (column: string) => sql<number>`cast(sum(${sql.ref(column)}) as bigint)`;
const latencySums = () => LATENCIES.map((column) => sumOf(column).as(column as 'latency'));
const bucketsOf = (row: object) => LATENCIES.map((column) => Number((row as Record<string, unknown>)[column] ?? 0));

/** Puts what was found at its step, and `none` where nothing was. */
function along<Row extends { step: number }, Value>(
  steps: readonly number[],
  rows: readonly Row[],
  read: (row: Row) => Value,
  none: Value,
): Value[] {
  const byStep = new Map(rows.map((row) => [row.step, row]));
  return steps.map((step) => {
    const row = byStep.get(step);
    return row ? read(row) : none;
  });
}

async function readTraffic(view: View): Promise<Traffic> {
  const { span, stepMs, steps, store } = view;
  const rows = await store.db
    .selectFrom('usage_counts')
    .select([stepOf(stepMs).as('step'), sumOf('requests').as('requests')])
    .select(sql<number>`cast(sum(answers_5xx + faults) as bigint)`.as('failures'))
    .select(latencySums())
    .where('span', '=', span)
    .where('app_id', '=', ALL_APPS)
    .where('at', '>=', first(view))
    .groupBy(stepOf(stepMs))
    .execute();
  return {
    requests: along(steps, rows, ({ requests }) => requests, 0),
    failures: along(steps, rows, ({ failures }) => failures, 0),
    p50: along(steps, rows, (row) => latencyQuantile(bucketsOf(row), 0.5), null),
    p95: along(steps, rows, (row) => latencyQuantile(bucketsOf(row), 0.95), null),
  };
}

/** People are known by the hour of late and by the day before, whatever the steps of everything else are. */
async function readPeople(view: View): Promise<Dashboard['people']> {
  const { lengthMs, store } = view;
  const span: PeopleSpan = lengthMs > PEOPLE_SPANS.day ? 'day' : 'hour';
  const stepMs = PEOPLE_SPANS[span];
  const from = Math.floor(first(view) / stepMs) * stepMs;
  const seen = store.db
    .selectFrom('usage_people')
    .where('span', '=', span)
    .where('app_id', '=', ALL_APPS)
    .where('at', '>=', from);
  const rows = await seen
    .select((eb) => ['at as step', eb.fn.countAll<number>().as('people')])
    .groupBy('at')
    .execute();
  const all = await seen.select(sql<number>`cast(count(distinct user_id) as bigint)`.as('people')).executeTakeFirst();
  const last = Math.floor(store.now() / stepMs) * stepMs;
  const steps = Array.from({ length: (last - from) / stepMs + 1 }, (_, at) => from + at * stepMs);
  return { total: all?.people ?? 0, steps, counts: along(steps, rows, ({ people }) => people, 0) };
}

async function readReasons(view: View): Promise<Pick<Dashboard, 'refusals' | 'faults'>> {
  const { span, stepMs, steps, store } = view;
  const rows = await store.db
    .selectFrom('usage_reasons')
    .select([stepOf(stepMs).as('step'), 'reason', sumOf('count').as('count')])
    .where('span', '=', span)
    .where('app_id', '=', ALL_APPS)
    .where('at', '>=', first(view))
    .groupBy([stepOf(stepMs), 'reason'])
    .execute();
  const lines = Array.from(
    Map.groupBy(rows, ({ reason }) => reason),
    ([reason, found]): ReasonLine => {
      const counts = along(steps, found, ({ count }) => count, 0);
      return { reason, counts, total: counts.reduce((sum, count) => sum + count, 0) };
    },
  ).sort((a, b) => b.total - a.total || (a.reason < b.reason ? -1 : 1));
  return {
    refusals: shortened(lines.filter(({ reason }) => !isAppFault(reason))),
    faults: shortened(lines.filter(({ reason }) => isAppFault(reason))),
  };
}

function shortened(lines: readonly ReasonLine[]): ReasonLine[] {
  const named = lines.filter(({ reason }) => reason !== OTHER_REASONS);
  const rest = [...named.slice(SHOWN_REASONS), ...lines.filter(({ reason }) => reason === OTHER_REASONS)];
  const [one] = rest;
  if (!one) return named;
  const counts = one.counts.map((_, at) => rest.reduce((sum, line) => sum + (line.counts[at] ?? 0), 0));
  const total = rest.reduce((sum, line) => sum + line.total, 0);
  return [...named.slice(0, SHOWN_REASONS), { reason: OTHER_REASONS, counts, total }];
}

/** Those with the most failures and those with the most requests. Ranges of a day are read by the hour: a sixtieth of the rows. */
async function readApps(view: View): Promise<AppLine[]> {
  const { range, store } = view;
  const failures = sql<number>`cast(sum(answers_5xx + faults) as bigint)`;
  const rows = await store.db
    .selectFrom('usage_counts')
    .leftJoin('apps', 'apps.id', 'usage_counts.app_id')
    .select(['usage_counts.app_id as appId', 'apps.name', sumOf('requests').as('requests'), failures.as('failures')])
    .select(latencySums())
    .where('span', '=', range === 'hour' ? 'minute' : 'hour')
    .where('at', '>=', first(view))
    .where('usage_counts.app_id', '!=', ALL_APPS)
    .groupBy(['usage_counts.app_id', 'apps.name'])
    .orderBy(failures, 'desc')
    .orderBy('requests', 'desc')
    .limit(SHOWN_APPS)
    .execute();
  return rows
    .map((row) => ({
      ...{ appId: row.appId, name: row.name, requests: row.requests, failures: row.failures },
      p50: latencyQuantile(bucketsOf(row), 0.5),
      p95: latencyQuantile(bucketsOf(row), 0.95),
    }))
    .sort((a, b) => b.requests - a.requests);
}

async function readGateways(view: View): Promise<GatewayLine[]> {
  const { span, stepMs, steps, store } = view;
  const rows = await store.db
    .selectFrom('gateway_health')
    .select(['gateway', 'started_at', stepOf(stepMs).as('step')])
    .select((eb) => [eb.fn.max<number>('loop_p99').as('loopP99'), eb.fn.max<number>('rss').as('rss')])
    .select((eb) => eb.fn.max<number>('at').as('at'))
    .where('span', '=', span)
    .where('at', '>=', first(view))
    .groupBy(['gateway', 'started_at', stepOf(stepMs)])
    .execute();
  const latest = await store.db
    .selectFrom('gateway_health')
    .select(['gateway', 'started_at', 'at', 'connections', 'web_sockets'])
    .where('span', '=', 'minute')
    .where('at', '>=', store.now() - SPANS.hour)
    .orderBy('at', 'desc')
    .orderBy('started_at', 'desc')
    .execute();
  return Array.from(
    Map.groupBy(rows, ({ gateway }) => gateway),
    ([gateway, found]): GatewayLine => {
      const worst = Array.from(
        Map.groupBy(found, ({ step }) => step),
        ([step, each]) => ({
          step,
          loopP99: Math.max(...each.map(({ loopP99 }) => loopP99)) / 1_000,
          rss: Math.max(...each.map(({ rss }) => rss)),
        }),
      );
      const now = latest.find((row) => row.gateway === gateway);
      return {
        gateway,
        loopP99: along(steps, worst, ({ loopP99 }) => loopP99, null),
        rss: along(steps, worst, ({ rss }) => rss, null),
        restarts: new Set(found.map(({ started_at }) => started_at)).size - 1,
        connections: now?.connections ?? 0,
        webSockets: now?.web_sockets ?? 0,
        seenAt: now?.at ?? Math.max(...found.map(({ at }) => at)),
      };
    },
  ).sort((a, b) => a.gateway - b.gateway);
}
