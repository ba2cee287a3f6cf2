// The promises of names: text and labels without loss, ASCII case ignored and nothing else, zones compared label by label.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyName } from './arbitrary.testing.ts';
import { isAtOrUnder, nameFromLabels, nameKey, nameText, parseName, ROOT, sameName } from './name.ts';

test('every name survives its text, also labels with dots and bytes that are no text', () => {
  fc.assert(fc.property(anyName, (name) => assert.deepEqual(parseName(nameText(name)), name)));
});

test('text that is no name is refused', () => {
  const refused = [
    '',
    '..',
    'a..b',
    '.a',
    'ü.example',
    'a\\',
    '\\256',
    `${'a'.repeat(64)}.b`,
    `${'a.'.repeat(128)}`,
    `${`${'a'.repeat(63)}.`.repeat(4)}`,
  ];
  for (const text of refused) assert.equal(parseName(text), null, text);
  assert.deepEqual(parseName('a.b.'), ['a', 'b']);
  assert.deepEqual(parseName('.'), ROOT);
  assert.equal(parseName('a.'.repeat(127))?.length, 127);
  assert.equal(nameFromLabels(['']), null);
});

test('case folds for A–Z only (RFC 4343)', () => {
  assert.ok(sameName(labels('WiKi', 'Corp'), labels('wiki', 'corp')));
  assert.ok(!sameName(labels('\xc0'), labels('\xe0')));
  assert.ok(!sameName(labels('a.b'), labels('a', 'b')));
  assert.notEqual(nameKey(labels('a.b')), nameKey(labels('a', 'b')));
});

test('a name is under a zone by whole labels', () => {
  const zone = labels('corp', 'internal');
  assert.ok(isAtOrUnder(zone, zone));
  assert.ok(isAtOrUnder(labels('wiki', 'CORP', 'internal'), zone));
  assert.ok(!isAtOrUnder(labels('notcorp', 'internal'), zone));
  assert.ok(!isAtOrUnder(labels('internal'), zone));
  assert.ok(isAtOrUnder(labels('internal'), ROOT));
});

function labels(...list: string[]) {
  const name = nameFromLabels(list);
  assert.ok(name);
  return name;
}
