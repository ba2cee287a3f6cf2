// Every word that a step of a path may end with is a sentence, and every trouble says what mends it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PATH_CODES, PATH_STEPS } from '#server/core/path.ts';

type Texts = Record<string, Record<string, Record<string, string>>>;
const texts = (namespace: string): Texts =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../i18n/messages/en/${namespace}.json`), 'utf8'));

test('each word has its sentence, each trouble what mends it, and no sentence is left over', () => {
  const { mend = {}, says = {} } = texts('path');
  for (const step of PATH_STEPS) {
    const codes = Object.entries(PATH_CODES[step]).filter(([code]) => code !== 'earlier-step');
    assert.deepEqual(Object.keys(says[step] ?? {}).sort(), codes.map(([code]) => code).sort(), step);
    const troubles = codes.filter(([, state]) => state === 'warning' || state === 'bad').map(([code]) => code);
    assert.deepEqual(Object.keys(mend[step] ?? {}).sort(), troubles.sort(), `mend ${step}`);
  }
});

test('invariant 6: what everybody’s view says is not what only admins may read', () => {
  const way = Object.keys(texts('way'));
  for (const key of ['says', 'mend', 'facts', 'outcomes', 'refusals']) assert.ok(!way.includes(key), key);
});
