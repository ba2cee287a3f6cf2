// docs/limits.md cannot lie: what it says about a limit is compared with the code, and every limit is read somewhere.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LIMIT_NAMES, LIMITS, limitVariable } from '#server/http/limits.ts';
import { readSourceFiles } from '../../tools/source-file.ts';
import { formatQuantity, parseQuantity, type Unit } from './quantity.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/limits.md'), 'utf8');
const FIXED = [...PAGE.matchAll(/^\| ([^|]+) \| (\w+) \| `([\w./-]+)` `(\w+)` \|$/gm)];

test('every limit that can be set is on the page with its default and its bounds', () => {
  const table = LIMIT_NAMES.map((name) => {
    const { unit, value, min, max, sentence } = LIMITS[name];
    const [byDefault, least, most] = [value, min, max].map((number) => formatQuantity(number, unit));
    return `| \`${limitVariable(name)}\` | ${byDefault} | ${least} to ${most} | ${sentence} |`;
  });
  const expected = ['| setting | default | bounds | what it does |', '|---|---|---|---|', ...table].join('\n');
  assert.ok(PAGE.includes(expected), `docs/limits.md has to hold this table:\n\n${expected}\n`);
});

test('every default is within its bounds', () => {
  for (const name of LIMIT_NAMES) {
    const { value, min, max } = LIMITS[name];
    assert.ok(min <= value && value <= max, name);
  }
});

test('no limit is one that nobody reads', () => {
  const sources = readSourceFiles(ROOT).filter(
    ({ path }) => path.startsWith('server/') && !/\.(test|testing)\.ts$/.test(path) && path !== 'server/http/limits.ts',
  );
  const unread = LIMIT_NAMES.filter((name) => !sources.some(({ text }) => new RegExp(`\\b${name}\\b`).test(text)));
  assert.deepEqual(unread, []);
});

test('a fixed limit on the page is the constant that it names', () => {
  assert.ok(FIXED.length > 15);
  const wrong = FIXED.flatMap(([, what, shown = '', path = '', constant = '']) => {
    const value = constantOf(path, constant);
    return readLimit(shown) === value ? [] : [`${what}: the page says ${shown}, ${path} ${constant} is ${value}`];
  });
  assert.deepEqual(wrong, []);
});

test('a fixed limit is on the page once', () => {
  const constants = FIXED.map(([, , , path, constant]) => `${path} ${constant}`);
  assert.deepEqual(
    constants.filter((each, at) => constants.indexOf(each) !== at),
    [],
  );
});

function readLimit(shown: string): number | null {
  const units: Unit[] = ['count', 'bytes', 'ms'];
  return units.map((unit) => parseQuantity(shown, unit)).find((value) => value !== null) ?? null;
}

/** The number that `const NAME = 8 * HOUR_MS;` stands for. */
function constantOf(path: string, name: string): number {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const written = new RegExp(`^(?:export )?const ${name} = ([^;]+);`, 'm').exec(text)?.[1];
  assert.ok(written, `${path} has a constant ${name}`);
  return written
    .split('*')
    .map((factor) => factor.trim())
    .reduce((product, factor) => {
      const number = /^[0-9_]+$/.test(factor) ? Number(factor.replaceAll('_', '')) : constantOf(path, factor);
      return product * number;
    }, 1);
}
