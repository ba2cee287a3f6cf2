// The promises of times that people write: they are the moment that the reader's clock shows, summer or winter.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { localOf, momentOf } from './zoned-time.ts';

test('a time is the moment at which the zone’s clocks show it', () => {
  for (const [local, zone, iso] of [
    ['2026-11-28T22:21', 'Europe/Berlin', '2026-11-28T21:21:00.000Z'],
    ['2026-07-01T00:00', 'Europe/Berlin', '2026-06-30T22:00:00.000Z'],
    ['2026-01-01T00:00', 'Asia/Kathmandu', '2025-12-31T18:15:00.000Z'],
    ['2026-01-01T00:00:30', 'UTC', '2026-01-01T00:00:00.000Z'],
    ['2026-06-01T12:00', 'America/St_Johns', '2026-06-01T14:30:00.000Z'],
    // Skipped by the clocks of that night.
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
  ] as const) {
    assert.equal(new Date(momentOf(local, zone) ?? 0).toISOString(), iso, `${local} ${zone}`);
  }
});

test('what is no time is none', () => {
  for (const text of ['', 'now', '2026-02-30T10:00', '2026-13-01T10:00', '2026-01-01', '2026-01-01T25:00', '0'])
    assert.equal(momentOf(text, 'UTC'), null, text);
});

test('a moment comes back as it was, but in the hour that clocks show twice', () => {
  const at = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2040, 0) });
  const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland');
  fc.assert(
    fc.property(at, zone, (moment, name) => {
      const minute = Math.floor(moment / 60_000) * 60_000;
      const local = localOf(minute, name);
      const back = momentOf(local, name) ?? 0;
      assert.equal(localOf(back, name), local);
    }),
  );
});
