// The private networks that apps live in.
import type { Site } from '#server/core/app.ts';
import { changedKeys } from './changed.ts';
import { contains, fold, pageOf } from './fold.ts';
import type { Store } from './handle.ts';
import { isId, newId } from './id.ts';
import { rightTo } from './right.ts';
import {
  type Actor,
  conflict,
  FORBIDDEN,
  type Found,
  invalid,
  type Listed,
  type ListQuery,
  NOT_FOUND,
  type Saved,
  type SavedRecord,
} from './saved.ts';
import { parseInput } from './schema/parse-input.ts';
import { siteInput } from './schema/site.ts';
import { readSite, siteColumns } from './site-row.ts';
import { CHANGED_MEANWHILE, changedAt, isStale } from './stale.ts';
import type { Tables } from './tables.ts';
import { type Writing, write } from './write.ts';

/** `problem` is '' for a site that can be read; otherwise its lists are empty, and its apps are disabled until it is saved again. */
export type SiteRecord = { site: Site; problem: string; appCount: number; createdAt: number; updatedAt: number };

export async function listSites(store: Store, actor: Actor, query: ListQuery = {}): Promise<Listed<SiteRecord>> {
  const right = await rightTo(store.db, actor, 'sites.read', store.now());
  if (right.kind !== 'any') return FORBIDDEN;
  let matching = store.db.selectFrom('sites');
  const { search } = query;
  if (search) matching = matching.where((eb) => contains(eb.ref('name_folded'), search));
  const { offset, limit } = pageOf(query);
  const { total } = await matching.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const rows = await matching.selectAll().orderBy('name_folded').limit(limit).offset(offset).execute();
  const counts = await appCounts(
    store,
    rows.map(({ id }) => id),
  );
  return { kind: 'listed', total, rows: rows.map((row) => recordOf(row, counts.get(row.id) ?? 0)) };
}

export async function getSite(store: Store, actor: Actor, id: string): Promise<Found<SiteRecord>> {
  const right = await rightTo(store.db, actor, 'sites.read', store.now());
  if (right.kind !== 'any') return FORBIDDEN;
  const row = isId(id) && (await store.db.selectFrom('sites').selectAll().where('id', '=', id).executeTakeFirst());
  if (!row) return NOT_FOUND;
  const counts = await appCounts(store, [row.id]);
  return { kind: 'found', ...recordOf(row, counts.get(row.id) ?? 0) };
}

/** Ids and names of the sites that a person may read of in an app's form: all, or those of the apps that they own. */
export async function siteChoices(store: Store, actor: Actor): Promise<readonly { id: string; name: string }[]> {
  const right = await rightTo(store.db, actor, 'apps.write', store.now());
  if (right.kind === 'none') return [];
  let sites = store.db.selectFrom('sites').select(['id', 'name']);
  if (right.kind === 'own') {
    const { userId } = right;
    sites = sites.where('id', 'in', (eb) =>
      eb.selectFrom('apps').select('site_id').where('owner_user_id', '=', userId),
    );
  }
  return sites.orderBy('name_folded').execute();
}

/** `input`: schema/site.ts. */
export async function saveSite(
  store: Store,
  actor: Actor,
  id: string | null,
  input: unknown,
  expectedUpdatedAt?: number,
): Promise<SavedRecord> {
  return write(store, actor, 'sites.write', async (w) => {
    const before = id === null ? null : await siteRow(w, id);
    if (before === undefined) return NOT_FOUND;
    if (isStale(before, expectedUpdatedAt)) return CHANGED_MEANWHILE;
    const parsed = parseInput(siteInput, input);
    if (parsed.kind === 'invalid') return parsed;
    const updatedAt = changedAt(before, w.now);
    const columns = { ...siteColumns(parsed.value), updated_at: updatedAt };
    const siteId = before?.id ?? newId(w.now);
    const namesake = await w.trx
      .selectFrom('sites')
      .select('id')
      .where('name_folded', '=', fold(parsed.value.name))
      .where('id', '!=', siteId)
      .executeTakeFirst();
    if (namesake) return invalid({ name: 'Another site has this name. Choose another one.' });
    if (before) await w.trx.updateTable('sites').set(columns).where('id', '=', siteId).execute();
    else
      await w.trx
        .insertInto('sites')
        .values({ ...columns, id: siteId, created_at: w.now })
        .execute();
    w.raise('catalogue');
    const object = { kind: 'site', id: siteId, name: parsed.value.name } as const;
    w.audit({ action: 'site-saved', object, detail: changedKeys(before, columns) });
    return { kind: 'saved', id: siteId, updatedAt };
  });
}

/** Refused while apps use the site. */
export async function deleteSite(store: Store, actor: Actor, id: string, expectedUpdatedAt?: number): Promise<Saved> {
  return write(store, actor, 'sites.write', async (w) => {
    const before = await siteRow(w, id);
    if (!before) return NOT_FOUND;
    if (isStale(before, expectedUpdatedAt)) return CHANGED_MEANWHILE;
    const apps = await w.trx
      .selectFrom('apps')
      .select('name')
      .where('site_id', '=', id)
      .orderBy('name_folded')
      .execute();
    if (apps.length > 0) {
      const names = apps.map(({ name }) => name).slice(0, 3);
      const more = apps.length - names.length;
      return conflict(
        more > 0
          ? `Apps use this site: ${names.join(', ')} and ${more} more. Move them to another site first.`
          : `Apps use this site: ${names.join(', ')}. Move them to another site first.`,
      );
    }
    await w.trx.deleteFrom('sites').where('id', '=', id).execute();
    w.raise('catalogue');
    w.audit({ action: 'site-deleted', object: { kind: 'site', id, name: before.name } });
    return { kind: 'saved', id };
  });
}

async function siteRow({ trx }: Writing, id: string): Promise<Tables['sites'] | undefined> {
  return isId(id) ? trx.selectFrom('sites').selectAll().where('id', '=', id).executeTakeFirst() : undefined;
}

async function appCounts({ db }: Store, siteIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (siteIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('apps')
    .select((eb) => ['site_id', eb.fn.countAll<number>().as('count')])
    .where('site_id', 'in', siteIds)
    .groupBy('site_id')
    .execute();
  return new Map(rows.map((row) => [row.site_id, row.count]));
}

function recordOf(row: Tables['sites'], appCount: number): SiteRecord {
  const read = readSite(row);
  const nothing = { id: row.id, name: row.name, dnsServers: [], zones: [], ranges: [], endpoints: [] };
  return {
    site: read.kind === 'read' ? read.value : nothing,
    problem: read.kind === 'read' ? '' : read.problem,
    appCount,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
