// The promise of the access log's file: where it cannot be opened, lines are not lost while there is another place, and an alarm says so.
import assert from 'node:assert/strict';
import { mkdirSync, openSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createLog } from '#server/log.ts';
import { temporaryFolder } from '#server/testing/program.ts';
import { createLineLog } from './access-lines.ts';

test('lines go to the log until the file can be opened, and to the open one when it cannot be opened again', async (t) => {
  const folder = temporaryFolder(t);
  const main = join(folder, 'main.log');
  const dir = join(folder, 'access');
  const file = join(dir, 'access.log');
  const log = createLog({ level: 'warn', program: 'test', fd: openSync(main, 'a') });
  const lines = createLineLog(log, { kind: 'file', path: file });
  const write = async (access: string, to: string) => {
    lines.write(`"access":"${access}"`);
    lines.flush();
    while (!read(to).some((line) => line.access === access)) await setImmediate();
  };
  await write('A1', main);
  mkdirSync(dir);
  lines.reopen();
  await write('A2', file);
  renameSync(dir, `${dir}.1`);
  lines.reopen();
  await write('A3', join(`${dir}.1`, 'access.log'));
  mkdirSync(dir);
  lines.reopen();
  await write('A4', file);
  const alarms = read(main).filter(({ alarm }) => alarm === true);
  assert.deepEqual(
    alarms.map(({ msg }) => msg),
    [
      `The log file ${file} cannot be opened (ENOENT). Access lines go to stdout until the next SIGHUP.`,
      `The log file ${file} cannot be opened (ENOENT). The one that is open goes on.`,
    ],
  );
  assert.deepEqual(
    read(file).map(({ access }) => access),
    ['A4'],
  );
});

type Line = { access?: string; alarm?: boolean; msg?: string };

function read(file: string): Line[] {
  const text = readFileSync(file, { encoding: 'utf8', flag: 'a+' });
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}
