// How often each app was given a new alias: the alias itself follows from it and the secret.
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('apps')
    .addColumn('alias_round', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
}
