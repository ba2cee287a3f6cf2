// The groups that a notice can be for.
import { listGroups } from '#server/store/groups.ts';
import type { Store } from '#server/store/handle.ts';
import type { Actor } from '#server/store/saved.ts';
import { granted } from '../enter.ts';

const MOST = 500;

export async function groupChoices(store: Store, actor: Actor): Promise<readonly { id: string; name: string }[]> {
  const { rows } = granted(await listGroups(store, actor, { limit: MOST }));
  return rows.map(({ id, name }) => ({ id, name }));
}
