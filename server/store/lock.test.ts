// The promise of the lock: one supervisor per data directory, and a dead one is in nobody's way.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isDataDirLocked, lockDataDir } from './lock.ts';
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
  assert.ok(isDataDirLocked(dataDir));
  lock.release();
  assert.ok(!isDataDirLocked(dataDir));
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

test('B1: looking whether a data directory is locked makes nothing in it', (t) => {
  const dataDir = temporaryDir(t);
  assert.ok(!isDataDirLocked(dataDir));
  assert.deepEqual(readdirSync(dataDir), []);
  assert.ok(!isDataDirLocked(join(dataDir, 'none')));
  assert.ok(!existsSync(join(dataDir, 'none')));
});

test('B1: a lock that is another user’s is refused with what to do', (t) => {
  const dataDir = temporaryDir(t);
  // Like a file of somebody else, a directory in its place cannot be opened.
  mkdirSync(join(dataDir, 'supervisor.lock'));
  const lock = lockDataDir(dataDir);
  assert.match(
    lock.kind === 'refused' ? lock.sentence : '',
    /: give its files to the user that Foyer runs as \(chown -R\)\.$/,
  );
});
