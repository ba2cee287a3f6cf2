// The admin areas, and who may enter which: the same table for the navigation and for the pages.
import type { Role } from '#server/core/identity.ts';
import { type Action, may } from '#server/core/permission.ts';

export const AREAS = [
  { key: 'apps', name: 'Apps', href: '/admin/apps', action: 'apps.read' },
  { key: 'sites', name: 'Sites', href: '/admin/sites', action: 'sites.read' },
  { key: 'users', name: 'Users', href: '/admin/users', action: 'people.read' },
  { key: 'groups', name: 'Groups', href: '/admin/groups', action: 'people.read' },
  { key: 'providers', name: 'Sign-in', href: '/admin/providers', action: 'providers.read' },
  { key: 'sessions', name: 'Sessions', href: '/admin/sessions', action: 'sessions.read' },
  { key: 'audit', name: 'Audit', href: '/admin/audit', action: 'audit.read' },
] as const satisfies readonly { key: string; name: string; href: string; action: Action }[];

export type Area = (typeof AREAS)[number];

/** What a person may see. An app owner sees the apps area with their own apps in it. */
export function adminAreas(role: Role): readonly Area[] {
  return AREAS.filter(({ action }) => may(role, action, 'own'));
}
