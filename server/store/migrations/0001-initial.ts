// The first schema. Types are those that SQLite and PostgreSQL both know: text, bigint for times, integer for bits and counts.
import type { CreateTableBuilder, Kysely } from 'kysely';

// A migration outlives the types of today's tables, so it knows none.
type AnySchema = Kysely<unknown>;

export async function up(db: AnySchema): Promise<void> {
  await feed(db);
  await people(db);
  await catalogue(db);
  await signIn(db);
  await records(db);
}

async function feed(db: AnySchema): Promise<void> {
  await db.schema
    .createTable('revision')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('value', 'bigint', (c) => c.notNull())
    .execute();
  const writable = db as Kysely<{ revision: { id: number; value: number } }>;
  await writable.insertInto('revision').values({ id: 1, value: 0 }).execute();
  await db.schema
    .createTable('changes')
    .addColumn('revision', 'bigint', (c) => c.primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('subject_id', 'text')
    .execute();
}

async function people(db: AnySchema): Promise<void> {
  await named(db, 'providers')
    .addColumn('issuer', 'text', (c) => c.notNull().unique())
    .addColumn('client_id', 'text', (c) => c.notNull())
    .addColumn('client_secret_sealed', 'text', (c) => c.notNull())
    .addColumn('groups_claim', 'text')
    .addColumn('allowed_email_domains', 'text', (c) => c.notNull())
    .addColumn('scopes', 'text', (c) => c.notNull())
    .addColumn('enabled', 'integer', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .execute();
  await named(db, 'users')
    .addColumn('issuer', 'text', (c) => c.notNull())
    .addColumn('subject', 'text')
    .addColumn('email', 'text', (c) => c.notNull())
    .addColumn('email_folded', 'text', (c) => c.notNull())
    .addColumn('invited_email_folded', 'text')
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('disabled', 'integer', (c) => c.notNull())
    .addColumn('password_hash', 'text')
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('last_sign_in_at', 'bigint')
    .addUniqueConstraint('users_by_subject', ['issuer', 'subject'])
    .execute();
  await db.schema.createIndex('users_by_name').on('users').columns(['name_folded', 'id']).execute();
  // An e-mail is a label, not a key, except where it is what is typed (local accounts) or what an invitation names.
  await db.schema
    .createIndex('users_local_email')
    .on('users')
    .column('email_folded')
    .unique()
    .where('issuer' as never, '=', 'local')
    .execute();
  await db.schema
    .createIndex('users_invited_email')
    .on('users')
    .columns(['issuer', 'email_folded'])
    .unique()
    .where('subject' as never, 'is', null)
    .execute();
  await named(db, 'groups')
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('provider_id', 'text', (c) => c.references('providers.id').onDelete('cascade'))
    .addColumn('external_name', 'text')
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('groups_by_external_name', ['provider_id', 'external_name'])
    .execute();
  await db.schema
    .createIndex('groups_local_name')
    .on('groups')
    .column('name_folded')
    .unique()
    .where('source' as never, '=', 'local')
    .execute();
  await db.schema
    .createTable('group_members')
    .addColumn('group_id', 'text', (c) => c.notNull().references('groups.id').onDelete('cascade'))
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addPrimaryKeyConstraint('group_members_key', ['group_id', 'user_id'])
    .execute();
  await db.schema.createIndex('group_members_by_user').on('group_members').column('user_id').execute();
}

async function catalogue(db: AnySchema): Promise<void> {
  await named(db, 'sites')
    .addColumn('dns_servers', 'text', (c) => c.notNull())
    .addColumn('zones', 'text', (c) => c.notNull())
    .addColumn('ranges', 'text', (c) => c.notNull())
    .addColumn('endpoints', 'text', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('sites_name', ['name_folded'])
    .execute();
  await named(db, 'apps')
    .addColumn('description', 'text', (c) => c.notNull())
    .addColumn('show_in_launcher', 'integer', (c) => c.notNull())
    .addColumn('enabled', 'integer', (c) => c.notNull())
    .addColumn('site_id', 'text', (c) => c.notNull().references('sites.id').onDelete('restrict'))
    .addColumn('owner_user_id', 'text', (c) => c.references('users.id').onDelete('set null'))
    .addColumn('upstream_scheme', 'text', (c) => c.notNull())
    .addColumn('upstream_host', 'text', (c) => c.notNull())
    .addColumn('upstream_port', 'integer', (c) => c.notNull())
    .addColumn('host_header', 'text', (c) => c.notNull())
    .addColumn('tls', 'text', (c) => c.notNull())
    .addColumn('identity_headers', 'text', (c) => c.notNull())
    .addColumn('max_session_ms', 'bigint')
    .addColumn('everyone', 'integer', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('apps_by_name').on('apps').columns(['name_folded', 'id']).execute();
  await db.schema.createIndex('apps_by_site').on('apps').column('site_id').execute();
  await db.schema.createIndex('apps_by_owner').on('apps').column('owner_user_id').execute();
  await db.schema
    .createTable('app_hosts')
    .addColumn('host', 'text', (c) => c.primaryKey())
    .addColumn('app_id', 'text', (c) => c.notNull().references('apps.id').onDelete('cascade'))
    .addColumn('position', 'integer', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('app_hosts_by_app').on('app_hosts').columns(['app_id', 'position']).execute();
  for (const [table, column, target] of [
    ['app_users', 'user_id', 'users.id'],
    ['app_groups', 'group_id', 'groups.id'],
  ] as const) {
    await db.schema
      .createTable(table)
      .addColumn('app_id', 'text', (c) => c.notNull().references('apps.id').onDelete('cascade'))
      .addColumn(column, 'text', (c) => c.notNull().references(target).onDelete('cascade'))
      .addPrimaryKeyConstraint(`${table}_key`, ['app_id', column])
      .execute();
    await db.schema.createIndex(`${table}_by_${column}`).on(table).column(column).execute();
  }
}

async function signIn(db: AnySchema): Promise<void> {
  await db.schema
    .createTable('sessions')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('idle_timeout_ms', 'bigint', (c) => c.notNull())
    .addColumn('last_seen_at', 'bigint', (c) => c.notNull())
    .addColumn('address', 'text')
    .addColumn('user_agent', 'text', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('sessions_by_user').on('sessions').column('user_id').execute();
  await db.schema.createIndex('sessions_by_expiry').on('sessions').column('expires_at').execute();
  await db.schema
    .createTable('app_sign_outs')
    .addColumn('session_id', 'text', (c) => c.notNull().references('sessions.id').onDelete('cascade'))
    .addColumn('app_id', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('app_sign_outs_key', ['session_id', 'app_id'])
    .execute();
  await db.schema
    .createTable('codes')
    .addColumn('code_hash', 'text', (c) => c.primaryKey())
    .addColumn('session_id', 'text', (c) => c.notNull().references('sessions.id').onDelete('cascade'))
    .addColumn('app_id', 'text', (c) => c.notNull())
    .addColumn('host', 'text', (c) => c.notNull())
    .addColumn('nonce_hash', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('codes_by_session').on('codes').column('session_id').execute();
  await db.schema.createIndex('codes_by_expiry').on('codes').column('expires_at').execute();
  await db.schema
    .createTable('setup_links')
    .addColumn('token_hash', 'text', (c) => c.primaryKey())
    .addColumn('purpose', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.references('users.id').onDelete('cascade'))
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('setup_links_by_user').on('setup_links').column('user_id').execute();
  await db.schema
    .createTable('throttle')
    .addColumn('key', 'text', (c) => c.primaryKey())
    .addColumn('failures', 'integer', (c) => c.notNull())
    .addColumn('blocked_until', 'bigint', (c) => c.notNull())
    .addColumn('told_until', 'bigint', (c) => c.notNull())
    .addColumn('last_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('throttle_by_age').on('throttle').column('last_at').execute();
}

async function records(db: AnySchema): Promise<void> {
  await db.schema
    .createTable('audit_events')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('level', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('actor_user_id', 'text')
    .addColumn('actor_email', 'text')
    .addColumn('actor_email_folded', 'text')
    .addColumn('object_kind', 'text')
    .addColumn('object_id', 'text')
    .addColumn('object_name', 'text')
    .addColumn('outcome', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('support_id', 'text')
    .addColumn('address', 'text')
    .addColumn('detail', 'text', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('audit_events_by_action').on('audit_events').columns(['action', 'id']).execute();
  await db.schema.createIndex('audit_events_by_actor').on('audit_events').columns(['actor_user_id', 'id']).execute();
  await db.schema.createIndex('audit_events_by_support_id').on('audit_events').column('support_id').execute();
  await db.schema
    .createTable('signing_keys')
    .addColumn('kid', 'text', (c) => c.primaryKey())
    .addColumn('private_jwk_sealed', 'text', (c) => c.notNull())
    .addColumn('public_jwk', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('active_from', 'bigint', (c) => c.notNull())
    .execute();
}

/** What every listed thing has: an id, a name, the name as it is searched, and its birth. */
function named<Table extends string>(
  db: AnySchema,
  table: Table,
): CreateTableBuilder<Table, 'id' | 'name' | 'name_folded' | 'created_at'> {
  return db.schema
    .createTable(table)
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('name_folded', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull());
}
