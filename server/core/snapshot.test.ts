// The snapshot: hosts are found exactly, and a bad row takes nothing else with it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type App, PLAIN_LOOK, PLAIN_TRAFFIC, PLAIN_UPSTREAM } from './app.ts';
import { type Hostname, parseHostname } from './hostname.ts';
import { route } from './route.ts';
import { appOrigin, buildSnapshot, type CatalogueEntry, parsePortal } from './snapshot.ts';

const portal = parsePortal('https://portal.corp.example', parseHostname);
assert(portal);

function name(text: string): Hostname {
  const hostname = parseHostname(text);
  assert(hostname, text);
  return hostname;
}

function app(id: string, ...hosts: [string, ...string[]]): CatalogueEntry {
  const [first, ...rest] = hosts;
  const entry: App = {
    id,
    name: id,
    description: '',
    hosts: [name(first), ...rest.map(name)],
    ...PLAIN_LOOK,
    showInLauncher: true,
    enabled: true,
    siteId: 'site',
    upstream: {
      ...PLAIN_UPSTREAM,
      scheme: 'http',
      host: name('wiki.corp.internal'),
      port: 80,
      hostHeader: { kind: 'public' },
      tls: { kind: 'system' },
    },
    identityHeaders: [],
    maxSessionMs: null,
    traffic: PLAIN_TRAFFIC,
  };
  return { kind: 'app', app: entry, assignments: [] };
}

test('H6: a host is found exactly, whatever the size of the catalogue', () => {
  for (const size of [1, 10_000]) {
    const catalogue = Array.from({ length: size }, (_, i) => app(`app-${i}`, `app-${i}.corp.example`));
    const { snapshot } = buildSnapshot({ revision: 1, portal, catalogue, sites: [] });
    assert.equal(route(snapshot, name('APP-0.Corp.Example.')).kind, 'app');
    assert.equal(route(snapshot, name('app-0.corp.example.evil.example')).kind, 'unknown');
    assert.equal(route(snapshot, name('x.app-0.corp.example')).kind, 'unknown');
    assert.equal(route(snapshot, name('corp.example')).kind, 'unknown');
    assert.equal(route(snapshot, name('portal.corp.example')).kind, 'portal');
  }
});

test('B5: a row that is not valid is reported and takes nothing else with it', () => {
  const catalogue: CatalogueEntry[] = [
    { kind: 'invalid', appId: 'broken', problem: 'The upstream cannot be read.' },
    app('wiki', 'wiki.corp.example', 'files.corp.example'),
  ];
  const { snapshot, problems } = buildSnapshot({ revision: 1, portal, catalogue, sites: [] });
  assert.deepEqual(problems, [{ appId: 'broken', problem: 'The upstream cannot be read.' }]);
  assert.equal(snapshot.appsById.size, 1);
  assert.equal(route(snapshot, name('files.corp.example')).kind, 'app');
});

test('a host belongs to the app that named it first, and the portal’s host to the portal', () => {
  const catalogue = [
    app('first', 'wiki.corp.example'),
    app('thief', 'x.corp.example', 'wiki.corp.example'),
    app('bold', 'portal.corp.example'),
  ];
  const { snapshot, problems } = buildSnapshot({ revision: 1, portal, catalogue, sites: [] });
  assert.deepEqual(
    problems.map(({ appId }) => appId),
    ['thief', 'bold'],
  );
  const way = route(snapshot, name('wiki.corp.example'));
  assert(way.kind === 'app' && way.app.id === 'first');
});

test('an origin names a port only where it is not the default', () => {
  const local = parsePortal('http://portal.localhost:8080', parseHostname);
  assert(local);
  assert.equal(appOrigin(portal, name('wiki.corp.example')), 'https://wiki.corp.example');
  assert.equal(appOrigin(local, name('wiki.corp.localhost')), 'http://wiki.corp.localhost:8080');
});

for (const url of [
  'ftp://portal.example',
  'https://portal.example/path',
  'https://u@portal.example',
  'https://127.0.0.1',
  'portal',
  'https://p.example?x',
]) {
  test(`${url} is no portal`, () => assert.equal(parsePortal(url, parseHostname), null));
}
