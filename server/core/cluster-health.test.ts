// The promises of a node's health: down within three seconds of silence, up after two good beats, never up and down by turns.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkBegun,
  checkEnded,
  type Health,
  hear,
  isCheckDue,
  type Presence,
  standing,
  UNKNOWN,
} from './cluster-health.ts';

const WALL = 1_800_000_000_000;
const beat = (count: number, seenAtMs: number, parts: Partial<Presence> = {}): Presence => ({
  startedAt: 1,
  beat: count,
  seenAt: WALL + seenAtMs,
  state: 'running',
  gatewaysReady: 2,
  ...parts,
});
/** A look at `now`, a quarter of a second after the one before. */
const look = (health: Health, said: Presence | null, now: number, sinceMs: number | null = 250) =>
  hear(health, said, { now, wallNow: WALL + now, sinceMs });

function beating(from: number, beats: number): Health {
  let health = look(UNKNOWN, null, from, null);
  for (let count = 1; count <= beats; count++)
    health = look(health, beat(count, from + count * 1_000), from + count * 1_000);
  return health;
}

test('a new node is up with its second good beat', () => {
  assert.equal(standing(beating(0, 1), 1_000), 'coming-up');
  assert.equal(standing(beating(0, 2), 2_000), 'up');
});

test('a node that says nothing for three seconds is down, counted from when it spoke, not from when it was looked at', () => {
  const health = beating(0, 5);
  assert.equal(standing(health, 7_999), 'up');
  assert.equal(standing(health, 8_000), 'silent');
  const late = look(beating(0, 4), beat(5, 5_000), 5_200);
  assert.equal(standing(late, 7_999), 'up');
  assert.equal(standing(late, 8_000), 'silent');
});

test('one beat after a silence does not bring it back, and a stutter of four seconds never does', () => {
  let health = beating(0, 5);
  for (let now = 5_250; now <= 9_000; now += 250) health = look(health, beat(5, 5_000), now);
  health = look(health, beat(6, 9_000), 9_000);
  assert.equal(standing(health, 9_000), 'coming-up');
  assert.equal(standing(look(health, beat(7, 10_000), 10_000), 10_000), 'up');
  for (let count = 7; count < 20; count++) {
    const now = 9_000 + (count - 6) * 4_000;
    health = look(health, beat(count, now), now, 250);
    assert.equal(standing(health, now), 'coming-up');
  }
});

test('a beat lost on the way changes nothing', () => {
  const health = look(beating(0, 5), beat(7, 7_000), 7_000, 250);
  assert.equal(standing(health, 7_000), 'up');
});

test('whoever could not look for a while takes the beats that it missed for what they are', () => {
  const away = look(beating(0, 5), beat(15, 15_000), 15_100, 10_000);
  assert.equal(standing(away, 15_100), 'up');
  const died = look(beating(0, 5), beat(9, 9_000), 15_100, 10_000);
  assert.equal(standing(died, 15_100), 'silent');
});

test('a last word counts at once, and a new life needs two beats', () => {
  const stopped = look(beating(0, 5), beat(6, 5_500, { state: 'stopped' }), 5_500);
  assert.equal(standing(stopped, 5_500), 'stopped');
  const again = look(stopped, beat(1, 6_000, { startedAt: 2 }), 6_000);
  assert.equal(standing(again, 6_000), 'coming-up');
  assert.equal(standing(look(again, beat(2, 7_000, { startedAt: 2 }), 7_000), 7_000), 'up');
  const killed = look(beating(0, 5), beat(1, 6_000, { startedAt: 2 }), 6_000);
  assert.equal(standing(killed, 6_000), 'coming-up');
});

test('a node whose gateways are not ready is down at once', () => {
  const health = look(beating(0, 5), beat(6, 6_000, { gatewaysReady: 0 }), 6_000);
  assert.equal(standing(health, 6_000), 'not-ready');
  assert.equal(standing(look(health, beat(7, 7_000), 7_000), 7_000), 'coming-up');
});

test('the first look believes a beat of the last seconds, for as long as it lasts, and nothing of the future or long ago', () => {
  const first = (seenAtMs: number) => look(UNKNOWN, beat(9, seenAtMs), 10_000, null);
  assert.equal(standing(first(9_500), 10_000), 'up');
  assert.equal(standing(first(7_500), 10_499), 'up');
  assert.equal(standing(first(7_500), 10_500), 'silent');
  assert.equal(standing(first(6_000), 10_000), 'silent');
  assert.equal(standing(first(3_600_000), 10_000), 'silent');
  assert.equal(standing(look(UNKNOWN, null, 10_000, null), 10_000), 'never-seen');
});

test('a clock that is set an hour forward or back takes nobody out, and keeps nobody in', () => {
  for (const jump of [3_600_000, -3_600_000]) {
    let health = beating(0, 5);
    for (let count = 6; count < 9; count++) {
      const now = count * 1_000;
      health = hear(health, beat(count, now), { now, wallNow: WALL + now + jump, sinceMs: 250 });
      assert.equal(standing(health, now), 'up', `${jump}`);
    }
    assert.equal(standing(health, 11_000), 'silent');
  }
});

test('the port is checked every five seconds, at once when a beat is missed, and every second while it fails', () => {
  let health = checkEnded(checkBegun(beating(0, 5), 5_000), true);
  assert.equal(isCheckDue(health, 6_400), false);
  assert.equal(isCheckDue(health, 6_500), true);
  health = checkBegun(health, 6_500);
  assert.equal(isCheckDue(health, 6_600), false, 'one at a time');
  assert.equal(standing(health, 6_600), 'up');
  health = checkEnded(health, false);
  assert.equal(standing(health, 6_600), 'unreachable');
  assert.equal(isCheckDue(health, 7_400), false);
  assert.equal(isCheckDue(health, 7_500), true);
  health = checkEnded(checkBegun(look(health, beat(6, 6_700), 6_750), 7_500), true);
  assert.equal(standing(health, 7_600), 'unreachable', 'one good check is not enough');
  health = checkEnded(checkBegun(look(health, beat(8, 8_400), 8_500), 8_500), true);
  assert.equal(standing(health, 8_600), 'up');
  assert.equal(isCheckDue(look(health, beat(13, 13_400), 13_450), 13_499), false);
  assert.equal(isCheckDue(look(health, beat(13, 13_400), 13_450), 13_500), true);
});
