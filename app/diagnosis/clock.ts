// How far a browser's clock is from the portal's.

/** Pages need a moment to arrive, so only a gap of more than a minute is one. */
const TOLERANCE_MS = 60_000;

export type Clock = { kind: 'right' } | { kind: 'fast' | 'slow'; amount: { unit: 'minutes' | 'hours'; count: number } };

/** `skewMs` is positive for a browser that is ahead. */
export function judgeClock(skewMs: number): Clock {
  if (Math.abs(skewMs) <= TOLERANCE_MS) return { kind: 'right' };
  const minutes = Math.round(Math.abs(skewMs) / 60_000);
  const amount =
    minutes < 120
      ? ({ unit: 'minutes', count: minutes } as const)
      : ({ unit: 'hours', count: Math.round(minutes / 60) } as const);
  return { kind: skewMs > 0 ? 'fast' : 'slow', amount };
}
