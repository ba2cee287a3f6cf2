// Sites by the API: the private networks that apps live in.
import { deleteSite, getSite, listSites, type SiteRecord, saveSite } from '#server/store/sites.ts';
import { resource, type Shown } from './resource.ts';
import type { Route } from './route-table.ts';

export const SITES: readonly Route[] = resource({
  ...{ tag: 'Sites', path: '/sites', one: 'a site', many: 'sites' },
  needs: { read: 'sites.read', write: 'sites.write' },
  schemas: { list: 'SiteList', answer: 'Site', input: 'SiteInput' },
  readOnly: ['id', 'problem', 'appCount', 'createdAt', 'updatedAt'],
  notes: { remove: 'Refused while apps use it.' },
  list: async (store, actor, query) => {
    const found = await listSites(store, actor, query);
    return found.kind === 'listed' ? { ...found, rows: found.rows.map(shownSite) } : found;
  },
  get: async (store, actor, id) => {
    const found = await getSite(store, actor, id);
    return found.kind === 'found' ? { kind: 'shown', shown: shownSite(found) } : found;
  },
  save: saveSite,
  remove: deleteSite,
});

function shownSite({ site, problem, appCount, createdAt, updatedAt }: SiteRecord): Shown {
  return { ...site, problem, appCount, createdAt, updatedAt };
}
