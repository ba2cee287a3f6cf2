// The promise of the logger: lines are JSON, no secret reaches them at any depth that is used, and none is lost at the exit.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const { stdout } = spawnSync(process.execPath, [join(import.meta.dirname, 'testing/log.ts')], {
  encoding: 'utf8',
  timeout: 30_000,
});
const lines = stdout
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

test('M10: cookies, tokens, passwords and keys are redacted wherever they are', () => {
  assert.ok(!stdout.includes('S3CRET'), stdout);
  assert.equal(lines[0].headers.host, 'kept');
});

test('a line says when, how grave, which program and process, and an error keeps its code and stack', () => {
  const { time, level, program, pid, msg, err } = lines.find((line) => line.msg === 'it failed');
  assert.match(time, /^\d{4}-\d\d-\d\dT.*Z$/);
  assert.deepEqual(
    { level, program, msg, isPid: pid > 0 },
    { level: 'error', program: 'test', msg: 'it failed', isPid: true },
  );
  assert.equal(err.code, 'ECONNREFUSED');
  assert.match(err.stack, /log\.ts/);
});

test('an access line has the head that every line has, and each is one line of JSON', () => {
  const written = lines.filter((line) => line.access !== undefined);
  assert.deepEqual(
    written.map(({ access, level, ms, program }) => ({ access, level, ms, program })),
    [
      { access: 'A1', level: 'info', ms: 3, program: 'test' },
      { access: 'A2', level: 'info', ms: 4, program: 'test' },
    ],
  );
  for (const { pid, time } of written) {
    assert.equal(pid, lines[0].pid);
    assert.equal(new Date(time).toISOString(), time);
  }
});

test('lines that were written right before the exit are there', () => {
  assert.equal(lines.filter((line) => line.msg === 'one of many').length, 500);
  assert.equal(lines.at(-1).msg, 'the last');
});
