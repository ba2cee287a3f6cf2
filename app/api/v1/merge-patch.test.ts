// RFC 7396, appendix A, and that a patch changes neither of its sources.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergePatch } from './merge-patch.ts';

test('every example of the RFC', () => {
  const table: [string, string, string][] = [
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
    ['{"a":"b"}', '{"a":null}', '{}'],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
    ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
    ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
    ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
    ['["a","b"]', '["c","d"]', '["c","d"]'],
    ['{"a":"b"}', '["c"]', '["c"]'],
    ['{"a":"foo"}', 'null', 'null'],
    ['{"a":"foo"}', '"bar"', '"bar"'],
    ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
    ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
    ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
  ];
  for (const [target, patch, result] of table) {
    const [before, change] = [JSON.parse(target), JSON.parse(patch)];
    assert.deepEqual(mergePatch(before, change), JSON.parse(result), `${target} ${patch}`);
    assert.deepEqual([before, change], [JSON.parse(target), JSON.parse(patch)]);
  }
});

test('M2: a planted prototype is a key like any other', () => {
  const merged = mergePatch({}, JSON.parse('{"__proto__":{"role":"admin"}}')) as { role?: string };
  assert.equal(merged.role, undefined);
  assert.equal(({} as { role?: string }).role, undefined);
});
