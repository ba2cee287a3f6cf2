// How long a crashed child waits before it is started again.

const FIRST_MS = 100;
const LONGEST_MS = 10_000;

/** A child that lived this long was well: its next crash counts as its first. */
const WELL_AFTER_MS = 30_000;

/** `previousMs` is the last wait, or 0 before the first crash. */
export function nextWaitMs(previousMs: number, livedMs: number): number {
  if (previousMs === 0 || livedMs >= WELL_AFTER_MS) return FIRST_MS;
  return Math.min(previousMs * 2, LONGEST_MS);
}
