// R9: an event loop that stands still for long is seen: in the log once, in the metrics each time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { watchLoop } from './loop-watch.ts';

test('R9: a stall of more than 200 ms is counted, measured, and said in one line', async () => {
  const lines: string[] = [];
  const watch = watchLoop(pino({}, { write: (line: string) => void lines.push(line) }));
  await delay(120);
  watch.takeDelay();
  standStill(300);
  await delay(120);
  const delayed = watch.takeDelay();
  assert.ok(delayed !== null && delayed.max >= 0.25 && delayed.max < 5, JSON.stringify(delayed));
  assert.equal(watch.stalls(), 1);
  standStill(300);
  await delay(120);
  assert.equal(watch.stalls(), 2);
  assert.equal(lines.length, 1);
  const { msg, stalledMs } = JSON.parse(lines[0] ?? '{}');
  assert.equal(msg, 'the event loop stood still');
  assert.ok(stalledMs >= 200);
  watch.stop();
});

test('a quiet loop is on time: what is measured is the delay, not the time between two looks', async () => {
  const watch = watchLoop(pino({ level: 'silent' }));
  await delay(200);
  const delayed = watch.takeDelay();
  assert.ok(delayed !== null && delayed.p50 < 0.015, JSON.stringify(delayed));
  assert.equal(watch.takeDelay(), null);
  watch.stop();
});

function standStill(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
