// The names of apps, for filters: those that somebody may read, and nothing else of them.
import type { Store } from './handle.ts';
import { rightTo } from './right.ts';
import type { Actor } from './saved.ts';

export async function listAppNames(store: Store, actor: Actor): Promise<readonly { id: string; name: string }[]> {
  const right = await rightTo(store.db, actor, 'apps.read', store.now());
  if (right.kind === 'none') return [];
  let apps = store.db.selectFrom('apps').select(['id', 'name']);
  if (right.kind === 'own') apps = apps.where('owner_user_id', '=', right.userId);
  return apps.orderBy('name_folded').orderBy('id').execute();
}
