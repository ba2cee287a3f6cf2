// Notices: what an administrator tells people on their launcher, for a while, and who has put which of them away.
import type { Identity } from '#server/core/identity.ts';
import { changedKeys } from './changed.ts';
import type { Store } from './handle.ts';
import { isId, newId } from './id.ts';
import { rightTo } from './right.ts';
import {
  type Actor,
  FORBIDDEN,
  type Found,
  invalid,
  type Listed,
  NOT_FOUND,
  type PersonActor,
  type Saved,
  type SavedRecord,
} from './saved.ts';
import { parseInput } from './schema/parse-input.ts';
import { noticeInput } from './schema/portal.ts';
import { CHANGED_MEANWHILE, changedAt, isStale } from './stale.ts';
import type { Tables } from './tables.ts';
import type { NoticeLevel } from './words.ts';
import { type Writing, write, writeOwn } from './write.ts';

/** A notice as its readers get it. */
export type ShownNotice = { id: string; text: string; level: NoticeLevel; pinned: boolean };

export type NoticeRecord = ShownNotice & {
  everyone: boolean;
  groupIds: readonly string[];
  /** Epoch milliseconds; null from the beginning, or without an end. */
  fromAt: number | null;
  untilAt: number | null;
  updatedAt: number;
};

/** Warnings first, then the newest. What was put away comes back when it is changed. */
export async function noticesFor(
  store: Store,
  { userId, groupIds }: Pick<Identity, 'userId' | 'groupIds'>,
): Promise<readonly ShownNotice[]> {
  const now = store.now();
  const [rows, dismissals] = await Promise.all([
    store.db
      .selectFrom('notices')
      .selectAll()
      .where((eb) => eb.or([eb('from_at', 'is', null), eb('from_at', '<=', now)]))
      .where((eb) => eb.or([eb('until_at', 'is', null), eb('until_at', '>', now)]))
      .where((eb) =>
        groupIds.length === 0
          ? eb('everyone', '=', 1)
          : eb.or([
              eb('everyone', '=', 1),
              eb('id', 'in', eb.selectFrom('notice_groups').select('notice_id').where('group_id', 'in', groupIds)),
            ]),
      )
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .execute(),
    store.db.selectFrom('notice_dismissals').selectAll().where('user_id', '=', userId).execute(),
  ]);
  const putAway = new Map(dismissals.map((row) => [row.notice_id, row.at]));
  return rows
    .filter((row) => row.pinned === 1 || !((putAway.get(row.id) ?? -1) >= row.updated_at))
    .map(({ id, text, level, pinned }) => ({ id, text, level, pinned: pinned === 1 }))
    .sort((a, b) => Number(b.level === 'warning') - Number(a.level === 'warning'));
}

/** Puts one away for this person. A pinned one stays, and so does one that is not theirs. */
export async function dismissNotice(store: Store, actor: PersonActor, id: string): Promise<Saved<object>> {
  return writeOwn(store, actor, async (w) => {
    const row = await noticeRow(w, id);
    if (!row || row.pinned === 1 || !(await isReader(w, row, actor.userId))) return NOT_FOUND;
    // The clock may have been set back since the notice was written.
    const at = Math.max(w.now, row.updated_at);
    await w.trx
      .insertInto('notice_dismissals')
      .values({ user_id: actor.userId, notice_id: id, at })
      .onConflict((on) => on.columns(['user_id', 'notice_id']).doUpdateSet({ at }))
      .execute();
    return { kind: 'saved' };
  });
}

/** The newest first. */
export async function listNotices(store: Store, actor: Actor): Promise<Listed<NoticeRecord>> {
  const right = await rightTo(store.db, actor, 'settings.read', store.now());
  if (right.kind !== 'any') return FORBIDDEN;
  const [rows, groups] = await Promise.all([
    store.db.selectFrom('notices').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc').execute(),
    store.db.selectFrom('notice_groups').selectAll().execute(),
  ]);
  const groupsOf = Map.groupBy(groups, (row) => row.notice_id);
  const records = rows.map((row) =>
    recordOf(
      row,
      (groupsOf.get(row.id) ?? []).map(({ group_id }) => group_id),
    ),
  );
  return { kind: 'listed', rows: records, total: records.length };
}

export async function getNotice(store: Store, actor: Actor, id: string): Promise<Found<{ notice: NoticeRecord }>> {
  const listed = await listNotices(store, actor);
  if (listed.kind !== 'listed') return listed;
  const notice = listed.rows.find((each) => each.id === id);
  return notice ? { kind: 'found', notice } : NOT_FOUND;
}

/** Creates (`id` null) or replaces a notice. `input`: schema/portal.ts. */
export async function saveNotice(
  store: Store,
  actor: Actor,
  id: string | null,
  input: unknown,
  expectedUpdatedAt?: number,
): Promise<SavedRecord> {
  return write(store, actor, 'settings.write', async (w) => {
    const before = id === null ? null : await noticeRow(w, id);
    if (before === undefined) return NOT_FOUND;
    if (isStale(before, expectedUpdatedAt)) return CHANGED_MEANWHILE;
    const parsed = parseInput(noticeInput, input);
    if (parsed.kind === 'invalid') return parsed;
    const { text, level, pinned, everyone, fromAt, untilAt } = parsed.value;
    const groupIds = everyone ? [] : parsed.value.groupIds;
    const stranger = await firstUnknownGroup(w, groupIds);
    if (stranger >= 0) return invalid({ groupIds: 'One of these groups does not exist any more. Choose again.' });
    const updatedAt = changedAt(before, w.now);
    const columns = {
      text,
      level,
      pinned: pinned ? 1 : 0,
      everyone: everyone ? 1 : 0,
      from_at: fromAt,
      until_at: untilAt,
      updated_at: updatedAt,
    } as const;
    const noticeId = before?.id ?? newId(w.now);
    if (before) await w.trx.updateTable('notices').set(columns).where('id', '=', noticeId).execute();
    else {
      const row = { ...columns, id: noticeId, created_at: w.now };
      await w.trx.insertInto('notices').values(row).execute();
    }
    await w.trx.deleteFrom('notice_groups').where('notice_id', '=', noticeId).execute();
    const rows = groupIds.map((group_id) => ({ notice_id: noticeId, group_id }));
    if (rows.length > 0) await w.trx.insertInto('notice_groups').values(rows).execute();
    const object = { kind: 'notice', id: noticeId, name: titleOf(text) } as const;
    w.audit({ action: 'notice-saved', object, detail: changedKeys(before, columns) });
    return { kind: 'saved', id: noticeId, updatedAt };
  });
}

export async function deleteNotice(store: Store, actor: Actor, id: string, expectedUpdatedAt?: number): Promise<Saved> {
  return write(store, actor, 'settings.write', async (w) => {
    const before = await noticeRow(w, id);
    if (!before) return NOT_FOUND;
    if (isStale(before, expectedUpdatedAt)) return CHANGED_MEANWHILE;
    await w.trx.deleteFrom('notices').where('id', '=', id).execute();
    w.audit({ action: 'notice-deleted', object: { kind: 'notice', id, name: titleOf(before.text) } });
    return { kind: 'saved', id };
  });
}

const MAX_TITLE = 80;

/** What the audit calls a notice: how it begins. */
function titleOf(text: string): string {
  const [first = ''] = text.split('\n', 1);
  return first.length > MAX_TITLE ? `${first.slice(0, MAX_TITLE)}…` : first;
}

async function noticeRow({ trx }: Writing, id: string): Promise<Tables['notices'] | undefined> {
  return isId(id) ? trx.selectFrom('notices').selectAll().where('id', '=', id).executeTakeFirst() : undefined;
}

/** Is the notice shown to this person right now? */
async function isReader({ trx, now }: Writing, row: Tables['notices'], userId: string): Promise<boolean> {
  if ((row.from_at ?? now) > now || (row.until_at ?? now + 1) <= now) return false;
  if (row.everyone === 1) return true;
  const shared = await trx
    .selectFrom('notice_groups')
    .innerJoin('group_members', 'group_members.group_id', 'notice_groups.group_id')
    .select('notice_id')
    .where('notice_id', '=', row.id)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return shared !== undefined;
}

/** Its place in the list, or -1. */
async function firstUnknownGroup({ trx }: Writing, groupIds: readonly string[]): Promise<number> {
  if (groupIds.length === 0) return -1;
  const rows = await trx.selectFrom('groups').select('id').where('id', 'in', groupIds).execute();
  const known = new Set(rows.map(({ id }) => id));
  return groupIds.findIndex((id) => !known.has(id));
}

function recordOf(row: Tables['notices'], groupIds: readonly string[]): NoticeRecord {
  const { id, text, level, pinned, everyone, from_at: fromAt, until_at: untilAt, updated_at: updatedAt } = row;
  return { id, text, level, pinned: pinned === 1, everyone: everyone === 1, groupIds, fromAt, untilAt, updatedAt };
}
