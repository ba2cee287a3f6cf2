// What the user pages can change.
'use server';
import { portalContext } from '#server/store/portal-context.ts';
import { createPasswordLink } from '#server/store/setup-links.ts';
import { deleteUser, saveUser } from '#server/store/users.ts';
import { type ActionResult, act, idOrNull, timeOrNone } from '../act.ts';

export async function saveUserAction(id: unknown, user: unknown, openedAt?: unknown): Promise<ActionResult> {
  return act((store, actor) => saveUser(store, actor, idOrNull(id), user, timeOrNone(openedAt)));
}

export async function deleteUserAction(id: unknown): Promise<ActionResult> {
  return act((store, actor) => deleteUser(store, actor, String(id)));
}

/** Returns the link once; the store keeps only a hash of it. */
export async function passwordLinkAction(id: unknown): Promise<ActionResult<{ url: string }>> {
  return act(async (store, actor) => {
    const made = await createPasswordLink(store, actor, String(id));
    if (made.kind !== 'saved') return made;
    return {
      kind: 'saved',
      url: `${portalContext().portal.origin}/setup?${new URLSearchParams({ token: made.token })}`,
    };
  });
}
