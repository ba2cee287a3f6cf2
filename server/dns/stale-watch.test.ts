// That old answers are used is told once when it begins and once when it ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchStale } from './stale-watch.ts';

function watching() {
  const told: string[] = [];
  const watch = watchStale({ onBegin: (at) => told.push(`begin ${at}`), onEnd: () => told.push('end') });
  return { told, ...watch };
}

test('that old answers are used is told once when it begins, and once when every name was answered anew', () => {
  const w = watching();
  w.answered('wiki', 5);
  for (let at = 10; at < 1_010; at++) w.used('wiki', 1, at);
  w.used('docs', 2, 1_010);
  w.answered('wiki', 1_011);
  w.answered('other', 1_012);
  assert.deepEqual(w.told, ['begin 1']);
  w.answered('docs', 1_013);
  w.answered('docs', 1_014);
  assert.deepEqual(w.told, ['begin 1', 'end']);
  w.used('docs', 7, 2_000);
  assert.deepEqual(w.told, ['begin 1', 'end', 'begin 7']);
});

test('a name that nobody asks for any more does not keep the end from being told', () => {
  const w = watching();
  w.used('gone', 1, 1_000);
  w.used('wiki', 1, 30_000);
  w.answered('wiki', 60_999);
  assert.deepEqual(w.told, ['begin 1']);
  w.answered('wiki', 61_000);
  assert.deepEqual(w.told, ['begin 1', 'end']);
});
