// The roles as people read them.
import type { Role } from '#server/core/identity.ts';

export const ROLE_NAMES: Record<Role, string> = {
  admin: 'Administrator',
  auditor: 'Auditor',
  'app-owner': 'App owner',
  member: 'Member',
};

export const ROLE_ABOUT: Record<Role, string> = {
  admin: 'Reads and changes everything.',
  auditor: 'Reads everything, changes nothing.',
  'app-owner': 'Edits the apps they own.',
  member: 'Opens apps.',
};
