// The table of what may reach a page at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHostname } from '#server/core/hostname.ts';
import { parsePortal } from '#server/core/snapshot.ts';
import { gate } from './gate.ts';

const PORTAL = parsePortal('https://portal.corp.example', parseHostname) ?? assert.fail();

function decide(method: string, target: string, headers: Record<string, string> = {}) {
  const all: Record<string, string> = { host: 'portal.corp.example', ...headers };
  const decision = gate({ method, target, header: (name) => all[name] }, PORTAL);
  return 'code' in decision ? decision.code : decision.kind;
}

test('C19, S9: only the canonical host is the portal', () => {
  const table = [
    ['portal.corp.example', 'public'],
    ['portal.corp.example:443', 'public'],
    ['PORTAL.corp.example', 'public'],
    ['portal.corp.example:8443', 'misdirected-request'],
    ['evil.example', 'misdirected-request'],
    ['portal.corp.example.evil.example', 'misdirected-request'],
    ['portal.corp.example@evil.example', 'misdirected-request'],
    ['127.0.0.1', 'misdirected-request'],
    ['', 'misdirected-request'],
  ] as const;
  for (const [host, expected] of table) assert.equal(decide('GET', '/sign-in', { host }), expected, host);
});

test('a target that is not origin-form goes nowhere', () => {
  for (const target of [
    'http://169.254.169.254/latest',
    'https://portal.corp.example/',
    '*',
    '',
    '//evil.example/',
    '/\\evil.example',
    '/a\\b',
    '/a b',
    '/\u0000',
    '/go/%ff',
    '/%',
  ]) {
    assert.equal(decide('GET', target), 'bad-request', target);
  }
});

test('S6: every page but sign-in needs a session, whatever its spelling', () => {
  for (const path of [
    '/',
    '/admin',
    '/admin/apps.rsc',
    '/admin/../sign-in',
    '/sign-in/../admin',
    '/%61dmin',
    '/sign-in%2f..%2fadmin',
    '/sign-in/',
    '/sign-in.rsc',
    '/auth/../admin',
    '/account',
    '/favicon.ico',
  ]) {
    assert.equal(decide('GET', path), 'session', path);
  }
});

test('nothing of Next is public but its hashed files', () => {
  assert.equal(decide('GET', '/_next/static/chunks/a.js'), 'static');
  for (const path of [
    '/_next/static/../../admin',
    '/_next/image?url=http://169.254.169.254/',
    '/_next/data/x/admin.json',
    '/_next/webpack-hmr',
  ]) {
    assert.equal(decide('GET', path), 'not-found', path);
  }
});

test('a visit begins with a navigation, never with an image or a fetch of a sibling app', () => {
  assert.equal(decide('GET', '/open?try=x', {}), 'public');
  assert.equal(decide('GET', '/open?try=x', { 'sec-fetch-dest': 'document' }), 'public');
  for (const dest of ['image', 'empty', 'iframe', 'script']) {
    assert.equal(decide('GET', '/open?try=x', { 'sec-fetch-dest': dest }), 'not-found', dest);
  }
});

test('C12: a POST needs our own Origin, and one with a session besides', () => {
  const own = { origin: 'https://portal.corp.example', 'content-length': '0' };
  const table: [Record<string, string>, string][] = [
    [own, 'public'],
    [{ ...own, 'sec-fetch-site': 'same-origin' }, 'public'],
    [{ ...own, 'sec-fetch-site': 'same-site' }, 'origin-refused'],
    [{ ...own, 'sec-fetch-site': 'cross-site' }, 'origin-refused'],
    [{}, 'origin-refused'],
    [{ origin: 'null' }, 'origin-refused'],
    [{ origin: 'https://wiki.corp.example' }, 'origin-refused'],
    [{ origin: 'http://portal.corp.example' }, 'origin-refused'],
  ];
  for (const [headers, expected] of table) {
    assert.equal(decide('POST', '/sign-out', headers), expected, JSON.stringify(headers));
    assert.equal(decide('POST', '/admin/apps', headers), expected === 'public' ? 'session' : expected);
  }
});

test('no server action runs before sign-in', () => {
  const headers = { origin: 'https://portal.corp.example', 'next-action': 'a'.repeat(42), 'content-length': '2' };
  assert.equal(decide('POST', '/auth/callback/credentials', headers), 'bad-request');
  assert.equal(decide('POST', '/sign-in', headers), 'session');
  assert.equal(decide('POST', '/open', headers), 'session');
});

test('other methods do not reach a page', () => {
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND']) {
    assert.equal(decide(method, '/sign-in'), 'method-not-allowed');
  }
});

test('M2: a POST says how long it is, and is small', () => {
  const origin = 'https://portal.corp.example';
  for (const length of ['524289', '99999999', '-1', '1e3', '0x10', '']) {
    assert.equal(decide('POST', '/sign-out', { origin, 'content-length': length }), 'bad-request', length);
  }
  assert.equal(decide('POST', '/sign-out', { origin, 'transfer-encoding': 'chunked' }), 'bad-request');
  // A picture is the one thing that is larger, and it has a bound of its own.
  const picture = (path: string, bytes: number) => decide('POST', path, { origin, 'content-length': `${bytes}` });
  assert.equal(picture('/launcher/icons', 1024 * 1024), 'session');
  assert.equal(picture('/launcher/icons', 1024 * 1024 + 1), 'bad-request');
  assert.equal(picture('/launcher/icons/x', 600_000), 'bad-request');
  assert.equal(decide('POST', '/sign-out', { origin }), 'public');
  assert.equal(decide('POST', '/sign-out', { origin, 'content-length': '524288' }), 'public');
});

test('C12: the API is its own door: every method that it has, no Origin asked for, no page behind it', () => {
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])
    assert.equal(decide(method, '/api/v1/apps'), 'api');
  for (const method of ['OPTIONS', 'TRACE', 'CONNECT'])
    assert.equal(decide(method, '/api/v1/apps'), 'method-not-allowed');
  for (const path of [
    '/api',
    '/api/',
    '/api/v2/apps',
    '/api/v1/',
    '/api/v1/a%2fb',
    '/api/v1/../admin',
    '/api/v1/a.rsc',
  ]) {
    assert.equal(decide('GET', path), 'not-found', path);
  }
  for (const path of ['/%61pi/v1/apps', '/API/v1/apps', '/apis']) assert.equal(decide('GET', path), 'session', path);
  assert.equal(decide('PUT', '/apis'), 'method-not-allowed');
});

test('M2: a body of the API says how long it is, is small, and is JSON', () => {
  const json = { 'content-type': 'application/json' };
  const table: [string, Record<string, string>, string][] = [
    ['POST', { ...json, 'content-length': '10' }, 'api'],
    ['POST', { 'content-type': 'Application/JSON; charset="UTF-8"', 'content-length': '10' }, 'api'],
    ['PATCH', { 'content-type': 'application/merge-patch+json', 'content-length': '10' }, 'api'],
    ['PUT', { 'content-type': 'application/merge-patch+json', 'content-length': '10' }, 'media-type'],
    ['POST', { 'content-type': 'text/plain', 'content-length': '10' }, 'media-type'],
    ['POST', { ...json, 'content-encoding': 'gzip', 'content-length': '10' }, 'media-type'],
    ['POST', { ...json, 'content-length': '524289' }, 'body-too-large'],
    ['POST', { ...json, 'content-length': '1e3' }, 'request-malformed'],
    ['POST', { ...json, 'transfer-encoding': 'chunked' }, 'length-needed'],
    ['GET', { ...json, 'content-length': '2' }, 'request-malformed'],
  ];
  for (const [method, headers, expected] of table) {
    assert.equal(decide(method, '/api/v1/apps', headers), expected, JSON.stringify(headers));
  }
});

test('a command line’s login is a program’s own post: no browser, whoever made it send one, starts or fetches any', () => {
  for (const path of ['/sign-in/device/code', '/sign-in/device/token']) {
    assert.equal(decide('POST', path, { 'content-length': '100' }), 'device');
    for (const [name, value] of [
      ['origin', 'https://portal.corp.example'],
      ['origin', 'null'],
      ['sec-fetch-site', 'cross-site'],
      ['cookie', '__Host-foyer-session=x'],
    ] as const)
      assert.equal(decide('POST', path, { 'content-length': '100', [name]: value }), 'origin-refused', name);
    assert.equal(decide('POST', path, { 'content-length': '5000' }), 'bad-request');
    assert.equal(decide('POST', path, { 'transfer-encoding': 'chunked' }), 'bad-request');
    assert.equal(decide('GET', path), 'method-not-allowed');
  }
  assert.equal(decide('GET', '/sign-in/device?code=WDJB-MJHT'), 'session');
});
