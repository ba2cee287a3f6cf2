// How many questions one client may ask: a bucket for each, refilled as time goes. Pure: time is an argument.
import { type Address, addressBytes, familyOf } from '#server/core/address.ts';

/**
 * `slip`: the reply is an empty truncated one, so that a client whose address somebody else writes on his packets still gets through by TCP,
 * and the packets gain nobody anything (D4).
 */
export type RateVerdict = 'answer' | 'slip' | 'drop';

export type RateLimit = { take(client: Address, now: number): RateVerdict; readonly size: number };

/** `perSecond`, read each time, is what one client may ask for long, twice as much at once; null for no limit. */
export type RateLimitOptions = { perSecond: () => number | null; capacity?: number };

/** Every so many of the refused ones slip through. */
const SLIP_EVERY = 2;

export function createRateLimit(options: RateLimitOptions): RateLimit {
  const { capacity = 10_000 } = options;
  const buckets = new Map<string, Bucket>();
  return {
    take(client, now) {
      const perSecond = options.perSecond();
      if (perSecond === null) return 'answer';
      const burst = perSecond * 2;
      const key = networkOf(client);
      const bucket = buckets.get(key) ?? { tokens: burst, at: now, refused: 0 };
      const passed = Math.max(0, now - bucket.at) / 1000;
      bucket.tokens = Math.min(burst, bucket.tokens + passed * perSecond);
      bucket.at = now;
      // The least recently seen bucket goes first, and is as good as full.
      buckets.delete(key);
      buckets.set(key, bucket);
      if (buckets.size > capacity) for (const oldest of buckets.keys()) if (buckets.delete(oldest)) break;
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return 'answer';
      }
      bucket.refused++;
      return bucket.refused % SLIP_EVERY === 0 ? 'slip' : 'drop';
    },
    get size() {
      return buckets.size;
    },
  };
}

type Bucket = { tokens: number; at: number; refused: number };

/** One IPv4 address; of IPv6 the /64 that one host has to itself. */
export function networkOf(client: Address): string {
  return familyOf(client) === 4 ? client : Buffer.from(addressBytes(client).subarray(0, 8)).toString('hex');
}
