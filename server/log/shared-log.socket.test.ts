// The promise of a log that several processes write: every line of each is there and whole, whatever they write to and however slowly it is read.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { temporaryFolder } from '#server/testing/program.ts';

const PROGRAM = join(import.meta.dirname, '../testing/log-many.ts');
const PROCESSES = ['a', 'b', 'c', 'd'];
const LINES = 1_500;
const ALL = `(for name in ${PROCESSES.join(' ')}; do "$@" $name ${LINES} & done; wait)`;

for (const [what, command] of [
  ['a pipe', `${ALL} | cat`],
  // As the journal's is.
  ['a socket', ALL],
  ['a file', `${ALL} >> "$FILE"`],
] as const) {
  test(`several processes share ${what}: no line is torn, and none is lost`, async (t) => {
    const file = join(temporaryFolder(t), 'log');
    const child = spawn('sh', ['-c', command, 'sh', process.execPath, PROGRAM], {
      env: { ...process.env, FILE: file },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => child.kill());
    const ended = once(child, 'exit');
    let text = '';
    for await (const piece of child.stdout.setEncoding('utf8')) {
      text += piece;
      await setImmediate();
    }
    assert.deepEqual(await ended, [0, null]);
    if (what === 'a file') text = readFileSync(file, 'utf8');
    const lines = text.split('\n');
    assert.equal(lines.pop(), '');
    const read = lines.map((line) => JSON.parse(line));
    for (const name of PROCESSES) {
      const own = read.filter(({ program }) => program === name);
      assert.deepEqual(
        own.flatMap(({ access }) => access ?? []),
        Array.from({ length: LINES }, (_, at) => `${name}-${at}`),
      );
      assert.equal(own.filter(({ msg }) => msg === 'one of its own').length, LINES / 50);
      const long = own.find(({ msg }) => msg === 'too long');
      assert.equal(long.cut, true);
      assert.match(long.err.message, /^é+…$/);
    }
    for (const line of lines) assert.ok(Buffer.byteLength(line) < 4_096);
  });
}
