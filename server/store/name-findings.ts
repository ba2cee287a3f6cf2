// What the DNS doctor found: kept from look to look, so that it can be said since when.
import { findingKey, type NamesFinding } from '#server/core/names-finding.ts';
import { readJson } from './app-row.ts';
import type { Store } from './handle.ts';
import { rightTo } from './right.ts';
import { type Actor, FORBIDDEN, type Found, type Saved } from './saved.ts';
import type { Tables } from './tables.ts';
import { write } from './write.ts';

/** Seen without a break from `firstSeen` to `lastSeen` (epoch ms). */
export type KeptFinding = NamesFinding & { firstSeen: number; lastSeen: number };

/** `checkedAt` null: nobody has looked yet. `isComplete` false: the time was over before every name was looked at. */
export type NamesReport = {
  checkedAt: number | null;
  names: number;
  isComplete: boolean;
  findings: readonly KeptFinding[];
};

/** A look that has not ended after so long never will: its program is gone. */
const LOOK_MS = 2 * 60_000;
const ROWS_PER_WRITE = 200;

/** Takes the turn to look, unless somebody else is at it or has ended a look less than `leastAgeMs` ago. */
export async function beginNamesCheck(store: Store, leastAgeMs: number): Promise<boolean> {
  const now = store.now();
  return store.db.transaction().execute(async (trx) => {
    const row = await trx.selectFrom('name_checks').selectAll().where('id', '=', 1).executeTakeFirst();
    const isUnderWay = row && (row.finished_at ?? 0) < row.started_at && Math.abs(now - row.started_at) < LOOK_MS;
    // A clock that was set back makes nothing wait for its return.
    const isRecent = row?.finished_at != null && Math.abs(now - row.finished_at) < leastAgeMs;
    if (isUnderWay || isRecent) return false;
    const begun = { id: 1, started_at: now, finished_at: null, names: 0, complete: 0 } as const;
    await trx
      .insertInto('name_checks')
      .values(begun)
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ started_at: now }))
      .execute();
    return true;
  });
}

/** Gives the turn back where a look came to nothing, so that nobody waits for its end. */
export async function giveUpNamesCheck(store: Store): Promise<void> {
  await store.db
    .updateTable('name_checks')
    .set((eb) => ({ started_at: eb.fn.coalesce('finished_at', eb.lit(0)) }))
    .where('id', '=', 1)
    .execute();
}

/** Keeps what a look found. What it did not find any more is over, as far as the look came. */
export async function endNamesCheck(
  store: Store,
  look: { findings: readonly NamesFinding[]; names: readonly string[]; isComplete: boolean },
): Promise<void> {
  const now = store.now();
  const rows = look.findings.map((finding) => rowOf(finding, now));
  const looked = new Set(look.names);
  await store.db.transaction().execute(async (trx) => {
    const before = await trx.selectFrom('name_findings').select(['key', 'name']).execute();
    const seen = new Set(rows.map(({ key }) => key));
    const over = before.filter(({ key, name }) => !seen.has(key) && (look.isComplete || looked.has(name)));
    for (const some of inParts(over.map(({ key }) => key)))
      await trx.deleteFrom('name_findings').where('key', 'in', some).execute();
    for (const some of inParts(rows))
      await trx
        .insertInto('name_findings')
        .values(some)
        .onConflict((conflict) =>
          conflict.column('key').doUpdateSet((eb) => ({
            level: eb.ref('excluded.level'),
            finding: eb.ref('excluded.finding'),
            last_seen: eb.ref('excluded.last_seen'),
          })),
        )
        .execute();
    const finished = { finished_at: now, names: looked.size, complete: look.isComplete ? 1 : 0 } as const;
    await trx.updateTable('name_checks').set(finished).where('id', '=', 1).execute();
  });
}

/** Asks for a look on a person's behalf: whoever places apps may, and the audit says so. */
export function askForNamesCheck(store: Store, actor: Actor): Promise<Saved<{ id: string }>> {
  return write(store, actor, 'apps.place', async (w) => {
    if (w.right.kind !== 'any') return FORBIDDEN;
    w.audit({ action: 'names-checked', object: { kind: 'names', id: 'names', name: 'names' } });
    return { kind: 'saved', id: 'names' };
  });
}

/**
 * What is known. An app's owner reads what concerns their own apps alone, without what DNS says inside the site (invariant 5:
 * a name that they may not know is in none of it).
 */
export async function readNamesReport(store: Store, actor: Actor, appId?: string): Promise<Found<NamesReport>> {
  const now = store.now();
  const right = await rightTo(store.db, actor, 'apps.read', now);
  if (right.kind === 'none') return FORBIDDEN;
  const mayReadSites = (await rightTo(store.db, actor, 'sites.read', now)).kind === 'any';
  const check = await store.db.selectFrom('name_checks').selectAll().where('id', '=', 1).executeTakeFirst();
  const rows = await store.db.selectFrom('name_findings').selectAll().execute();
  const apps = await appsOf(store, right.kind === 'own' ? right.userId : null);
  const findings = rows.flatMap((row) => {
    const finding = findingIn(row);
    if (!finding || (finding.isPrivate && !mayReadSites)) return [];
    const of = finding.appIds.filter((id) => apps.has(id));
    // Of an app that is deleted by now nothing is wrong any more; what concerns all is nobody's own.
    if (of.length === 0 && (right.kind === 'own' || finding.appIds.length > 0)) return [];
    return appId !== undefined && !of.includes(appId) ? [] : [{ ...finding, appIds: of }];
  });
  return {
    kind: 'found',
    checkedAt: check?.finished_at ?? null,
    names: check?.names ?? 0,
    isComplete: check?.complete === 1,
    findings: findings.sort(
      (one, other) =>
        Number(other.level === 'error') - Number(one.level === 'error') || one.name.localeCompare(other.name),
    ),
  };
}

/** Of one person, or of all. */
async function appsOf(store: Store, ownerId: string | null): Promise<ReadonlySet<string>> {
  const apps = store.db.selectFrom('apps').select('id');
  const rows = await (ownerId === null ? apps : apps.where('owner_user_id', '=', ownerId)).execute();
  return new Set(rows.map(({ id }) => id));
}

function rowOf(finding: NamesFinding, now: number): Tables['name_findings'] {
  const { code, level, name } = finding;
  const times = { first_seen: now, last_seen: now };
  return { key: findingKey(finding), code, level, name, finding: JSON.stringify(finding), ...times };
}

/** A row that an older or newer Foyer wrote may make no sense; the next look writes it anew. */
function findingIn(row: Tables['name_findings']): KeptFinding | null {
  const finding = readJson(row.finding) as NamesFinding | undefined;
  if (!finding?.sentence || !Array.isArray(finding.appIds)) return null;
  return { ...finding, firstSeen: row.first_seen, lastSeen: row.last_seen };
}

function inParts<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / ROWS_PER_WRITE) }, (_, at) =>
    all.slice(at * ROWS_PER_WRITE, (at + 1) * ROWS_PER_WRITE),
  );
}
