// Who may do what with Foyer itself: one table of roles and actions; what it does not say is refused.
import type { Role } from './identity.ts';

export const ACTIONS = [
  'apps.read',
  'apps.write',
  // Where an app is: its site, upstream and public names. What an app's owner could otherwise turn at anything the gateway reaches.
  'apps.place',
  'sites.read',
  'sites.write',
  'people.read',
  'people.write',
  'providers.read',
  'providers.write',
  'sessions.read',
  'sessions.end',
  'audit.read',
  'settings.read',
  'settings.write',
  // API tokens: whoever has one's own may make and revoke them; `tokens.read` of any is the list of everybody's.
  'tokens.read',
  'tokens.write',
  // Machines: everybody adds, renames and removes their own; `machines.read` of any is the list of everybody's.
  'machines.read',
  'machines.write',
  // Every name that a resolver inside answers by, the apps' public names included.
  'names.read',
] as const;
export type Action = (typeof ACTIONS)[number];

/** How far a right reaches: every object, or those that the person owns. */
type Reach = 'any' | 'own';

/**
 * Reports whether a role may act on any object (the default), or at least on objects of one's own.
 * What everybody may do with their own account and sessions is no matter of roles.
 */
export function may(role: Role, action: Action, object: Reach = 'any'): boolean {
  const reach = RIGHTS[role]?.[action];
  return reach === 'any' || (reach === 'own' && object === 'own');
}

const OF_EVERYBODY = { 'machines.read': 'own', 'machines.write': 'own' } as const satisfies Partial<
  Record<Action, Reach>
>;

const RIGHTS: Record<Role, Partial<Record<Action, Reach>>> = {
  admin: Object.fromEntries(ACTIONS.map((action) => [action, 'any'])),
  auditor: {
    ...Object.fromEntries(ACTIONS.filter((action) => action.endsWith('.read')).map((action) => [action, 'any'])),
    'tokens.write': 'own',
    'machines.write': 'own',
  },
  'app-owner': {
    ...OF_EVERYBODY,
    'apps.read': 'own',
    'apps.write': 'own',
    'tokens.read': 'own',
    'tokens.write': 'own',
  },
  member: OF_EVERYBODY,
};
