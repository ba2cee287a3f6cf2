// Clusters: what each node last said of itself, whether an administrator drains it, and the serial of the cluster's zone.
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('cluster_nodes')
    .addColumn('number', 'integer', (c) => c.primaryKey())
    .addColumn('name', 'text')
    .addColumn('instance', 'text')
    .addColumn('started_at', 'bigint')
    .addColumn('beat', 'bigint')
    .addColumn('seen_at', 'bigint')
    .addColumn('state', 'text')
    .addColumn('gateways', 'integer')
    .addColumn('gateways_ready', 'integer')
    .addColumn('draining_since', 'bigint')
    .execute();
  await db.schema
    .createTable('cluster_zone')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('serial', 'bigint', (c) => c.notNull())
    .execute();
}
