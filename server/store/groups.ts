// Groups: local ones that administrators fill, and those that a provider's claim names.
import { changedKeys } from './changed.ts';
import { contains, fold, pageOf } from './fold.ts';
import type { Store } from './handle.ts';
import { isId, newId } from './id.ts';
import { raiseEach } from './people.ts';
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
import { groupInput, membersInput } from './schema/user.ts';
import { CHANGED_MEANWHILE, changedAt, isStale } from './stale.ts';
import type { Tables } from './tables.ts';
import type { GroupSource } from './words.ts';
import { type Writing, write } from './write.ts';

export type GroupRecord = {
  id: string;
  name: string;
  source: GroupSource;
  providerId: string | null;
  memberCount: number;
  updatedAt: number;
};
export type GroupMember = { userId: string; email: string; name: string };

export async function listGroups(store: Store, actor: Actor, query: ListQuery = {}): Promise<Listed<GroupRecord>> {
  const right = await rightTo(store.db, actor, 'people.read', store.now());
  if (right.kind !== 'any') return FORBIDDEN;
  let matching = store.db.selectFrom('groups');
  const { search } = query;
  if (search) matching = matching.where((eb) => contains(eb.ref('name_folded'), search));
  const { offset, limit } = pageOf(query);
  const { total } = await matching.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const rows = await matching
    .selectAll()
    .select((eb) => [
      eb
        .selectFrom('group_members')
        .select((count) => count.fn.countAll<number>().as('count'))
        .whereRef('group_members.group_id', '=', 'groups.id')
        .as('members'),
    ])
    .orderBy('name_folded')
    .orderBy('id')
    .limit(limit)
    .offset(offset)
    .execute();
  return { kind: 'listed', rows: rows.map((row) => recordOf(row, row.members ?? 0)), total };
}

export async function getGroup(
  store: Store,
  actor: Actor,
  id: string,
): Promise<Found<{ group: GroupRecord; members: readonly GroupMember[] }>> {
  const right = await rightTo(store.db, actor, 'people.read', store.now());
  if (right.kind !== 'any') return FORBIDDEN;
  const row = isId(id) && (await store.db.selectFrom('groups').selectAll().where('id', '=', id).executeTakeFirst());
  if (!row) return NOT_FOUND;
  const members = await store.db
    .selectFrom('group_members')
    .innerJoin('users', 'users.id', 'group_members.user_id')
    .select(['users.id as userId', 'users.email', 'users.name'])
    .where('group_members.group_id', '=', id)
    .orderBy('users.name_folded')
    .orderBy('users.id')
    .execute();
  return { kind: 'found', group: recordOf(row, members.length), members };
}

/** `input`: { name }. */
export async function saveGroup(
  store: Store,
  actor: Actor,
  id: string | null,
  input: unknown,
  expectedUpdatedAt?: number,
): Promise<SavedRecord> {
  return write(store, actor, 'people.write', async (w) => {
    const before = id === null ? null : await groupRow(w, id);
    if (before === undefined) return NOT_FOUND;
    if (before?.source === 'provider') return PROVIDER_DECIDES;
    if (isStale(before, expectedUpdatedAt)) return CHANGED_MEANWHILE;
    const parsed = parseInput(groupInput, input);
    if (parsed.kind === 'invalid') return parsed;
    const updatedAt = changedAt(before, w.now);
    const columns = { name: parsed.value.name, name_folded: fold(parsed.value.name), updated_at: updatedAt };
    const groupId = before?.id ?? newId(w.now);
    const namesake = await w.trx
      .selectFrom('groups')
      .select('id')
      .where('source', '=', 'local')
      .where('name_folded', '=', columns.name_folded)
      .where('id', '!=', groupId)
      .executeTakeFirst();
    if (namesake) return invalid({ name: 'Another group has this name. Choose another one.' });
    if (before) {
      await w.trx.updateTable('groups').set(columns).where('id', '=', groupId).execute();
      // Apps are told the names of a person's groups.
      raiseEach(w, 'user', await memberIds(w, groupId));
    } else {
      const row = { ...columns, id: groupId, source: 'local' as const, provider_id: null, external_name: null };
      await w.trx
        .insertInto('groups')
        .values({ ...row, created_at: w.now })
        .execute();
    }
    const object = { kind: 'group', id: groupId, name: columns.name } as const;
    w.audit({ action: 'group-saved', object, detail: changedKeys(before, columns) });
    return { kind: 'saved', id: groupId, updatedAt };
  });
}

/** A provider's group comes back with the next sign-in that claims it, without its assignments. */
export async function deleteGroup(store: Store, actor: Actor, id: string, expectedUpdatedAt?: number): Promise<Saved> {
  return write(store, actor, 'people.write', async (w) => {
    const before = await groupRow(w, id);
    if (!before) return NOT_FOUND;
    if (isStale(before, expectedUpdatedAt)) return CHANGED_MEANWHILE;
    raiseEach(w, 'user', await memberIds(w, id));
    await w.trx.deleteFrom('groups').where('id', '=', id).execute();
    w.raise('catalogue');
    w.audit({ action: 'group-deleted', object: { kind: 'group', id, name: before.name } });
    return { kind: 'saved', id };
  });
}

/** Replaces the members of a local group. `input`: an array of user ids. */
export async function setMembers(
  store: Store,
  actor: Actor,
  id: string,
  input: unknown,
  expectedUpdatedAt?: number,
): Promise<SavedRecord> {
  return write(store, actor, 'people.write', async (w) => {
    const group = await groupRow(w, id);
    if (!group) return NOT_FOUND;
    if (group.source === 'provider') return PROVIDER_DECIDES;
    if (isStale(group, expectedUpdatedAt)) return CHANGED_MEANWHILE;
    const parsed = parseInput(membersInput, input);
    if (parsed.kind === 'invalid') return parsed;
    const wanted = new Set(parsed.value);
    const before = new Set(await memberIds(w, id));
    const added = [...wanted.difference(before)];
    const removed = [...before.difference(wanted)];
    const known = new Set(await existing(w, added));
    const stranger = parsed.value.findIndex(
      (userId) => wanted.has(userId) && added.includes(userId) && !known.has(userId),
    );
    if (stranger >= 0) return invalid({ [`${stranger}`]: 'This person does not exist any more. Remove them.' });
    if (removed.length > 0) {
      await w.trx.deleteFrom('group_members').where('group_id', '=', id).where('user_id', 'in', removed).execute();
    }
    if (added.length > 0) {
      const rows = added.map((user_id) => ({ group_id: id, user_id }));
      await w.trx.insertInto('group_members').values(rows).execute();
    }
    const updatedAt = changedAt(group, w.now);
    await w.trx.updateTable('groups').set({ updated_at: updatedAt }).where('id', '=', id).execute();
    raiseEach(w, 'user', [...added, ...removed]);
    w.audit({
      action: 'group-members-set',
      object: { kind: 'group', id, name: group.name },
      detail: { added, removed },
    });
    return { kind: 'saved', id, updatedAt };
  });
}

const PROVIDER_DECIDES = conflict(
  'A provider decides about this group. Change it there, or use a group of Foyer’s own.',
);

async function groupRow({ trx }: Writing, id: string): Promise<Tables['groups'] | undefined> {
  return isId(id) ? trx.selectFrom('groups').selectAll().where('id', '=', id).executeTakeFirst() : undefined;
}

async function memberIds({ trx }: Writing, groupId: string): Promise<string[]> {
  const rows = await trx.selectFrom('group_members').select('user_id').where('group_id', '=', groupId).execute();
  return rows.map(({ user_id }) => user_id);
}

async function existing({ trx }: Writing, userIds: readonly string[]): Promise<string[]> {
  if (userIds.length === 0) return [];
  const rows = await trx.selectFrom('users').select('id').where('id', 'in', userIds).execute();
  return rows.map(({ id }) => id);
}

function recordOf(row: Tables['groups'], memberCount: number): GroupRecord {
  const { id, name, source, provider_id: providerId, updated_at: updatedAt } = row;
  return { id, name, source, providerId, memberCount, updatedAt };
}
