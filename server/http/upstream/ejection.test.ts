// The promises of ejection: five failures in a row, thirty seconds and longer each time, and one request to find out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EJECTION_MS, EndpointHealth, FAILURES, MAX_EJECTION_MS } from './ejection.ts';

const START = 1_000_000;

function failTimes(health: EndpointHealth, times: number, now: number): void {
  for (let i = 0; i < times; i += 1) health.failed(now, now, 'upstream-refused');
}

test('U8: the fifth failure in a row ejects for 30 s, four and a success do not', () => {
  const health = new EndpointHealth(START);
  failTimes(health, FAILURES - 1, START);
  health.succeeded(START, START);
  failTimes(health, FAILURES - 1, START);
  assert.equal(health.isUsable(START), true);
  failTimes(health, 1, START);
  assert.equal(health.isUsable(START), false);
  assert.deepEqual(health.state(START + 5), { state: 'ejected', since: START });
  assert.deepEqual(health.lastFailure, { why: 'upstream-refused', at: START });
  assert.equal(health.isUsable(START + EJECTION_MS - 1), false);
  assert.equal(health.isUsable(START + EJECTION_MS), true);
});

test('U8: after its time one request tries it, and only one at a time', () => {
  const health = new EndpointHealth(START);
  failTimes(health, FAILURES, START);
  const later = START + EJECTION_MS;
  assert.equal(health.state(later).state, 'probing');
  assert.equal(health.began(later), true);
  assert.equal(health.isUsable(later), false);
  assert.equal(health.began(later), false);
  health.probeEnded();
  assert.equal(health.isUsable(later), true, 'a request that was cancelled has found out nothing');
  assert.equal(health.began(later), true);
  health.succeeded(later + 10, later);
  health.probeEnded();
  assert.deepEqual(health.state(later + 20), { state: 'well', since: later + 10 });
  assert.equal(health.began(later + 20), false);
});

test('U8: each ejection is twice as long as the one before, up to five minutes, and short again after five good ones', () => {
  const health = new EndpointHealth(START);
  let now = START;
  failTimes(health, FAILURES, now);
  for (const length of [30_000, 60_000, 120_000, 240_000, 300_000, 300_000]) {
    assert.equal(health.isUsable(now + length - 1), false);
    now += length;
    assert.equal(health.isUsable(now), true);
    health.began(now);
    health.failed(now, now, 'upstream-timeout');
  }
  now += MAX_EJECTION_MS;
  health.began(now);
  health.succeeded(now, now);
  health.probeEnded();
  now += MAX_EJECTION_MS;
  failTimes(health, FAILURES, now);
  assert.equal(health.isUsable(now + EJECTION_MS), true);
});

test('U8: an answer to a request from before the ejection does not end it, one from after it does', () => {
  const health = new EndpointHealth(START);
  failTimes(health, FAILURES, START + 10);
  health.succeeded(START + 20, START);
  assert.equal(health.isUsable(START + 20), false);
  health.failed(START + 10 + EJECTION_MS, START, 'upstream-timeout');
  assert.equal(health.isUsable(START + 10 + EJECTION_MS), true, 'nor does an old failure lengthen it');
  health.succeeded(START + 40, START + 30);
  assert.equal(health.isUsable(START + 40), true);
});

test('one bad health check takes an endpoint out, two good ones bring it back', () => {
  const health = new EndpointHealth(START);
  health.checked(START + 1, 'status 500');
  assert.equal(health.isUsable(START + 1), false);
  assert.deepEqual(health.state(START + 1), { state: 'failing', since: START + 1 });
  health.checked(START + 2, null);
  assert.equal(health.isUsable(START + 2), false);
  health.checked(START + 3, null);
  assert.equal(health.isUsable(START + 3), true);
  assert.deepEqual(health.state(START + 9), { state: 'well', since: START + 3 });
});

test('what a health check found ends with it, what real traffic found does not', () => {
  const health = new EndpointHealth(START);
  health.checked(START + 1, 'status 500');
  health.unchecked(START + 2);
  assert.equal(health.isUsable(START + 2), true);
  assert.equal(health.hasJustFailed, false);
  assert.deepEqual(health.state(START + 3), { state: 'well', since: START + 2 });
  health.unchecked(START + 4);
  assert.deepEqual(health.state(START + 5), { state: 'well', since: START + 2 });
  failTimes(health, FAILURES, START + 6);
  health.unchecked(START + 7);
  assert.equal(health.isUsable(START + 7), false);
});
