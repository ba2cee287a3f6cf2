// Copies the whole database into a new file, consistently and while it is in use.
import { closeSync, openSync } from 'node:fs';
import { type Kysely, sql } from 'kysely';

/** The copy must not exist yet. */
export async function copyDatabase<Schema>(db: Kysely<Schema>, target: string): Promise<void> {
  // SQLite takes an empty file as none, and leaves its mode.
  closeSync(openSync(target, 'wx', 0o600));
  await sql`vacuum into ${target}`.execute(db);
}
