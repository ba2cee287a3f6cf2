// The promise of the rate limit: everybody has their own, refilled as time goes, and memory is bounded.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { address } from './packet.testing.ts';
import { createRateLimit } from './rate-limit.ts';

const [one, other] = [address('192.0.2.1'), address('192.0.2.2')];

test('D4: 10^4 questions in a second get the burst answered, every other refusal slips, and nobody else pays', () => {
  const limit = createRateLimit({ perSecond: () => 100 });
  const verdicts = Array.from({ length: 10_000 }, (_, at) => limit.take(one, at / 10));
  const count = (kind: string) => verdicts.filter((verdict) => verdict === kind).length;
  assert.ok(count('answer') >= 299 && count('answer') <= 300, `${count('answer')}`);
  assert.ok(Math.abs(count('slip') - count('drop')) <= 1);
  assert.equal(limit.take(other, 1_000), 'answer');
  assert.equal(limit.take(one, 3_000), 'answer');
});

test('one host has all of its /64, and a clock that is set back refills nothing', () => {
  const limit = createRateLimit({ perSecond: () => 1 });
  const verdicts = ['2001:db8::1', '2001:db8::2', '2001:db8::3'].map((each) => limit.take(address(each), 1_000));
  assert.deepEqual(verdicts, ['answer', 'answer', 'drop']);
  assert.equal(limit.take(address('2001:db8::4'), 0), 'slip');
  assert.equal(limit.take(address('2001:db8:0:1::1'), 0), 'answer');
});

test('a flood from a million addresses is forgotten as it goes', () => {
  const limit = createRateLimit({ perSecond: () => 1, capacity: 100 });
  for (let at = 0; at < 10_000; at++) limit.take(address(`10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`), 0);
  assert.equal(limit.size, 100);
});

test('D4: a connection that asks faster waits for its turn, so that it gets as many as it may; forged packets slow down none', () => {
  const limit = createRateLimit({ perSecond: () => 100 });
  for (let at = 0; at < 1_000; at++) limit.take(one, 0);
  const waits = Array.from({ length: 201 }, () => limit.hold(one, 0));
  assert.deepEqual([waits.filter((ms) => ms === 0).length, waits.at(-1)], [200, 10]);
  assert.deepEqual([limit.hold(one, 5) > 0, limit.hold(one, 11), limit.hold(one, 11) > 0], [true, 0, true]);
  assert.equal(limit.hold(other, 0), 0);
  let [answered, now] = [0, 10_000];
  for (const from = now; now < from + 10_000; answered++) for (let ms = 1; ms > 0; now += ms) ms = limit.hold(one, now);
  assert.ok(answered >= 1_195 && answered <= 1_205, String(answered));
  assert.equal(createRateLimit({ perSecond: () => null }).hold(one, 0), 0);
});
