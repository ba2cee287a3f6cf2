// A deleted app as it is kept for a while: its row and every row that goes with it, word for word, so that it comes back as it was.
import type { Kysely, Transaction } from 'kysely';
import { readJson } from './app-row.ts';
import type { Tables } from './tables.ts';

type Row = Record<string, string | number | null>;

/** Column and value of the app's own row, then the rows of each table that belongs to it. */
export type KeptApp = { app: Tables['apps']; belongings: Record<string, Row[]> };

/** Every table whose rows go with an app; `of` is what else a row needs, and without which it stays away when the app comes back. */
export const BELONGINGS: readonly { table: string; of: { column: string; table: string } | null }[] = [
  { table: 'app_hosts', of: null },
  { table: 'app_users', of: { column: 'user_id', table: 'users' } },
  { table: 'app_groups', of: { column: 'group_id', table: 'groups' } },
  { table: 'collection_apps', of: { column: 'collection_id', table: 'collections' } },
  { table: 'usage_apps', of: null },
  { table: 'launcher_apps', of: { column: 'user_id', table: 'users' } },
];

/** As it is kept: JSON. Keys of certificates are in it as they are stored, sealed. */
export async function wholeApp(trx: Transaction<Tables>, app: Tables['apps']): Promise<string> {
  const belongings: KeptApp['belongings'] = {};
  for (const { table } of BELONGINGS) {
    belongings[table] = await anyTable(trx).selectFrom(table).selectAll().where('app_id', '=', app.id).execute();
  }
  return JSON.stringify({ app, belongings } satisfies KeptApp);
}

/** Null when what was kept makes no sense. */
export function readKept(text: string): KeptApp | null {
  const kept = readJson(text) as Partial<KeptApp> | undefined;
  return kept?.app?.id && kept.belongings ? (kept as KeptApp) : null;
}

/** What is kept to be undone, an app or who was assigned before, without a person. What cannot be read is emptied. */
export function keptWithout(text: string, userId: string): string {
  const before = readJson(text);
  if (Array.isArray(before)) return JSON.stringify(before.filter((assignment) => assignment?.userId !== userId));
  const kept = readKept(text);
  if (!kept) return 'null';
  const { app, belongings } = kept;
  const ownerId = app.owner_user_id === userId ? null : app.owner_user_id;
  for (const { table, of } of BELONGINGS) {
    if (of?.table !== 'users') continue;
    belongings[table] = (belongings[table] ?? []).filter((row) => row[of.column] !== userId);
  }
  return JSON.stringify({ app: { ...app, owner_user_id: ownerId }, belongings } satisfies KeptApp);
}

/** Puts an app back under its id; its site and its names have to be free, which the caller has looked at. */
export async function insertKept(
  trx: Transaction<Tables>,
  { app, belongings }: KeptApp,
  updatedAt: number,
): Promise<void> {
  const ownerId = app.owner_user_id;
  const owner = ownerId !== null && (await known(trx, 'users', [ownerId])).has(ownerId) ? ownerId : null;
  await trx
    .insertInto('apps')
    .values({ ...app, owner_user_id: owner, updated_at: updatedAt })
    .execute();
  for (const { table, of } of BELONGINGS) {
    const rows = belongings[table] ?? [];
    for (let at = 0; at < rows.length; at += ROWS_PER_WRITE) {
      const some = rows.slice(at, at + ROWS_PER_WRITE);
      const needed =
        of &&
        (await known(
          trx,
          of.table,
          some.map((row) => String(row[of.column])),
        ));
      const left = needed ? some.filter((row) => needed.has(String(row[of?.column ?? '']))) : some;
      if (left.length > 0) await anyTable(trx).insertInto(table).values(left).execute();
    }
  }
}

const ROWS_PER_WRITE = 400;

/** Those of the ids that are still there. */
async function known(trx: Transaction<Tables>, table: string, ids: readonly string[]): Promise<ReadonlySet<unknown>> {
  const rows = await anyTable(trx).selectFrom(table).select('id').where('id', 'in', ids).execute();
  return new Set(rows.map(({ id }) => id));
}

/** The list above names tables as texts. */
function anyTable(trx: Transaction<Tables>): Kysely<Record<string, Row>> {
  return trx as unknown as Kysely<Record<string, Row>>;
}
