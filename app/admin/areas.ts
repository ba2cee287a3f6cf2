// The admin areas, and who may enter which: the same table for the navigation and for the pages.
import type { Role } from '#server/core/identity.ts';
import { type Action, may } from '#server/core/permission.ts';

const AREAS = [
  { key: 'dashboard', href: '/admin', action: 'audit.read' },
  { key: 'apps', href: '/admin/apps', action: 'apps.read' },
  { key: 'collections', href: '/admin/collections', action: 'settings.read' },
  { key: 'notices', href: '/admin/notices', action: 'settings.read' },
  { key: 'sites', href: '/admin/sites', action: 'sites.read' },
  { key: 'names', href: '/admin/names', action: 'apps.read' },
  { key: 'users', href: '/admin/users', action: 'people.read' },
  { key: 'groups', href: '/admin/groups', action: 'people.read' },
  { key: 'providers', href: '/admin/providers', action: 'providers.read' },
  { key: 'sessions', href: '/admin/sessions', action: 'sessions.read' },
  { key: 'machines', href: '/admin/machines', action: 'machines.read', reach: 'any' },
  { key: 'audit', href: '/admin/audit', action: 'audit.read' },
  { key: 'tokens', href: '/admin/tokens', action: 'tokens.read' },
  { key: 'gateways', href: '/admin/gateways', action: 'settings.read' },
  { key: 'settings', href: '/admin/settings', action: 'settings.read' },
] as const satisfies readonly { key: string; href: string; action: Action; reach?: 'any' }[];

export type Area = (typeof AREAS)[number];

/** What a person may see. An app owner sees the areas of apps and tokens, with their own in them; everybody's machines are no such area. */
export function adminAreas(role: Role): readonly Area[] {
  return AREAS.filter((area) => may(role, area.action, 'reach' in area ? area.reach : 'own'));
}
