// What an app's form lets one choose from: sites, people and groups, as far as this person may see them.

import { getTranslations } from 'next-intl/server';
import { publicTarget } from '#server/core/alias.ts';
import type { App } from '#server/core/app.ts';
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
  /** What the app's public names are CNAMEs of, for a hint. */
  target: string | null;
};

const MOST = 1000;

/** `app`: the one that is edited; an app owner sees at least its site's name. */
export async function appChoices({ store, actor }: Admin, app?: Pick<App, 'id' | 'siteId'>): Promise<AppChoices> {
  const [sites, groups, users] = await Promise.all([
    listSites(store, actor, { limit: MOST }),
    listGroups(store, actor, { limit: MOST }),
    listUsers(store, actor, { limit: MOST }),
  ]);
  const { snapshot, gatewayName } = portalContext();
  const t = await getTranslations('apps.form');
  const { aliases, sitesById } = snapshot();
  const ownSite = app && sitesById.get(app.siteId);
  return {
    target: publicTarget(aliases, app?.id ?? null, gatewayName),
    sites:
      sites.kind === 'listed'
        ? sites.rows.map(({ site }) => ({ id: site.id, name: site.name, note: '' }))
        : ownSite
          ? [{ id: ownSite.id, name: ownSite.name, note: '' }]
          : [],
    groups:
      groups.kind === 'listed'
        ? groups.rows.map(({ id, name, memberCount }) => ({ id, name, note: t('members', { count: memberCount }) }))
        : [],
    users: users.kind === 'listed' ? users.rows.map(({ id, name, email }) => ({ id, name, note: email })) : [],
  };
}
