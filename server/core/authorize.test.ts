// The decision, row by row: who is let in, who is led to sign-in, who is refused, and until when.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type App, PLAIN_LOOK, PLAIN_TRAFFIC, PLAIN_UPSTREAM } from './app.ts';
import { authorize, type Decision, FEED_MAX_AGE_MS, type Proof, permitOf } from './authorize.ts';
import { parseHostname } from './hostname.ts';
import type { Identity, Session } from './identity.ts';
import type { Assignment } from './policy.ts';
import { buildSnapshot, parsePortal } from './snapshot.ts';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const portal = parsePortal('https://portal.corp.example', parseHostname);
const host = parseHostname('wiki.corp.example');
assert(portal && host);

const wiki: App = {
  id: 'wiki',
  name: 'Wiki',
  description: '',
  hosts: [host],
  ...PLAIN_LOOK,
  showInLauncher: true,
  enabled: true,
  siteId: 'site',
  upstream: {
    ...PLAIN_UPSTREAM,
    scheme: 'http',
    host,
    port: 80,
    hostHeader: { kind: 'public' },
    tls: { kind: 'system' },
  },
  identityHeaders: [],
  maxSessionMs: null,
  traffic: PLAIN_TRAFFIC,
};
const ada: Identity = {
  userId: 'ada',
  issuer: 'local',
  subject: 'ada',
  email: 'ada@corp.example',
  name: 'Ada',
  role: 'member',
  groupIds: [],
  groupNames: [],
  disabled: false,
};
const session: Session = {
  id: 'session',
  identity: ada,
  kind: 'standard',
  createdAt: NOW - HOUR,
  expiresAt: NOW + 23 * HOUR,
  idleTimeoutMs: 8 * HOUR,
  lastSeenAt: NOW - 60_000,
  appSignOuts: new Map(),
};

type Case = {
  promise: string;
  app?: Partial<App> | 'deleted';
  session?: Partial<Session>;
  identity?: Partial<Identity>;
  proof?: Proof;
  assignments?: Assignment[];
  feedConfirmedAt?: number;
  expected: Decision;
};

const cases: Case[] = [
  {
    promise: 'an assigned person is let in until the session ends',
    expected: { kind: 'allow', reason: 'assigned', until: NOW + 23 * HOUR },
  },
  {
    promise: 'an app may be stricter than the session',
    app: { maxSessionMs: 2 * HOUR },
    expected: { kind: 'allow', reason: 'assigned', until: NOW + HOUR },
  },
  {
    promise: 'a session that is too old for an app signs in again',
    app: { maxSessionMs: HOUR },
    expected: { kind: 'sign-in', reason: 'app-session-expired' },
  },
  { promise: 'who is not assigned is denied', assignments: [], expected: { kind: 'deny', reason: 'not-assigned' } },
  {
    promise: 'A7: a disabled app is nobody’s',
    app: { enabled: false },
    expected: { kind: 'deny', reason: 'app-disabled' },
  },
  { promise: 'A7: a deleted app is nobody’s', app: 'deleted', expected: { kind: 'deny', reason: 'app-disabled' } },
  {
    promise: 'A7: a disabled person is denied',
    identity: { disabled: true },
    expected: { kind: 'deny', reason: 'user-disabled' },
  },
  {
    promise: 'nothing proven means sign in, with the reason that was found',
    proof: { kind: 'none', reason: 'grant-expired' },
    expected: { kind: 'sign-in', reason: 'grant-expired' },
  },
  {
    promise: 'C11: the absolute limit always ends a session',
    session: { expiresAt: NOW },
    expected: { kind: 'sign-in', reason: 'session-expired' },
  },
  {
    promise: 'C11: an idle session is over',
    session: { lastSeenAt: NOW - 8 * HOUR },
    expected: { kind: 'sign-in', reason: 'session-idle' },
  },
  {
    promise: 'a grant from before the sign-out of this app is dead',
    session: { appSignOuts: new Map([['wiki', NOW - 1]]) },
    expected: { kind: 'sign-in', reason: 'app-signed-out' },
  },
  {
    promise: 'a sign-out of another app does not matter',
    session: { appSignOuts: new Map([['board', NOW]]) },
    expected: { kind: 'allow', reason: 'assigned', until: NOW + 23 * HOUR },
  },
  {
    promise: 'A7: a process that heard of no change for 15 minutes decides nothing, not even a denial',
    feedConfirmedAt: NOW - FEED_MAX_AGE_MS - 1,
    assignments: [],
    expected: { kind: 'unavailable', reason: 'change-feed-lost' },
  },
];

for (const { promise, expected, ...given } of cases) {
  test(promise, () => {
    const app = { ...wiki, ...(typeof given.app === 'object' ? given.app : {}) };
    const assignments = given.assignments ?? [{ kind: 'user', userId: 'ada' } as const];
    const catalogue = given.app === 'deleted' ? [] : [{ kind: 'app', app, assignments } as const];
    const { snapshot } = buildSnapshot({ revision: 1, portal, catalogue, sites: [] });
    const proof: Proof = given.proof ?? {
      kind: 'session',
      session: { ...session, ...given.session, identity: { ...ada, ...given.identity } },
      grantedAt: NOW - 60_000,
    };
    assert.deepEqual(
      authorize(permitOf(snapshot, app), app, proof, { feedConfirmedAt: given.feedConfirmedAt ?? NOW }, NOW),
      expected,
    );
  });
}
