// R9: an event loop that stands still for long is seen: in the log once, in the metrics each time.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { watchLoop } from './loop-watch.ts';

test('R9: a stall of more than 200 ms is counted, measured, and said in one line', (t) => {
  const lines: string[] = [];
  const { watch, look } = watched(t, (line) => void lines.push(line));
  look(0);
  watch.takeDelay();
  look(300);
  look(0);
  const delayed = watch.takeDelay();
  assert.ok(delayed !== null && delayed.max >= 0.29 && delayed.max < 0.31, JSON.stringify(delayed));
  assert.equal(watch.stalls(), 1);
  look(300);
  assert.equal(watch.stalls(), 2);
  assert.equal(lines.length, 1);
  const { msg, stalledMs } = JSON.parse(lines[0] ?? '{}');
  assert.equal(msg, 'the event loop stood still');
  assert.equal(stalledMs, 300);
  watch.stop();
});

test('a quiet loop is on time: what is measured is the delay, not the time between two looks', (t) => {
  const { watch, look } = watched(t, () => {});
  for (let at = 0; at < 4; at += 1) look(0);
  const delayed = watch.takeDelay();
  assert.ok(delayed !== null && delayed.max < 0.001, JSON.stringify(delayed));
  assert.equal(watch.takeDelay(), null);
  watch.stop();
});

/** `look`: the next look, so many milliseconds late. */
function watched(t: TestContext, write: (line: string) => void) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  let now = 0;
  const watch = watchLoop(pino({}, { write }), () => now);
  const look = (lateMs: number) => {
    now += 50 + lateMs;
    t.mock.timers.tick(50);
  };
  return { watch, look };
}
