// What the provider pages can change.
'use server';
import { deleteProvider, saveProvider } from '#server/store/providers.ts';
import { type ActionResult, act, idOrNull } from '../act.ts';

export async function saveProviderAction(id: unknown, provider: unknown): Promise<ActionResult> {
  return act((store, actor) => saveProvider(store, actor, idOrNull(id), provider));
}

export async function deleteProviderAction(id: unknown): Promise<ActionResult> {
  return act((store, actor) => deleteProvider(store, actor, String(id)));
}
