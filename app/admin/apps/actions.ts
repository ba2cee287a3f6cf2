// What the app pages can change. The store checks who may, and what is true of an app; nothing here redirects.
'use server';
import { deleteApp, saveApp, setAssignments } from '#server/store/apps.ts';
import { type ActionResult, act, idOrNull, timeOrNone } from '../act.ts';

/** Saves the app, then who may open it. When only the second fails, the answer's `appId` says which app exists by now. */
export async function saveAppAction(
  id: unknown,
  app: unknown,
  assignments: unknown,
  openedAt?: unknown,
): Promise<ActionResult & { appId?: string; updatedAt?: number }> {
  let appId: string | undefined;
  let updatedAt: number | undefined;
  const result = await act(async (store, actor) => {
    const saved = await saveApp(store, actor, idOrNull(id), app, timeOrNone(openedAt));
    if (saved.kind !== 'saved') return saved;
    appId = saved.id;
    updatedAt = saved.updatedAt;
    const assigned = await setAssignments(store, actor, saved.id, assignments, saved.updatedAt);
    if (assigned.kind === 'saved') updatedAt = assigned.updatedAt;
    if (assigned.kind !== 'invalid') return assigned;
    const errors = Object.entries(assigned.errors).map(([path, sentence]) => [`assignments.${path}`, sentence]);
    return { kind: 'invalid', errors: Object.fromEntries(errors) };
  });
  return { ...result, appId, updatedAt };
}

export async function deleteAppAction(id: unknown): Promise<ActionResult> {
  return act((store, actor) => deleteApp(store, actor, String(id)));
}
