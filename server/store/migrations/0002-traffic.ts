// How an app's requests travel: more places and paths, protocols, certificates of ours. Existing apps get what is plain.
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement a column: SQLite adds no two at once.
  for (const [column, plain] of COLUMNS) {
    await db.schema
      .alterTable('apps')
      .addColumn(column, 'text', (c) => (plain === null ? c : c.notNull().defaultTo(plain)))
      .execute();
  }
}

/** With the value of the rows that are there already; null is no value. */
const COLUMNS: readonly (readonly [column: string, plain: string | null])[] = [
  ['upstream_protocol', 'http/1.1'],
  ['replicas', '[]'],
  ['client_certificate', null],
  ['routes', '[]'],
  ['concurrency', '{"app":null,"person":null}'],
  [
    'traffic',
    '{"mapLocation":true,"mapCookieDomain":true,"requestHeaders":[],"responseHeaders":[],' +
      '"timeouts":{"connect":null,"headers":null,"idle":null},"healthCheck":null,"maintenance":null}',
  ],
];
