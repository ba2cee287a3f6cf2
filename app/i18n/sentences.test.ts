// Every sentence that a form can get back is said in German as well.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import german from './sentences/de.json' with { type: 'json' };
import { outcomeIn, sentenceIn } from './sentences.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Rooms whose sentences reach people by a form. */
const ROOMS = ['server/store/*.ts', 'server/store/schema/*.ts', 'server/core/*.ts'];
/** What is for programs and operators: thrown, logged, or answered to a token. */
const FOR_PROGRAMS = /^server\/store\/(handle|migrate|secret|lock|restored|epoch|feed|portal-context|sqlite|api-)/;

/** Text in quotes that begins like a sentence and ends like one; `${…}` becomes `{0}`, `{1}` … */
function sentencesOf(source: string): string[] {
  const code = source.replace(/throw new \w+\((['`])[\s\S]*?\1/g, '').replace(/^\s*(\/\/|\*|\/\*\*).*$/gm, '');
  const found = [...code.matchAll(/'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g)].map(
    ([, plain, template]) => plain ?? template ?? '',
  );
  return found
    .filter((text) => /^[A-Z“$][\s\S]* [\s\S]*[.?]$/.test(text))
    .map((text) => {
      let at = 0;
      return text
        .replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, () => `{${at++}}`)
        .replaceAll('\\\\', '\\')
        .replaceAll("\\'", "'");
    });
}

test('each sentence of the store has a German one', () => {
  const missing = ROOMS.flatMap((room) => globSync(room, { cwd: ROOT }))
    .filter((file) => !file.endsWith('.test.ts') && !FOR_PROGRAMS.test(file))
    .flatMap((file) =>
      sentencesOf(readFileSync(join(ROOT, file), 'utf8'))
        .filter((sentence) => !(sentence in german))
        .map((sentence) => `${file}: ${sentence}`),
    );
  assert.deepEqual(missing, [], 'Say them in app/i18n/sentences/de.json.');
});

test('both put the same values in', () => {
  const values = (text: string) => [...new Set(text.match(/\{\d\}/g))].sort();
  for (const [english, translation] of Object.entries<string>(german))
    assert.deepEqual(values(translation), values(english), english);
});

test('a sentence with values is known by its own words, and what nobody knows stays as it is', () => {
  assert.equal(
    sentenceIn('de', 'This is too long. Use at most 80 characters.'),
    'Das ist zu lang. Verwenden Sie höchstens 80 Zeichen.',
  );
  assert.equal(sentenceIn('de', 'Nobody ever said this.'), 'Nobody ever said this.');
  assert.equal(sentenceIn('en', 'This is missing. Fill it in.'), 'This is missing. Fill it in.');
  assert.deepEqual(outcomeIn('de', { kind: 'invalid', errors: { name: 'This is missing. Fill it in.' } }), {
    kind: 'invalid',
    errors: { name: 'Das fehlt. Füllen Sie es aus.' },
  });
});
