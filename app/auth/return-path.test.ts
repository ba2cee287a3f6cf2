import assert from 'node:assert/strict';
import { test } from 'node:test';
import { returnPath } from './return-path.ts';

const ORIGIN = 'https://portal.corp.example';

test('C5: a path of the portal is kept byte for byte', () => {
  for (const path of ['/', '/account', '/open?try=AbC-_9', '/admin/apps?x=%2e%2e&y=a+b', '/account#sessions']) {
    assert.equal(returnPath(ORIGIN, path), path);
  }
});

test('C5: everything that could leave the portal becomes the launcher', () => {
  const hostile = [
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '\t//evil.example',
    ' //evil.example',
    'https:evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    'http://portal.corp.example:80@evil.example',
    'evil.example',
    '/x\r\nSet-Cookie: a=b',
    '/é',
    `/${'a'.repeat(20_000)}`,
    '/./\\evil.example',
    '/.//evil.example',
    '/x/..//evil.example',
    '',
    null,
    undefined,
    ['/account'],
    {},
  ];
  for (const candidate of hostile) assert.equal(returnPath(ORIGIN, candidate), '/', JSON.stringify(candidate));
});

test('C5: an encoded separator stays a path of the portal', () => {
  for (const path of ['/%5cevil.example', '/%2f%2fevil.example', '/%09/evil.example']) {
    const back = new URL(returnPath(ORIGIN, path), ORIGIN);
    assert.equal(back.origin, ORIGIN);
  }
});

test('a return into sign-in itself would be a circle', () => {
  for (const path of [
    '/sign-in',
    '/sign-in?to=/sign-in',
    '/auth/callback/x',
    '/sign-out',
    '/setup?token=a',
    '/x/../sign-in',
  ]) {
    assert.equal(returnPath(ORIGIN, path), '/');
  }
});
