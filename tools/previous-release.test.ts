// One release back, and no further.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setAsidePrevious } from './previous-release.ts';

test('K4: the static files of the build before stay beside the new ones, for one release', () => {
  const root = mkdtempSync(join(tmpdir(), 'foyer-release-'));
  const next = join(root, '.next');
  const aside = join(root, 'aside');
  const has = (file: string) => existsSync(join(next, 'static', file));
  const build = (...files: string[]) => {
    const previous = setAsidePrevious(next, aside);
    rmSync(next, { recursive: true, force: true });
    mkdirSync(join(next, 'static/chunks'), { recursive: true });
    for (const file of files) writeFileSync(join(next, 'static', file), file);
    previous.putBack();
  };
  try {
    build('chunks/one.js', 'same.css');
    build('chunks/two.js', 'same.css');
    assert.deepEqual([has('chunks/one.js'), has('chunks/two.js'), has('same.css')], [true, true, true]);
    build('chunks/three.js');
    assert.deepEqual([has('chunks/one.js'), has('chunks/two.js'), has('chunks/three.js')], [false, true, true]);
    assert.equal(has('same.css'), true, 'the second build\u2019s own as well');
    assert.equal(existsSync(aside), false);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
