// Reads what gateways counted: the evidence of many apps at once, and the numbers that pages plot.
import { sql } from 'kysely';
import type { AppEvidence } from '#server/core/app-state.ts';
import { SPANS } from '#server/core/usage.ts';
import type { Store } from './handle.ts';

/** Far below the number of parameters that any database takes. */
const APPS_PER_READ = 500;
/** A run of failures that began before the minutes that are kept is said to begin there. */
const LOOKED_BACK_MS = 24 * SPANS.hour;

/** By app id; an app that nobody used has none. Two queries for every 500 apps. */
export async function readAppEvidence(
  store: Store,
  appIds: readonly string[],
): Promise<ReadonlyMap<string, AppEvidence>> {
  const evidence = new Map<string, AppEvidence>();
  for (let start = 0; start < appIds.length; start += APPS_PER_READ) {
    const some = appIds.slice(start, start + APPS_PER_READ);
    const rows = await store.db.selectFrom('usage_apps').selectAll().where('app_id', 'in', some).execute();
    const failing = rows.filter(({ failed_at, succeeded_at }) => failed_at !== null && failed_at > (succeeded_at ?? 0));
    const runs = await readRuns(
      store,
      failing.map(({ app_id }) => app_id),
    );
    for (const { app_id, failed_at, succeeded_at } of rows) {
      evidence.set(app_id, { succeededAt: succeeded_at, failedAt: failed_at, run: runs.get(app_id) ?? null });
    }
  }
  return evidence;
}

/** Minutes with failures since each app's last good answer. The answer's own minute counts: what failed in it failed after. */
async function readRuns(
  store: Store,
  appIds: readonly string[],
): Promise<ReadonlyMap<string, NonNullable<AppEvidence['run']>>> {
  if (appIds.length === 0) return new Map();
  const from = Math.floor((store.now() - LOOKED_BACK_MS) / SPANS.minute) * SPANS.minute;
  const begins = sql<number>`coalesce(usage_apps.succeeded_at - usage_apps.succeeded_at % ${SPANS.minute}, 0)`;
  const rows = await store.db
    .selectFrom('usage_counts')
    .innerJoin('usage_apps', 'usage_apps.app_id', 'usage_counts.app_id')
    .select((eb) => [
      'usage_counts.app_id as appId',
      eb.fn.min<number>('usage_counts.at').as('since'),
      sql<number>`cast(sum(usage_counts.answers_5xx + usage_counts.faults) as bigint)`.as('failures'),
      eb
        .selectFrom('usage_people')
        .select(({ fn }) => fn.count<number>('usage_people.user_id').distinct().as('people'))
        .whereRef('usage_people.app_id', '=', 'usage_counts.app_id')
        .where('usage_people.failed_at', '>=', from)
        .where('usage_people.failed_at', '>=', begins)
        .as('people'),
    ])
    .where('usage_counts.app_id', 'in', appIds)
    .where('usage_counts.span', '=', 'minute')
    .where('usage_counts.at', '>=', from)
    .where('usage_counts.at', '>=', begins)
    .where((eb) => eb(eb('usage_counts.answers_5xx', '+', eb.ref('usage_counts.faults')), '>', 0))
    .groupBy(['usage_counts.app_id', 'usage_apps.succeeded_at'])
    .execute();
  return new Map(
    rows.map(({ appId, since, failures, people }) => [appId, { since, failures, people: Number(people ?? 0) }]),
  );
}
