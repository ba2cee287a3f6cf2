// Pages may be read from right to left: nothing is laid out by left and right but what stands in the middle.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');
const CLASS =
  /^(?:[a-z-]+:)*-?(?:ml|mr|pl|pr|left|right|border-l|border-r|rounded-[lr]|text-left|text-right|float-left|float-right)(?:-|$)/;
const DECLARATION =
  /(?:^|[;{\s])(?:margin|padding|border)-(?:left|right)|(?:^|[;{\s])(?:left|right)\s*:|text-align:\s*(?:left|right)/;

test('components use logical classes', () => {
  const physical = globSync('app/**/*.tsx', { cwd: ROOT }).flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/className=(?:"([^"]*)"|\{`([^`]*)`)/g)]
      .flatMap(([, plain, template]) => (plain ?? template ?? '').split(/\s+/))
      .filter((each) => CLASS.test(each) && each !== 'left-1/2')
      .map((each) => `${file}: ${each}`),
  );
  assert.deepEqual(physical, []);
});

test('style sheets use logical properties', () => {
  for (const file of ['app/globals.css', 'public/foyer.css']) {
    const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
    assert.deepEqual(
      lines.filter((line) => DECLARATION.test(line)),
      [],
      file,
    );
  }
});
