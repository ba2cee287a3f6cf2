// What people do with their own machines, and administrators with everybody's.
'use server';
import type { MadeToken } from '#server/store/api-tokens.ts';
import { createLoginToken, revokeLoginToken } from '#server/store/login-tokens.ts';
import { removeMachine, renameMachine } from '#server/store/machines.ts';
import { type ActionResult, act, timeOrNone } from '../admin/act.ts';

/** The token is in this answer and nowhere else. */
export async function createLoginTokenAction(): Promise<ActionResult<MadeToken>> {
  return act((store, actor) => createLoginToken(store, actor));
}

export async function revokeLoginTokenAction(id: unknown): Promise<ActionResult> {
  return act((store, actor) => revokeLoginToken(store, actor, String(id)));
}

export async function removeMachineAction(id: unknown): Promise<ActionResult> {
  return act((store, actor) => removeMachine(store, actor, String(id)));
}

export async function renameMachineAction(id: unknown, input: unknown, openedAt?: unknown): Promise<ActionResult> {
  return act((store, actor) => renameMachine(store, actor, String(id), input, timeOrNone(openedAt)));
}
