// Copies the whole database into a new file, consistently and while it is in use.
import { type Kysely, sql } from 'kysely';

/** The copy must not exist yet. */
export async function copyDatabase<Schema>(db: Kysely<Schema>, target: string): Promise<void> {
  await sql`vacuum into ${target}`.execute(db);
}
