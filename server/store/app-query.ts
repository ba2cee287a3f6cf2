// Which apps a list shows, and in which order: the one query that the table, its pages and “all that match” are made from.
import { type SelectQueryBuilder, sql } from 'kysely';
import { z } from 'zod';
import { APP_CONDITIONS, type AppFilter, type AppSort } from '#server/core/app-list.ts';
import { contains } from './fold.ts';
import type { Store } from './handle.ts';
import type { Right } from './right.ts';
import type { ListQuery } from './saved.ts';
import { id } from './schema/field.ts';
import type { Tables } from './tables.ts';

export type AppQuery = ListQuery & AppFilter & { sort?: AppSort | undefined; descending?: boolean | undefined };

/** From a page that asks for “all that match”. */
export const appFilterInput: z.ZodType<AppFilter> = z.strictObject({
  search: z.string().max(200).optional(),
  siteId: id.optional(),
  condition: z.enum(APP_CONDITIONS).optional(),
  category: z.string().max(200).optional(),
  ownerUserId: id.optional(),
  unassigned: z.boolean().optional(),
});

type Apps = SelectQueryBuilder<Tables, 'apps', object>;

/** Without `broken`, which no query can tell: only reading a row shows it. */
export function matchingApps({ db }: Pick<Store, 'db'>, right: Right, filter: AppFilter): Apps {
  let apps: Apps = db.selectFrom('apps');
  const { search, siteId, condition, category, ownerUserId, unassigned } = filter;
  if (right.kind === 'own') apps = apps.where('apps.owner_user_id', '=', right.userId);
  if (siteId !== undefined) apps = apps.where('apps.site_id', '=', siteId);
  if (category !== undefined) apps = apps.where('apps.category', '=', category);
  if (ownerUserId !== undefined) apps = apps.where('apps.owner_user_id', '=', ownerUserId);
  if (condition === 'unverified') apps = apps.where('apps.unverified', '=', 1);
  else if (condition !== undefined && condition !== 'broken') apps = apps.where('apps.state', '=', condition);
  if (unassigned) apps = apps.where('apps.everyone', '=', 0).where(isAssignedToNobody);
  if (search)
    apps = apps.where((eb) =>
      eb.or([
        contains(eb.ref('apps.name_folded'), search),
        eb.exists(
          eb
            .selectFrom('app_hosts')
            .select('host')
            .whereRef('app_hosts.app_id', '=', 'apps.id')
            .where((host) => contains(host.ref('host'), search)),
        ),
      ]),
    );
  return apps;
}

const isAssignedToNobody = sql<boolean>`not exists (select 1 from app_users where app_users.app_id = apps.id)
  and not exists (select 1 from app_groups where app_groups.app_id = apps.id)`;

/** Each order is one that an index has already: a page of it is read, never the table. */
export function inOrder(apps: Apps, { sort = 'name', descending = false }: AppQuery): Apps {
  const way = descending ? 'desc' : 'asc';
  switch (sort) {
    case 'name':
      return apps.orderBy('apps.name_folded', way).orderBy('apps.id', way);
    case 'state':
    case 'category':
      return apps.orderBy(`apps.${sort}`, way).orderBy('apps.name_folded', way).orderBy('apps.id', way);
    case 'site':
      return apps
        .innerJoin('sites', 'sites.id', 'apps.site_id')
        .orderBy('sites.name_folded', way)
        .orderBy('apps.name_folded', way)
        .orderBy('apps.id', way) as unknown as Apps;
    case 'changed':
      return apps.orderBy('apps.updated_at', way).orderBy('apps.id', way);
    default:
      return sort satisfies never;
  }
}
