// Remembers answers for their TTL, failures for a little longer each time, and old answers for when nothing new can be had. Pure: time is an argument.

/** What is known about a key. `stale` is the last good value when it is past its time but may still be used in need (RFC 8767). */
export type Cached<V, F> =
  | { kind: 'fresh'; value: V }
  | { kind: 'failed'; failure: F; stale: Stale<V> | null }
  | { kind: 'missing'; stale: Stale<V> | null };

export type Stale<V> = { value: V; since: number };

export type CacheOptions = { capacity: number; staleMs: number };

export type Cache<V, F> = {
  read(key: string, now: number): Cached<V, F>;
  /** `reuse` says whether the value may be served after its time; a changed name is one that should not. */
  store(key: string, value: V, ttlSeconds: number, reuse: 'stale-too' | 'fresh-only', now: number): void;
  /** RFC 9520 §3.2: the next try waits 1 s, then twice as long each time, up to 30 s. */
  fail(key: string, failure: F, now: number): void;
  /** Lets every failed key be asked again at once: whatever made them fail is over. */
  forgiveFailures(): void;
  readonly size: number;
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

export function createCache<V, F>({ capacity, staleMs }: CacheOptions): Cache<V, F> {
  // A Map keeps insertion order: the first entry is the one that was used least recently.
  const entries = new Map<string, Entry<V, F>>();
  const put = (key: string, entry: Entry<V, F>) => {
    entries.delete(key);
    entries.set(key, entry);
    for (const oldest of entries.keys()) {
      if (entries.size <= capacity) break;
      entries.delete(oldest);
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
      const stale = staleOf(good, staleMs, now);
      const mayAsk = bad === null || now >= bad.retryAt || now < bad.failedAt;
      return mayAsk ? { kind: 'missing', stale } : { kind: 'failed', failure: bad.failure, stale };
    },
    store(key, value, ttlSeconds, reuse, now) {
      put(key, { good: { value, storedAt: now, expiresAt: now + ttlSeconds * 1000, reuse }, bad: null });
    },
    fail(key, failure, now) {
      const entry = entries.get(key);
      const count = (entry?.bad?.count ?? 0) + 1;
      const waitMs = Math.min(FIRST_RETRY_MS * 2 ** (count - 1), LAST_RETRY_MS);
      put(key, { good: entry?.good ?? null, bad: { failure, count, failedAt: now, retryAt: now + waitMs } });
    },
    forgiveFailures() {
      for (const entry of entries.values()) if (entry.bad !== null) entry.bad.retryAt = 0;
    },
    get size() {
      return entries.size;
    },
  };
}

type Good<V> = { value: V; storedAt: number; expiresAt: number; reuse: 'stale-too' | 'fresh-only' };
type Bad<F> = { failure: F; count: number; failedAt: number; retryAt: number };
type Entry<V, F> = { good: Good<V> | null; bad: Bad<F> | null };

function staleOf<V>(good: Good<V> | null, staleMs: number, now: number): Stale<V> | null {
  if (good === null || good.reuse === 'fresh-only') return null;
  return now < good.expiresAt + staleMs && now >= good.storedAt ? { value: good.value, since: good.expiresAt } : null;
}
