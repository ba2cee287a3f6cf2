// Who has an app open in the editor right now: told by each of their browser tabs every few seconds, forgotten when it falls silent.
import { appRow } from './apps.ts';
import type { Store } from './handle.ts';
import { NOT_FOUND, type PersonActor, type Saved } from './saved.ts';
import { write } from './write.ts';

/** A tab that was not heard for so long is closed, or asleep. */
export const SILENT_MS = 45_000;

/** `since`: epoch milliseconds. The same person in another tab is another editor: their forms do not know of each other either. */
export type Editor = { name: string; since: number; isSelf: boolean };

/** `updatedAt` is the app's, so that a form learns of a save by others. */
export type Editing = { editors: readonly Editor[]; updatedAt: number };

/** Notes that this tab has the app open, and tells of the others. `tab`: a word that the page made up for itself. */
export async function noteEditing(
  store: Store,
  actor: PersonActor,
  appId: string,
  tab: string,
): Promise<Saved<Editing>> {
  return write(store, actor, 'apps.write', async (w) => {
    const app = await appRow(w, appId);
    if (!app || !/^[\w-]{8,64}$/.test(tab)) return NOT_FOUND;
    const { trx, now } = w;
    await trx
      .deleteFrom('app_editors')
      .where('seen_at', '<=', now - SILENT_MS)
      .execute();
    await trx
      .insertInto('app_editors')
      .values({ app_id: app.id, tab, user_id: actor.userId, since: now, seen_at: now })
      .onConflict((on) => on.columns(['app_id', 'tab']).doUpdateSet({ seen_at: now, user_id: actor.userId }))
      .execute();
    const others = await trx
      .selectFrom('app_editors')
      .innerJoin('users', 'users.id', 'app_editors.user_id')
      .select(['users.id', 'users.name', 'app_editors.since'])
      .where('app_editors.app_id', '=', app.id)
      .where('app_editors.tab', '!=', tab)
      .orderBy('app_editors.since')
      .limit(MOST_SHOWN)
      .execute();
    const editors = others.map(({ id, name, since }) => ({ name, since, isSelf: id === actor.userId }));
    return { kind: 'saved', editors, updatedAt: app.updated_at };
  });
}

const MOST_SHOWN = 10;

/** The tab is closed, or has moved on. */
export async function endEditing(store: Store, actor: PersonActor, appId: string, tab: string): Promise<Saved<object>> {
  return write(store, actor, 'apps.write', async (w) => {
    // Also of an app that was deleted meanwhile; one's own rows are all that is touched.
    const { trx } = w;
    if (w.right.kind !== 'any' && !(await appRow(w, appId))) return NOT_FOUND;
    const own = trx.deleteFrom('app_editors').where('app_id', '=', appId).where('tab', '=', tab);
    await own.where('user_id', '=', actor.userId).execute();
    return { kind: 'saved' };
  });
}
