// Loads apps with all that belongs to them, in a fixed number of queries however many apps there are.
import type { Kysely } from 'kysely';
import type { App } from '#server/core/app.ts';
import type { Assignment } from '#server/core/policy.ts';
import { readApp } from './app-row.ts';
import type { ClientKeys } from './client-certificate.ts';
import type { Tables } from './tables.ts';

/** One app of the catalogue: readable, or why not. */
export type CatalogueRow = {
  row: Tables['apps'];
  assignments: readonly Assignment[];
  app: App | null;
  /** Why there is no app; '' when there is one. */
  problem: string;
};

/** With `ids`, those apps in the rows' own order; without, the whole catalogue, oldest first. */
export async function loadCatalogue(
  db: Kysely<Tables>,
  rows: readonly Tables['apps'][],
  scope: 'all' | 'these',
  keys: ClientKeys,
): Promise<CatalogueRow[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  let hostRows = db.selectFrom('app_hosts').selectAll().orderBy('app_id').orderBy('position');
  let userRows = db.selectFrom('app_users').selectAll().orderBy('app_id').orderBy('user_id');
  let groupRows = db.selectFrom('app_groups').selectAll().orderBy('app_id').orderBy('group_id');
  if (scope === 'these') {
    hostRows = hostRows.where('app_id', 'in', ids);
    userRows = userRows.where('app_id', 'in', ids);
    groupRows = groupRows.where('app_id', 'in', ids);
  }
  const hosts = Map.groupBy(await hostRows.execute(), (row) => row.app_id);
  const users = Map.groupBy(await userRows.execute(), (row) => row.app_id);
  const groups = Map.groupBy(await groupRows.execute(), (row) => row.app_id);
  return rows.map((row) => {
    const read = readApp(row, hosts.get(row.id)?.map(({ host }) => host) ?? [], keys);
    return {
      row,
      assignments: [
        ...(row.everyone === 1 ? [{ kind: 'everyone' as const }] : []),
        ...(users.get(row.id) ?? []).map(({ user_id }) => ({ kind: 'user' as const, userId: user_id })),
        ...(groups.get(row.id) ?? []).map(({ group_id }) => ({ kind: 'group' as const, groupId: group_id })),
      ],
      app: read.kind === 'read' ? read.value : null,
      problem: read.kind === 'read' ? '' : read.problem,
    };
  });
}
