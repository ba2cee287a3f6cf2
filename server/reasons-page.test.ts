// docs/reasons.md has every reason that there is, with its decision or status, and no other.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { AUDIT_REASONS } from './core/audit-words.ts';
import { REASONS } from './core/authorize.ts';
import { FAULTS } from './core/fault.ts';

const SERVER = import.meta.dirname;
const PAGE = readFileSync(join(SERVER, '../docs/reasons.md'), 'utf8');
const SOURCES = globSync(['http/**/*.ts', 'gateway/**/*.ts'], { cwd: SERVER })
  .filter((path) => !/\.(test|testing)\.ts$/.test(path))
  .map((path) => readFileSync(join(SERVER, path), 'utf8'))
  .join('\n');

test('the page has every word of the audit, of faults and of other answers, and no other', () => {
  const words = new Set<string>([...AUDIT_REASONS, ...Object.keys(FAULTS), ...otherAnswers(), ...alarms()]);
  assert.deepEqual(
    rowsOf(PAGE)
      .map(([word]) => word)
      .sort(),
    [...words].sort(),
  );
});

test('each decision stands by its own word, and each fault by its status', () => {
  const { allow, deny, signIn, unavailable } = REASONS;
  const decisions = Object.entries({ allow, 'sign-in': signIn, deny, unavailable });
  assert.deepEqual(
    rowsOf(section('Decisions')),
    decisions.flatMap(([decision, reasons]) => reasons.map((reason) => [reason, decision])),
  );
  assert.deepEqual(
    rowsOf(section('Faults')),
    Object.entries(FAULTS).map(([code, { status }]) => [code, String(status)]),
  );
});

test('other answers and alarms are those of the code', () => {
  const words = (title: string) => rowsOf(section(title)).map(([word]) => word);
  assert.deepEqual(words('Other answers').sort(), [...otherAnswers()].sort());
  assert.deepEqual(words('Alarms').sort(), [...alarms()].sort());
});

test('the faults of a connection that did not come about are those of dialling', () => {
  const dialling = ['dial/connect-first.ts', 'dial/upstream-tls.ts'].map((path) =>
    readFileSync(join(SERVER, path), 'utf8'),
  );
  const faults = new Set(
    dialling.flatMap((text) => [...text.matchAll(/'(upstream-[a-z-]+)'/g)].map(([, code]) => code)),
  );
  // What is given up because nobody waits for it any more is not counted.
  faults.delete('upstream-closed');
  const row = /^\| `foyer_upstream_failures_total` \| (.+) \|$/m.exec(PAGE)?.[1] ?? '';
  assert.deepEqual([...row.matchAll(/`([a-z-]+)`/g)].map(([, code]) => code).sort(), [...faults].sort());
});

/** What an access line can have beside decisions, faults and first visits. */
function otherAnswers(): Set<string> {
  const written = SOURCES.matchAll(
    /\boutcome\.reason = '([a-z-]+)'|\.cut\('([a-z-]+)'|(?:\.cut\(|\boutcome\.reason = )([A-Z_]+)\b/g,
  );
  const known = new Set<string>([...Object.values(REASONS).flat(), ...Object.keys(FAULTS)]);
  const words = Array.from(written, ([, said, cut, constant]) => said ?? cut ?? wordOf(constant ?? ''));
  const others = words.filter((word) => !known.has(word));
  assert.ok(others.length > 6);
  return new Set(others);
}

function wordOf(constant: string): string {
  const value = new RegExp(`\\bconst ${constant} = '([a-z-]+)'`).exec(SOURCES)?.[1];
  assert.ok(value, constant);
  return value;
}

/** An alarm of the audit is counted by what happened. */
function alarms(): Set<string> {
  const actions = [...SOURCES.matchAll(/level: 'alarm',\s+action: '([a-z-]+)'/g)].map(([, action = '']) => action);
  assert.ok(actions.length > 1);
  return new Set([...actions, 'logged']);
}

function section(title: string): string {
  const [, text = ''] = PAGE.split(`\n## ${title}\n`);
  return text.split('\n## ')[0] ?? '';
}

/** The first two columns of each row that begins with words of code; a row may have several. Each word once. */
function rowsOf(text: string): [word: string, second: string][] {
  const rows = new Map<string, string>();
  for (const [, words = '', second = ''] of text.matchAll(/^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \| ([^|]*) \|/gm))
    for (const [word] of words.matchAll(/[a-z-]+/g)) rows.set(word, second);
  return [...rows];
}
