// What an actor may do as of now.
import type { Kysely } from 'kysely';
import { ROLES, type Role } from '#server/core/identity.ts';
import { type Action, may } from '#server/core/permission.ts';
import { scopeOf } from '#server/core/scope.ts';
import { liveToken } from './live-token.ts';
import type { Actor, PersonActor, TokenActor } from './saved.ts';
import type { Tables } from './tables.ts';

/** How far an actor's right to an action reaches. */
export type Right = { kind: 'any' } | { kind: 'own'; userId: string } | { kind: 'none' };

/** Decides from the rows of now: the person exists, is enabled, and the session or token that acts is alive and theirs. */
export async function rightTo(db: Kysely<Tables>, actor: Actor, action: Action, now: number): Promise<Right> {
  if (actor.kind === 'system') return { kind: 'any' };
  const role = actor.kind === 'token' ? await roleWithin(db, actor, action, now) : await currentRole(db, actor, now);
  if (!role) return { kind: 'none' };
  if (may(role, action)) return { kind: 'any' };
  return may(role, action, 'own') ? { kind: 'own', userId: actor.userId } : { kind: 'none' };
}

/** The person's role as of now; null when the person or the session that acts is gone, or the person disabled. */
export async function currentRole(db: Kysely<Tables>, actor: PersonActor, now: number): Promise<Role | null> {
  const row = await db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select('users.role')
    .where('sessions.id', '=', actor.sessionId)
    .where('sessions.expires_at', '>', now)
    .where('users.id', '=', actor.userId)
    .where('users.disabled', '=', 0)
    .executeTakeFirst();
  return ROLES.find((role) => role === row?.role) ?? null;
}

/** The role of a token's owner as of now; null when the token is over, is not theirs, or does not include the action. */
async function roleWithin(
  db: Kysely<Tables>,
  { token, userId }: TokenActor,
  action: Action,
  now: number,
): Promise<Role | null> {
  const live = await liveToken(db, { id: token.id }, now);
  return live?.userId === userId && live.scopes.includes(scopeOf(action)) ? live.role : null;
}
