// Which requests the worker answers for, and which pass it by.
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Asked, isFileOfPage, isPageVisit, shellRoutes } from './installed.ts';

const ORIGIN = 'https://portal.corp.example';
const APP = join(import.meta.dirname, '../../app');

/** As Next lists them: `/admin/apps/[id]/page` is `/admin/apps/[id]`. */
const BUILT = Object.fromEntries(
  globSync('**/{page.tsx,route.ts}', { cwd: APP }).map((path) => {
    const file = `/${path.replace(/\.tsx?$/, '')}`;
    return [file, file.replace(/\/(page|route)$/, '') || '/'];
  }),
);
const ROUTES = shellRoutes(BUILT);

function asked(target: string, given: Partial<Asked> = {}): Asked {
  return { method: 'GET', mode: 'navigate', url: new URL(target, ORIGIN), hasRange: false, ...given };
}

/** An address that the route answers to. */
function example(route: string): string {
  return route.replaceAll(/\[+\.*\w+\]+/g, 'x1');
}

test('a person’s visit to a page of the signed-in portal is answered for', () => {
  for (const target of [
    '/',
    '/?view=list',
    '/account',
    '/admin',
    '/admin/apps',
    '/admin/apps/new',
    '/admin/apps/1-2',
  ]) {
    assert.equal(isPageVisit(asked(target), ORIGIN, ROUTES), true, target);
  }
});

test('K2: no route that is no page is ever answered for, whatever is added to the portal', () => {
  const routes = Object.entries(BUILT).flatMap(([file, route]) => (file.endsWith('/route') ? [route] : []));
  assert.ok(routes.length > 5, 'the portal’s route handlers are found');
  for (const route of routes) {
    const target = example(route);
    // A page beside it with a free segment must not catch its address either.
    assert.equal(isPageVisit(asked(target), ORIGIN, ROUTES), false, target);
  }
});

test('K2: the handshake, sign-in and out, programs’ addresses and other hosts pass by', () => {
  for (const target of [
    '/open?try=x',
    '/auth/callback/corp?code=x',
    '/sign-in',
    '/sign-in/return?to=/',
    '/sign-in/problem',
    '/sign-out',
    '/setup?token=x',
    '/diagnosis?reason=loop',
    '/go/wiki/page',
    '/api/v1/apps',
    '/.foyer/session',
    '/.well-known/foyer/jwks.json',
    '/_next/data/x',
    'https://wiki.corp.example/',
    'https://portal.corp.example:8443/',
  ]) {
    assert.equal(isPageVisit(asked(target), ORIGIN, { pages: ['/[...everything]'], others: [] }), false, target);
  }
});

test('K1, K2: posts, ranges, the router’s own requests, fetches and frames’ files pass by', () => {
  for (const file of ['/sw.js', '/manifest.webmanifest', '/icon.svg', '/nowhere', '/admin/nowhere/x'])
    assert.equal(isPageVisit(asked(file), ORIGIN, ROUTES), false, file);
  assert.equal(isPageVisit(asked('/', { method: 'POST' }), ORIGIN, ROUTES), false, 'a server action');
  assert.equal(isPageVisit(asked('/', { method: 'HEAD' }), ORIGIN, ROUTES), false);
  assert.equal(isPageVisit(asked('/', { hasRange: true }), ORIGIN, ROUTES), false);
  assert.equal(isPageVisit(asked('/?_rsc=1x', { mode: 'cors' }), ORIGIN, ROUTES), false, 'a page as data');
  assert.equal(isPageVisit(asked('/admin/audit', { mode: 'same-origin' }), ORIGIN, ROUTES), false);
});

test('a static file is answered for when it is asked for whole, by its own name, from this origin', () => {
  const file = { mode: 'no-cors' };
  assert.equal(isFileOfPage(asked('/_next/static/chunks/a.js', file), ORIGIN), true);
  assert.equal(isFileOfPage(asked('/_next/static/chunks/a.js?v=2', file), ORIGIN), false);
  assert.equal(isFileOfPage(asked('/_next/static/chunks/a.js', { ...file, hasRange: true }), ORIGIN), false);
  assert.equal(isFileOfPage(asked('/_next/static/chunks/a.js', { ...file, method: 'POST' }), ORIGIN), false);
  assert.equal(isFileOfPage(asked('/_next/static/chunks/a.js'), ORIGIN), false, 'opened as a page');
  assert.equal(isFileOfPage(asked('https://wiki.corp.example/a.js', file), ORIGIN), false);
});

test('pages that lead in or out are no pages of the shell', () => {
  const built = ['/account', '/sign-in', '/sign-in/cookies', '/setup', '/diagnosis', '/_not-found', ''];
  const { pages } = shellRoutes(Object.fromEntries(built.map((route) => [`${route}/page`, route || '/'])));
  assert.deepEqual(pages, ['/', '/account']);
});
