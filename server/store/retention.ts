// What is old is deleted, in short transactions: the audit and usage after as many days as the settings say, and what could be undone.
import { sql } from 'kysely';
import type { PeopleSpan, Span } from '#server/core/usage.ts';
import { insertAudit } from './audit.ts';
import type { Store } from './handle.ts';
import { rightTo } from './right.ts';
import { type Actor, FORBIDDEN, type Found } from './saved.ts';
import type { SettingValue } from './schema/settings.ts';
import { readSetting } from './settings.ts';
import { forgetStreams } from './streams.ts';

export type Retention = SettingValue<'retention'>;

/** How much goes, and from which day on something stays (epoch ms). */
export type Outlook = { audit: number; auditFrom: number; usage: number; usageFrom: number };

const DAY_MS = 24 * 60 * 60_000;
/** What is counted by the minute, and who used which app; by the hour, and by the day, it stays for as long as usage does. */
const DETAIL_KEPT_MS = 2 * DAY_MS;
const ROWS_PER_WRITE = 400;
/** No run takes longer than some seconds of the store's time; what is left goes with the next. */
const WRITES_PER_RUN = 2_000;

/** What the next run would delete under these settings. */
export async function retentionOutlook(
  store: Store,
  actor: Actor,
  { auditDays, usageDays }: Retention,
): Promise<Found<{ outlook: Outlook }>> {
  const now = store.now();
  const right = await rightTo(store.db, actor, 'settings.write', now);
  if (right.kind !== 'any') return FORBIDDEN;
  const [auditFrom, usageFrom] = [now - auditDays * DAY_MS, now - usageDays * DAY_MS];
  const audit = await store.db
    .selectFrom('audit_events')
    .select((eb) => eb.fn.countAll<number>().as('rows'))
    .where('at', '<', auditFrom)
    .executeTakeFirstOrThrow();
  const usage = await store.db
    .selectFrom('usage_counts')
    .select((eb) => eb.fn.count<number>('at').distinct().as('rows'))
    .where('span', '=', 'hour')
    .where('at', '<', usageFrom)
    .executeTakeFirstOrThrow();
  return { kind: 'found', outlook: { audit: audit.rows, auditFrom, usage: usage.rows, usageFrom } };
}

/**
 * Deletes what is older than the settings say; the audit says how much of it went. `pause` is waited for between two
 * transactions, so that others have the store as well. A run may be repeated, and several may run at once.
 */
export async function deleteOld(store: Store, pause: () => Promise<void>): Promise<{ audit: number; usage: number }> {
  const now = store.now();
  const { value } = await readSetting(store.db, 'retention');
  const auditFrom = now - value.auditDays * DAY_MS;
  const usageFrom = now - value.usageDays * DAY_MS;
  const run = { left: WRITES_PER_RUN, pause };
  const audit = await deleteBefore(store, 'audit_events', auditFrom, run);
  let usage = 0;
  for (const table of ['usage_counts', 'usage_reasons', 'gateway_health'] as const) {
    usage += await deleteBefore(store, table, usageFrom, run);
    usage += await deleteBefore(store, table, now - DETAIL_KEPT_MS, run, 'minute');
  }
  usage += await deleteBefore(store, 'usage_people', usageFrom, run, 'day');
  usage += await deleteBefore(store, 'usage_people', now - DETAIL_KEPT_MS, run, 'hour');
  await forgetStreams(store, 'silent');
  await deleteOverUndos(store, run);
  if (audit > 0) {
    const detail = { deleted: audit, olderThan: new Date(auditFrom).toISOString() };
    const object = { kind: 'audit', id: 'audit', name: 'audit' } as const;
    const event = { level: 'info', action: 'audit-deleted', actor: null, object, outcome: 'done' } as const;
    await insertAudit(store.db, [{ ...event, at: now, reason: 'retention', supportId: null, address: null, detail }]);
  }
  return { audit, usage };
}

/** What was kept of deleted apps is other people's as well, so it goes in its time, whether anybody changes an app or not. */
async function deleteOverUndos({ db, now }: Store, run: Run): Promise<void> {
  const over = db.selectFrom('undos').select('id').where('expires_at', '<=', now());
  for (; run.left > 0; run.left -= 1) {
    const apps = db.selectFrom('undo_apps').select(['undo_id', 'app_id']).where('undo_id', 'in', over);
    const { numDeletedRows } = await db
      .deleteFrom('undo_apps')
      .where(({ eb, refTuple }) =>
        eb(refTuple('undo_id', 'app_id'), 'in', apps.limit(ROWS_PER_WRITE).$asTuple('undo_id', 'app_id')),
      )
      .executeTakeFirstOrThrow();
    if (numDeletedRows < ROWS_PER_WRITE) break;
    await run.pause();
  }
  const left = db.selectFrom('undo_apps').select('undo_id');
  await db.deleteFrom('undos').where('id', 'in', over).where('id', 'not in', left).execute();
}

/** The columns that make a row of each. */
const KEYS = {
  audit_events: ['id'],
  usage_counts: ['span', 'at', 'app_id'],
  usage_reasons: ['span', 'at', 'app_id', 'reason'],
  usage_people: ['span', 'at', 'app_id', 'user_id'],
  gateway_health: ['span', 'at', 'gateway', 'started_at'],
} as const;

type Run = { left: number; pause(): Promise<void> };

/** Oldest first, by the index that begins with the time. */
async function deleteBefore(
  store: Store,
  table: keyof typeof KEYS,
  before: number,
  run: Run,
  span: Span | PeopleSpan = 'hour',
): Promise<number> {
  const key = sql.join(KEYS[table].map((column) => sql.ref(column)));
  const ofSpan = (KEYS[table] as readonly string[]).includes('span') ? sql`span = ${span} and ` : sql``;
  const old = sql`select ${key} from ${sql.table(table)} where ${ofSpan}at < ${before} order by at limit ${ROWS_PER_WRITE}`;
  let deleted = 0;
  for (; run.left > 0; run.left -= 1) {
    const { numAffectedRows } = await sql`delete from ${sql.table(table)} where (${key}) in (${old})`.execute(store.db);
    const count = Number(numAffectedRows ?? 0);
    deleted += count;
    if (count < ROWS_PER_WRITE) break;
    await run.pause();
  }
  return deleted;
}
