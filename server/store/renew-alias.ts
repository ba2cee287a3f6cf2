// A new alias for one app, where the old one has become known: from now on that is a name that never was.
import { appRow, PLACE_FORBIDDEN } from './apps.ts';
import type { Store } from './handle.ts';
import { type Actor, NOT_FOUND, type Saved } from './saved.ts';
import { write } from './write.ts';

/** Whoever places apps decides: their public CNAME has to be changed with it. What the app's form shows stays as it was. */
export async function renewAlias(store: Store, actor: Actor, appId: string): Promise<Saved<{ id: string }>> {
  return write(store, actor, 'apps.place', async (w) => {
    const row = await appRow(w, appId);
    if (!row) return NOT_FOUND;
    if (w.right.kind !== 'any') return PLACE_FORBIDDEN;
    await w.trx
      .updateTable('apps')
      .set({ alias_round: row.alias_round + 1 })
      .where('id', '=', row.id)
      .execute();
    w.raise('catalogue');
    w.audit({ action: 'app-alias-renewed', object: { kind: 'app', id: row.id, name: row.name } });
    return { kind: 'saved', id: row.id };
  });
}
