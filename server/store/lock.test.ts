// The promise of the lock: one supervisor per data directory, and a dead one is in nobody's way.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lockDataDir } from './lock.ts';
import { startChild } from './testing/child.ts';
import { temporaryDir } from './testing/temporary-store.ts';

test('B4: a second supervisor is refused with a sentence that names the first, until that one is killed', async (t) => {
  const dataDir = temporaryDir(t);
  const first = startChild(t, 'lock-holder.ts', [dataDir]);
  assert.equal(await first.line(), 'locked');
  const second = startChild(t, 'lock-holder.ts', [dataDir]);
  const sentence = await second.line();
  assert.match(sentence ?? '', new RegExp(`^Another Foyer \\(process ${first.process.pid}\\) is running on .+\\.$`));
  assert.equal(lockDataDir(dataDir).kind, 'refused');
  await first.kill();
  const third = startChild(t, 'lock-holder.ts', [dataDir]);
  assert.equal(await third.line(), 'locked');
});

test('B4: a lock is given back, the same process gets no second one, and a stale number is no lock', (t) => {
  const dataDir = temporaryDir(t);
  writeFileSync(join(dataDir, 'supervisor.pid'), '1\n');
  const lock = lockDataDir(dataDir);
  assert.ok(lock.kind === 'locked');
  assert.equal(lockDataDir(dataDir).kind, 'refused');
  lock.release();
  const again = lockDataDir(dataDir);
  assert.ok(again.kind === 'locked');
  again.release();
});

test('B1: a data directory that cannot be written is refused with a sentence', (t) => {
  const file = join(temporaryDir(t), 'a-file');
  writeFileSync(file, '');
  const lock = lockDataDir(join(file, 'data'));
  assert.match(lock.kind === 'refused' ? lock.sentence : '', /^The data directory .+ cannot be locked: /);
});
