// What the provider pages can change.
'use server';
import { deleteProvider, saveProvider } from '#server/store/providers.ts';
import { type ActionResult, act, idOrNull, timeOrNone } from '../act.ts';

export async function saveProviderAction(id: unknown, provider: unknown, openedAt?: unknown): Promise<ActionResult> {
  return act((store, actor) => saveProvider(store, actor, idOrNull(id), provider, timeOrNone(openedAt)));
}

export async function deleteProviderAction(id: unknown): Promise<ActionResult> {
  return act((store, actor) => deleteProvider(store, actor, String(id)));
}
