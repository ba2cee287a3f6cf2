// The promise of a folder: it is there for one user alone, or the system's reason is thrown, and nothing waits for ever.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from './make-folder.ts';

test('a folder and those above it are made, once and for one user alone', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'foyer-folder-'));
  t.after(() => rmSync(root, { recursive: true }));
  const folder = join(root, 'a', 'b');
  assert.equal(makeFolder(folder), true);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(makeFolder(folder), false);
  writeFileSync(join(root, 'file'), '');
  assert.throws(() => makeFolder(join(root, 'file')), { code: 'EEXIST' });
  assert.throws(() => makeFolder(join(root, 'file', 'below')), { code: 'ENOTDIR' });
});

const noProc = existsSync('/proc/self') ? false : 'this system has no /proc';
test('where the system makes none, that is thrown at once', { skip: noProc }, () => {
  for (const folder of ['/proc/foyer', '/proc/foyer/data'])
    assert.throws(() => makeFolder(folder), { code: 'ENOENT' }, folder);
});
