// The catalogue's apps: who may see and change which, and what has to be true of one before it is saved.
import type { App } from '#server/core/app.ts';
import type { AppFilter } from '#server/core/app-list.ts';
import type { Assignment } from '#server/core/policy.ts';
import { appProblems, assignmentProblems } from './app-problems.ts';
import { type AppQuery, inOrder, matchingApps } from './app-query.ts';
import { appColumns, certificatesIn } from './app-row.ts';
import { assignedDetail, replaceAssignments } from './assignments.ts';
import { loadCatalogue } from './catalogue.ts';
import { changedKeys } from './changed.ts';
import { type ClientKeys, sealCertificates } from './client-certificate.ts';
import { pageOf } from './fold.ts';
import type { Store } from './handle.ts';
import { isId, newId } from './id.ts';
import { wholeApp } from './kept-app.ts';
import { type Right, rightTo } from './right.ts';
import {
  type Actor,
  FORBIDDEN,
  type Forbidden,
  type Found,
  invalid,
  type Listed,
  NOT_FOUND,
  type Saved,
  type SavedRecord,
} from './saved.ts';
import { appInput, assignmentsInput } from './schema/app.ts';
import { parseInput } from './schema/parse-input.ts';
import { CHANGED_MEANWHILE, changedAt, isStale } from './stale.ts';
import type { Tables } from './tables.ts';
import { beginUndo, keepForUndo } from './undo-record.ts';
import { type Writing, write } from './write.ts';

export type AppRecord = {
  app: App;
  ownerUserId: string | null;
  assignments: readonly Assignment[];
  createdAt: number;
  updatedAt: number;
};

/** A line of the list; a row that cannot be read has no app, only its problem, and is disabled everywhere. */
export type AppLine = ({ kind: 'app' } & AppRecord) | { kind: 'broken'; id: string; name: string; problem: string };

/** By name where the query does not say otherwise. An app owner sees their own. */
export async function listApps(store: Store, actor: Actor, query: AppQuery = {}): Promise<Listed<AppLine>> {
  const right = await rightTo(store.db, actor, 'apps.read', store.now());
  if (right.kind === 'none') return FORBIDDEN;
  const matching = matchingApps(store, right, query);
  const { offset, limit } = pageOf(query);
  if (query.condition === 'broken') {
    const broken = await readLines(store, inOrder(matching, query), 'broken');
    return { kind: 'listed', total: broken.length, rows: broken.slice(offset, offset + limit) };
  }
  const { total } = await matching.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  return { kind: 'listed', total, rows: await readLines(store, inOrder(matching, query).limit(limit).offset(offset)) };
}

/** The ids of all that match, in the list's order; at most `MOST_AT_ONCE`. */
export async function matchingIds(store: Store, actor: Actor, filter: AppFilter): Promise<readonly string[]> {
  const right = await rightTo(store.db, actor, 'apps.write', store.now());
  if (right.kind === 'none') return [];
  const matching = inOrder(matchingApps(store, right, filter), {}).limit(MOST_AT_ONCE);
  if (filter.condition === 'broken')
    return (await readLines(store, matching, 'broken')).flatMap((line) => (line.kind === 'broken' ? [line.id] : []));
  return (await matching.select('apps.id').execute()).map(({ id }) => id);
}

const MOST_AT_ONCE = 5_000;

/** The categories that apps have, for a person to choose from. */
export async function listCategories(store: Store, actor: Actor): Promise<readonly string[]> {
  const right = await rightTo(store.db, actor, 'apps.read', store.now());
  if (right.kind === 'none') return [];
  const named = matchingApps(store, right, {}).where('apps.category', '!=', '');
  const rows = await named.select('apps.category').distinct().orderBy('apps.category').limit(200).execute();
  return rows.map(({ category }) => category);
}

async function readLines(
  store: Store,
  apps: ReturnType<typeof matchingApps>,
  kind?: AppLine['kind'],
): Promise<AppLine[]> {
  const rows = await apps.selectAll('apps').execute();
  const lines = (await loadCatalogue(store.db, rows, 'these', withoutKeys(store))).map(lineOf);
  return kind ? lines.filter((line) => line.kind === kind) : lines;
}

/** Client certificates come without their keys. An app whose row cannot be read is found by the list alone; saving it again repairs it. */
export async function getApp(store: Store, actor: Actor, id: string): Promise<Found<AppRecord>> {
  const right = await rightTo(store.db, actor, 'apps.read', store.now());
  if (right.kind === 'none') return FORBIDDEN;
  const row = isId(id) && (await store.db.selectFrom('apps').selectAll().where('id', '=', id).executeTakeFirst());
  if (!row || !reaches(right, row)) return NOT_FOUND;
  const [line] = (await loadCatalogue(store.db, [row], 'these', withoutKeys(store))).map(lineOf);
  return line?.kind === 'app' ? { ...line, kind: 'found' } : NOT_FOUND;
}

/**
 * Creates (`id` null) or replaces an app; its assignments stay as they are. `input`: schema/app.ts.
 * An app's owner changes everything but where it is and how much of the gateway it takes: those are an administrator's, and so is
 * a new app, which is somewhere.
 */
export async function saveApp(
  store: Store,
  actor: Actor,
  id: string | null,
  input: unknown,
  expectedUpdatedAt?: number,
): Promise<SavedRecord> {
  return write(store, actor, 'apps.write', async (w) => {
    const before = id === null ? null : await appRow(w, id);
    if (before === undefined) return NOT_FOUND;
    if (before === null && w.right.kind !== 'any') return FORBIDDEN;
    if (isStale(before, expectedUpdatedAt)) return CHANGED_MEANWHILE;
    const parsed = parseInput(appInput, input);
    if (parsed.kind === 'invalid') return parsed;
    const app = parsed.value;
    const owner = app.ownerUserId === undefined ? (before?.owner_user_id ?? null) : app.ownerUserId;
    // Whoever owns an app works on it; to whom it belongs is decided above them.
    if (w.right.kind !== 'any' && owner !== before?.owner_user_id) return FORBIDDEN;
    const mayPlace = (await rightTo(w.trx, actor, 'apps.place', w.now)).kind === 'any';
    const appId = before?.id ?? newId(w.now);
    const sealed = sealCertificates(store.secret, appId, app, before ? certificatesIn(before) : []);
    if (sealed.kind === 'invalid') return sealed;
    const updatedAt = changedAt(before, w.now);
    const columns = { ...appColumns(app, sealed.certificates), owner_user_id: owner, updated_at: updatedAt };
    if (!mayPlace && (!before || (await isPlacedElsewhere(w, before, columns, app.hosts)))) return PLACE_FORBIDDEN;
    const errors = await appProblems(store, w, before?.id ?? null, app, owner);
    if (Object.keys(errors).length > 0) return invalid(errors);
    if (before) await w.trx.updateTable('apps').set(columns).where('id', '=', appId).execute();
    else
      await w.trx
        .insertInto('apps')
        .values({ ...columns, id: appId, everyone: 0, alias_round: 0, created_at: w.now })
        .execute();
    const hostsChanged = await replaceHosts(w, appId, app.hosts);
    w.raise('catalogue');
    const detail = changedKeys(before, columns);
    w.audit({
      action: 'app-saved',
      object: { kind: 'app', id: appId, name: app.name },
      detail: hostsChanged && before ? { changed: [...(detail.changed ?? []), 'hosts'] } : detail,
    });
    return { kind: 'saved', id: appId, updatedAt };
  });
}

/** What is deleted is kept for a day, see undo.ts. */
export async function deleteApp(
  store: Store,
  actor: Actor,
  id: string,
  expectedUpdatedAt?: number,
): Promise<Saved<{ id: string; undoId: string }>> {
  return write(store, actor, 'apps.write', async (w) => {
    const before = await appRow(w, id);
    if (!before) return NOT_FOUND;
    if (isStale(before, expectedUpdatedAt)) return CHANGED_MEANWHILE;
    const undoId = await beginUndo(w, actor, 'delete');
    await removeApp(w, undoId, before);
    return { kind: 'saved', id: before.id, undoId };
  });
}

/** Deletes within a write, and keeps what it was. */
export async function removeApp(w: Writing, undoId: string, row: Tables['apps']): Promise<void> {
  await keepForUndo(w, undoId, row, await wholeApp(w.trx, row), null);
  await w.trx.deleteFrom('apps').where('id', '=', row.id).execute();
  w.raise('catalogue');
  w.audit({ action: 'app-deleted', object: { kind: 'app', id: row.id, name: row.name } });
}

/** Replaces who may open the app. `input`: an array of core's `Assignment`. */
export async function setAssignments(
  store: Store,
  actor: Actor,
  appId: string,
  input: unknown,
  expectedUpdatedAt?: number,
): Promise<SavedRecord> {
  return write(store, actor, 'apps.write', async (w) => {
    const app = await appRow(w, appId);
    if (!app) return NOT_FOUND;
    if (isStale(app, expectedUpdatedAt)) return CHANGED_MEANWHILE;
    const parsed = parseInput(assignmentsInput, input);
    if (parsed.kind === 'invalid') return parsed;
    const assignments = parsed.value;
    const errors = await assignmentProblems(w, assignments);
    if (Object.keys(errors).length > 0) return invalid(errors);
    const updatedAt = changedAt(app, w.now);
    await replaceAssignments(w, app.id, assignments, updatedAt);
    w.raise('catalogue');
    const object = { kind: 'app', id: app.id, name: app.name } as const;
    w.audit({ action: 'app-assigned', object, detail: assignedDetail(assignments) });
    return { kind: 'saved', id: app.id, updatedAt };
  });
}

/** The row, when the writer may touch it; an app of somebody else does not exist for an app owner. */
export async function appRow({ trx, right }: Writing, id: string): Promise<Tables['apps'] | undefined> {
  if (!isId(id)) return undefined;
  const row = await trx.selectFrom('apps').selectAll().where('id', '=', id).executeTakeFirst();
  return row && reaches(right, row) ? row : undefined;
}

function reaches(right: Right, row: Tables['apps']): boolean {
  return right.kind === 'any' || (right.kind === 'own' && row.owner_user_id === right.userId);
}

export const PLACE_FORBIDDEN: Forbidden = {
  kind: 'forbidden',
  sentence:
    'Where an app is (site, upstream, paths, certificates, public names) and how much it may take at once is for an administrator of Foyer to change. Everything else is yours.',
};

/** Reports whether a save would send the app's visitors somewhere else, or other names to it. */
async function isPlacedElsewhere(
  { trx }: Writing,
  before: Tables['apps'],
  after: ReturnType<typeof appColumns>,
  hosts: readonly string[],
): Promise<boolean> {
  const moved = PLACE_COLUMNS.some((column) => before[column] !== after[column]);
  return moved || (await hostsOf(trx, before.id)).join() !== hosts.join();
}

const PLACE_COLUMNS = [
  'site_id',
  'upstream_scheme',
  'upstream_host',
  'upstream_port',
  'upstream_protocol',
  'host_header',
  'tls',
  'replicas',
  'client_certificate',
  'routes',
  'concurrency',
] as const;

function withoutKeys({ secret }: Store): ClientKeys {
  return { secret, mode: 'left-out' };
}

async function hostsOf(trx: Writing['trx'], appId: string): Promise<string[]> {
  const rows = await trx
    .selectFrom('app_hosts')
    .select('host')
    .where('app_id', '=', appId)
    .orderBy('position')
    .execute();
  return rows.map(({ host }) => host);
}

async function replaceHosts({ trx }: Writing, appId: string, hosts: readonly string[]): Promise<boolean> {
  if ((await hostsOf(trx, appId)).join() === hosts.join()) return false;
  await trx.deleteFrom('app_hosts').where('app_id', '=', appId).execute();
  const rows = hosts.map((host, position) => ({ host, app_id: appId, position }));
  await trx.insertInto('app_hosts').values(rows).execute();
  return true;
}

function lineOf({ row, app, assignments, problem }: Awaited<ReturnType<typeof loadCatalogue>>[number]): AppLine {
  if (!app) return { kind: 'broken', id: row.id, name: row.name, problem };
  const { owner_user_id: ownerUserId, created_at: createdAt, updated_at: updatedAt } = row;
  return { kind: 'app', app, ownerUserId, assignments, createdAt, updatedAt };
}
