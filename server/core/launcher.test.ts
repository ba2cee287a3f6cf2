// The promise of the launcher: one's own apps, and not a trace of others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type App, PLAIN_LOOK, PLAIN_TRAFFIC, PLAIN_UPSTREAM } from './app.ts';
import type { Hostname } from './hostname.ts';
import type { Identity } from './identity.ts';
import { arrangeLauncher, isInLauncher, launcherApps } from './launcher.ts';
import type { Assignment } from './policy.ts';
import { buildSnapshot } from './snapshot.ts';

const ada: Identity = {
  userId: 'ada',
  issuer: 'local',
  subject: 'ada',
  email: 'ada@corp.example',
  name: 'Ada',
  role: 'member',
  groupIds: ['engineers'],
  groupNames: ['Engineers'],
  disabled: false,
};

test('SOL-X1: the launcher holds exactly the assigned, enabled and shown apps, by name', () => {
  const snapshot = snapshotOf([
    [app('wiki', 'Wiki'), [{ kind: 'user', userId: 'ada' }]],
    [app('board', 'board 10'), [{ kind: 'group', groupId: 'engineers' }]],
    [app('board2', 'Board 9'), [{ kind: 'everyone' }]],
    [app('mail', 'Mail'), [{ kind: 'user', userId: 'grace' }]],
    [app('pay', 'Pay'), []],
    [app('old', 'Old', { enabled: false }), [{ kind: 'everyone' }]],
    [app('api', 'API', { showInLauncher: false }), [{ kind: 'everyone' }]],
  ]);
  const names = (identity: Identity): string[] => launcherApps(snapshot, identity).map(({ name }) => name);
  assert.deepEqual(names(ada), ['Board 9', 'board 10', 'Wiki']);
  assert.deepEqual(names({ ...ada, userId: 'linus', groupIds: [] }), ['Board 9']);
  assert.deepEqual(names({ ...ada, disabled: true }), []);
  assert.deepEqual(names({ ...ada, role: 'admin', userId: 'root', groupIds: [] }), ['Board 9']);
});

test('an app is in the launcher exactly when it stands there', () => {
  const snapshot = snapshotOf([
    [app('wiki', 'Wiki'), [{ kind: 'user', userId: 'ada' }]],
    [app('mail', 'Mail'), [{ kind: 'user', userId: 'grace' }]],
    [app('old', 'Old', { enabled: false }), [{ kind: 'everyone' }]],
    [app('api', 'API', { showInLauncher: false }), [{ kind: 'everyone' }]],
  ]);
  for (const id of ['wiki', 'mail', 'old', 'api', 'none'])
    assert.equal(isInLauncher(snapshot, ada, id), id === 'wiki', id);
  assert(!isInLauncher(snapshot, { ...ada, disabled: true }, 'wiki'));
});

test('favourites stand in their own order, recents latest first, and nothing of an app that is not shown', () => {
  const apps = Array.from({ length: 13 }, (_, at) => ({ id: `app-${at}` }));
  const mark = (appId: string, favourite: number | null, openedAt: number | null) => ({ appId, favourite, openedAt });
  const marks = [
    mark('app-3', 1, 500),
    mark('app-1', 0, null),
    mark('gone', 2, 900),
    ...[4, 5, 6, 7, 8, 9, 10].map((at) => mark(`app-${at}`, null, at)),
    mark('app-11', null, null),
  ];
  assert.deepEqual(arrangeLauncher(apps, marks), {
    favourites: ['app-1', 'app-3'],
    recents: ['app-10', 'app-9', 'app-8', 'app-7', 'app-6', 'app-5'],
  });
  // Few enough are in sight anyway.
  assert.deepEqual(arrangeLauncher(apps.slice(0, 12), marks).recents, []);
  assert.deepEqual(arrangeLauncher(apps, []), { favourites: [], recents: [] });
});

function app(id: string, name: string, more: Partial<App> = {}): App {
  return {
    id,
    name,
    description: '',
    hosts: [`${id}.corp.example` as Hostname],
    ...PLAIN_LOOK,
    showInLauncher: true,
    enabled: true,
    siteId: 'office',
    upstream: {
      ...PLAIN_UPSTREAM,
      scheme: 'http',
      host: 'x.internal' as Hostname,
      port: 80,
      hostHeader: { kind: 'public' },
      tls: { kind: 'system' },
    },
    identityHeaders: [],
    maxSessionMs: null,
    traffic: PLAIN_TRAFFIC,
    ...more,
  };
}

function snapshotOf(apps: readonly (readonly [App, readonly Assignment[]])[]) {
  const portal = {
    origin: 'https://portal.example',
    hostname: 'portal.example' as Hostname,
    scheme: 'https',
    port: 443,
  };
  const catalogue = apps.map(([each, assignments]) => ({ kind: 'app' as const, app: each, assignments }));
  return buildSnapshot({ revision: 1, portal: { ...portal, scheme: 'https' }, catalogue, sites: [] }).snapshot;
}
