// The promises of user codes: as many as they look like, and read however they are typed.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { parseUserCode, USER_CODE_BYTES, userCodeText, writeUserCode } from './user-code.ts';

test('a code is eight consonants, each place with each letter, and reads back', () => {
  const seen = Array.from({ length: 8 }, () => new Set<string>());
  for (let at = 0; at < 2_000; at++) {
    const code = writeUserCode(randomBytes(USER_CODE_BYTES));
    assert.match(userCodeText(code), /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    assert.equal(parseUserCode(userCodeText(code)), code);
    for (const [place, letters] of seen.entries()) letters.add(code[place] ?? '');
  }
  assert.deepEqual(
    seen.map((letters) => letters.size),
    Array(8).fill(20),
  );
  assert.throws(() => writeUserCode(new Uint8Array(4)));
});

test('people type it in any case, with hyphens and spaces, and nothing else is one', () => {
  for (const text of ['WDJB-MJHT', 'wdjbmjht', ' wdjb mjht ', 'W-D-J-B-M-J-H-T', 'WDJB–MJHT'])
    assert.equal(parseUserCode(text), 'WDJBMJHT', text);
  for (const text of [
    '',
    'WDJB-MJH',
    'WDJB-MJHTT',
    'WDJB-MJHA',
    'WDJB-MJH1',
    'ẞDJBMJHT',
    '\0DJBMJHT',
    'W'.repeat(5000),
  ])
    assert.equal(parseUserCode(text), null, text);
});
