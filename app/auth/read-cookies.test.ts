import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCookies } from './read-cookies.ts';

test('a cookie is read by its exact name', () => {
  assert.equal(readCookies('a=1; __Host-foyer-portal-session=xyz==; b=2')['__Host-foyer-portal-session'], 'xyz==');
});

test('C9: one of our names twice means none', () => {
  const twice = '__Host-foyer-portal-session=mine; __Host-foyer-portal-session=planted';
  assert.equal(readCookies(twice)['__Host-foyer-portal-session'], undefined);
});

test('hostile names do not reach a prototype', () => {
  const cookies = readCookies('__proto__=x; constructor=y; =z; noequals');
  assert.equal(Object.getPrototypeOf(cookies), null);
  assert.equal(cookies.toString, undefined);
});

test('only SP and HTAB are trimmed from a name', () => {
  assert.equal(readCookies(' \t__Host-a =1').__Host, undefined);
  assert.equal(readCookies(' \t__Host-a=1')['__Host-a'], '1');
  assert.equal(readCookies('\u00a0__Host-a=1')['__Host-a'], undefined);
});
