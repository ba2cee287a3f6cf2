// What the catalogue editor sorts and filters by, what it can undo, and who edits an app right now.
import type { Kysely } from 'kysely';
import { appState, hasUnverified } from '../app-state.ts';

export async function up(db: Kysely<unknown>): Promise<void> {
  await states(db);
  await undos(db);
  await editors(db);
}

/** Said in a column, since a list cannot be sorted by what is in JSON. */
async function states(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('apps')
    .addColumn('state', 'text', (c) => c.notNull().defaultTo('on'))
    .execute();
  await db.schema
    .alterTable('apps')
    .addColumn('unverified', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  const apps = db as Kysely<{ apps: StatefulApp }>;
  const columns = ['id', 'enabled', 'traffic', 'upstream_scheme', 'tls', 'routes'] as const;
  for (const row of await apps.selectFrom('apps').select(columns).execute()) {
    const set = { state: appState(row), unverified: hasUnverified(row) ? 1 : 0 };
    await apps.updateTable('apps').set(set).where('id', '=', row.id).execute();
  }
  await db.schema.dropIndex('apps_by_site').execute();
  await db.schema.createIndex('apps_by_site').on('apps').columns(['site_id', 'name_folded', 'id']).execute();
  await db.schema.createIndex('apps_by_state').on('apps').columns(['state', 'name_folded', 'id']).execute();
  await db.schema.createIndex('apps_by_category').on('apps').columns(['category', 'name_folded', 'id']).execute();
  await db.schema.createIndex('apps_by_change').on('apps').columns(['updated_at', 'id']).execute();
}

type StatefulApp = {
  id: string;
  enabled: number;
  traffic: string;
  upstream_scheme: string;
  tls: string;
  routes: string;
  state: string;
  unverified: number;
};

async function undos(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('undos')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('user_id', 'text')
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('undos_by_user').on('undos').columns(['user_id', 'at']).execute();
  await db.schema.createIndex('undos_by_expiry').on('undos').column('expires_at').execute();
  // No reference to apps: what is kept here outlives them.
  await db.schema
    .createTable('undo_apps')
    .addColumn('undo_id', 'text', (c) => c.notNull().references('undos.id').onDelete('cascade'))
    .addColumn('app_id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('owner_user_id', 'text')
    .addColumn('before', 'text', (c) => c.notNull())
    .addColumn('updated_at', 'bigint')
    .addPrimaryKeyConstraint('undo_apps_key', ['undo_id', 'app_id'])
    .execute();
}

async function editors(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('app_editors')
    .addColumn('app_id', 'text', (c) => c.notNull())
    .addColumn('tab', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('since', 'bigint', (c) => c.notNull())
    .addColumn('seen_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('app_editors_key', ['app_id', 'tab'])
    .execute();
  await db.schema.createIndex('app_editors_by_age').on('app_editors').column('seen_at').execute();
  await db.schema.createIndex('app_editors_by_user').on('app_editors').column('user_id').execute();
}
