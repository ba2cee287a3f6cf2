// Tells when old answers begin to be used, and when they no longer are: once each, however many questions there are. Pure: time is an argument.

export type StaleWatch = {
  /** The answer of a name, old as it is, was given to somebody. */
  used(name: string, answeredAt: number, now: number): void;
  /** A name was answered anew. */
  answered(name: string, now: number): void;
};

/** A name that nobody has asked for in so long holds nothing up. */
const FORGOTTEN_AFTER_MS = 60_000;

export function watchStale(told: { onBegin(answeredAt: number): void; onEnd(): void }): StaleWatch {
  /** When each was last used, the longest ago first. */
  const inUse = new Map<string, number>();
  return {
    used(name, answeredAt, now) {
      if (inUse.size === 0) told.onBegin(answeredAt);
      inUse.delete(name);
      inUse.set(name, now);
    },
    answered(name, now) {
      if (inUse.size === 0) return;
      inUse.delete(name);
      for (const [other, lastUsedAt] of inUse) {
        if (now - lastUsedAt < FORGOTTEN_AFTER_MS) break;
        inUse.delete(other);
      }
      if (inUse.size === 0) told.onEnd();
    },
  };
}
