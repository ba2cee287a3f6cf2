// What the group pages can change.
'use server';
import { deleteGroup, saveGroup, setMembers } from '#server/store/groups.ts';
import { type ActionResult, act, idOrNull, timeOrNone } from '../act.ts';

/** Saves the name, then the members (null leaves them). `groupId` says which group exists by now, also when the members were refused. */
export async function saveGroupAction(
  id: unknown,
  group: unknown,
  members: unknown,
  openedAt?: unknown,
): Promise<ActionResult & { groupId?: string; updatedAt?: number }> {
  let groupId: string | undefined;
  let updatedAt: number | undefined;
  const result = await act(async (store, actor) => {
    const saved = await saveGroup(store, actor, idOrNull(id), group, timeOrNone(openedAt));
    if (saved.kind !== 'saved') return saved;
    groupId = saved.id;
    updatedAt = saved.updatedAt;
    if (members === null) return saved;
    const set = await setMembers(store, actor, saved.id, members, saved.updatedAt);
    if (set.kind === 'saved') updatedAt = set.updatedAt;
    return set;
  });
  return { ...result, groupId, updatedAt };
}

export async function deleteGroupAction(id: unknown): Promise<ActionResult> {
  return act((store, actor) => deleteGroup(store, actor, String(id)));
}
