// Moments that keep their age when the wall clock is set.

export type Clocks = {
  now(): number;
  /** Milliseconds of a clock that nobody sets. */
  steadyNow(): number;
};

/**
 * This moment, as epoch ms by the clock of whenever it is asked. A wall clock that jumps back would make it young, and a steady
 * one may stand still while the machine sleeps: of the two ages the greater counts.
 */
export function thisMoment({ now, steadyNow }: Clocks): () => number {
  const at = now();
  const steadyAt = steadyNow();
  return () => Math.min(at, now() - (steadyNow() - steadyAt));
}
