// Counts of steps as rates: the last step is not over yet, and a few seconds of it say nothing.

const LEAST_MS = 20_000;

export function perSecond(
  counts: readonly number[],
  steps: readonly number[],
  stepMs: number,
  now: number,
): (number | null)[] {
  return counts.map((count, at) => {
    const passedMs = Math.min(stepMs, now - (steps[at] ?? 0));
    return passedMs < Math.min(LEAST_MS, stepMs) ? null : count / (passedMs / 1_000);
  });
}
