// Is a gateway near its end, and what does it give up? A pure decision: facts, what was decided before, and the time.

/** Shares are of what there is: 0 is nothing, 1 is all. Null where the system does not say. */
export type OverloadFacts = {
  /** JavaScript objects that the last collection left, of the heap's bound. */
  heap: number | null;
  /** Resident memory of the process's own of what it may take, or of what its container has left; the worse of the two. */
  memory: number | null;
  /** Open files and sockets of what the process may open. */
  files: number | null;
  /** Connections from browsers of their limit. */
  connections: number;
  /** How late the event loop is, on average over the last sample. */
  eventLoopMs: number;
};

export type OverloadCause = keyof OverloadFacts;

/** What is given up, in this order; each level gives up all before it too. Running requests are never in it. */
export const SHED = ['sign-ins', 'connections', 'idle'] as const;
export type Shed = (typeof SHED)[number];

/** `level` is how many of `SHED` are given up. */
export type Pressure = {
  level: number;
  cause: OverloadCause | null;
  /** When this level began. */
  since: number;
  /** Since when the facts would allow a lower level; null while they do not. */
  calmSince: number | null;
};

export type OverloadLimits = { overloadPercent: number; eventLoopDelayMs: number };

export const NO_PRESSURE: Pressure = { level: 0, cause: null, since: 0, calmSince: null };

/** A level is left when there is this much room again, and has been for a while: no flapping. */
const ROOM = 0.05;
const CALM_MS = 2_000;
/** Refusing new connections did not help in this time: the longest idle ones make room. */
const PATIENCE_MS = 2_000;

/** Up at once, as far as the facts say; down one level at a time, when it has been calm. `now` is monotonic milliseconds. */
export function pressure(before: Pressure, facts: OverloadFacts, limits: OverloadLimits, now: number): Pressure {
  const worst = worstCause(facts, limits, 0);
  const wanted = isStuck(before, worst, now) ? SHED.length : worst.level;
  if (wanted > before.level) return { level: wanted, cause: worst.cause, since: now, calmSince: null };
  if (before.level === 0) return before;
  // Level 3 may have been reached by waiting: it is left by the same room as level 2.
  const held = worstCause(facts, limits, ROOM).level >= Math.min(before.level, 2);
  if (held) return before.calmSince === null ? before : { ...before, calmSince: null };
  if (before.calmSince === null) return { ...before, calmSince: now };
  if (now - before.calmSince < CALM_MS) return before;
  const level = before.level - 1;
  return { level, cause: level === 0 ? null : before.cause, since: now, calmSince: null };
}

type Worst = { level: number; cause: OverloadCause | null };

function worstCause(facts: OverloadFacts, limits: OverloadLimits, room: number): Worst {
  let worst: Worst = { level: 0, cause: null };
  for (const cause of CAUSES) {
    const value = facts[cause];
    if (value === null) continue;
    const level = stepsOf(cause, limits).filter((step) => value >= step * (1 - room)).length;
    if (level > worst.level) worst = { level, cause };
  }
  return worst;
}

const CAUSES: readonly OverloadCause[] = ['memory', 'heap', 'files', 'connections', 'eventLoopMs'];

function stepsOf(cause: OverloadCause, { overloadPercent, eventLoopDelayMs }: OverloadLimits): readonly number[] {
  // Idle connections cost the event loop nothing.
  if (cause === 'eventLoopMs') return [eventLoopDelayMs, eventLoopDelayMs * 3];
  // The limit itself refuses newcomers: it is as high as was asked for.
  if (cause === 'connections') return [0.95, 1];
  const first = overloadPercent / 100;
  return [first, first + (1 - first) / 2, first + ((1 - first) * 3) / 4];
}

function isStuck(before: Pressure, worst: Worst, now: number): boolean {
  return worst.level === 2 && worst.cause !== 'eventLoopMs' && before.level === 2 && now - before.since >= PATIENCE_MS;
}
