// An accent can be read wherever it stands.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { accentOf, accentProblem, accentStyle, parseAccent } from './brand.ts';
import { contrast, toHex } from './color.ts';

const color = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)).map(toHex);

test('contrast is that of WCAG: black on white is 21, a colour on itself 1', () => {
  assert.equal(Math.round(contrast('#000000', '#ffffff')), 21);
  assert.equal(contrast('#3451c7', '#3451c7'), 1);
  assert.equal(contrast('#777777', '#ffffff').toFixed(2), '4.48');
});

test('every colour is either readable or comes with one that is', () => {
  fc.assert(
    fc.property(color, (hex) => {
      const problem = accentProblem(hex);
      const usable = problem?.instead ?? hex;
      assert.equal(accentProblem(usable), null);
      assert(problem === null || problem.ratio < 4.5);
    }),
  );
});

test('the text on an accent, and an accent on its page, can be read in light and in dark', () => {
  fc.assert(
    fc.property(color, (hex) => {
      const usable = accentProblem(hex)?.instead ?? hex;
      const { light, dark } = accentOf(usable);
      assert(contrast(light.accent, light.onAccent) >= 4.5);
      assert(contrast(light.accent, '#fafafa') >= 4.5);
      assert(contrast(dark.accent, dark.onAccent) >= 4.5, `${hex} ${dark.accent}`);
      assert(contrast(dark.accent, '#0e0e10') >= 4.5);
      assert(contrast(dark.accent, '#161618') >= 4.5);
    }),
  );
});

test('colours are read as people write them, and nothing else gets into the style', () => {
  assert.equal(parseAccent(' #3AF '), '#33aaff');
  assert.equal(parseAccent('#3451C7'), '#3451c7');
  for (const text of ['red', '#12', '#12345', '3451c7', '#3451c7;}', 'url(x)', ''])
    assert.equal(parseAccent(text), null);
  assert.match(accentStyle('#3451c7'), /^[:{}@()#\-;a-z0-9]+$/);
});
