// How far a token that writes people reaches: never to somebody who may more than the token, or it would get there by them.
import { ROLES } from '#server/core/identity.ts';
import { coversRole } from '#server/core/scope.ts';
import type { Actor, Forbidden } from './saved.ts';

const BEYOND: Forbidden = {
  kind: 'forbidden',
  sentence:
    'This person’s role may do more than this token, so the token decides nothing about it. Use a token with every scope of that role.',
};

/** The refusal when a token would make somebody one of these roles, or decide how such a person signs in; null when it may. */
export function beyondToken(actor: Actor, ...roles: readonly string[]): Forbidden | null {
  if (actor.kind !== 'token') return null;
  const { scopes } = actor;
  return roles.every((name) => ROLES.some((role) => role === name && coversRole(scopes, role))) ? null : BEYOND;
}
