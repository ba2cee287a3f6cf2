// What the app pages can change. The store checks who may, and what is true of an app; nothing here redirects.
'use server';
import { deleteApp, getApp, saveApp, setAssignments } from '#server/store/apps.ts';
import { type Assignee, findAssignees } from '#server/store/assignees.ts';
import { type BulkDone, changeApps } from '#server/store/bulk.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { renewAlias } from '#server/store/renew-alias.ts';
import { rightTo } from '#server/store/right.ts';
import { FORBIDDEN } from '#server/store/saved.ts';
import { restoreApp, type UndoDone, undo } from '#server/store/undo.ts';
import { type ActionResult, act, idOrNull, timeOrNone } from '../act.ts';
import type { EditedApp } from './app-form.tsx';
import { shownApp } from './shown-app.ts';

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

/** From now on the old alias is a name that never was. */
export async function renewAliasAction(id: unknown): Promise<ActionResult> {
  return act((store, actor) => renewAlias(store, actor, String(id)));
}

export async function deleteAppAction(id: unknown): Promise<ActionResult> {
  return act((store, actor) => deleteApp(store, actor, String(id)));
}

/** `selection`, `change`: the store's schema/bulk.ts. */
export async function changeAppsAction(selection: unknown, change: unknown): Promise<ActionResult<BulkDone>> {
  return act((store, actor) => changeApps(store, actor, selection, change));
}

export async function undoAction(undoId: unknown): Promise<ActionResult<UndoDone>> {
  return act((store, actor) => undo(store, actor, String(undoId)));
}

export async function restoreAppAction(undoId: unknown, appId: unknown): Promise<ActionResult> {
  return act((store, actor) => restoreApp(store, actor, String(undoId), String(appId)));
}

/** Reads, and is an action since what is typed belongs in no address. */
export async function findAssigneesAction(search: unknown): Promise<ActionResult<{ rows: readonly Assignee[] }>> {
  return act(async (store, actor) => {
    const found = await findAssignees(store, actor, String(search).slice(0, 100));
    return found.kind === 'listed' ? { kind: 'saved', rows: found.rows } : found;
  });
}

/** The app as it is by now, for a form that was made from an older state of it. */
export async function appNowAction(appId: unknown): Promise<ActionResult<{ now: EditedApp }>> {
  return act(async (store, actor) => {
    // Whoever only reads has no form to compare.
    if ((await rightTo(store.db, actor, 'apps.write', store.now())).kind === 'none') return FORBIDDEN;
    const found = await getApp(store, actor, String(appId));
    if (found.kind !== 'found') return found;
    const { app, assignments, ownerUserId, updatedAt } = found;
    return { kind: 'saved', now: { app: shownApp(app, portalContext().now()), assignments, ownerUserId, updatedAt } };
  });
}
