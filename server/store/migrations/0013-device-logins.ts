// Logins of command lines that wait for their person (RFC 8628), and which token let a machine in.
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('device_logins')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('device_hash', 'text', (c) => c.notNull().unique())
    .addColumn('user_hash', 'text', (c) => c.notNull().unique())
    .addColumn('machine', 'text', (c) => c.notNull())
    .addColumn('os', 'text', (c) => c.notNull())
    .addColumn('address', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('polled_at', 'bigint')
    .addColumn('interval_ms', 'bigint', (c) => c.notNull())
    .addColumn('decision', 'text')
    .addColumn('token_id', 'text', (c) => c.references('api_tokens.id').onDelete('set null'))
    .execute();
  await db.schema.createIndex('device_logins_by_expiry').on('device_logins').column('expires_at').execute();
  await db.schema.createIndex('device_logins_by_token').on('device_logins').column('token_id').execute();
  await db.schema.alterTable('machines').addColumn('login_token_id', 'text').execute();
  await db.schema.createIndex('machines_by_login_token').on('machines').column('login_token_id').execute();
}
