// The promise of this migration: apps that were there before are found by how they stand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Kysely } from 'kysely';
import { newId } from '../id.ts';
import { MIGRATIONS, migrate } from '../migrate.ts';
import { sqliteDialect } from '../sqlite/dialect.ts';
import { temporaryFile } from '../testing/temporary-store.ts';

test('B3: how each app stands is read from what it was', async (t) => {
  const file = temporaryFile(t);
  const db = new Kysely<Record<string, Record<string, unknown>>>({
    dialect: sqliteDialect({ file, onHint: () => {} }),
  });
  t.after(() => db.destroy());
  const before = Object.entries(MIGRATIONS).filter(([name]) => name < '0006');
  await migrate(db, Object.fromEntries(before));
  const born = { created_at: 1, updated_at: 1 };
  const site = { name: 'Office', name_folded: 'office', dns_servers: '[]', zones: '[]', ranges: '[]', endpoints: '[]' };
  const siteId = newId(1);
  await db
    .insertInto('sites')
    .values({ id: siteId, ...site, ...born })
    .execute();
  const plain = {
    ...{ name: 'A', name_folded: 'a', description: '', show_in_launcher: 1, enabled: 1, site_id: siteId, everyone: 1 },
    ...{ upstream_scheme: 'https', upstream_host: 'a', upstream_port: 443, host_header: '{}', identity_headers: '[]' },
    tls: '{"kind":"system"}',
    ...born,
  };
  const route = JSON.stringify([{ prefix: '/x', upstream: { scheme: 'https', tls: { kind: 'unverified' } } }]);
  const apps: [Record<string, unknown>, [string, number]][] = [
    [{}, ['on', 0]],
    [{ enabled: 0, traffic: '{"maintenance":"Soon."}' }, ['off', 0]],
    [{ traffic: '{"maintenance":"Soon."}' }, ['maintenance', 0]],
    [{ tls: '{"kind":"unverified"}' }, ['on', 1]],
    [{ routes: route }, ['on', 1]],
    [{ traffic: 'broken', tls: '', routes: '{' }, ['on', 0]],
  ];
  for (const [at, [set]] of apps.entries())
    await db
      .insertInto('apps')
      .values({ id: newId(at), ...plain, ...set })
      .execute();
  await migrate(db, MIGRATIONS);
  const rows = await db.selectFrom('apps').select(['state', 'unverified']).orderBy('id').execute();
  assert.deepEqual(
    rows.map(({ state, unverified }) => [state, unverified]),
    apps.map(([, expected]) => expected),
  );
});
