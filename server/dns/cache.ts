// Remembers answers for their TTL, failures for a little longer each time, and old answers for when nothing new can be had. Pure: time is an argument.

/** What is known about a key. `stale` is the last good value when it is past its time but may still be used in need (RFC 8767). */
export type Cached<V, F> =
  | { kind: 'fresh'; value: V }
  | { kind: 'failed'; failure: F; stale: Stale<V> | null }
  | { kind: 'missing'; stale: Stale<V> | null };

export type Stale<V> = { value: V; since: number };

/** At most `capacity` entries, and where `sizeOf` tells a value's octets, values of `maxOctets` together. */
export type CacheOptions<V> = {
  capacity: number;
  maxOctets?: number;
  sizeOf?: (value: V) => number;
  /** The longest wait between two tries of what fails. */
  lastRetryMs?: number;
};

export type Cache<V, F> = {
  read(key: string, now: number): Cached<V, F>;
  /** `staleMs` says how long after its time the value may be served in need; 0 for never. */
  store(key: string, value: V, ttlSeconds: number, staleMs: number, now: number): void;
  /** RFC 9520 §3.2: the next try waits 1 s, then twice as long each time, up to 30 s or `lastRetryMs`. */
  fail(key: string, failure: F, now: number): void;
  /** Lets every failed key be asked again at once: whatever made them fail is over. */
  forgiveFailures(): void;
  readonly size: number;
  /** Of the values, as `sizeOf` has it; 0 without. */
  readonly octets: number;
};

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;
const MAX_TTL_SECONDS = 86_400;
const MAX_NEGATIVE_TTL_SECONDS = 300;

/** At least a second, at most a day; RFC 2181 §8: with the topmost bit set it is zero. */
export function clampTtl(ttlSeconds: number): number {
  return Math.max(1, ttlSeconds > 0x7fffffff ? 0 : Math.min(ttlSeconds, MAX_TTL_SECONDS));
}

/** RFC 2308 §5, with the shorter limit of five minutes. */
export function clampNegativeTtl(ttlSeconds: number): number {
  return Math.min(clampTtl(ttlSeconds), MAX_NEGATIVE_TTL_SECONDS);
}

export function createCache<V, F>(options: CacheOptions<V>): Cache<V, F> {
  const { capacity, maxOctets = Number.POSITIVE_INFINITY, sizeOf = () => 0, lastRetryMs = LAST_RETRY_MS } = options;
  // A Map keeps insertion order: the first entry is the one that was used least recently.
  const entries = new Map<string, Entry<V, F>>();
  let octets = 0;
  const remove = (key: string) => {
    const entry = entries.get(key);
    if (entry !== undefined) octets -= entry.octets;
    entries.delete(key);
  };
  const put = (key: string, good: Good<V> | null, bad: Bad<F> | null) => {
    const entry = { good, bad, octets: good === null ? 0 : sizeOf(good.value) };
    remove(key);
    entries.set(key, entry);
    octets += entry.octets;
    for (const oldest of entries.keys()) {
      if (entries.size <= capacity && octets <= maxOctets) break;
      remove(oldest);
    }
  };
  return {
    read(key, now) {
      const entry = entries.get(key);
      if (entry === undefined) return { kind: 'missing', stale: null };
      entries.delete(key);
      entries.set(key, entry);
      const { good, bad } = entry;
      // A clock that was set back makes an entry of the future; it is not trusted.
      if (good !== null && bad === null && good.storedAt <= now && now < good.expiresAt)
        return { kind: 'fresh', value: good.value };
      const stale = staleOf(good, now);
      const mayAsk = bad === null || now >= bad.retryAt || now < bad.failedAt;
      return mayAsk ? { kind: 'missing', stale } : { kind: 'failed', failure: bad.failure, stale };
    },
    store(key, value, ttlSeconds, staleMs, now) {
      put(key, { value, storedAt: now, expiresAt: now + ttlSeconds * 1000, staleMs }, null);
    },
    fail(key, failure, now) {
      const entry = entries.get(key);
      const count = (entry?.bad?.count ?? 0) + 1;
      const waitMs = Math.min(FIRST_RETRY_MS * 2 ** (count - 1), lastRetryMs);
      put(key, entry?.good ?? null, { failure, count, failedAt: now, retryAt: now + waitMs });
    },
    forgiveFailures() {
      for (const entry of entries.values()) if (entry.bad !== null) entry.bad.retryAt = 0;
    },
    get size() {
      return entries.size;
    },
    get octets() {
      return octets;
    },
  };
}

type Good<V> = { value: V; storedAt: number; expiresAt: number; staleMs: number };
type Bad<F> = { failure: F; count: number; failedAt: number; retryAt: number };
type Entry<V, F> = { good: Good<V> | null; bad: Bad<F> | null; octets: number };

function staleOf<V>(good: Good<V> | null, now: number): Stale<V> | null {
  if (good === null || good.staleMs === 0) return null;
  return now < good.expiresAt + good.staleMs && now >= good.storedAt
    ? { value: good.value, since: good.expiresAt }
    : null;
}
