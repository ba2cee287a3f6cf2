// What the site pages can change.
'use server';
import { deleteSite, saveSite } from '#server/store/sites.ts';
import { type ActionResult, act, idOrNull, timeOrNone } from '../act.ts';

export async function saveSiteAction(id: unknown, site: unknown, openedAt?: unknown): Promise<ActionResult> {
  return act((store, actor) => saveSite(store, actor, idOrNull(id), site, timeOrNone(openedAt)));
}

export async function deleteSiteAction(id: unknown): Promise<ActionResult> {
  return act((store, actor) => deleteSite(store, actor, String(id)));
}
