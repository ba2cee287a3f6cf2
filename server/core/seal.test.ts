// Sealed values: whoever changes a bit of one holds nothing.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Attempt, attemptKey, openAttempt, sealAttempt } from './attempt.ts';
import { type Grant, grantKey, openGrant, sealGrant, tagFor } from './grant.ts';
import { parseHostname } from './hostname.ts';
import { deriveKey, NONCE_BYTES, open, seal } from './seal.ts';

const NOW = 1_800_000_000_000;
const secret = createHash('sha256').update('a secret of the tests').digest();
const otherSecret = createHash('sha256').update('another').digest();
const nonce = Buffer.alloc(NONCE_BYTES, 7);
const wiki = parseHostname('wiki.test');
const bank = parseHostname('bank.test');
assert(wiki && bank);
const grant: Grant = {
  sessionId: '018f0000-0000-7000-8000-0123456789ab',
  appId: 'wiki',
  host: wiki,
  issuedAt: NOW,
  expiresAt: NOW + 1_000,
};
const attempt: Attempt = {
  appId: 'wiki',
  host: wiki,
  home: bank,
  target: '/a?b=%2F',
  pending: [bank],
  nonceHash: 'x'.repeat(43),
  startedAt: NOW,
  round: 1,
};

/** Every way to change one character of a sealed text into another of the alphabet, and every cut. */
function damaged(sealed: string): string[] {
  const list: string[] = [];
  for (let i = 0; i < sealed.length; i += 1) {
    for (const char of 'Aa0-_') if (sealed[i] !== char) list.push(sealed.slice(0, i) + char + sealed.slice(i + 1));
    list.push(sealed.slice(0, i), sealed.slice(0, i) + sealed.slice(i + 1));
  }
  return [...list, `${sealed}A`, `${sealed}=`, ` ${sealed}`, `${sealed}\n`, sealed + sealed];
}

test('C8: any changed, missing or added character of a grant makes it invalid', () => {
  const key = grantKey(secret, 'wiki', wiki);
  const sealed = sealGrant(key, nonce, grant);
  assert.deepEqual(openGrant(key, sealed, 'wiki', wiki, NOW), { kind: 'grant', grant });
  for (const text of damaged(sealed)) assert.deepEqual(openGrant(key, text, 'wiki', wiki, NOW), { kind: 'invalid' });
});

test('C8: any bit flip of a try makes it invalid', () => {
  const key = attemptKey(secret);
  const sealed = sealAttempt(key, nonce, attempt);
  assert.deepEqual(openAttempt(key, sealed, NOW), attempt);
  for (const text of damaged(sealed)) assert.equal(openAttempt(key, text, NOW), null);
});

test('C8: any bit flip of sealed bytes is noticed', () => {
  const key = deriveKey(secret, 'test/1');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (plain, at) => {
      const sealed = Buffer.from(seal(key, nonce, Buffer.from(plain)), 'base64url');
      assert.deepEqual(open(key, sealed.toString('base64url')), Buffer.from(plain));
      const bit = at % (sealed.length * 8);
      sealed[bit >> 3] = (sealed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(open(key, sealed.toString('base64url')), null);
    }),
  );
});

test('C8: garbage of any kind opens as nothing, and never throws', () => {
  const key = grantKey(secret, 'wiki', wiki);
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[A-Za-z0-9_-]{0,200}$/)), (text) => {
      assert.equal(openGrant(key, text, 'wiki', wiki, NOW).kind, 'invalid');
      assert.equal(openGrant(key, key.tag + text, 'wiki', wiki, NOW).kind, 'invalid');
      assert.equal(openAttempt(attemptKey(secret), text, NOW), null);
    }),
  );
});

test('C1: a grant opens only with its own secret, app and host', () => {
  const sealed = sealGrant(grantKey(secret, 'wiki', wiki), nonce, grant);
  for (const key of [
    grantKey(otherSecret, 'wiki', wiki),
    grantKey(secret, 'bank', wiki),
    grantKey(secret, 'wiki', bank),
  ]) {
    assert.equal(openGrant(key, sealed, 'wiki', wiki, NOW).kind, 'invalid');
    assert.equal(openGrant(key, key.tag + sealed.slice(8), 'wiki', wiki, NOW).kind, 'invalid');
  }
  assert.notEqual(tagFor(secret, 'a', wiki), tagFor(secret, 'b', wiki));
});

test('C8: labels of keys cannot run into each other', () => {
  assert.notDeepEqual(deriveKey(secret, 'grant/1', 'ab', 'c'), deriveKey(secret, 'grant/1', 'a', 'bc'));
  assert.notDeepEqual(deriveKey(secret, 'grant/1', 'a'), deriveKey(secret, 'grant-tag/1', 'a'));
  assert.throws(() => deriveKey(Buffer.alloc(16), 'x'), /32 bytes/);
});

test('C20: a grant is small', () => {
  assert(sealGrant(grantKey(secret, 'wiki', wiki), nonce, grant).length < 120);
});

test('Z1: a grant ends at its time, and one from the future is none', () => {
  const key = grantKey(secret, 'wiki', wiki);
  const sealed = sealGrant(key, nonce, grant);
  for (const [at, kind] of [
    [NOW, 'grant'],
    [NOW + 999, 'grant'],
    [NOW + 1_000, 'expired'],
    [NOW - 60_000, 'grant'],
    [NOW - 60_001, 'expired'],
  ] as const)
    assert.equal(openGrant(key, sealed, 'wiki', wiki, at).kind, kind);
});
