// Ends sessions and single streams, each within a second.
'use server';
import { endSession } from '#server/store/sessions.ts';
import { endStream } from '#server/store/streams.ts';
import { type ActionResult, act } from '../act.ts';

/** Every app of it is closed, open WebSockets included. */
export async function endSessionAction(id: unknown): Promise<ActionResult> {
  return act((store, actor) => endSession(store, actor, String(id), 'ended-by-admin'));
}

/** The session goes on: the app may be opened again. */
export async function endStreamAction(id: unknown): Promise<ActionResult> {
  return act((store, actor) => endStream(store, actor, String(id)));
}
