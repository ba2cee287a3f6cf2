// What the pages of notices and of the terms of use can change.
'use server';
import { deleteNotice, saveNotice } from '#server/store/notices.ts';
import { publishTerms } from '#server/store/terms.ts';
import { type ActionResult, act, idOrNull, timeOrNone } from '../act.ts';

export async function saveNoticeAction(
  id: unknown,
  notice: unknown,
  openedAt?: unknown,
): Promise<ActionResult<{ id: string; updatedAt: number }>> {
  return act((store, actor) => saveNotice(store, actor, idOrNull(id), notice, timeOrNone(openedAt)));
}

export async function deleteNoticeAction(id: unknown): Promise<ActionResult> {
  return act((store, actor) => deleteNotice(store, actor, String(id)));
}

/** `version` is the one that the form was made from. */
export async function publishTermsAction(text: unknown, version: unknown): Promise<ActionResult<{ version: number }>> {
  return act((store, actor) => publishTerms(store, actor, { text }, typeof version === 'number' ? version : undefined));
}
