// The promise of the build: a user who may not write where Foyer is installed is told who has to build, in a sentence.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, globSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');

test('pages that are not there and may not be built here are a sentence that names whose work that is', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'foyer-build-'));
  t.after(() => {
    chmodSync(folder, 0o755);
    rmSync(folder, { recursive: true });
  });
  mkdirSync(join(folder, 'tools'));
  const files = globSync('tools/{build,build-shell,previous-release}.ts', { cwd: ROOT });
  for (const file of [...files, 'package.json']) copyFileSync(join(ROOT, file), join(folder, file));
  for (const name of ['node_modules', 'server']) symlinkSync(join(ROOT, name), join(folder, name));
  chmodSync(folder, 0o555);
  // Root may write everywhere.
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const { status, stderr } = spawnSync(process.execPath, [join(folder, 'tools/build.ts')], {
    ...nobody,
    encoding: 'utf8',
  });
  assert.deepEqual(
    [status, stderr],
    [
      1,
      `The portal’s pages are missing or older than their sources. Run \`npm run build\` as the owner of ${folder}.\n`,
    ],
  );
});
