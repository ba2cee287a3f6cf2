// The promise of this migration: what people had chosen for their launcher is as it was.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Kysely } from 'kysely';
import { readLauncher } from '../launcher.ts';
import { MIGRATIONS, migrate } from '../migrate.ts';
import { sqliteDialect } from '../sqlite/dialect.ts';
import { temporaryDir } from '../testing/temporary-store.ts';

test('B3: a launcher that was a list stays one, and apps open as their device suggests', async (t) => {
  const file = join(temporaryDir(t), 'foyer.db');
  writeFileSync(file, '', { mode: 0o600 });
  const db = new Kysely<never>({ dialect: sqliteDialect({ file, onHint: () => {} }) });
  t.after(() => db.destroy());
  const before = Object.entries(MIGRATIONS).filter(([name]) => name < '0005');
  await migrate(db, Object.fromEntries(before));
  const old = db as unknown as Kysely<Record<string, Record<string, unknown>>>;
  const folded = { email_folded: 'ada', name_folded: 'ada', disabled: 0, created_at: 1, updated_at: 1 };
  await old
    .insertInto('users')
    .values({ id: 'ada', issuer: 'local', subject: 'ada', email: 'ada', name: 'Ada', role: 'member', ...folded })
    .execute();
  await old.insertInto('launcher_views').values({ user_id: 'ada', view: 'list' }).execute();
  await migrate(db);
  const { view, opening } = await readLauncher({ db } as never, 'ada');
  assert.deepEqual([view, opening], ['list', 'automatic']);
});
