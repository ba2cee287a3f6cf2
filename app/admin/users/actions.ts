// What the user pages can change.
'use server';
import { erasePerson } from '#server/store/erasure.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { createPasswordLink } from '#server/store/setup-links.ts';
import { deleteUser, saveUser } from '#server/store/users.ts';
import { setupUrl } from '../../setup/setup-url.ts';
import { type ActionResult, act, idOrNull, timeOrNone } from '../act.ts';

export async function saveUserAction(id: unknown, user: unknown, openedAt?: unknown): Promise<ActionResult> {
  return act((store, actor) => saveUser(store, actor, idOrNull(id), user, timeOrNone(openedAt)));
}

export async function deleteUserAction(id: unknown): Promise<ActionResult> {
  return act((store, actor) => deleteUser(store, actor, String(id)));
}

/** `typed`: their e-mail address, as the administrator typed it. */
export async function erasePersonAction(id: unknown, typed: unknown): Promise<ActionResult> {
  return act((store, actor) => erasePerson(store, actor, String(id), String(typed)));
}

/** Returns the link once; the store keeps only a hash of it. */
export async function passwordLinkAction(id: unknown): Promise<ActionResult<{ url: string }>> {
  return act(async (store, actor) => {
    const made = await createPasswordLink(store, actor, String(id));
    if (made.kind !== 'saved') return made;
    return { kind: 'saved', url: setupUrl(portalContext().portal, made.token) };
  });
}
