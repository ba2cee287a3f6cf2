// What the collection pages can change.
'use server';
import { deleteCollection, orderCollections, saveCollection } from '#server/store/collections.ts';
import { type ActionResult, act, idOrNull, timeOrNone } from '../act.ts';

export async function saveCollectionAction(
  id: unknown,
  collection: unknown,
  openedAt?: unknown,
): Promise<ActionResult<{ id: string; updatedAt: number }>> {
  return act((store, actor) => saveCollection(store, actor, idOrNull(id), collection, timeOrNone(openedAt)));
}

export async function orderCollectionsAction(ids: unknown): Promise<ActionResult<object>> {
  const order = Array.isArray(ids) ? ids.map(String) : [];
  return act((store, actor) => orderCollections(store, actor, order));
}

export async function deleteCollectionAction(id: unknown): Promise<ActionResult> {
  return act((store, actor) => deleteCollection(store, actor, String(id)));
}
