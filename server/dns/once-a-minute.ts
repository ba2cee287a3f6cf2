// Keeps what anybody's packets can cause from filling the log: said at once, and then once a minute while it goes on. Pure: time is an argument.

const MINUTE_MS = 60_000;

export function onceAMinute(): (now: number) => boolean {
  let saidAt = Number.NEGATIVE_INFINITY;
  return (now) => {
    // A clock that was set back makes nobody wait for its return.
    if (Math.abs(now - saidAt) < MINUTE_MS) return false;
    saidAt = now;
    return true;
  };
}
