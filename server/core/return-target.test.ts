// Where a visit may end: on the app’s own origin, byte for byte, and nowhere else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isReturnTarget, returnUrl, safeFragment } from './return-target.ts';

const ORIGINS = ['https://wiki.test', 'http://wiki.test', 'https://wiki.test:8443', 'http://wiki.localhost:3000'];

/** Texts that parsers are known to disagree about, and anything else. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        ...['/', '//', '\\', '@', ':', '.', '..', '?', '#', '%', '%2f', '%5c', '%2e', '%00', '\t', '\n', '\r', ' '],
        ...['evil.test', 'https:', 'javascript:', 'wiki.test', '.foyer', '/.foyer/', '[::1]', '&', '=', 'a', '\u2028'],
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
);

test('C5: wherever a visit ends, it is on the app’s own origin and outside the reserved paths', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ORIGINS), hostile, hostile, (origin, target, fragment) => {
      const text = returnUrl(origin, target, fragment);
      const url = new URL(text);
      assert.equal(url.origin, origin);
      assert.equal(url.username + url.password, '');
      assert(url.pathname !== '/.foyer' && !url.pathname.startsWith('/.foyer/'));
      assert.match(text, /^[\x21-\x7e]+$/, 'one line of printable ASCII');
    }),
    { numRuns: 5_000 },
  );
});

test('C5: a target that is kept is kept byte for byte', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ORIGINS), hostile, (origin, rest) => {
      const target = `/${rest}`;
      if (isReturnTarget(origin, target)) assert.equal(returnUrl(origin, target, ''), origin + target);
      else assert.equal(returnUrl(origin, target, ''), `${origin}/`);
    }),
  );
  for (const target of ['/', '/a/b?c=d&e=%2F', '/a//b', '/%2e%2e/x', '/?next=https://evil.test/', '/é'])
    assert.equal(isReturnTarget('https://wiki.test', target), target !== '/é');
});

test('C5: a fragment is kept as browsers write it, or not at all', () => {
  for (const fragment of ['', '#', '#top', '#/route?a=b&c=%20', '#!x', '#a#b'])
    assert.equal(safeFragment(fragment), fragment);
  for (const fragment of ['top', '#a b', '#<script>', '#"', '#\n', '#\\', '#é', `#${'a'.repeat(4_097)}`])
    assert.equal(safeFragment(fragment), '');
});
