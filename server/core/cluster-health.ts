// Whether a cluster's node can be sent people, from its heartbeats and the checks of its port: decisions alone, with the time as an argument.

/** Heartbeats come so often. */
export const BEAT_MS = 1_000;
/** A heartbeat is missed when it is so late: the port is checked at once. */
const MISSED_MS = 1_500;
/** A node that is silent for so long is down. */
export const SILENT_MS = 3_000;
/** Good beats, or checks, in a row until a node that was down is up again. */
const GOOD_IN_A_ROW = 2;
const CHECK_EVERY_MS = 5_000;
/** A node that failed its check is checked so often, so that it is back soon. */
const CHECK_AGAIN_MS = 1_000;

/** What a node last said of itself. `beat` counts what was written since its start, and `startedAt` tells its lives apart. */
export type Presence = {
  startedAt: number;
  beat: number;
  /** Epoch milliseconds by the node's own clock. */
  seenAt: number;
  /** `stopped` is a last word. */
  state: 'running' | 'stopped';
  /** How many of its gateway processes serve newcomers. */
  gatewaysReady: number;
};

/** What is known of one node. Times are those of a clock that nobody sets, as `now` is below. */
export type Health = {
  last: Presence | null;
  heardAt: number;
  /** Good beats since the node was last down, up to what counts. */
  goodBeats: number;
  check: { startedAt: number; underWay: boolean; failed: boolean; good: number } | null;
};

export const UNKNOWN: Health = { last: null, heardAt: Number.NEGATIVE_INFINITY, goodBeats: 0, check: null };

/** Why a node is told to people or is not; in the order in which it is asked. */
export const STANDINGS = ['never-seen', 'stopped', 'silent', 'not-ready', 'coming-up', 'unreachable', 'up'] as const;
export type Standing = (typeof STANDINGS)[number];

/** One look at the store. `sinceMs`: how long ago the look before it was; null for the first. */
export type Look = { now: number; wallNow: number; sinceMs: number | null };

/**
 * What the store says now. A beat that is new was written after the look before, so a clock that differs cannot make it older than
 * that. The first look has the node's own time alone, and believes one of the last seconds: whoever has just started need not wait.
 */
export function hear(health: Health, said: Presence | null, { now, wallNow, sinceMs }: Look): Health {
  if (said === null) return { ...health, last: null, goodBeats: 0 };
  const { last } = health;
  if (last?.startedAt === said.startedAt && last.beat === said.beat) {
    // A silence ends the row of good beats, so that a node that stutters is not up and down by turns.
    return now - health.heardAt < SILENT_MS ? health : { ...health, goodBeats: 0 };
  }
  const ageMs = wallNow - said.seenAt;
  const isGood = said.state === 'running' && said.gatewaysReady > 0;
  if (last === null && sinceMs === null) {
    const isRecent = ageMs >= 0 && ageMs < SILENT_MS;
    const heardAt = isRecent ? now - ageMs : Number.NEGATIVE_INFINITY;
    return { ...health, last: said, heardAt, goodBeats: isGood && isRecent ? GOOD_IN_A_ROW : 0 };
  }
  const heardAt = now - Math.min(Math.max(ageMs, 0), sinceMs ?? 0);
  // Beats between two looks that were far apart count too: it was this side that was away.
  const beats = last?.startedAt === said.startedAt ? said.beat - last.beat : 0;
  const goesOn = heardAt - health.heardAt < SILENT_MS * beats;
  const before = goesOn ? health.goodBeats : 0;
  return { ...health, last: said, heardAt, goodBeats: isGood ? Math.min(before + 1, GOOD_IN_A_ROW) : 0 };
}

/** Reports whether the node's port has to be tried now: regularly, and at once when a heartbeat is missed. */
export function isCheckDue({ last, check, heardAt }: Health, now: number): boolean {
  if (last?.state !== 'running' || now - heardAt >= SILENT_MS) return false;
  if (check === null) return true;
  if (check.underWay) return false;
  const isRegular = now - check.startedAt >= (isPlainlyGood(check) ? CHECK_EVERY_MS : CHECK_AGAIN_MS);
  const missedAt = heardAt + MISSED_MS;
  return isRegular || (now >= missedAt && check.startedAt < missedAt);
}

export function checkBegun(health: Health, now: number): Health {
  const { failed = false, good = 0 } = health.check ?? {};
  return { ...health, check: { startedAt: now, underWay: true, failed, good } };
}

/** One failure is enough, and two checks in a row are good again. */
export function checkEnded(health: Health, isOpen: boolean): Health {
  if (health.check === null) return health;
  const good = isOpen ? Math.min(health.check.good + 1, GOOD_IN_A_ROW) : 0;
  const failed = isOpen ? health.check.failed && good < GOOD_IN_A_ROW : true;
  return { ...health, check: { ...health.check, underWay: false, failed, good } };
}

export function standing({ last, heardAt, goodBeats, check }: Health, now: number): Standing {
  if (last === null) return 'never-seen';
  if (last.state === 'stopped') return 'stopped';
  if (now - heardAt >= SILENT_MS) return 'silent';
  if (last.gatewaysReady === 0) return 'not-ready';
  if (goodBeats < GOOD_IN_A_ROW) return 'coming-up';
  return check?.failed ? 'unreachable' : 'up';
}

function isPlainlyGood({ failed, good }: { failed: boolean; good: number }): boolean {
  return !failed && good > 0;
}
