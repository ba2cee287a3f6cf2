// What gateways count and have open: usage by app, reason and person, their own health, open streams; the audit's further ways in, and who is being erased from it.
import type { Kysely } from 'kysely';

type AnySchema = Kysely<unknown>;

export async function up(db: AnySchema): Promise<void> {
  await counts(db);
  await people(db);
  await gateways(db);
  await db.schema
    .createTable('erasures')
    .addColumn('user_id', 'text', (c) => c.primaryKey())
    .addColumn('pseudonym', 'text', (c) => c.notNull())
    .addColumn('names', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.alterTable('audit_events').addColumn('object_name_folded', 'text').execute();
  for (const column of ['object_id', 'reason', 'address', 'level', 'actor_email_folded']) {
    await db.schema.createIndex(`audit_events_by_${column}`).on('audit_events').columns([column, 'id']).execute();
  }
  await db.schema.createIndex('audit_events_by_time').on('audit_events').column('at').execute();
}

/** Written down here: a column that a later version adds comes with a migration of its own. */
const NUMBERS = [
  ...['requests', 'answers_1xx', 'answers_2xx', 'answers_3xx', 'answers_4xx', 'answers_5xx'],
  ...['faults', 'refusals', 'aborted', 'sent', 'received'],
  ...['latency_0', 'latency_1', 'latency_2', 'latency_3', 'latency_4', 'latency_5', 'latency_6'],
  ...['latency_7', 'latency_8', 'latency_9', 'latency_10', 'latency_11', 'latency_12'],
];

async function counts(db: AnySchema): Promise<void> {
  let table = db.schema
    .createTable('usage_counts')
    .addColumn('span', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('app_id', 'text', (c) => c.notNull());
  for (const name of NUMBERS) table = table.addColumn(name, 'bigint', (c) => c.notNull());
  await table.addPrimaryKeyConstraint('usage_counts_key', ['span', 'at', 'app_id']).execute();
  await db.schema.createIndex('usage_counts_by_app').on('usage_counts').columns(['app_id', 'span', 'at']).execute();
  await db.schema
    .createTable('usage_reasons')
    .addColumn('span', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('app_id', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('count', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('usage_reasons_key', ['span', 'at', 'app_id', 'reason'])
    .execute();
}

async function people(db: AnySchema): Promise<void> {
  await db.schema
    .createTable('usage_people')
    .addColumn('span', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('app_id', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('failed_at', 'bigint')
    .addPrimaryKeyConstraint('usage_people_key', ['span', 'at', 'app_id', 'user_id'])
    .execute();
  await db.schema.createIndex('usage_people_by_user').on('usage_people').columns(['user_id', 'at']).execute();
  await db.schema.createIndex('usage_people_by_failure').on('usage_people').columns(['app_id', 'failed_at']).execute();
  await db.schema
    .createTable('usage_apps')
    .addColumn('app_id', 'text', (c) => c.primaryKey().references('apps.id').onDelete('cascade'))
    .addColumn('succeeded_at', 'bigint')
    .addColumn('failed_at', 'bigint')
    .execute();
}

async function gateways(db: AnySchema): Promise<void> {
  await db.schema
    .createTable('gateway_health')
    .addColumn('span', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('gateway', 'bigint', (c) => c.notNull())
    .addColumn('started_at', 'bigint', (c) => c.notNull())
    .addColumn('loop_p99', 'bigint', (c) => c.notNull())
    .addColumn('loop_max', 'bigint', (c) => c.notNull())
    .addColumn('rss', 'bigint', (c) => c.notNull())
    .addColumn('connections', 'bigint', (c) => c.notNull())
    .addColumn('open_requests', 'bigint', (c) => c.notNull())
    .addColumn('web_sockets', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('gateway_health_key', ['span', 'at', 'gateway', 'started_at'])
    .execute();
  await db.schema
    .createTable('open_streams')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('session_id', 'text', (c) => c.notNull().references('sessions.id').onDelete('cascade'))
    .addColumn('app_id', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('since', 'bigint', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('gateway', 'bigint', (c) => c.notNull())
    .addColumn('started_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('open_streams_by_session').on('open_streams').column('session_id').execute();
  await db.schema
    .createIndex('open_streams_by_process')
    .on('open_streams')
    .columns(['gateway', 'started_at'])
    .execute();
}
