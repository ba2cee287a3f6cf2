// A process that a test forgot is found by its mark and ended; a process without the mark is left alone.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { endLeftovers, RUN_MARK } from './leftovers.ts';

function startSleeper(mark: string) {
  const program = 'console.log("up"); setInterval(() => {}, 1000)';
  return spawn(process.execPath, ['-e', program], { env: { ...process.env, [RUN_MARK]: mark } });
}

test('only the processes of this run are ended', async (t) => {
  const mark = randomUUID();
  const [forgotten, other] = [startSleeper(mark), startSleeper(randomUUID())];
  t.after(() => other.kill('SIGKILL'));
  await Promise.all([once(forgotten.stdout, 'data'), once(other.stdout, 'data')]);
  const ended = once(forgotten, 'exit');
  const leftovers = await endLeftovers(mark, 0);
  assert.deepEqual(
    leftovers.map(({ pid }) => pid),
    [forgotten.pid],
  );
  assert.deepEqual(await ended, [null, 'SIGKILL']);
  assert.equal(other.exitCode, null);
});
