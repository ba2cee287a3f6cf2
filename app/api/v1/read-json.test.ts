// The promise of the API's JSON: it is read as every reader reads it, or not at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readJson } from './read-json.ts';

const read = (text: string) => readJson(Buffer.from(text, 'utf8'));

test('whatever JSON writes is read back as it was, in any spacing', () => {
  // Names that JavaScript gives a meaning are refused, see below.
  const plain = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__'));
  fc.assert(
    fc.property(plain, fc.constantFrom(undefined, 2, '\t'), (value, space) => {
      const answer = read(JSON.stringify(value, null, space));
      assert.deepEqual(answer, { kind: 'json', value: JSON.parse(JSON.stringify(value)) });
    }),
    { numRuns: 2000 },
  );
});

test('no text makes it throw, and none is read that JSON does not know', () => {
  const parts = fc.constantFrom('{', '}', '[', ']', ':', ',', '"a"', '"b"', '"', '\\', '1', 'null', ' ', '"\\u0061"');
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 30 }), (words) => {
      const text = words.join('');
      const answer = read(text);
      if (answer.kind === 'json') assert.deepEqual(answer.value, JSON.parse(text));
    }),
    { numRuns: 5000 },
  );
});

test('a key that is there twice is found in whatever spelling and depth, and never where there is only one', () => {
  const twice = [
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":1}',
    '[{"x":{"a":[],"b":{},"a":0}}]',
    '{"":1,"":2}',
    '{"a":{"b":1},"a":2}',
  ];
  for (const text of twice) assert.equal(read(text).kind, 'problem', text);
  const once = [
    '{"a":{"a":{"a":1}}}',
    '[{"a":1},{"a":1}]',
    '{"a":"a","b":"a"}',
    '{"a":"\\"a\\":1","b":1}',
    '{"a":["a","a"]}',
  ];
  for (const text of once) assert.equal(read(text).kind, 'json', text);
});
