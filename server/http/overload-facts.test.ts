// The promise of the facts that overload is judged by: memory that is taken counts, and memory that was given back does not.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { sampleOverload } from './overload-facts.ts';

const MB = 1_024 ** 2;

function anonymousBytes(): number {
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1_024;
}

test('R9: memory that is held is pressure, what was released is none, and the program’s own pages never are', async (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  collect();
  const memoryBytes = anonymousBytes() + 400 * MB;
  const sampler = sampleOverload({ memoryBytes, heapBytes: 4_096 * MB, connectionLimit: 1 });
  t.after(() => sampler.stop());
  const memory = () => sampler.sample(0).memory ?? 0;
  const before = memory();
  assert.ok(before < process.memoryUsage.rss() / memoryBytes, 'file pages are not counted');
  const held = { bodies: Array.from({ length: 360 }, () => Buffer.alloc(MB, 1)) };
  assert.ok(memory() > 0.9);
  held.bodies = [];
  // Memory outside of the heap is given back beside the collection.
  for (let turns = 0; memory() > before + 0.1 && turns < 1_000; turns += 1) {
    collect();
    await nextTurn();
  }
  assert.ok(memory() < before + 0.1, `${memory()} after ${before}`);
});
