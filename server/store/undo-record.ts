// What a change to several apps leaves behind, so that it can be taken back for a while.
import { sql } from 'kysely';
import type { Store } from './handle.ts';
import { newId } from './id.ts';
import { keptWithout } from './kept-app.ts';
import type { Actor } from './saved.ts';
import type { Tables } from './tables.ts';
import type { UndoableAction } from './words.ts';
import type { Writing } from './write.ts';

const HOUR_MS = 3_600_000;
/** A deleted app is kept for a day; everything else is easily done again. */
const UNDO_MS: Record<UndoableAction, number> = {
  assign: HOUR_MS,
  enable: HOUR_MS,
  disable: HOUR_MS,
  category: HOUR_MS,
  delete: 24 * HOUR_MS,
};

/** Begins one, and forgets those whose time is over. */
export async function beginUndo(
  { trx, now }: Pick<Writing, 'trx' | 'now'>,
  actor: Actor,
  action: UndoableAction,
): Promise<string> {
  await trx.deleteFrom('undos').where('expires_at', '<=', now).execute();
  const id = newId(now);
  const userId = actor.kind === 'system' ? null : actor.userId;
  await trx
    .insertInto('undos')
    .values({ id, user_id: userId, action, at: now, expires_at: now + UNDO_MS[action] })
    .execute();
  return id;
}

/** `updatedAt` is the app's after the change; null when it is gone. */
export async function keepForUndo(
  { trx }: Pick<Writing, 'trx'>,
  undoId: string,
  app: Tables['apps'],
  before: string,
  updatedAt: number | null,
): Promise<void> {
  const { id: app_id, name, owner_user_id } = app;
  await trx
    .insertInto('undo_apps')
    .values({ undo_id: undoId, app_id, name, owner_user_id, before, updated_at: updatedAt })
    .execute();
}

const APPS_PER_WRITE = 50;

/** Takes a person out of all that is kept to be undone; nobody can bring them back with an app. May be repeated. */
export async function forgetInUndos({ db }: Store, userId: string): Promise<void> {
  await db.updateTable('undos').set({ user_id: null }).where('user_id', '=', userId).execute();
  await db.updateTable('undo_apps').set({ owner_user_id: null }).where('owner_user_id', '=', userId).execute();
  for (let some = APPS_PER_WRITE; some === APPS_PER_WRITE; ) {
    some = await db.transaction().execute(async (trx) => {
      const rows = await trx
        .selectFrom('undo_apps')
        .select(['undo_id', 'app_id', 'before'])
        .where(sql<boolean>`before like ${`%${userId}%`}`)
        .limit(APPS_PER_WRITE)
        .execute();
      for (const { undo_id, app_id, before } of rows)
        await trx
          .updateTable('undo_apps')
          .set({ before: keptWithout(before, userId) })
          .where('undo_id', '=', undo_id)
          .where('app_id', '=', app_id)
          .execute();
      return rows.length;
    });
  }
}
