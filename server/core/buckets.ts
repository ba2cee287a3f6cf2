// Budgets of those who ask again and again: a bucket for each, filled as time goes. Time is an argument.

/** Read each time: how many a second for long, and how many at once. */
export type BucketRate = { perSecond: number; burst: number };

export type Buckets = {
  /** Takes one and is 0, or takes none and is the time until there is one, in ms. */
  take(key: string, rate: BucketRate, now: number): number;
  /** How often this one was given none. */
  refusals(key: string): number;
  readonly size: number;
};

/** `capacity`: how many are remembered; who was not seen for longest goes first, and is as good as full. */
export function createBuckets(capacity: number): Buckets {
  const buckets = new Map<string, { tokens: number; at: number; refused: number }>();
  return {
    take(key, { perSecond, burst }, now) {
      const bucket = buckets.get(key) ?? { tokens: burst, at: now, refused: 0 };
      // A clock that is set back fills nothing.
      const passedMs = Math.max(0, now - bucket.at);
      bucket.tokens = Math.min(burst, bucket.tokens + (passedMs / 1000) * perSecond);
      bucket.at = now;
      buckets.delete(key);
      buckets.set(key, bucket);
      if (buckets.size > capacity) for (const oldest of buckets.keys()) if (buckets.delete(oldest)) break;
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return 0;
      }
      bucket.refused += 1;
      return Math.ceil(((1 - bucket.tokens) / perSecond) * 1000);
    },
    refusals: (key) => buckets.get(key)?.refused ?? 0,
    get size() {
      return buckets.size;
    },
  };
}
