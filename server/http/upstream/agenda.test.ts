// The promise of the agenda: everything comes out once, never before its time, and at most a tick after it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Agenda } from './agenda.ts';

const TICK_MS = 250;
const START = 1_700_000_000_000.5;

test('whatever is added comes out once, not before its time, and with the first look a tick later', () => {
  const step = fc.record({ wait: fc.integer({ min: 0, max: 5_000 }), later: fc.integer({ min: -500, max: 900_000 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let now = START;
      const agenda = new Agenda<{ at: number; addedAt: number }>(TICK_MS, now);
      const open = new Set<{ at: number; addedAt: number }>();
      const look = (): void => {
        for (const item of agenda.due(now)) {
          assert(open.delete(item), 'it came out twice');
          assert(item.at <= now, 'it came out before its time');
        }
        for (const { at, addedAt } of open) assert(Math.max(at, addedAt) + TICK_MS > now, 'it is late');
      };
      for (const { later, wait } of steps) {
        const item = { at: now + later, addedAt: now };
        agenda.add(item, item.at);
        open.add(item);
        now += wait;
        look();
      }
      now += 1_000_000;
      look();
      assert.equal(open.size, 0);
    }),
    { numRuns: 500 },
  );
});
