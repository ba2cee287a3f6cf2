// Having all names looked at, and how far that is.
'use server';
import { askForNamesCheck, readNamesReport } from '#server/store/name-findings.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { rightTo } from '#server/store/right.ts';
import { FORBIDDEN } from '#server/store/saved.ts';
import { type ActionResult, act } from '../act.ts';

/** Answers when the look has begun, or when one is under way already. */
export async function checkNamesAction(): Promise<ActionResult> {
  return act(async (store, actor) => {
    const asked = await askForNamesCheck(store, actor);
    // Never rejects: what goes wrong is logged, and the page shows that nothing newer is there.
    if (asked.kind === 'saved') void portalContext().checkNames();
    return asked;
  });
}

export type NamesState = { progress: { done: number; total: number } | null; checkedAt: number | null };

/** For whoever may have names looked at. Reads, and is an action since it is asked again and again. */
export async function namesStateAction(): Promise<ActionResult<NamesState>> {
  return act(async (store, actor) => {
    if ((await rightTo(store.db, actor, 'apps.place', store.now())).kind !== 'any') return FORBIDDEN;
    const report = await readNamesReport(store, actor);
    if (report.kind !== 'found') return report;
    return { kind: 'saved', progress: portalContext().namesProgress(), checkedAt: report.checkedAt };
  });
}
