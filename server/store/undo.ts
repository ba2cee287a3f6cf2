// Takes back what was done to apps: only where nobody changed them since, and a deleted app comes back as it was, under its id.
import type { Transaction } from 'kysely';
import { type Hostname, parseHostname } from '#server/core/hostname.ts';
import type { Assignment } from '#server/core/policy.ts';
import { readJson } from './app-row.ts';
import { appRow, PLACE_FORBIDDEN } from './apps.ts';
import { assignedDetail, replaceAssignments } from './assignments.ts';
import { objectOf, setEnabled } from './bulk.ts';
import { pageOf } from './fold.ts';
import type { Store } from './handle.ts';
import { isId } from './id.ts';
import { insertKept, type KeptApp, readKept } from './kept-app.ts';
import { type Right, rightTo } from './right.ts';
import { type Actor, conflict, FORBIDDEN, type Listed, type ListQuery, NOT_FOUND, type Saved } from './saved.ts';
import { changedAt } from './stale.ts';
import type { Tables } from './tables.ts';
import type { UndoableAction } from './words.ts';
import { type Writing, write } from './write.ts';

/** Why an app was left as it is: a word for the page, and what it is about, such as the name that is taken. */
export type LeftReason = 'changed-since' | 'host-taken' | 'site-gone' | 'here-already' | 'gone' | 'damaged';
export type Left = { appId: string; name: string; reason: LeftReason; about: string };

export type UndoDone = { done: number; left: readonly Left[] };

/** What a page offers to take back. */
export type OpenUndo = { id: string; action: UndoableAction; at: number; count: number; name: string };

const APPS_PER_WRITE = 50;

/**
 * Takes one thing back, app by app. What cannot be is told with its reason and stays kept: with the reason out of the way, the
 * same undo does the rest.
 */
export async function undo(store: Store, actor: Actor, undoId: string): Promise<Saved<UndoDone>> {
  const done = { done: 0, left: [] as Left[] };
  let after = '';
  for (;;) {
    const some = await write<UndoDone & { last: string | null }>(store, actor, 'apps.write', async (w) => {
      const head = await headOf(w, undoId);
      if (!head) return NOT_FOUND;
      if (head.action === 'delete' && !(await mayBringBack(w, actor))) return PLACE_FORBIDDEN;
      const kept = await w.trx
        .selectFrom('undo_apps')
        .selectAll()
        .where('undo_id', '=', undoId)
        .where('app_id', '>', after)
        .orderBy('app_id')
        .limit(APPS_PER_WRITE)
        .execute();
      return { kind: 'saved', ...(await undoSome(store, w, head.action, kept)), last: kept.at(-1)?.app_id ?? null };
    });
    if (some.kind !== 'saved') return some;
    done.done += some.done;
    done.left.push(...some.left);
    if (some.last === null) break;
    after = some.last;
  }
  return { kind: 'saved', ...done };
}

/** Brings one deleted app back. */
export async function restoreApp(
  store: Store,
  actor: Actor,
  undoId: string,
  appId: string,
): Promise<Saved<{ id: string }>> {
  return write(store, actor, 'apps.write', async (w) => {
    const head = await headOf(w, undoId);
    const kept = await w.trx
      .selectFrom('undo_apps')
      .selectAll()
      .where('undo_id', '=', undoId)
      .where('app_id', '=', appId)
      .executeTakeFirst();
    if (head?.action !== 'delete' || !kept || !isOwn(w.right, kept)) return NOT_FOUND;
    if (!(await mayBringBack(w, actor))) return PLACE_FORBIDDEN;
    const { left } = await undoSome(store, w, head.action, [kept]);
    return left[0] ? conflict(SENTENCES[left[0].reason](left[0].about)) : { kind: 'saved', id: appId };
  });
}

const SENTENCES: Record<LeftReason, (about: string) => string> = {
  'changed-since': () => 'Somebody changed this app since. It stays as it is now.',
  'host-taken': (host) => `Another app has the name ${host} by now. Change that app first; this one stays kept.`,
  'site-gone': () => 'Its site was deleted. Nothing is lost while this stays kept, but it has nowhere to be.',
  'here-already': () => 'This app is here already.',
  gone: () => 'This app does not exist any more.',
  damaged: () => 'What was kept of this app cannot be read.',
};

/** The newest thing that this person did and may take back, within `withinMs`. */
export async function latestUndo(store: Store, actor: Actor, withinMs: number): Promise<OpenUndo | null> {
  if (actor.kind === 'system') return null;
  const now = store.now();
  const head = await store.db
    .selectFrom('undos')
    .selectAll()
    .where('user_id', '=', actor.userId)
    .where('at', '>', now - withinMs)
    .where('expires_at', '>', now)
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .executeTakeFirst();
  if (!head) return null;
  const apps = await store.db
    .selectFrom('undo_apps')
    .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.min('name').as('name')])
    .where('undo_id', '=', head.id)
    .executeTakeFirstOrThrow();
  return apps.count === 0 ? null : { id: head.id, action: head.action, at: head.at, ...apps, name: apps.name ?? '' };
}

export type DeletedApp = { undoId: string; appId: string; name: string; at: number; until: number; by: string | null };

/** The apps that were deleted and are still kept, newest first. An app owner sees those of their own that they deleted themselves. */
export async function listDeleted(store: Store, actor: Actor, query: ListQuery = {}): Promise<Listed<DeletedApp>> {
  const now = store.now();
  const right = await rightTo(store.db, actor, 'apps.write', now);
  if (right.kind === 'none') return FORBIDDEN;
  let kept = store.db
    .selectFrom('undos')
    .innerJoin('undo_apps', 'undo_apps.undo_id', 'undos.id')
    .where('undos.action', '=', 'delete')
    .where('undos.expires_at', '>', now);
  if (right.kind === 'own')
    kept = kept.where('undo_apps.owner_user_id', '=', right.userId).where('undos.user_id', '=', right.userId);
  const { offset, limit } = pageOf(query);
  const { total } = await kept.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const rows = await kept
    .leftJoin('users', 'users.id', 'undos.user_id')
    .select(['undos.id as undoId', 'undo_apps.app_id as appId', 'undo_apps.name', 'undos.at', 'users.name as by'])
    .select('undos.expires_at as until')
    .orderBy('undos.at', 'desc')
    .orderBy('undo_apps.name')
    .limit(limit)
    .offset(offset)
    .execute();
  return { kind: 'listed', total, rows };
}

/** Of so many deleted apps, the newest ones, their names are told. */
const MOST_DELETED = 500;

/** The public names that deleted apps had, as long as they are kept, newest first; for Foyer itself. */
export async function deletedNames(store: Store): Promise<readonly { name: string; hosts: readonly Hostname[] }[]> {
  const rows = await store.db
    .selectFrom('undos')
    .innerJoin('undo_apps', 'undo_apps.undo_id', 'undos.id')
    .where('undos.action', '=', 'delete')
    .where('undos.expires_at', '>', store.now())
    .select(['undo_apps.name', 'undo_apps.before'])
    .orderBy('undos.at', 'desc')
    .limit(MOST_DELETED)
    .execute();
  return rows.map(({ name, before }) => ({
    name,
    hosts: (readKept(before)?.belongings.app_hosts ?? []).flatMap(({ host }) => parseHostname(String(host)) ?? []),
  }));
}

type Head = Tables['undos'];

/** One's own, or anybody's for whoever may change every app; what is over is over. */
async function headOf({ trx, now, right }: Writing, undoId: string): Promise<Head | null> {
  const head = isId(undoId)
    ? await trx.selectFrom('undos').selectAll().where('id', '=', undoId).executeTakeFirst()
    : undefined;
  if (!head || head.expires_at <= now) return null;
  return right.kind === 'any' || head.user_id === right.userId ? head : null;
}

/** An app comes back to where it was. Who may change every app places it there anew; an owner only undoes what they did. */
async function mayBringBack({ trx, now, right }: Writing, actor: Actor): Promise<boolean> {
  return right.kind === 'own' || (await rightTo(trx, actor, 'apps.place', now)).kind === 'any';
}

async function undoSome(
  store: Store,
  w: Writing,
  action: UndoableAction,
  kept: readonly Tables['undo_apps'][],
): Promise<UndoDone> {
  const left: Left[] = [];
  let done = 0;
  for (const each of kept) {
    if (!isOwn(w.right, each)) continue;
    const problem = action === 'delete' ? await bringBack(store, w, each) : await changeBack(w, action, each);
    if (problem) left.push({ appId: each.app_id, name: each.name, ...problem });
    else {
      await w.trx
        .deleteFrom('undo_apps')
        .where('undo_id', '=', each.undo_id)
        .where('app_id', '=', each.app_id)
        .execute();
      done += 1;
    }
  }
  if (done > 0) w.raise('catalogue');
  return { done, left };
}

function isOwn(right: Right, { owner_user_id: owner }: Tables['undo_apps']): boolean {
  return right.kind === 'any' || (right.kind === 'own' && owner === right.userId);
}

type Problem = Pick<Left, 'reason' | 'about'>;

async function changeBack(
  w: Writing,
  action: Exclude<UndoableAction, 'delete'>,
  kept: Tables['undo_apps'],
): Promise<Problem | null> {
  const row = await appRow(w, kept.app_id);
  if (!row) return { reason: 'gone', about: '' };
  if (row.updated_at !== kept.updated_at) return { reason: 'changed-since', about: '' };
  const updatedAt = changedAt(row, w.now);
  const before = readJson(kept.before);
  const detail = { undone: true };
  switch (action) {
    case 'assign': {
      const still = await stillThere(w.trx, before as Assignment[]);
      await replaceAssignments(w, row.id, still, updatedAt);
      w.audit({ action: 'app-assigned', object: objectOf(row), detail: { ...assignedDetail(still), ...detail } });
      return null;
    }
    case 'enable':
    case 'disable':
      await setEnabled(w, row, action === 'enable' ? 0 : 1, updatedAt);
      w.audit({ action: 'app-saved', object: objectOf(row), detail: { changed: ['enabled'], ...detail } });
      return null;
    case 'category': {
      const { category } = before as Pick<Tables['apps'], 'category'>;
      const set = { category, updated_at: updatedAt };
      await w.trx.updateTable('apps').set(set).where('id', '=', row.id).execute();
      w.audit({ action: 'app-saved', object: objectOf(row), detail: { changed: ['category'], ...detail } });
      return null;
    }
    default:
      return action satisfies never;
  }
}

async function bringBack(store: Store, w: Writing, kept: Tables['undo_apps']): Promise<Problem | null> {
  const whole = readKept(kept.before);
  if (!whole) return { reason: 'damaged', about: '' };
  const problem = await wayBack(store, w.trx, whole);
  if (problem) return problem;
  await insertKept(w.trx, whole, changedAt(whole.app, w.now));
  w.audit({ action: 'app-restored', object: objectOf(whole.app) });
  return null;
}

async function wayBack(store: Store, trx: Transaction<Tables>, { app, belongings }: KeptApp): Promise<Problem | null> {
  const again = await trx.selectFrom('apps').select('id').where('id', '=', app.id).executeTakeFirst();
  if (again) return { reason: 'here-already', about: '' };
  const site = await trx.selectFrom('sites').select('id').where('id', '=', app.site_id).executeTakeFirst();
  if (!site) return { reason: 'site-gone', about: '' };
  const hosts = (belongings.app_hosts ?? []).map(({ host }) => String(host));
  const taken =
    hosts.find((host) => host === store.portal.hostname) ??
    (hosts.length > 0 &&
      (await trx.selectFrom('app_hosts').select('host').where('host', 'in', hosts).executeTakeFirst())?.host);
  return taken ? { reason: 'host-taken', about: taken } : null;
}

/** People and groups who have gone meanwhile stay gone. */
async function stillThere(trx: Transaction<Tables>, assignments: readonly Assignment[]): Promise<Assignment[]> {
  const { users, groups } = assignedDetail(assignments);
  const found = new Set<string>();
  if (users.length > 0)
    for (const { id } of await trx.selectFrom('users').select('id').where('id', 'in', users).execute()) found.add(id);
  if (groups.length > 0)
    for (const { id } of await trx.selectFrom('groups').select('id').where('id', 'in', groups).execute()) found.add(id);
  return assignments.filter(
    (each) => each.kind === 'everyone' || found.has(each.kind === 'user' ? each.userId : each.groupId),
  );
}
