// What people keep in their launcher: favourites in an order of their own, when they opened an app last, and how it looks.
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('launcher_apps')
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('app_id', 'text', (c) => c.notNull().references('apps.id').onDelete('cascade'))
    // A place among the favourites; null is none.
    .addColumn('favourite', 'integer')
    .addColumn('opened_at', 'bigint')
    .addPrimaryKeyConstraint('launcher_apps_key', ['user_id', 'app_id'])
    .execute();
  await db.schema.createIndex('launcher_apps_by_app').on('launcher_apps').column('app_id').execute();
  await db.schema
    .createTable('launcher_views')
    .addColumn('user_id', 'text', (c) => c.primaryKey().references('users.id').onDelete('cascade'))
    .addColumn('view', 'text', (c) => c.notNull())
    .execute();
}
