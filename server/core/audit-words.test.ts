// The promise of the audit's words: every one is said in every language, and none stands in a list that nothing writes.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { AUDIT_ACTIONS, AUDIT_OBJECT_KINDS, AUDIT_REASONS } from './audit-words.ts';

const ROOT = join(import.meta.dirname, '../..');
const LISTS = { actions: AUDIT_ACTIONS, reasons: AUDIT_REASONS, kinds: AUDIT_OBJECT_KINDS };

for (const language of readdirSync(join(ROOT, 'app/i18n/messages'))) {
  suite(language, () => {
    const texts = JSON.parse(readFileSync(join(ROOT, 'app/i18n/messages', language, 'audit.json'), 'utf8'));
    for (const [name, words] of Object.entries(LISTS)) {
      test(`each of the ${name} has its own label, and no label is left over`, () => {
        assert.deepEqual(Object.keys(texts[name]).sort(), [...words].sort());
        // The filter's list would show the same line twice.
        assert.equal(new Set(Object.values(texts[name])).size, words.length);
      });
    }
  });
}

test('every word is written somewhere', () => {
  const written = sources().join('\n');
  // Two are made of a decision.
  const isWritten = (word: string) => written.includes(`'${word}'`) || word.startsWith('device-login-');
  for (const words of Object.values(LISTS))
    assert.deepEqual(
      words.filter((word) => !isWritten(word)),
      [],
    );
});

function sources(): string[] {
  return ['server', 'app'].flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !/test(ing)?[./]|audit-words/.test(name))
      .map((name) => readFileSync(join(ROOT, room, name), 'utf8')),
  );
}
