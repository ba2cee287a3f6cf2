// Making and revoking API tokens.
'use server';
import { createToken, revokeToken } from '#server/store/api-tokens.ts';
import { type ActionResult, act } from '../act.ts';

/** The token is in this answer and nowhere else. */
export async function createTokenAction(
  input: unknown,
): Promise<ActionResult<{ id: string; token: string; expiresAt: number }>> {
  return act((store, actor) => createToken(store, actor, input));
}

export async function revokeTokenAction(id: unknown): Promise<ActionResult> {
  return act((store, actor) => revokeToken(store, actor, String(id)));
}
