// What people change about their launcher.
'use server';
import { orderFavourites, setFavourite, setLauncherView, setOpening } from '#server/store/launcher.ts';
import { dismissNotice } from '#server/store/notices.ts';
import { type ActionResult, act } from '../admin/act.ts';
import { actOnOwnApp } from './own-app.ts';

export async function setFavouriteAction(appId: unknown, isFavourite: unknown): Promise<ActionResult<object>> {
  return actOnOwnApp(appId, (store, actor, id) => setFavourite(store, actor, id, isFavourite === true));
}

export async function orderFavouritesAction(appIds: unknown): Promise<ActionResult<object>> {
  const ids = Array.isArray(appIds) ? appIds.map(String) : [];
  return act((store, actor) => orderFavourites(store, actor, ids));
}

export async function setViewAction(view: unknown): Promise<ActionResult<object>> {
  return act((store, actor) => setLauncherView(store, actor, view));
}

export async function setOpeningAction(opening: unknown): Promise<ActionResult<object>> {
  return act((store, actor) => setOpening(store, actor, opening));
}

export async function dismissNoticeAction(id: unknown): Promise<ActionResult<object>> {
  return act((store, actor) => dismissNotice(store, actor, String(id)));
}
