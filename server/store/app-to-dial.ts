// One app as the data plane has it, with the key of its client certificate, for a program that dials its upstream.
import type { App } from '#server/core/app.ts';
import { loadCatalogue } from './catalogue.ts';
import type { Store } from './handle.ts';
import { isId } from './id.ts';

/** Null when there is none that can be read. Never for pages. */
export async function appToDial(store: Store, id: string): Promise<App | null> {
  const row = isId(id) && (await store.db.selectFrom('apps').selectAll().where('id', '=', id).executeTakeFirst());
  if (!row) return null;
  const [found] = await loadCatalogue(store.db, [row], 'these', { secret: store.secret, mode: 'opened' });
  return found?.app ?? null;
}
