// Who answers for an app, as its people may know: a name and an address.
import type { Store } from './handle.ts';

export type AppOwner = { name: string; email: string };

/** By app id; apps of nobody, and of people who are switched off, have none. */
export async function ownersOf(store: Store, appIds: readonly string[]): Promise<ReadonlyMap<string, AppOwner>> {
  if (appIds.length === 0) return new Map();
  const rows = await store.db
    .selectFrom('apps')
    .innerJoin('users', 'users.id', 'apps.owner_user_id')
    .select(['apps.id', 'users.name', 'users.email'])
    .where('apps.id', 'in', appIds)
    .where('users.disabled', '=', 0)
    .execute();
  return new Map(rows.map(({ id, name, email }) => [id, { name, email }]));
}
