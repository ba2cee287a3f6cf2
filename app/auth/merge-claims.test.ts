// What a provider says in two documents never adds up to more than it says in one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeClaims } from './merge-claims.ts';

const token = { sub: 'ada', iss: 'https://id.example' };

test('C17: the word "verified" about one address is never said of another', () => {
  const merged = mergeClaims(
    { ...token, email: 'ceo@corp.example' },
    { email: 'm@partner.example', email_verified: true },
  );
  assert.equal(merged.email, 'ceo@corp.example');
  assert.equal(merged.email_verified, undefined);
});

test('an address and groups that only userinfo tells are taken from there, together with their word', () => {
  const merged = mergeClaims(token, { sub: 'ada', email: 'ada@corp.example', email_verified: true, groups: ['ops'] });
  assert.deepEqual(merged, { ...token, email: 'ada@corp.example', email_verified: true, groups: ['ops'] });
});

test('the signed token wins over userinfo', () => {
  const merged = mergeClaims({ ...token, groups: ['ops'] }, { sub: 'eve', iss: 'x', groups: ['admins'] });
  assert.equal(merged.sub, 'ada');
  assert.equal(merged.iss, 'https://id.example');
  assert.deepEqual(merged.groups, ['ops']);
});
