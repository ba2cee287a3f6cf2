// What a person keeps in their launcher: the same on every device, nobody else's business, and no matter of the change feed.
import type { Transaction } from 'kysely';
import { LAUNCHER_VIEWS, type LauncherMark, type LauncherView, OPENINGS, type Opening } from '#server/core/launcher.ts';
import type { Store } from './handle.ts';
import { conflict, invalid, NOT_FOUND, type PersonActor, type Saved } from './saved.ts';
import type { Tables } from './tables.ts';
import { writeOwn } from './write.ts';

/** A person has some favourites; a list of thousands is no list of favourites. */
const MAX_FAVOURITES = 500;

export async function readLauncher(
  store: Store,
  userId: string,
): Promise<{ marks: readonly LauncherMark[]; view: LauncherView; opening: Opening }> {
  const [rows, kept] = await Promise.all([
    store.db.selectFrom('launcher_apps').selectAll().where('user_id', '=', userId).execute(),
    store.db.selectFrom('preferences').select(['view', 'opening']).where('user_id', '=', userId).executeTakeFirst(),
  ]);
  return {
    marks: rows.map((row) => ({ appId: row.app_id, favourite: row.favourite, openedAt: row.opened_at })),
    view: LAUNCHER_VIEWS.find((each) => each === kept?.view) ?? PLAIN.view,
    opening: OPENINGS.find((each) => each === kept?.opening) ?? PLAIN.opening,
  };
}

/** Puts an app behind the other favourites, where it is none yet, or takes it from them. */
export async function setFavourite(
  store: Store,
  actor: PersonActor,
  appId: string,
  isFavourite: boolean,
): Promise<Saved<object>> {
  return writeOwn(store, actor, async ({ trx }) => {
    if (!(await exists(trx, appId))) return NOT_FOUND;
    const places = await placesOf(trx, actor.userId);
    if (isFavourite === places.has(appId)) return { kind: 'saved' };
    if (isFavourite && places.size >= MAX_FAVOURITES)
      return conflict(`You have ${MAX_FAVOURITES} favourites. Take one out before you add another.`);
    const favourite = isFavourite ? Math.max(-1, ...places.values()) + 1 : null;
    await mark(trx, actor.userId, appId, { favourite });
    return { kind: 'saved' };
  });
}

/** The favourites in this order. Those it does not name keep theirs, behind them. */
export async function orderFavourites(
  store: Store,
  actor: PersonActor,
  appIds: readonly string[],
): Promise<Saved<object>> {
  if (appIds.length > MAX_FAVOURITES || new Set(appIds).size !== appIds.length)
    return invalid({ '': 'An order names each favourite once.' });
  return writeOwn(store, actor, async ({ trx }) => {
    const known = [...(await placesOf(trx, actor.userId)).keys()];
    const named = appIds.filter((id) => known.includes(id));
    const ordered = [...named, ...known.filter((id) => !named.includes(id))];
    for (const [favourite, id] of ordered.entries()) await mark(trx, actor.userId, id, { favourite });
    return { kind: 'saved' };
  });
}

export async function noteOpened(store: Store, actor: PersonActor, appId: string): Promise<Saved<object>> {
  return writeOwn(store, actor, async ({ trx, now }) => {
    if (!(await exists(trx, appId))) return NOT_FOUND;
    await mark(trx, actor.userId, appId, { opened_at: now });
    return { kind: 'saved' };
  });
}

export async function setLauncherView(store: Store, actor: PersonActor, input: unknown): Promise<Saved<object>> {
  const view = LAUNCHER_VIEWS.find((each) => each === input);
  if (view === undefined) return invalid({ '': `A launcher shows ${LAUNCHER_VIEWS.join(' or ')}.` });
  return keep(store, actor, { view });
}

export async function setOpening(store: Store, actor: PersonActor, input: unknown): Promise<Saved<object>> {
  const opening = OPENINGS.find((each) => each === input);
  if (opening === undefined) return invalid({ '': `Apps open as one of ${OPENINGS.join(', ')}.` });
  return keep(store, actor, { opening });
}

type Preferences = { view: LauncherView; opening: Opening };

const PLAIN: Preferences = { view: 'tiles', opening: 'automatic' };

async function keep(store: Store, actor: PersonActor, set: Partial<Preferences>): Promise<Saved<object>> {
  return writeOwn(store, actor, async ({ trx }) => {
    await trx
      .insertInto('preferences')
      .values({ user_id: actor.userId, ...PLAIN, ...set })
      .onConflict((on) => on.column('user_id').doUpdateSet(set))
      .execute();
    return { kind: 'saved' };
  });
}

async function exists(trx: Transaction<Tables>, appId: string): Promise<boolean> {
  return (await trx.selectFrom('apps').select('id').where('id', '=', appId).executeTakeFirst()) !== undefined;
}

/** The favourites and their places, in order. */
async function placesOf(trx: Transaction<Tables>, userId: string): Promise<Map<string, number>> {
  const rows = await trx
    .selectFrom('launcher_apps')
    .select(['app_id', 'favourite'])
    .where('user_id', '=', userId)
    .where('favourite', 'is not', null)
    .orderBy('favourite')
    .execute();
  return new Map(rows.map(({ app_id, favourite }) => [app_id, Number(favourite)]));
}

async function mark(
  trx: Transaction<Tables>,
  userId: string,
  appId: string,
  set: { favourite: number | null } | { opened_at: number },
): Promise<void> {
  await trx
    .insertInto('launcher_apps')
    .values({ user_id: userId, app_id: appId, favourite: null, opened_at: null, ...set })
    .onConflict((on) => on.columns(['user_id', 'app_id']).doUpdateSet(set))
    .execute();
}
