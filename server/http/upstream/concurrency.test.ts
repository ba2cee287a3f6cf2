// The promises of concurrency: nobody takes all of an app, few wait, and whoever waits is served in turn or told in time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Concurrency, type ConcurrencyLimits, type Waiter } from './concurrency.ts';

const limits: ConcurrencyLimits = { app: 4, person: 2, queue: 4, waitMs: 2_000 };
const of = (person: string | null): Waiter => ({ person });

test('R8: one person holds at most their share, another one runs at once', () => {
  const places = new Concurrency(limits);
  assert.equal(places.enter(of('ada'), 0), 'run');
  assert.equal(places.enter(of('ada'), 0), 'run');
  assert.equal(places.enter(of('ada'), 0), 'wait');
  assert.equal(places.enter(of('bob'), 0), 'run');
});

test('R8: one person’s waiting requests leave half of the queue to others', () => {
  const places = new Concurrency({ ...limits, app: 2 });
  for (const expected of ['run', 'run', 'wait', 'wait', 'full']) assert.equal(places.enter(of('ada'), 0), expected);
  for (const expected of ['wait', 'wait', 'full']) assert.equal(places.enter(of('bob'), 0), expected);
});

test('R8: a place goes to the first who may take it, and only to them', () => {
  const places = new Concurrency({ ...limits, app: 3 });
  const [ada1, ada2, bob1, ada3, bob2] = [of('ada'), of('ada'), of('bob'), of('ada'), of('bob')];
  for (const waiter of [ada1, ada2, bob1]) assert.equal(places.enter(waiter, 0), 'run');
  for (const waiter of [ada3, bob2]) assert.equal(places.enter(waiter, 0), 'wait');
  assert.equal(places.leave(bob1), bob2, 'ada has all she may have');
  assert.equal(places.leave(ada1), ada3);
  assert.equal(places.leave(ada2), null);
});

test('R8: whoever waited too long is told, whoever left is forgotten', () => {
  const places = new Concurrency({ ...limits, app: 1 });
  const [first, early, gone, late] = [of('ada'), of('bob'), of('cy'), of('dee')];
  places.enter(first, 0);
  places.enter(early, 0);
  places.enter(gone, 100);
  places.enter(late, 1_000);
  places.remove(gone);
  assert.deepEqual(places.expired(1_999), []);
  assert.deepEqual(places.expired(2_000), [early]);
  assert.equal(places.leave(first), late);
});

test('R8: whatever comes and goes, no limit is passed and no place is lost', () => {
  const step = fc.record({ person: fc.constantFrom('ada', 'bob', null), leaves: fc.boolean(), at: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const places = new Concurrency(limits);
      const running: Waiter[] = [];
      for (const { person, leaves, at } of steps) {
        const leaving = leaves ? running.splice(at % Math.max(running.length, 1), 1)[0] : undefined;
        if (leaving) {
          const next = places.leave(leaving);
          if (next) running.push(next);
        } else if (!leaves) {
          const waiter = of(person);
          if (places.enter(waiter, 0) === 'run') running.push(waiter);
        }
        assert.equal(places.running, running.length);
        assert(running.length <= limits.app && places.waiting <= limits.queue);
        assert(running.filter((each) => each.person === 'ada').length <= limits.person);
      }
      while (running.length > 0) {
        const next = places.leave(running.shift() as Waiter);
        if (next) running.push(next);
      }
      assert.deepEqual([places.running, places.waiting], [0, 0]);
    }),
    { numRuns: 200 },
  );
});
