// What the group pages can change.
'use server';
import { deleteGroup, saveGroup, setMembers } from '#server/store/groups.ts';
import { type ActionResult, act, idOrNull } from '../act.ts';

/** Saves the name, then the members (null leaves them). `groupId` says which group exists by now, also when the members were refused. */
export async function saveGroupAction(
  id: unknown,
  group: unknown,
  members: unknown,
): Promise<ActionResult & { groupId?: string }> {
  let groupId: string | undefined;
  const result = await act(async (store, actor) => {
    const saved = await saveGroup(store, actor, idOrNull(id), group);
    if (saved.kind !== 'saved') return saved;
    groupId = saved.id;
    if (members === null) return saved;
    const set = await setMembers(store, actor, saved.id, members);
    return set.kind === 'saved' ? saved : set;
  });
  return { ...result, groupId };
}

export async function deleteGroupAction(id: unknown): Promise<ActionResult> {
  return act((store, actor) => deleteGroup(store, actor, String(id)));
}
