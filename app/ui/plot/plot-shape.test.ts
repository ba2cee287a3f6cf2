// The promises of a plot's geometry: it stays in its box, begins at zero, and draws nothing where nothing was measured.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BOX, shapeOf } from './plot-shape.ts';

const numbers = (path: string) => [...path.matchAll(/-?\d+(\.\d+)?/g)].map(([text]) => Number(text));

test('a line goes from the left to the right, and its highest value is at or below the top', () => {
  const { lines, ticks } = shapeOf([[0, 5, 10]]);
  assert.deepEqual(lines, ['M0,100L500,50L1000,0']);
  assert.deepEqual(ticks, [
    { y: 0.5, value: 5 },
    { y: 0, value: 10 },
  ]);
});

test('where nothing was measured the line is interrupted; a plot of nothing has no line', () => {
  assert.deepEqual(shapeOf([[1, null, 1]]).lines[0]?.match(/M/g)?.length, 2);
  assert.deepEqual(shapeOf([[null, null]]).lines, ['']);
  assert.deepEqual(shapeOf([[0, 0]]).lines, ['M0,100L1000,100']);
});

test('a value that was measured alone is a stroke as long as its step', () => {
  assert.deepEqual(shapeOf([[null, null, 4, null, null]]).lines, ['M375,0L625,0']);
  assert.deepEqual(shapeOf([[4, null, 4]]).lines, ['M0,0L250,0M750,0L1000,0'], 'half of it at the ends');
  assert.deepEqual(shapeOf([[4]]).lines, ['M0,0L1000,0']);
  assert.equal(shapeOf([[null, 4, null]]).area, 'M250,0L750,0L750,100L250,100Z');
});

test('whatever is measured, nothing is drawn outside of the box', () => {
  const value = fc.option(fc.double({ min: 0, max: 1e15, noNaN: true }));
  const series = fc.array(fc.array(value, { minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(series, (all) => {
      const { area, lines, ticks } = shapeOf(all);
      for (const path of [area, ...lines])
        for (const [at, number] of numbers(path).entries())
          assert.ok(number >= 0 && number <= (at % 2 === 0 ? BOX.width : BOX.height), `${path}`);
      for (const { y } of ticks) assert.ok(y >= 0 && y <= 1);
    }),
  );
});
