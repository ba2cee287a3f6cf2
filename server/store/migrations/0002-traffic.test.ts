// The promise of this migration: what was in the catalogue before it is served as before, and can be saved again.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Kysely } from 'kysely';
import { PLAIN_LOOK, PLAIN_TRAFFIC, PLAIN_UPSTREAM } from '#server/core/app.ts';
import { getApp, saveApp } from '../apps.ts';
import { migrateStore } from '../handle.ts';
import { newId } from '../id.ts';
import { migrate } from '../migrate.ts';
import { loadSnapshot } from '../snapshot.ts';
import { sqliteDialect } from '../sqlite/dialect.ts';
import { anotherStore, appInputFor, SYSTEM, saved, temporaryDir } from '../testing/temporary-store.ts';
import * as initial from './0001-initial.ts';

const NOW = Date.UTC(2026, 0, 1);

test('B3: apps of the first schema keep every setting, and travel plainly', async (t) => {
  const dataDir = temporaryDir(t);
  const [siteId, appId] = [newId(NOW), newId(NOW)];
  writeFileSync(join(dataDir, 'foyer.db'), '');
  await firstSchemaWithRows(join(dataDir, 'foyer.db'), siteId, appId);
  await migrateStore({ dataDir, now: () => NOW });
  const store = await anotherStore(t, dataDir, { now: NOW });
  const { snapshot, problems } = await loadSnapshot(store, 'opened');
  assert.deepEqual(problems, []);
  assert.deepEqual(snapshot.appsById.get(appId), {
    id: appId,
    name: 'Wiki',
    description: 'All we know',
    hosts: ['wiki.corp.example', 'files.corp.example'],
    ...PLAIN_LOOK,
    showInLauncher: true,
    enabled: true,
    siteId,
    upstream: {
      ...PLAIN_UPSTREAM,
      scheme: 'https',
      host: 'wiki.corp.internal',
      port: 8443,
      hostHeader: { kind: 'internal' },
      tls: { kind: 'unverified' },
    },
    identityHeaders: ['remote'],
    maxSessionMs: 3_600_000,
    traffic: PLAIN_TRAFFIC,
  });
  saved(await saveApp(store, SYSTEM, appId, appInputFor(siteId), NOW));
  const found = await getApp(store, SYSTEM, appId);
  assert.deepEqual(found.kind === 'found' && found.app.traffic, PLAIN_TRAFFIC);
});

/** Written as the first version wrote it: today's tables know more columns. */
async function firstSchemaWithRows(file: string, siteId: string, appId: string): Promise<void> {
  writeFileSync(file, '', { mode: 0o600 });
  const db = new Kysely<Record<string, Record<string, unknown>>>({
    dialect: sqliteDialect({ file, onHint: () => {} }),
  });
  await migrate(db, { '0001-initial': initial });
  const born = { created_at: NOW, updated_at: NOW };
  const site = { dns_servers: '[]', zones: '[]', ranges: '["10.0.0.0/8"]', endpoints: '[]' };
  await db
    .insertInto('sites')
    .values({ id: siteId, name: 'Office', name_folded: 'office', ...site, ...born })
    .execute();
  const app = {
    id: appId,
    name: 'Wiki',
    name_folded: 'wiki',
    description: 'All we know',
    show_in_launcher: 1,
    enabled: 1,
    site_id: siteId,
    owner_user_id: null,
    upstream_scheme: 'https',
    upstream_host: 'wiki.corp.internal',
    upstream_port: 8443,
    host_header: '{"kind":"internal"}',
    tls: '{"kind":"unverified"}',
    identity_headers: '["remote"]',
    max_session_ms: 3_600_000,
    everyone: 1,
  };
  await db
    .insertInto('apps')
    .values({ ...app, ...born })
    .execute();
  const hosts = ['wiki.corp.example', 'files.corp.example'];
  await db
    .insertInto('app_hosts')
    .values(hosts.map((host, position) => ({ host, app_id: appId, position })))
    .execute();
  await db.destroy();
}
