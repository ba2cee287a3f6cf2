// How much an HTTP/2 connection may ask beside requests: pure counts, the time is an argument.

/** Fills by itself up to `burst`, and goes below zero when more is taken than there is. */
export class Bucket {
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #at: number;

  constructor(burst: number, perSecond: number, nowMs: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#left = burst;
    this.#at = nowMs;
  }

  /** Takes, and says how it stands: `over` is taken twice as much as there was. */
  take(count: number, nowMs: number): 'enough' | 'short' | 'over' {
    this.#left = Math.min(this.#burst, this.#left + ((nowMs - this.#at) / 1_000) * this.#perSecond) - count;
    this.#at = nowMs;
    if (this.#left >= 0) return 'enough';
    return this.#left < -this.#burst ? 'over' : 'short';
  }
}

/** Bytes of a connection since the last look. */
export type Traffic = {
  read: number;
  written: number;
  /** Decoded heads of requests, and bodies. */
  used: number;
  /** What bodies that nobody read may have brought. */
  unread: number;
};

/** Frames that carry nothing for an app: what a second may bring of them, and what they may come to at once. */
const BARE_BYTES_PER_SECOND = 64 * 1024;
export const BARE_BYTES_AT_ONCE = 256 * 1024;
/** A frame around a short piece of a body, or a window's update for a piece of an answer. */
const BYTES_AROUND_USED = 3;
const BYTES_FOR_WRITTEN = 0.5;

/**
 * What a connection owes for bytes that carry neither requests nor bodies: PRIORITY, WINDOW_UPDATE, padding and the like, which
 * node:http2 does not show one by one. `debt` below zero is what announced bodies may still bring.
 */
export function debtAfter(debt: number, traffic: Traffic, seconds: number, announced: number): number {
  const explained = traffic.used * BYTES_AROUND_USED + traffic.written * BYTES_FOR_WRITTEN + traffic.unread;
  const owed = debt + traffic.read - explained - BARE_BYTES_PER_SECOND * seconds;
  return Math.max(0 - announced, owed);
}
