// What gateways count, added to what is there: several of them add up. Short transactions, and nothing of it decides anything.
import { type Kysely, sql, type Transaction } from 'kysely';
import { type AppUsage, PEOPLE_SPANS, SPANS, type Span, USAGE_COLUMNS } from '#server/core/usage.ts';
import type { Store } from './handle.ts';
import type { Tables } from './tables.ts';

/** What one gateway process counted from `at` (epoch ms) on, within one minute. */
export type UsageSlice = { at: number; apps: readonly AppUsage[] };
/** How one gateway process is. */
export type GatewayHealth = Omit<Tables['gateway_health'], 'span'>;

/** Everything together, what was refused and belongs to no app included. */
export const ALL_APPS = '';
/** So many apps with their reasons and new people make a transaction of some hundred rows. */
const APPS_PER_WRITE = 50;
const ROWS_PER_STATEMENT = 200;

/** Adds a slice. Resolves when it is durable; the parts before one that was refused are, too: `added` says how many apps that is. */
export async function addUsage(store: Store, { at, apps }: UsageSlice, added: (apps: number) => void): Promise<void> {
  for (let start = 0; start < apps.length; start += APPS_PER_WRITE) {
    const some = apps.slice(start, start + APPS_PER_WRITE);
    await store.db.transaction().execute((trx) => addApps(trx, at, some));
    added(some.length);
  }
}

/** The worst delay of a span is kept, and the last of everything else. */
export async function addGatewayHealth(store: Store, health: GatewayHealth): Promise<void> {
  const worst = (name: 'loop_p99' | 'loop_max') => {
    const [before, now] = [sql.ref(`gateway_health.${name}`), sql.ref(`excluded.${name}`)];
    return sql<number>`case when ${now} > ${before} then ${now} else ${before} end`;
  };
  const { rss, connections, open_requests, web_sockets } = health;
  const last = { rss, connections, open_requests, web_sockets };
  await store.db
    .insertInto('gateway_health')
    .values(SPAN_NAMES.map((span) => ({ ...health, span, at: floorTo(health.at, span) })))
    .onConflict((on) =>
      on
        .columns(['span', 'at', 'gateway', 'started_at'])
        .doUpdateSet({ loop_p99: worst('loop_p99'), loop_max: worst('loop_max'), ...last }),
    )
    .execute();
}

const SPAN_NAMES: readonly Span[] = ['minute', 'hour'];

async function addApps(trx: Transaction<Tables>, at: number, apps: readonly AppUsage[]): Promise<void> {
  const counts = [...apps.flatMap(({ appId, numbers }) => (appId === null ? [] : [{ appId, numbers }])), all(apps)];
  const reasons = [
    ...apps.flatMap(({ appId, reasons }) => (appId === null ? [] : reasonRows(appId, reasons))),
    ...reasonRows(ALL_APPS, addUp(apps)),
  ];
  for (const span of SPAN_NAMES) {
    await addCounts(trx, span, floorTo(at, span), counts);
    await addReasons(trx, span, floorTo(at, span), reasons);
  }
  await addPeople(trx, at, apps);
  await noteStates(trx, at, apps);
}

function floorTo(at: number, span: Span): number {
  return Math.floor(at / SPANS[span]) * SPANS[span];
}

function all(apps: readonly AppUsage[]): { appId: string; numbers: Float64Array } {
  const sum = new Float64Array(USAGE_COLUMNS.length);
  for (const { numbers } of apps)
    for (const [place, value] of numbers.entries()) sum[place] = (sum[place] ?? 0) + value;
  return { appId: ALL_APPS, numbers: sum };
}

function addUp(apps: readonly AppUsage[]): Map<string, number> {
  const sum = new Map<string, number>();
  for (const { reasons } of apps)
    for (const [reason, count] of reasons) sum.set(reason, (sum.get(reason) ?? 0) + count);
  return sum;
}

function reasonRows(appId: string, reasons: ReadonlyMap<string, number>) {
  return Array.from(reasons, ([reason, count]) => ({ app_id: appId, reason, count }));
}

type AnyTables = Record<string, Record<string, string | number>>;

/** The columns are a list, so they are written as one: Kysely's types know tables by their names. */
async function addCounts(
  trx: Transaction<Tables>,
  span: Span,
  at: number,
  counts: readonly { appId: string; numbers: Float64Array }[],
): Promise<void> {
  const rows = counts.map(({ appId, numbers }) => ({
    span,
    at,
    app_id: appId,
    ...Object.fromEntries(USAGE_COLUMNS.map((column, place) => [column, numbers[place] ?? 0])),
  }));
  await (trx as unknown as Kysely<AnyTables>)
    .insertInto('usage_counts')
    .values(rows)
    .onConflict((on) =>
      on
        .columns(['span', 'at', 'app_id'])
        .doUpdateSet(
          Object.fromEntries(
            USAGE_COLUMNS.map((column) => [column, sql`usage_counts.${sql.ref(column)} + excluded.${sql.ref(column)}`]),
          ),
        ),
    )
    .execute();
}

async function addReasons(
  trx: Transaction<Tables>,
  span: Span,
  at: number,
  reasons: readonly { app_id: string; reason: string; count: number }[],
): Promise<void> {
  for (let start = 0; start < reasons.length; start += ROWS_PER_STATEMENT) {
    const rows = reasons.slice(start, start + ROWS_PER_STATEMENT).map((row) => ({ span, at, ...row }));
    await trx
      .insertInto('usage_reasons')
      .values(rows)
      .onConflict((on) =>
        on
          .columns(['span', 'at', 'app_id', 'reason'])
          .doUpdateSet({ count: sql<number>`usage_reasons.count + excluded.count` }),
      )
      .execute();
  }
}

/** Whoever was deleted meanwhile is left out. */
async function addPeople(trx: Transaction<Tables>, at: number, apps: readonly AppUsage[]): Promise<void> {
  const all = peopleRows(at, apps);
  for (let start = 0; start < all.length; start += ROWS_PER_STATEMENT) {
    const some = all.slice(start, start + ROWS_PER_STATEMENT);
    const ids = [...new Set(some.map(({ user_id }) => user_id))];
    const known = await trx.selectFrom('users').select('id').where('id', 'in', ids).execute();
    const existing = new Set(known.map(({ id }) => id));
    const rows = some.filter(({ user_id }) => existing.has(user_id));
    if (rows.length === 0) continue;
    await trx
      .insertInto('usage_people')
      .values(rows)
      .onConflict((on) =>
        on
          .columns(['span', 'at', 'app_id', 'user_id'])
          .doUpdateSet({ failed_at: sql<number | null>`coalesce(excluded.failed_at, usage_people.failed_at)` }),
      )
      .execute();
  }
}

function peopleRows(at: number, apps: readonly AppUsage[]): Tables['usage_people'][] {
  const [hour, day] = [floorTo(at, 'hour'), Math.floor(at / PEOPLE_SPANS.day) * PEOPLE_SPANS.day];
  const minute = floorTo(at, 'minute');
  const rows: Tables['usage_people'][] = [];
  const anybody = new Set<string>();
  for (const { appId, people } of apps) {
    if (appId === null) continue;
    for (const [userId, { failed }] of people) {
      anybody.add(userId);
      const failed_at = failed ? minute : null;
      rows.push({ span: 'hour', at: hour, app_id: appId, user_id: userId, failed_at });
    }
  }
  for (const user_id of anybody) {
    rows.push({ span: 'hour', at: hour, app_id: ALL_APPS, user_id, failed_at: null });
    rows.push({ span: 'day', at: day, app_id: ALL_APPS, user_id, failed_at: null });
  }
  return rows;
}

/** An app that was deleted meanwhile has no state. */
async function noteStates(trx: Transaction<Tables>, at: number, apps: readonly AppUsage[]): Promise<void> {
  const noted = apps.flatMap(({ appId, failed, succeeded }) =>
    appId !== null && (failed || succeeded)
      ? [{ app_id: appId, succeeded_at: succeeded ? at : null, failed_at: failed ? at : null }]
      : [],
  );
  if (noted.length === 0) return;
  const ids = noted.map(({ app_id }) => app_id);
  const known = await trx.selectFrom('apps').select('id').where('id', 'in', ids).execute();
  const existing = new Set(known.map(({ id }) => id));
  const rows = noted.filter(({ app_id }) => existing.has(app_id));
  if (rows.length === 0) return;
  await trx
    .insertInto('usage_apps')
    .values(rows)
    .onConflict((on) =>
      on.column('app_id').doUpdateSet({ succeeded_at: later('succeeded_at'), failed_at: later('failed_at') }),
    )
    .execute();
}

/** Of what is there and what comes, the later; a gateway whose store was away says late what was long ago. */
function later(name: 'succeeded_at' | 'failed_at') {
  const [before, now] = [sql.ref(`usage_apps.${name}`), sql.ref(`excluded.${name}`)];
  return sql<number | null>`case when ${before} is null or ${now} > ${before} then ${now} else ${before} end`;
}
