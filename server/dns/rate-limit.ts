// How many questions one client may ask. Pure: time is an argument.
import { type Address, networkOf } from '#server/core/address.ts';
import { createBuckets } from '#server/core/buckets.ts';

/**
 * `slip`: the reply is an empty truncated one, so that a client whose address somebody else writes on his packets still gets through by TCP,
 * and the packets gain nobody anything (D4).
 */
export type RateVerdict = 'answer' | 'slip' | 'drop';

export type RateLimit = {
  /** A packet's fate: whoever sent it may be somebody else. */
  take(client: Address, now: number): RateVerdict;
  /** 0 takes a question of a connection; otherwise it has to wait so many ms, and is asked for again. */
  hold(client: Address, now: number): number;
  readonly size: number;
};

/** `perSecond`, read each time, is what one client may ask for long, twice as much at once; null for no limit. */
export type RateLimitOptions = { perSecond: () => number | null; capacity?: number };

/** Every so many of the refused ones slip through. */
const SLIP_EVERY = 2;

/** Connections have buckets of their own: packets with a forged address must not slow down the TCP that they lead to. */
export function createRateLimit({ perSecond, capacity = 10_000 }: RateLimitOptions): RateLimit {
  const [packets, connections] = [createBuckets(capacity), createBuckets(capacity)];
  const rateOf = (most: number) => ({ perSecond: most, burst: most * 2 });
  return {
    take(client, now) {
      const most = perSecond();
      if (most === null) return 'answer';
      const key = networkOf(client);
      if (packets.take(key, rateOf(most), now) === 0) return 'answer';
      return packets.refusals(key) % SLIP_EVERY === 0 ? 'slip' : 'drop';
    },
    hold(client, now) {
      const most = perSecond();
      return most === null ? 0 : connections.take(networkOf(client), rateOf(most), now);
    },
    get size() {
      return packets.size + connections.size;
    },
  };
}
