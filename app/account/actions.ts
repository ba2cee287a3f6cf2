// What people change about themselves.
'use server';
import { changePassword } from '#server/store/accounts.ts';
import { endSession, endSessionsOfUser } from '#server/store/sessions.ts';
import { type ActionResult, act } from '../admin/act.ts';

export async function changePasswordAction(input: unknown): Promise<ActionResult> {
  return act((store, actor) => changePassword(store, actor, input));
}

export async function endMySessionAction(id: unknown): Promise<ActionResult> {
  return act((store, actor) => endSession(store, actor, String(id), 'signed-out'));
}

export async function endOtherSessionsAction(): Promise<ActionResult<{ ended: number }>> {
  return act((store, actor) =>
    endSessionsOfUser(store, actor, actor.userId, { reason: 'signed-out-everywhere', keep: actor.sessionId }),
  );
}
