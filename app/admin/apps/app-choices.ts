// What an app's form lets one choose from: sites, people and groups, as far as this person may see them.

import { listGroups } from '#server/store/groups.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { listSites } from '#server/store/sites.ts';
import { listUsers } from '#server/store/users.ts';
import type { Admin } from '../enter.ts';

export type Choice = { id: string; name: string; note: string };
export type AppChoices = {
  sites: readonly Choice[];
  groups: readonly Choice[];
  users: readonly Choice[];
  /** The portal and the gateway, for the hints of the form. */
  gatewayName: string | null;
};

const MOST = 1000;

/** `siteId` is the app's own site: an app owner sees at least that one's name. */
export async function appChoices({ store, actor }: Admin, siteId?: string): Promise<AppChoices> {
  const [sites, groups, users] = await Promise.all([
    listSites(store, actor, { limit: MOST }),
    listGroups(store, actor, { limit: MOST }),
    listUsers(store, actor, { limit: MOST }),
  ]);
  const { snapshot, gatewayName } = portalContext();
  const ownSite = siteId ? snapshot().sitesById.get(siteId) : undefined;
  return {
    gatewayName,
    sites:
      sites.kind === 'listed'
        ? sites.rows.map(({ site }) => ({ id: site.id, name: site.name, note: '' }))
        : ownSite
          ? [{ id: ownSite.id, name: ownSite.name, note: '' }]
          : [],
    groups:
      groups.kind === 'listed'
        ? groups.rows.map(({ id, name, memberCount }) => ({ id, name, note: `${memberCount} members` }))
        : [],
    users: users.kind === 'listed' ? users.rows.map(({ id, name, email }) => ({ id, name, note: email })) : [],
  };
}
