// The promises of the registry: who is open is found by session, and what is over costs no more than what is young.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type LiveEntry, LiveRegistry } from './live.ts';

function entryOf(sessionId: string, more: object = {}): LiveEntry {
  return { sessionId, slot: -1, ...more } as LiveEntry;
}

test('entries are found by session, whichever of them ended, in whichever order, once or twice', () => {
  const live = new LiveRegistry();
  const [one, two, three, four] = ['a', 'b', 'a', 'c'].map((sessionId) => entryOf(sessionId)) as [
    LiveEntry,
    LiveEntry,
    LiveEntry,
    LiveEntry,
  ];
  for (const entry of [one, two, three, four]) live.add(entry);
  assert.deepEqual(live.sessionIds(), ['a', 'b', 'c']);
  assert.deepEqual(
    live.of(new Set(['a', 'c', 'nobody'])),
    new Map([
      ['a', [one, three]],
      ['c', [four]],
    ]),
  );
  live.delete(one);
  live.delete(one);
  assert.equal(live.size, 3);
  assert.equal(live.has(one), false);
  assert.deepEqual(new Set(live.all()), new Set([two, three, four]));
  live.delete(four);
  live.delete(two);
  assert.deepEqual(live.all(), [three]);
  live.delete(three);
  assert.deepEqual(live.all(), []);
  live.delete(entryOf('never added'));
  assert.equal(live.size, 0);
});

test('what is over is collected with the young, and does not wait for the whole heap to be', () => {
  setFlagsFromString('--expose-gc');
  const collect: (options?: { type: 'minor' }) => void = runInNewContext('gc');
  const live = new LiveRegistry();
  const open: LiveEntry[] = [];
  const serve = (requests: number) => {
    for (let at = 0; at < requests; at += 1) {
      const entry = entryOf(`session ${at}`, { outcome: { held: new Array(1_000).fill(at) } });
      live.add(entry);
      open.push(entry);
      if (open.length > 32) live.delete(open.shift() as LiveEntry);
    }
  };
  serve(200);
  collect();
  let grownOld = 0;
  for (let round = 0; round < 40; round += 1) {
    const before = oldSpaceBytes();
    serve(100);
    collect({ type: 'minor' });
    grownOld += Math.max(0, oldSpaceBytes() - before);
  }
  // Each holds 8 KB, 32 MB in all; none is open while the young are collected twice.
  assert.ok(grownOld < 3_000_000, `${grownOld} bytes have grown old`);
});

function oldSpaceBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')?.space_used_size ?? 0;
}
