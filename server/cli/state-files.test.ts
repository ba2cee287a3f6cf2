// The promise of the state folder: a token is in a file of one's own, wherever somebody else wanted it to go.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readMachine, saveMachine } from './state-files.ts';

test('M10: what is saved goes through no link, and into no file that was open to others', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'foyer-state-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const elsewhere = join(dir, 'elsewhere');
  writeFileSync(elsewhere, 'as it was', { mode: 0o644 });
  symlinkSync(elsewhere, join(dir, `machine.json.${process.pid}`));
  symlinkSync(elsewhere, join(dir, 'machine.json'));
  const own = { portal: 'https://portal.example', id: '1', name: 'Win-A', address: '100.64.0.1', token: 'secret' };
  const machine = { ...own, letInBy: 'mark' };
  saveMachine(dir, machine);
  assert.deepEqual(readMachine(dir), machine);
  assert.equal(readFileSync(elsewhere, 'utf8'), 'as it was');
  assert.equal(statSync(join(dir, 'machine.json')).mode & 0o777, 0o600);
});
