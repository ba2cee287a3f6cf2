// English and German say the same things.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';

type Tree = { readonly [key: string]: string | Tree };
const ROOT = join(import.meta.dirname, 'messages');
const files = readdirSync(join(ROOT, 'en')).sort();
const read = (language: string, file: string): Tree => JSON.parse(readFileSync(join(ROOT, language, file), 'utf8'));

function flatten(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${path}${key}`, value] as [string, string]] : flatten(value, `${path}${key}.`),
  );
}

/** The names of what a text puts in, tags included. The words of a plural's or a choice's branches are text like any other. */
function placeholders(text: string): string[] {
  const flat = flattenChoices(text);
  return [...new Set([...flat.matchAll(/\{(\w+)[,}]|<(\w+)>/g)].map(([, value, tag]) => value ?? `<${tag}>`))].sort();
}

const CHOICE = /\{(\w+), (?:plural|select|selectordinal),((?:[^{}]*\{(?:[^{}]|\{\w+\})*\})+)\s*\}/;
const BRANCH = /[=\w]+\s*\{((?:[^{}]|\{\w+\})*)\}/g;

/** Innermost first: the name of a choice, then what its branches say. */
function flattenChoices(text: string): string {
  const [whole, name, branches = ''] = CHOICE.exec(text) ?? [];
  if (whole === undefined) return text;
  const said = [...branches.matchAll(BRANCH)].map(([, words]) => words).join(' ');
  return flattenChoices(text.replace(whole, () => `{${name}} ${said}`));
}

test('a text’s values are known from the words of its plurals', () => {
  assert.deepEqual(placeholders('Delete {name}, <b>now</b>'), ['<b>', 'name']);
  assert.deepEqual(placeholders('{count, plural, one {One app} other {# apps of {owner}}}'), ['count', 'owner']);
  assert.deepEqual(placeholders('{n, plural, =0 {none} other {{n} {kind, select, a {x} other {y}}}}'), ['kind', 'n']);
});

test('German has the files of English', () => {
  assert.deepEqual(readdirSync(join(ROOT, 'de')).sort(), files);
});

for (const file of files) {
  suite(file, () => {
    const english = new Map(flatten(read('en', file)));
    const german = new Map(flatten(read('de', file)));
    test('German has every text of English, and no other', () => {
      assert.deepEqual([...german.keys()].sort(), [...english.keys()].sort());
    });
    test('no text is empty, and both put the same values in', () => {
      for (const [key, text] of english) {
        const translated = german.get(key) ?? '';
        assert.notEqual(text.trim(), '', key);
        assert.notEqual(translated.trim(), '', key);
        assert.deepEqual(placeholders(translated), placeholders(text), key);
      }
    });
  });
}
