// The doctor's promises about the machine: it knows the safe versions of Node, a clock that went back, a directory that others may read.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkClock, checkDataDir, checkNode, checkSecret } from './machine.ts';

test('versions of Node with known weaknesses are worth a warning', () => {
  const table: [string, string][] = [
    ['v26.13.1', 'ok'],
    ['v26.14.0', 'ok'],
    ['v27.0.0', 'ok'],
    ['v24.22.3', 'ok'],
    ['v24.23.0', 'ok'],
    ['v26.13.0', 'warning'],
    ['v26.10.0', 'warning'],
    ['v25.9.9', 'warning'],
    ['v24.22.2', 'warning'],
    ['v22.99.0', 'warning'],
  ];
  for (const [version, level] of table) assert.equal(checkNode(version).level, level, version);
});

test('Z1: a clock behind what is written already is an error, an unsynchronised one a warning', () => {
  const now = Date.UTC(2026, 10, 20);
  assert.equal(checkClock(now, now - 1000, true).level, 'ok');
  assert.equal(checkClock(now, null, null).level, 'ok');
  assert.equal(checkClock(now, now - 1000, false).level, 'warning');
  assert.equal(checkClock(now, now + 3_600_000, true).level, 'error');
});

test('a data directory that others may read, or that is none, is said with the command that mends it', (t) => {
  const folder = temporary(t);
  assert.equal(checkDataDir(folder).level, 'ok');
  chmodSync(folder, 0o755);
  assert.match(checkDataDir(folder).sentence, /chmod 700 /);
  assert.equal(checkDataDir(join(folder, 'none')).level, 'warning');
  writeFileSync(join(folder, 'file'), '');
  assert.equal(checkDataDir(join(folder, 'file')).level, 'error');
});

test('looking at the secret never makes one, and a store without its secret is an error', (t) => {
  const folder = temporary(t);
  assert.equal(checkSecret({}, folder).level, 'warning');
  assert.ok(!existsSync(join(folder, 'secret.key')));
  writeFileSync(join(folder, 'foyer.db'), '');
  assert.equal(checkSecret({}, folder).level, 'error');
  assert.ok(!existsSync(join(folder, 'secret.key')));
  assert.equal(checkSecret({ FOYER_SECRET_KEY: 'short' }, folder).level, 'error');
});

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'foyer-doctor-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}
