// The promises of the cache: nothing outlives its time, failures wait a little longer each time, and size is bounded.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clampNegativeTtl, clampTtl, createCache } from './cache.ts';

const STALE_MS = 1_000;

test('D9: TTLs are clamped to a second and a day, negative ones to five minutes, and nonsense is the shortest', () => {
  assert.deepEqual(
    [0, 1, 60, 86_400, 86_401, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1].map(clampTtl),
    [1, 1, 60, 86_400, 86_400, 86_400, 1, 1],
  );
  assert.deepEqual([0, 60, 3600, 2 ** 31].map(clampNegativeTtl), [1, 60, 300, 1]);
});

test('a value is fresh for its TTL and not a millisecond longer', () => {
  const cache = createCache<string, string>({ capacity: 10 });
  cache.store('wiki', 'here', 2, 0, 100);
  assert.deepEqual(cache.read('wiki', 100), { kind: 'fresh', value: 'here' });
  assert.deepEqual(cache.read('wiki', 2099), { kind: 'fresh', value: 'here' });
  assert.deepEqual(cache.read('wiki', 2100), { kind: 'missing', stale: null });
});

test('D7: an old value is kept for need, for a while, unless it is an absence', () => {
  const cache = createCache<string, string>({ capacity: 10 });
  cache.store('wiki', 'here', 1, STALE_MS, 0);
  assert.deepEqual(cache.read('wiki', 1500), { kind: 'missing', stale: { value: 'here', since: 1000 } });
  assert.deepEqual(cache.read('wiki', 2000), { kind: 'missing', stale: null });
});

test('D7: a failure is remembered for 1, 2, 4 … 30 s, and over after a success or when its cause is', () => {
  const cache = createCache<string, string>({ capacity: 10 });
  let now = 0;
  for (const waitMs of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
    cache.fail('wiki', 'timeout', now);
    assert.equal(cache.read('wiki', now + waitMs - 1).kind, 'failed');
    assert.equal(cache.read('wiki', now + waitMs).kind, 'missing');
    now += waitMs;
  }
  cache.fail('wiki', 'timeout', now);
  cache.forgiveFailures();
  assert.equal(cache.read('wiki', now).kind, 'missing');
  cache.store('wiki', 'here', 1, 0, now);
  cache.fail('wiki', 'timeout', now + 1000);
  assert.equal(cache.read('wiki', now + 1999).kind, 'failed');
  assert.equal(cache.read('wiki', now + 2000).kind, 'missing');
});

test('a failure keeps the old value within reach', () => {
  const cache = createCache<string, string>({ capacity: 10 });
  cache.store('wiki', 'here', 1, STALE_MS, 0);
  cache.fail('wiki', 'timeout', 1000);
  assert.deepEqual(cache.read('wiki', 1500), {
    kind: 'failed',
    failure: 'timeout',
    stale: { value: 'here', since: 1000 },
  });
});

test('a clock that is set back makes nothing live for ever', () => {
  const cache = createCache<string, string>({ capacity: 10 });
  cache.store('wiki', 'here', 60, STALE_MS, 1_000_000);
  assert.deepEqual(cache.read('wiki', 0), { kind: 'missing', stale: null });
  cache.fail('docs', 'timeout', 1_000_000);
  assert.equal(cache.read('docs', 0).kind, 'missing');
});

test('the cache never holds more than its capacity and forgets what was used least recently', () => {
  const step = fc.record({ key: fc.constantFrom(...'abcdefgh'), write: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (steps, capacity) => {
      const cache = createCache<string, string>({ capacity });
      let model: string[] = [];
      for (const { key, write } of steps) {
        const isKnown = model.includes(key);
        if (write) cache.store(key, key, 60, 0, 0);
        else assert.equal(cache.read(key, 0).kind, isKnown ? 'fresh' : 'missing');
        if (write || isKnown) model = [...model.filter((each) => each !== key), key].slice(-capacity);
        assert.equal(cache.size, model.length);
      }
    }),
  );
});
