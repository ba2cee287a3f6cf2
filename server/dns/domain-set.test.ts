// A set of domains covers exactly what its rules say, whatever the case, and stays small with very many of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildDomainSet, COVERS, type Covers, unionOf } from './domain-set.ts';
import { isAtOrUnder, type Name, nameFromLabels, parseName } from './name.ts';
import { name } from './packet.testing.ts';

function setOf(rules: readonly (readonly [string, Covers])[]) {
  const builder = buildDomainSet();
  for (const [text, covers] of rules) builder.add(name(text), covers);
  return builder.finish();
}

test('a rule covers the name, what is below it, or both, by whole labels', () => {
  const set = setOf([
    ['exact.example', COVERS.name],
    ['below.example', COVERS.below],
    ['both.example', COVERS.both],
  ]);
  const cases: [string, string | null][] = [
    ['exact.example', 'exact.example'],
    ['a.exact.example', null],
    ['below.example', null],
    ['a.below.example', '*.below.example'],
    ['both.example', 'both.example'],
    ['a.b.both.example', '*.both.example'],
    ['xboth.example', null],
    ['both.example.com', null],
    ['example', null],
    ['.', null],
  ];
  for (const [text, rule] of cases) assert.equal(set.match(name(text)), rule, text);
  assert.equal(set.size, 3);
});

test('D11: other case is the same name, in rules and in questions', () => {
  const set = setOf([['ADS.Example', COVERS.both]]);
  assert.equal(set.match(name('ads.EXAMPLE')), 'ads.example');
  assert.equal(set.match(name('X.aDs.eXample')), '*.ads.example');
});

test('a label that holds a dot is not two labels', () => {
  const set = setOf([['a.b.example', COVERS.name]]);
  const oneLabel = nameFromLabels(['a.b', 'example']);
  assert.ok(oneLabel);
  assert.equal(set.match(oneLabel), null);
});

test('rules for one name add up', () => {
  const set = setOf([
    ['x.example', COVERS.name],
    ['x.example', COVERS.below],
  ]);
  assert.equal(set.size, 1);
  assert.equal(set.match(name('x.example')), 'x.example');
  assert.equal(set.match(name('a.x.example')), '*.x.example');
});

test('several lists are one: the first that covers a name counts', () => {
  const both = unionOf([setOf([['a.example', COVERS.both]]), setOf([]), setOf([['example', COVERS.below]])]);
  assert.equal(both.match(name('a.example')), 'a.example');
  assert.equal(both.match(name('b.example')), '*.example');
  assert.equal(both.match(name('b.other')), null);
  assert.equal(both.size, 2);
});

test('a set agrees with the plain definition for any rules and names', () => {
  const label = fc.constantFrom('a', 'b', 'A', 'com', 'long-label', '\xff', 'x.y');
  const names = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => nameFromLabels(labels) as Name);
  const rules = fc.array(fc.tuple(names, fc.constantFrom(COVERS.name, COVERS.below, COVERS.both)), { maxLength: 40 });
  fc.assert(
    fc.property(rules, names, (list, asked) => {
      const builder = buildDomainSet();
      for (const [rule, covers] of list) builder.add(rule, covers);
      const isCovered = list.some(
        ([rule, covers]) =>
          isAtOrUnder(asked, rule) && (covers & (asked.length === rule.length ? COVERS.name : COVERS.below)) !== 0,
      );
      assert.equal(builder.finish().match(asked) !== null, isCovered);
    }),
  );
});

test('200,000 names take less than 50 MB, with everything that was outgrown on the way', () => {
  const before = process.memoryUsage();
  const builder = buildDomainSet();
  for (let i = 0; i < 200_000; i++) builder.add(name(`host${i}.tracker-${i % 977}.example.net`), COVERS.both);
  const set = builder.finish();
  const bytes = process.memoryUsage().arrayBuffers - before.arrayBuffers;
  assert.ok(bytes < 50_000_000, `${bytes} bytes`);
  assert.equal(set.size, 200_000);
  assert.equal(set.match(name('host77.tracker-77.example.net')), 'host77.tracker-77.example.net');
  assert.equal(set.match(name('host77.tracker-78.example.net')), null);
});

test('the root covers nothing: it would be every name there is', () => {
  const builder = buildDomainSet();
  builder.add(parseName('.') as Name, COVERS.both);
  assert.equal(builder.finish().match(name('a.example')), null);
});
