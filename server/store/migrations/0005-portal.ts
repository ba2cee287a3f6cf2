// What the portal shows around an app: its look and help, collections, notices, terms of use, and how a person opens apps.
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await addLook(db);
  await createIcons(db);
  await createCollections(db);
  await createNotices(db);
  await createTerms(db);
  await db.schema.alterTable('launcher_views').renameTo('preferences').execute();
  await db.schema
    .alterTable('preferences')
    .addColumn('opening', 'text', (c) => c.notNull().defaultTo('automatic'))
    .execute();
}

/** One statement a column: SQLite adds no two at once. */
async function addLook(db: Kysely<unknown>): Promise<void> {
  for (const [column, plain] of [
    ['category', ''],
    ['support', ''],
    ['icon', '{"kind":"drawn"}'],
  ] as const) {
    await db.schema
      .alterTable('apps')
      .addColumn(column, 'text', (c) => c.notNull().defaultTo(plain))
      .execute();
  }
}

/** Bytes as base64: the one way of writing them that every engine reads alike. */
async function createIcons(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('icons')
    .addColumn('sha256', 'text', (c) => c.primaryKey())
    .addColumn('data', 'text', (c) => c.notNull())
    .addColumn('uploaded_at', 'bigint', (c) => c.notNull())
    .addColumn('uploaded_by', 'text', (c) => c.notNull())
    .execute();
}

async function createCollections(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('collections')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('name_folded', 'text', (c) => c.notNull().unique())
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('collection_apps')
    .addColumn('collection_id', 'text', (c) => c.notNull().references('collections.id').onDelete('cascade'))
    .addColumn('app_id', 'text', (c) => c.notNull().references('apps.id').onDelete('cascade'))
    .addColumn('position', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('collection_apps_key', ['collection_id', 'app_id'])
    .execute();
  await db.schema.createIndex('collection_apps_by_app').on('collection_apps').column('app_id').execute();
}

async function createNotices(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('notices')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('level', 'text', (c) => c.notNull())
    .addColumn('pinned', 'integer', (c) => c.notNull())
    .addColumn('everyone', 'integer', (c) => c.notNull())
    .addColumn('from_at', 'bigint')
    .addColumn('until_at', 'bigint')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('notice_groups')
    .addColumn('notice_id', 'text', (c) => c.notNull().references('notices.id').onDelete('cascade'))
    .addColumn('group_id', 'text', (c) => c.notNull().references('groups.id').onDelete('cascade'))
    .addPrimaryKeyConstraint('notice_groups_key', ['notice_id', 'group_id'])
    .execute();
  await db.schema.createIndex('notice_groups_by_group').on('notice_groups').column('group_id').execute();
  await db.schema
    .createTable('notice_dismissals')
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('notice_id', 'text', (c) => c.notNull().references('notices.id').onDelete('cascade'))
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('notice_dismissals_key', ['user_id', 'notice_id'])
    .execute();
  await db.schema.createIndex('notice_dismissals_by_notice').on('notice_dismissals').column('notice_id').execute();
}

/** The highest version counts; one without a text asks for nothing. */
async function createTerms(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('terms')
    .addColumn('version', 'integer', (c) => c.primaryKey())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('published_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('terms_acceptances')
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('version', 'integer', (c) => c.notNull().references('terms.version'))
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('address', 'text')
    .addPrimaryKeyConstraint('terms_acceptances_key', ['user_id', 'version'])
    .execute();
}
