// The change feed: tells a process what another one changed, in order, and knows when it last heard.
import type { Kysely, Transaction } from 'kysely';
import { asFault } from '#server/core/fault.ts';
import { type Clocks, thisMoment } from './moment.ts';
import type { Tables } from './tables.ts';
import type { ChangeKind } from './words.ts';

/** One raise of the revision. `id` names the user or session; null for the catalogue and for everybody. */
export type Change = { revision: number; kind: ChangeKind; id: string | null };

/** Changes arrive in order and without a gap: a tail that was pruned is delivered as {catalogue} and {people}. */
export type Feed = {
  /** The last revision that was delivered. */
  revision(): number;
  /** What was delivered, or acknowledged here: a store that is behind it is an older copy. */
  floor(): number;
  /** When the store last confirmed that there is nothing newer, by the clock of now: never later than it was, whatever the clock does. */
  confirmedAt(): number;
  /** Listeners run synchronously, in order of subscription. Returns the way to end it. */
  subscribe(listener: (changes: readonly Change[]) => void): () => void;
};

/** A feed and the two ends that only its store holds. */
export type RunningFeed = { feed: Feed; hint(): void; stop(): void };

const KEPT_CHANGES = 10_000;
/** Hints may be lost with the thread that gives them; the revision is read this often anyway. */
const CONFIRM_EVERY_MS = 1000;

/** Raises the revision once for each change, in the transaction that makes it. */
export async function raise(trx: Transaction<Tables>, changes: readonly Omit<Change, 'revision'>[]): Promise<void> {
  if (changes.length === 0) return;
  const { value } = await trx
    .updateTable('revision')
    .set((eb) => ({ value: eb('value', '+', changes.length) }))
    .where('id', '=', 1)
    .returning('value')
    .executeTakeFirstOrThrow();
  const first = value - changes.length + 1;
  const rows = changes.map(({ kind, id }, at) => ({ revision: first + at, kind, subject_id: id }));
  await trx.insertInto('changes').values(rows).execute();
  await trx
    .deleteFrom('changes')
    .where('revision', '<=', value - KEPT_CHANGES)
    .execute();
}

export async function readRevision(db: Kysely<Tables>): Promise<number> {
  const { value } = await db.selectFrom('revision').select('value').where('id', '=', 1).executeTakeFirstOrThrow();
  return value;
}

export type FeedOptions = Clocks & {
  onProblem(problem: Error): void;
  /** The last revision that this process has raised. */
  acknowledged(): number;
  /** The store is behind its floor: an older copy was put back. Awaited before anything is read of it. */
  onOlder(floor: number): Promise<void>;
};

/** Begins at the revision of now; what was before is in whatever is loaded next. */
export async function startFeed(
  db: Kysely<Tables>,
  { onProblem, onOlder, acknowledged, ...clocks }: FeedOptions,
): Promise<RunningFeed> {
  const listeners = new Set<(changes: readonly Change[]) => void>();
  let confirmed = thisMoment(clocks);
  let revision = await readRevision(db);
  let looking = false;
  let hinted = false;
  let stopped = false;
  let failing = false;

  function floor(): number {
    return Math.max(revision, acknowledged());
  }

  async function look(): Promise<void> {
    const started = thisMoment(clocks);
    if ((await readRevision(db)) < floor()) await onOlder(floor());
    const changes = await changesSince(db, revision);
    if (stopped) return;
    const last = changes.at(-1);
    if (last) {
      revision = last.revision;
      deliver(changes);
    }
    confirmed = started;
  }

  function deliver(changes: readonly Change[]): void {
    for (const listener of listeners) {
      try {
        listener(changes);
      } catch (error) {
        onProblem(asFault(error));
      }
    }
  }

  function hint(): void {
    hinted = true;
    if (!looking && !stopped) void lookWhileHinted();
  }

  async function lookWhileHinted(): Promise<void> {
    looking = true;
    while (hinted && !stopped) {
      hinted = false;
      await look().then(() => {
        failing = false;
      }, complain);
    }
    looking = false;
  }

  /** Once per outage: `confirmedAt` says how long it lasts. */
  function complain(error: unknown): void {
    if (!stopped && !failing) onProblem(asFault(error));
    failing = true;
  }

  const timer = setInterval(hint, CONFIRM_EVERY_MS);
  const feed: Feed = {
    revision: () => revision,
    floor,
    confirmedAt: () => confirmed(),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return {
    feed,
    hint,
    stop() {
      stopped = true;
      clearInterval(timer);
    },
  };
}

async function changesSince(db: Kysely<Tables>, seen: number): Promise<Change[]> {
  const current = await readRevision(db);
  if (current === seen) return [];
  const rows = await db
    .selectFrom('changes')
    .select(['revision', 'kind', 'subject_id as id'])
    .where('revision', '>', seen)
    .where('revision', '<=', current)
    .orderBy('revision')
    .execute();
  // Fewer rows than revisions: the tail was pruned, or an older copy of the database was put back.
  if (rows.length !== current - seen) return everything(current);
  return rows;
}

function everything(revision: number): Change[] {
  return [
    { revision, kind: 'catalogue', id: null },
    { revision, kind: 'people', id: null },
  ];
}
