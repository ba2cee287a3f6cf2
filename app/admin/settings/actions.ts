// What the settings page can change.
'use server';
import { may } from '#server/core/permission.ts';
import { FORBIDDEN } from '#server/store/saved.ts';
import { saveSetting } from '#server/store/settings.ts';
import { type ActionResult, act, timeOrNone } from '../act.ts';
import { withDrawnLogo } from './drawn-logo.ts';

export async function saveBrandAction(brand: unknown, openedAt?: unknown): Promise<ActionResult> {
  return act(async (store, actor) => {
    // The store decides; this keeps from decoding what nobody may keep.
    if (!may(actor.role, 'settings.write')) return FORBIDDEN;
    const ready = await withDrawnLogo(brand);
    return ready.kind === 'ready' ? saveSetting(store, actor, 'brand', ready.brand, timeOrNone(openedAt)) : ready;
  });
}

export async function saveAliasesAction(aliases: unknown, openedAt?: unknown): Promise<ActionResult> {
  return act((store, actor) => saveSetting(store, actor, 'aliases', aliases, timeOrNone(openedAt)));
}
