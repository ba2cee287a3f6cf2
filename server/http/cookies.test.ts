// Cookies: ours are taken out and read strictly, and every other byte stays.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GRANT_COOKIE, isAllowedSetCookie, readCookie, TRY_COOKIE, withoutOurCookies } from './cookies.ts';

/** A pair between semicolons that is not ours: any bytes that a header may hold. */
const foreign = fc
  .string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 20 })
  .map((text) => text.replaceAll(';', ','))
  .filter((text) => !/^[ \t]*(=[ \t]*)?__host-foyer-/i.test(text));
const space = fc.constantFrom('', ' ', '  ', '\t');
const ours = fc
  .tuple(space, fc.constantFrom(GRANT_COOKIE, TRY_COOKIE, '__HOST-FOYER-x', '__host-foyer-'), space, foreign)
  .map(([before, name, between, value]) => `${before}${name}${between}=${value}`);

test('S9: our cookies are taken out and every other byte is as it was', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 3, arbitrary: foreign }, { weight: 1, arbitrary: ours }), { maxLength: 8 }),
      (pairs) => {
        const kept = pairs.filter((pair) => !/^[ \t]*(=[ \t]*)?__host-foyer-/i.test(pair));
        const value = pairs.join(';');
        const result = withoutOurCookies(value);
        assert(!result.split(';').some((pair) => /^[ \t]*=?[ \t]*__host-foyer-/i.test(pair)));
        if (kept.length === pairs.length) assert.equal(result, value);
        else if (kept[0] === pairs[0]) assert.equal(result, kept.join(';'));
        else assert.equal(result.trimStart(), kept.join(';').trimStart());
      },
    ),
    { numRuns: 2_000 },
  );
});

test('S9: a cookie is read wherever it stands, trimmed of SP and HTAB alone, and twice is none', () => {
  fc.assert(
    fc.property(
      fc.array(foreign, { maxLength: 4 }),
      fc.array(foreign, { maxLength: 4 }),
      space,
      (before, after, gap) => {
        const one = `${gap}${GRANT_COOKIE}${gap}=${gap}value${gap}`;
        assert.equal(readCookie(['Cookie', [...before, one, ...after].join(';')], GRANT_COOKIE), 'value');
        assert.equal(readCookie(['Cookie', [...before, one, one, ...after].join(';')], GRANT_COOKIE), null);
        assert.equal(readCookie(['cookie', one, 'COOKIE', [...after, one].join(';')], GRANT_COOKIE), null);
        assert.equal(readCookie(['Cookie', [...before, ...after].join(';')], GRANT_COOKIE), null);
      },
    ),
  );
  assert.equal(readCookie(['Cookie', `\u00a0${GRANT_COOKIE}=x`], GRANT_COOKIE), null);
  assert.equal(readCookie(['Cookie', `\x0b${GRANT_COOKIE}=x`], GRANT_COOKIE), null);
  assert.equal(readCookie(['Cookie', `x${GRANT_COOKIE}=x; ${GRANT_COOKIE}x=1`], GRANT_COOKIE), null);
});

test('S7: no Set-Cookie that passes names us or reaches further than the host', () => {
  const attribute = fc.constantFrom(
    ...['Path=/', 'Secure', 'HttpOnly', 'SameSite=None', 'Domain=wiki.test', 'Domain=.wiki.test', 'Domain='],
    ...[
      'Domain=test',
      ' domain = .test ',
      'DOMAIN=bank.test',
      'Domain=wiki.test.',
      'Domain=awiki.test',
      'Domain=..wiki.test',
    ],
  );
  fc.assert(
    fc.property(fc.oneof(foreign, ours), fc.array(attribute, { maxLength: 5 }), (pair, attributes) => {
      if (!isAllowedSetCookie([pair, ...attributes].join(';'), 'wiki.test')) return;
      assert.doesNotMatch(pair, /^[ \t]*(=[ \t]*)?__host-foyer-/i);
      for (const text of attributes) {
        const domain = /^\s*domain\s*=\s*(.*?)\s*$/i.exec(text)?.[1];
        assert(domain === undefined || ['', 'wiki.test', '.wiki.test'].includes(domain));
      }
    }),
  );
});
