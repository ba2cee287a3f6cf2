// The page about metrics names every metric that there is, with its kind, and no other.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { OUTCOMES as ANSWERS } from '../dns/reply.ts';
import { OUTCOMES } from '../http/counters.ts';
import { SHED } from '../http/overload.ts';

const SERVER = join(import.meta.dirname, '..');

test('docs/operations.md has the metrics of the code, no more and no less', () => {
  const sources = globSync('metrics/*.ts', { cwd: SERVER }).filter((path) => !path.includes('test'));
  const text = sources.map((path) => readFileSync(join(SERVER, path), 'utf8')).join('\n');
  const made = [...text.matchAll(/\b(counter|gauge|histogram)\(\s*'(foyer_[a-z0-9_]+)'/g)];
  const page = readFileSync(join(SERVER, '../docs/operations.md'), 'utf8');
  const told = [...page.matchAll(/^\| `(foyer_[a-z0-9_]+)` \| (\w+) \|/gm)];
  assert.ok(made.length > 30);
  assert.deepEqual(
    told.map(([, name, kind]) => `${kind} ${name}`).sort(),
    [...new Set(made.map(([, kind, name]) => `${kind} ${name}`))].sort(),
  );
});

test('every metric that an example names is one', () => {
  const page = readFileSync(join(SERVER, '../docs/operations.md'), 'utf8');
  const names = new Set([...page.matchAll(/^\| `(foyer_[a-z0-9_]+)`/gm)].map(([, name]) => name));
  for (const [name] of page.matchAll(/\bfoyer_[a-z0-9_]+/g)) assert.ok(names.has(name), name);
});

test('every value of the labels outcome and what is on the page', () => {
  const page = readFileSync(join(SERVER, '../docs/operations.md'), 'utf8');
  const rows = (head: string) => {
    const table = page.slice(page.indexOf(`\n| ${head} | what happened |`)).split('\n\n', 1)[0] ?? '';
    return [...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, word]) => word);
  };
  assert.deepEqual(rows('outcome'), [...OUTCOMES]);
  assert.deepEqual(rows('outcome of a DNS query'), [...ANSWERS]);
  const shed = /^\| `foyer_shed_total` .*$/m.exec(page)?.[0] ?? '';
  assert.deepEqual(
    [...shed.matchAll(/`([a-z-]+)`/g)].map(([, word]) => word),
    [...SHED],
  );
});
