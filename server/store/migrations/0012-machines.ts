// Machines with their names and addresses; an address stays behind for a while when its machine goes, or its owner.
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('machines')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('owner_user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('name_folded', 'text', (c) => c.notNull().unique())
    .addColumn('token_hash', 'text', (c) => c.unique())
    .addColumn('last_seen_at', 'bigint')
    .addColumn('left_at', 'bigint')
    .addColumn('version', 'text', (c) => c.notNull())
    .addColumn('os', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('machines_by_owner').on('machines').column('owner_user_id').execute();
  await db.schema
    .createTable('machine_addresses')
    .addColumn('number', 'bigint', (c) => c.primaryKey())
    .addColumn('machine_id', 'text', (c) => c.unique().references('machines.id').onDelete('set null'))
    .addColumn('freed_at', 'bigint')
    .execute();
  await db.schema.createIndex('machine_addresses_by_freed').on('machine_addresses').column('freed_at').execute();
}
