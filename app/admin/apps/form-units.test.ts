// The promises of comparing two forms: only what differs is asked about, and nothing secret is shown.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLAIN_LOOK, PLAIN_TRAFFIC, PLAIN_UPSTREAM } from '#server/core/app.ts';
import type { Hostname } from '#server/core/hostname.ts';
import type { EditedApp } from './app-form.tsx';
import { changesOf, describe, formValueOf, takeUnit, UNITS, type UnitWords } from './form-units.ts';

const WORDS: UnitWords = {
  site: (id) => `site ${id}`,
  person: (id) => `person ${id}`,
  group: (id) => `group ${id}`,
  everyone: 'everyone',
  nobody: 'nobody',
  none: '–',
  yes: 'yes',
  no: 'no',
  newKey: 'a new certificate',
};

const BASE: EditedApp = {
  app: {
    ...PLAIN_LOOK,
    id: 'a',
    name: 'Wiki',
    description: '',
    hosts: ['wiki.corp.example' as Hostname],
    showInLauncher: true,
    enabled: true,
    siteId: 's',
    upstream: {
      ...PLAIN_UPSTREAM,
      scheme: 'http',
      host: 'wiki.corp.internal' as Hostname,
      port: 8080,
      hostHeader: { kind: 'public' },
      tls: { kind: 'system' },
      clientCertificate: null,
    },
    identityHeaders: [],
    maxSessionMs: null,
    traffic: { ...PLAIN_TRAFFIC, routes: [] },
  },
  assignments: [],
  ownerUserId: null,
  updatedAt: 1,
};

/** Another value of every part. */
const OTHER: EditedApp = {
  app: {
    ...BASE.app,
    name: 'Our wiki',
    description: 'All we know',
    icon: { kind: 'shipped', name: 'book' },
    category: 'Knowledge',
    support: 'it@corp.example',
    showInLauncher: false,
    enabled: false,
    hosts: ['wiki.corp.example' as Hostname, 'w.corp.example' as Hostname],
    siteId: 't',
    upstream: { ...BASE.app.upstream, port: 8081 },
    identityHeaders: ['remote'],
    maxSessionMs: 3_600_000,
    traffic: {
      routes: [{ prefix: '/api', upstream: BASE.app.upstream }],
      mapLocation: false,
      mapCookieDomain: true,
      requestHeaders: [{ name: 'X-A', value: null }],
      responseHeaders: [],
      timeouts: { connect: 1_000, headers: null, idle: null },
      concurrency: { app: 5, person: null },
      healthCheck: { path: '/ok', everyMs: 1_000 },
      maintenance: 'Soon.',
    },
  },
  assignments: [{ kind: 'everyone' }],
  ownerUserId: 'u',
  updatedAt: 2,
};

test('every part that the other one changed is told, and taken over alone', () => {
  const changes = changesOf(BASE, OTHER, formValueOf(BASE), WORDS);
  assert.deepEqual(
    changes.map(({ unit }) => unit),
    [...UNITS],
  );
  assert.ok(changes.every(({ isMine }) => !isMine));
  for (const unit of UNITS) {
    const taken = takeUnit(BASE, OTHER, unit);
    const differing = changesOf(BASE, taken, formValueOf(BASE), WORDS).map((each) => each.unit);
    assert.deepEqual(differing, [unit]);
  }
});

test('what both changed alike, and what only I changed, is no matter', () => {
  const mine = takeUnit(takeUnit(BASE, OTHER, 'name'), OTHER, 'category');
  const theirs = takeUnit(BASE, OTHER, 'name');
  assert.deepEqual(changesOf(BASE, theirs, formValueOf(mine), WORDS), []);
  const [change] = changesOf(BASE, theirs, formValueOf({ ...BASE, app: { ...BASE.app, name: 'Mine' } }), WORDS);
  assert.deepEqual(change, { unit: 'name', before: 'Wiki', theirs: 'Our wiki', mine: 'Mine', isMine: true });
});

test('what is typed says the same as what is stored, and a typed key is never shown', () => {
  const { upstream } = BASE.app;
  const typed = { ...upstream, port: '8080', clientCertificate: null };
  const stored = describe('upstream', formValueOf(BASE), WORDS);
  assert.equal(describe('upstream', { input: { upstream: typed }, assignments: [] }, WORDS), stored);
  const withKey = { ...typed, clientCertificate: { kind: 'new', cert: 'CERT', key: 'SECRET' } };
  const shown = describe('upstream', { input: { upstream: withKey }, assignments: [] }, WORDS);
  assert.match(shown, /a new certificate/);
  assert.doesNotMatch(shown, /SECRET|CERT/);
});
