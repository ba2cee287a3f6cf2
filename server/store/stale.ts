// Forms that were made from a record which has changed since: they are refused, so that nobody overwrites what they have not seen.
import { conflict } from './saved.ts';

export const CHANGED_MEANWHILE = conflict(
  'Somebody changed this since you opened it. Reload to see it; your text stays in the form.',
);

type Dated = { updated_at: number };

/** `expectedUpdatedAt` is the record's `updatedAt` that the form was made from; without it nothing is expected. */
export function isStale(row: Dated | null, expectedUpdatedAt: number | undefined): boolean {
  return row !== null && expectedUpdatedAt !== undefined && row.updated_at !== expectedUpdatedAt;
}

/** The time of a change: never the one before, also within one millisecond and when the clock was set back. */
export function changedAt(row: Dated | null, now: number): number {
  return row ? Math.max(now, row.updated_at + 1) : now;
}
