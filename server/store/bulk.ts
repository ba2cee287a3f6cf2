// One change to several apps: a transaction for each handful of them, an audit event for each app, and all of it can be taken back.
import type { Assignment } from '#server/core/policy.ts';
import { assignmentProblems } from './app-problems.ts';
import { appState } from './app-state.ts';
import { appRow, matchingIds, removeApp } from './apps.ts';
import { assignedDetail, assignmentsOf, isSameAssignment, replaceAssignments } from './assignments.ts';
import type { Store } from './handle.ts';
import { type Actor, invalid, NOT_FOUND, type Saved } from './saved.ts';
import { appSelectionInput, type BulkChange, bulkChangeInput } from './schema/bulk.ts';
import { parseInput } from './schema/parse-input.ts';
import { changedAt } from './stale.ts';
import type { Tables } from './tables.ts';
import { beginUndo, keepForUndo } from './undo-record.ts';
import { type Writing, write } from './write.ts';

/** `same` apps were so already, `gone` are no more, or not this person's. `undoId` is null when nothing was changed. */
export type BulkDone = { undoId: string | null; changed: number; same: number; gone: number };

/** Short enough that gateways and other writers hardly wait. */
const APPS_PER_WRITE = 50;

/** `selection`, `change`: schema/bulk.ts. Not found when none of the apps is there. What is done stays done when a later handful fails, and its undo knows of it. */
export async function changeApps(
  store: Store,
  actor: Actor,
  selection: unknown,
  change: unknown,
): Promise<Saved<BulkDone>> {
  const which = parseInput(appSelectionInput, selection);
  if (which.kind === 'invalid') return which;
  const what = parseInput(bulkChangeInput, change);
  if (what.kind === 'invalid') return what;
  const ids = which.value.kind === 'these' ? which.value.ids : await matchingIds(store, actor, which.value.filter);
  const done: BulkDone = { undoId: null, changed: 0, same: 0, gone: 0 };
  let at = 0;
  // Once also without an app: whether the person may is decided, and told, within a write.
  do {
    const some = ids.slice(at, at + APPS_PER_WRITE);
    const outcome = await changeSome(store, actor, some, what.value, done.undoId);
    if (outcome.kind !== 'saved') return outcome;
    done.undoId = outcome.undoId;
    done.changed += outcome.changed;
    done.same += outcome.same;
    done.gone += outcome.gone;
    at += APPS_PER_WRITE;
  } while (at < ids.length);
  if (ids.length > 0 && done.gone === ids.length) return NOT_FOUND;
  return { kind: 'saved', ...done };
}

async function changeSome(
  store: Store,
  actor: Actor,
  ids: readonly string[],
  change: BulkChange,
  begun: string | null,
): Promise<Saved<BulkDone>> {
  return write(store, actor, 'apps.write', async (w) => {
    if (change.kind === 'assign') {
      const errors = await assignmentProblems(w, change.add);
      const [sentence] = Object.values(errors);
      if (sentence) return invalid({ add: sentence });
    }
    const done: BulkDone = { undoId: begun, changed: 0, same: 0, gone: 0 };
    for (const id of ids) {
      const row = await appRow(w, id);
      if (!row) done.gone += 1;
      else if (await isSo(w, row, change)) done.same += 1;
      else {
        done.undoId ??= await beginUndo(w, actor, change.kind);
        await changeOne(w, row, change, done.undoId);
        done.changed += 1;
      }
    }
    if (done.changed > 0) w.raise('catalogue');
    return { kind: 'saved', ...done };
  });
}

async function isSo({ trx }: Writing, row: Tables['apps'], change: BulkChange): Promise<boolean> {
  switch (change.kind) {
    case 'enable':
      return row.enabled === 1;
    case 'disable':
      return row.enabled === 0;
    case 'category':
      return row.category === change.category;
    case 'assign': {
      const before = await assignmentsOf(trx, row);
      return assignedAfter(before, change).length === before.length && !change.add.some((each) => isNew(before, each));
    }
    case 'delete':
      return false;
    default:
      return change satisfies never;
  }
}

async function changeOne(w: Writing, row: Tables['apps'], change: BulkChange, undoId: string): Promise<void> {
  const updatedAt = changedAt(row, w.now);
  const keep = (before: unknown) => keepForUndo(w, undoId, row, JSON.stringify(before), updatedAt);
  switch (change.kind) {
    case 'delete':
      return removeApp(w, undoId, row);
    case 'assign': {
      const before = await assignmentsOf(w.trx, row);
      const after = assignedAfter(before, change);
      await keep(before);
      await replaceAssignments(w, row.id, after, updatedAt);
      w.audit({ action: 'app-assigned', object: objectOf(row), detail: assignedDetail(after) });
      return;
    }
    case 'enable':
    case 'disable': {
      await keep({ enabled: row.enabled });
      await setEnabled(w, row, change.kind === 'enable' ? 1 : 0, updatedAt);
      w.audit({ action: 'app-saved', object: objectOf(row), detail: { changed: ['enabled'] } });
      return;
    }
    case 'category': {
      await keep({ category: row.category });
      await w.trx
        .updateTable('apps')
        .set({ category: change.category, updated_at: updatedAt })
        .where('id', '=', row.id)
        .execute();
      w.audit({ action: 'app-saved', object: objectOf(row), detail: { changed: ['category'] } });
      return;
    }
    default:
      return change satisfies never;
  }
}

export async function setEnabled(w: Writing, row: Tables['apps'], enabled: 0 | 1, updatedAt: number): Promise<void> {
  const set = { enabled, state: appState({ ...row, enabled }), updated_at: updatedAt };
  await w.trx.updateTable('apps').set(set).where('id', '=', row.id).execute();
}

/** Removing comes first: what is both added and removed is there afterwards. */
function assignedAfter(
  before: readonly Assignment[],
  { add, remove }: Extract<BulkChange, { kind: 'assign' }>,
): Assignment[] {
  const kept = before.filter((each) => isNew(remove, each) || !isNew(add, each));
  return [...kept, ...add.filter((each) => isNew(kept, each))];
}

function isNew(list: readonly Assignment[], assignment: Assignment): boolean {
  return !list.some((each) => isSameAssignment(each, assignment));
}

export function objectOf({ id, name }: Tables['apps']) {
  return { kind: 'app', id, name } as const;
}
