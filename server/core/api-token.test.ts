// The promises of a token's form: scanners find it, a typo is told from a stranger's text, and no URL hides one.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { holdsToken, tokenForm, writeToken } from './api-token.ts';

const TOKEN = writeToken(randomBytes(32));

test('a token is one word that a secret scanner finds by one expression', () => {
  for (let turn = 0; turn < 200; turn++) {
    const token = writeToken(randomBytes(32));
    assert.match(token, /^foyer_[A-Za-z0-9_-]{49}$/);
    assert.equal(tokenForm(token), 'whole');
  }
});

test('every typo, and every part that was not copied, is told as damage', () => {
  for (let at = 'foyer_'.length; at < TOKEN.length; at++) {
    const wrong = TOKEN[at] === 'A' ? 'B' : 'A';
    assert.equal(tokenForm(TOKEN.slice(0, at) + wrong + TOKEN.slice(at + 1)), 'damaged', String(at));
    assert.equal(tokenForm(TOKEN.slice(0, at)), 'damaged', String(at));
  }
  assert.equal(tokenForm(`${TOKEN}x`), 'damaged');
});

test('C8: what is no token of ours is nothing else either', () => {
  const stranger = [
    '',
    'Foyer_',
    'ghp_abcdef',
    'eyJhbGciOiJub25lIn0.e30.',
    TOKEN.slice(1),
    ` ${TOKEN}`,
    'x'.repeat(8192),
  ];
  for (const text of stranger) assert.equal(tokenForm(text), 'foreign', text);
});

test('C3: a token in a URL is seen wherever it stands', () => {
  for (const url of [`/?access_token=${TOKEN}`, `/a/${TOKEN}`, `/?a=b&x[]=${TOKEN}&c=d`]) assert.ok(holdsToken(url));
  for (const url of ['/?search=foyer_', '/apps?search=foyer_is_short', '/']) assert.ok(!holdsToken(url));
});
