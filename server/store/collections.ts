// Collections: groups of apps that an administrator made and put in order, for the launchers of everybody who may open one of them.
import { type Collection, MAX_COLLECTIONS } from '#server/core/launcher.ts';
import { changedKeys } from './changed.ts';
import { fold } from './fold.ts';
import type { Store } from './handle.ts';
import { isId, newId } from './id.ts';
import { rightTo } from './right.ts';
import {
  type Actor,
  conflict,
  FORBIDDEN,
  type Found,
  invalid,
  type Listed,
  NOT_FOUND,
  type Saved,
  type SavedRecord,
} from './saved.ts';
import { parseInput } from './schema/parse-input.ts';
import { collectionInput } from './schema/portal.ts';
import { CHANGED_MEANWHILE, changedAt, isStale } from './stale.ts';
import type { Tables } from './tables.ts';
import { type Writing, write } from './write.ts';

export type CollectionRecord = Collection & { updatedAt: number };

/** In their order, with every app: what a person may see of them is `shownCollections`' to say. */
export async function readCollections(store: Store): Promise<readonly CollectionRecord[]> {
  const [rows, apps] = await Promise.all([
    store.db.selectFrom('collections').selectAll().orderBy('position').orderBy('id').execute(),
    store.db.selectFrom('collection_apps').selectAll().orderBy('position').orderBy('app_id').execute(),
  ]);
  const appsOf = Map.groupBy(apps, (row) => row.collection_id);
  return rows.map(({ id, name, updated_at: updatedAt }) => ({
    ...{ id, name, updatedAt },
    appIds: (appsOf.get(id) ?? []).map((row) => row.app_id),
  }));
}

export async function listCollections(store: Store, actor: Actor): Promise<Listed<CollectionRecord>> {
  const right = await rightTo(store.db, actor, 'settings.read', store.now());
  if (right.kind !== 'any') return FORBIDDEN;
  const rows = await readCollections(store);
  return { kind: 'listed', rows, total: rows.length };
}

export async function getCollection(
  store: Store,
  actor: Actor,
  id: string,
): Promise<Found<{ collection: CollectionRecord }>> {
  const listed = await listCollections(store, actor);
  if (listed.kind !== 'listed') return listed;
  const collection = listed.rows.find((each) => each.id === id);
  return collection ? { kind: 'found', collection } : NOT_FOUND;
}

/** Creates (`id` null) or replaces a collection. `input`: schema/portal.ts. A new one stands last. */
export async function saveCollection(
  store: Store,
  actor: Actor,
  id: string | null,
  input: unknown,
  expectedUpdatedAt?: number,
): Promise<SavedRecord> {
  return write(store, actor, 'settings.write', async (w) => {
    const before = id === null ? null : await collectionRow(w, id);
    if (before === undefined) return NOT_FOUND;
    if (isStale(before, expectedUpdatedAt)) return CHANGED_MEANWHILE;
    const parsed = parseInput(collectionInput, input);
    if (parsed.kind === 'invalid') return parsed;
    const { name, appIds } = parsed.value;
    const updatedAt = changedAt(before, w.now);
    const columns = { name, name_folded: fold(name), updated_at: updatedAt };
    const collectionId = before?.id ?? newId(w.now);
    const others = (await allRows(w)).filter((row) => row.id !== collectionId);
    if (others.some((row) => row.name_folded === columns.name_folded))
      return invalid({ name: 'Another collection has this name. Choose another one.' });
    if (!before && others.length >= MAX_COLLECTIONS)
      return conflict(`There are ${MAX_COLLECTIONS} collections. Delete one before you add another.`);
    const stranger = await firstUnknownApp(w, appIds);
    if (stranger >= 0) return invalid({ [`appIds.${stranger}`]: 'This app does not exist any more. Remove it.' });
    if (before) await w.trx.updateTable('collections').set(columns).where('id', '=', collectionId).execute();
    else {
      const position = Math.max(-1, ...others.map((row) => row.position)) + 1;
      const row = { ...columns, id: collectionId, position, created_at: w.now };
      await w.trx.insertInto('collections').values(row).execute();
    }
    await w.trx.deleteFrom('collection_apps').where('collection_id', '=', collectionId).execute();
    const rows = appIds.map((app_id, position) => ({ collection_id: collectionId, app_id, position }));
    if (rows.length > 0) await w.trx.insertInto('collection_apps').values(rows).execute();
    const object = { kind: 'collection', id: collectionId, name } as const;
    w.audit({ action: 'collection-saved', object, detail: { ...changedKeys(before, columns), apps: appIds.length } });
    return { kind: 'saved', id: collectionId, updatedAt };
  });
}

/** The collections in this order. Those it does not name keep theirs, behind them. */
export async function orderCollections(store: Store, actor: Actor, ids: readonly string[]): Promise<Saved<object>> {
  if (new Set(ids).size !== ids.length || ids.length > MAX_COLLECTIONS)
    return invalid({ '': 'An order names each collection once.' });
  return write(store, actor, 'settings.write', async (w) => {
    const known = await allRows(w);
    const named = ids.flatMap((id) => known.find((row) => row.id === id) ?? []);
    const ordered = [...named, ...known.filter((row) => !ids.includes(row.id))];
    for (const [position, { id }] of ordered.entries())
      await w.trx.updateTable('collections').set({ position }).where('id', '=', id).execute();
    const names = ordered.map(({ name }) => name);
    const object = { kind: 'collection', id: '', name: '' } as const;
    if (ordered.some((row, at) => row.id !== known[at]?.id))
      w.audit({ action: 'collections-ordered', object, detail: { order: names } });
    return { kind: 'saved' };
  });
}

/** Its apps stay where they are: they stand among the others from then on. */
export async function deleteCollection(
  store: Store,
  actor: Actor,
  id: string,
  expectedUpdatedAt?: number,
): Promise<Saved> {
  return write(store, actor, 'settings.write', async (w) => {
    const before = await collectionRow(w, id);
    if (!before) return NOT_FOUND;
    if (isStale(before, expectedUpdatedAt)) return CHANGED_MEANWHILE;
    await w.trx.deleteFrom('collections').where('id', '=', id).execute();
    w.audit({ action: 'collection-deleted', object: { kind: 'collection', id, name: before.name } });
    return { kind: 'saved', id };
  });
}

async function collectionRow({ trx }: Writing, id: string): Promise<Tables['collections'] | undefined> {
  return isId(id) ? trx.selectFrom('collections').selectAll().where('id', '=', id).executeTakeFirst() : undefined;
}

async function allRows({ trx }: Writing): Promise<Tables['collections'][]> {
  return trx.selectFrom('collections').selectAll().orderBy('position').orderBy('id').execute();
}

/** Its place in the list, or -1. */
async function firstUnknownApp({ trx }: Writing, appIds: readonly string[]): Promise<number> {
  if (appIds.length === 0) return -1;
  const rows = await trx.selectFrom('apps').select('id').where('id', 'in', appIds).execute();
  const known = new Set(rows.map(({ id }) => id));
  return appIds.findIndex((id) => !known.has(id));
}
