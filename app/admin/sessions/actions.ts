// Ends a session: every app of it is closed within a second, open WebSockets included.
'use server';
import { endSession } from '#server/store/sessions.ts';
import { type ActionResult, act } from '../act.ts';

export async function endSessionAction(id: unknown): Promise<ActionResult> {
  return act((store, actor) => endSession(store, actor, String(id), 'ended-by-admin'));
}
