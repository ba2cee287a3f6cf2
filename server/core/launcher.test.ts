// The promise of the launcher: one's own apps, and not a trace of others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type App, PLAIN_TRAFFIC, PLAIN_UPSTREAM } from './app.ts';
import type { Hostname } from './hostname.ts';
import type { Identity } from './identity.ts';
import { launcherApps } from './launcher.ts';
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

function app(id: string, name: string, more: Partial<App> = {}): App {
  return {
    id,
    name,
    description: '',
    hosts: [`${id}.corp.example` as Hostname],
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
