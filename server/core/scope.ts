// What an API token may be allowed: the actions of the permission table, written as scopes are (`apps:read`).
import type { Role } from './identity.ts';
import { ACTIONS, type Action, may } from './permission.ts';

type ScopeOf<A extends string> = A extends `${infer Thing}.${infer Verb}` ? `${Thing}:${Verb}` : never;
export type Scope = ScopeOf<Action>;

export const SCOPES: readonly Scope[] = ACTIONS.map(scopeOf);

export function scopeOf(action: Action): Scope {
  return action.replace('.', ':') as Scope;
}

/** What a person of this role can give a token: all that they may do themselves, if only to things of their own. */
export function scopesOf(role: Role): readonly Scope[] {
  return ACTIONS.filter((action) => may(role, action, 'own')).map(scopeOf);
}

/**
 * Reports whether a token with these scopes may make somebody a `role`, or decide how such a person signs in: only where that
 * gives nobody more than the token has itself.
 */
export function coversRole(scopes: readonly Scope[], role: Role): boolean {
  return ACTIONS.filter((action) => may(role, action, 'own') && !isEverybodys(role, action)).every((action) =>
    scopes.includes(scopeOf(action)),
  );
}

/** What the least of roles may as far as this one does: whoever is anybody here has it. */
function isEverybodys(role: Role, action: Action): boolean {
  return may('member', action, 'own') && !may(role, action);
}
