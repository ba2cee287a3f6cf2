// Invariants 5 and 6: what people see of a path they only open, and that there is nothing to see of any other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLAIN_TRAFFIC } from './app.ts';
import { parseHostname } from './hostname.ts';
import type { Identity } from './identity.ts';
import { PATH_CODES, PATH_STEPS, type PathStep, PRIVATE_STEPS, stateOf } from './path.ts';
import { openableApp, PublicView } from './path-public.ts';
import { buildSnapshot, parsePortal } from './snapshot.ts';

const SECRET = 'secret.corp.internal';

function step(name: PathStep['step'], code: string): PathStep {
  const facts = { host: SECRET, addresses: [SECRET], names: [SECRET] };
  return { step: name, code, state: stateOf(name, code as never), tookMs: 1.5, facts } as unknown as PathStep;
}

test('M8: whatever a step found, no fact of it is shown, and the private half is one of two words', () => {
  for (const name of PATH_STEPS)
    for (const code of Object.keys(PATH_CODES[name])) {
      const view = new PublicView();
      const shown = PATH_STEPS.map((each) => view.take(each === name ? step(each, code) : step(each, GOOD[each])));
      assert.ok(!JSON.stringify(shown).includes(SECRET));
      const told = shown.filter((each) => each !== null);
      assert.deepEqual(
        told.map((each) => each.step),
        ['public-dns', 'gateway-address', 'certificate', 'sign-in', 'policy', 'private'],
      );
      const fails = PRIVATE_STEPS.has(name) && stateOf(name, code as never) === 'bad';
      assert.deepEqual(
        told.at(-1),
        fails
          ? { step: 'private', state: 'bad', code: 'not-reached' }
          : { step: 'private', state: 'good', code: 'reached' },
      );
    }
});

test('invariant 5: an app is found by id or name by who may open it, and by nobody else', () => {
  const find = (key: string, identity: Partial<Identity> = {}, enabled = true) =>
    openableApp(snapshotWith(enabled), { ...GRACE, ...identity }, key)?.id ?? null;
  assert.equal(find('app-1'), 'app-1');
  assert.equal(find('wiki.corp.example'), 'app-1');
  assert.equal(find('WIKI.corp.example.'), 'app-1');
  for (const key of ['', 'app-2', '__proto__', 'portal.corp.example', '..']) assert.equal(find(key), null, key);
  assert.equal(find('app-1', { userId: 'linus' }), null);
  assert.equal(find('app-1', { userId: 'linus', role: 'admin' }), null, 'a role opens no app');
  assert.equal(find('app-1', { disabled: true }), null);
  assert.equal(find('app-1', {}, false), null);
});

const GOOD = {
  'public-dns': 'leads-to-gateway',
  'gateway-address': 'gateway-answers',
  certificate: 'certificate-good',
  'sign-in': 'sign-in-ready',
  policy: 'assigned',
  'private-dns': 'private-answer',
  connect: 'connected',
  tls: 'tls-trusted',
  answer: 'answer-ok',
} as const;

const GRACE: Identity = {
  userId: 'grace',
  issuer: '',
  subject: '',
  email: '',
  name: '',
  role: 'member',
  groupIds: [],
  groupNames: [],
  disabled: false,
};

function snapshotWith(enabled: boolean) {
  const host = parseHostname('wiki.corp.example');
  const portal = parsePortal('https://portal.corp.example', parseHostname);
  assert.ok(host && portal);
  const app = { id: 'app-1', name: 'Wiki', hosts: [host], enabled, siteId: 'site', traffic: PLAIN_TRAFFIC };
  const catalogue = [{ kind: 'app', app: app as never, assignments: [{ kind: 'user', userId: 'grace' }] }] as const;
  return buildSnapshot({ revision: 1, portal, catalogue, sites: [] }).snapshot;
}
