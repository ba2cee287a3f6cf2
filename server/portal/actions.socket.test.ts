// Every server action, as the build lists them, sent by everybody who may not: nothing happens.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { listApps } from '#server/store/apps.ts';
import { listGroups } from '#server/store/groups.ts';
import { listProviders } from '#server/store/providers.ts';
import { listSites } from '#server/store/sites.ts';
import { listUsers } from '#server/store/users.ts';
import { ORIGIN, PASSWORD, SYSTEM, startTestPortal, TestBrowser, type TestPortal } from './portal.testing.ts';

type ListedAction = { id: string; name: string; page: string };

let portal: TestPortal;
let actions: readonly ListedAction[];
before(async () => {
  portal = await startTestPortal();
  actions = await listActions();
});
after(() => portal.close());

const MANIFEST = join(import.meta.dirname, '../../.next/server/server-reference-manifest.json');

async function listActions(): Promise<ListedAction[]> {
  type Manifest = { node: Record<string, { exportedName: string; workers: Record<string, unknown> }> };
  const { node }: Manifest = JSON.parse(await readFile(MANIFEST, 'utf8'));
  return Object.entries(node).map(([id, { exportedName, workers }]) => {
    const pages = Object.keys(workers);
    const worker = pages.find((path) => !path.includes('[')) ?? pages[0] ?? assert.fail(`${exportedName} has no page`);
    const page = worker.replace(/^app/, '').replace(/\/page$/, '');
    return { id, name: exportedName, page: page.replace('[id]', portal.people.member) };
  });
}

/** What people do with their own accounts and launchers is no matter of roles. */
const OWN = [
  ...['changePasswordAction', 'endMySessionAction', 'endOtherSessionsAction'],
  // An app's owner looks for whom to assign; others find nobody, see assignees.test.ts.
  'findAssigneesAction',
  // Worth one's own machines alone, see login-tokens.ts.
  'createLoginTokenAction',
  // Whoever has a code that a command line shows; see device-logins.test.ts.
  ...['findDeviceLoginAction', 'approveDeviceLoginAction', 'refuseDeviceLoginAction'],
  ...['setFavouriteAction', 'orderFavouritesAction', 'setViewAction', 'setOpeningAction', 'dismissNoticeAction'],
];

/** Arguments that would work, for somebody who may. */
function argumentsOf(name: string): unknown[] {
  const { apps, people } = portal;
  const table: Record<string, unknown[]> = {
    saveAppAction: [null, { name: 'Mine', hosts: ['mine.corp.localhost'] }, [{ kind: 'everyone' }]],
    deleteAppAction: [apps.payroll],
    renewAliasAction: [apps.payroll],
    checkNamesAction: [],
    namesStateAction: [],
    saveAliasesAction: [{ zone: 'alias.example', addresses: ['203.0.113.20'], nameServers: ['ns1.example'] }, 0],
    saveClusterAction: [
      { name: 'gateways.corp.internal', subClusters: [{ nodes: 1, loadBalancers: [1], lan: ['10.0.0.1/8'] }] },
      0,
    ],
    drainNodeAction: [1, true],
    changeAppsAction: [{ kind: 'these', ids: [apps.payroll] }, { kind: 'disable' }],
    undoAction: [apps.payroll],
    appNowAction: [apps.payroll],
    probeAction: [
      {
        siteId: apps.payroll,
        upstream: { scheme: 'http', host: '10.0.0.1', port: 80 },
        publicHost: 'mine.corp.localhost',
      },
    ],
    checkNameAction: ['mine.corp.localhost'],
    restoreAppAction: [apps.payroll, apps.payroll],
    saveSiteAction: [null, { name: 'Mine' }],
    deleteSiteAction: [apps.payroll],
    saveUserAction: [people.member, { email: 'member@corp.example', name: 'Member', role: 'admin' }],
    deleteUserAction: [people.admin],
    passwordLinkAction: [people.admin],
    saveGroupAction: [null, { name: 'Mine' }, [people.member]],
    deleteGroupAction: [apps.payroll],
    saveProviderAction: [
      null,
      {
        name: 'Mine',
        issuer: 'https://evil.example',
        clientId: 'x',
        clientSecret: 'y',
        allowedEmailDomains: ['corp.example'],
      },
    ],
    deleteProviderAction: [apps.payroll],
    endSessionAction: [apps.payroll],
    endStreamAction: ['ABCDEFGHJKMNP'],
    erasePersonAction: [people.member, 'member@corp.example'],
    retentionOutlookAction: [{ auditDays: 30, usageDays: 2 }],
    saveRetentionAction: [{ auditDays: 30, usageDays: 2 }, 0],
    saveBrandAction: [{ company: 'Mine' }],
    createTokenAction: [{ name: 'Mine', scopes: ['settings:write'] }],
    revokeTokenAction: [apps.payroll],
    revokeLoginTokenAction: [apps.payroll],
    findDeviceLoginAction: ['WDJB-MJHT'],
    approveDeviceLoginAction: ['WDJB-MJHT'],
    refuseDeviceLoginAction: ['WDJB-MJHT'],
    removeMachineAction: [apps.payroll],
    renameMachineAction: [apps.payroll, { name: 'Mine' }],
    saveMachineSettingsAction: [{ zone: 'mine.example' }, 0],
    saveCollectionAction: [null, { name: 'Mine', appIds: [apps.payroll] }],
    orderCollectionsAction: [[]],
    deleteCollectionAction: [apps.payroll],
    saveNoticeAction: [null, { text: 'Mine' }],
    deleteNoticeAction: [apps.payroll],
    publishTermsAction: ['Mine', 0],
  };
  return table[name] ?? assert.fail(`${name} is new: say here what would make it work`);
}

function call(browser: TestBrowser, { id, page }: ListedAction, args: unknown, headers: Record<string, string> = {}) {
  const own = {
    origin: ORIGIN,
    accept: 'text/x-component',
    'content-type': 'text/plain;charset=UTF-8',
    'next-action': id,
  };
  return browser.send('POST', page, { ...own, ...headers }, JSON.stringify(args));
}

async function everything(): Promise<unknown> {
  const { store } = portal;
  const lists = [listApps, listSites, listGroups, listProviders];
  const users = await listUsers(store, SYSTEM);
  assert.ok(users.kind === 'listed');
  return [
    await Promise.all(lists.map((list) => list(store, SYSTEM))),
    users.rows.map(({ lastSignInAt: _, ...user }) => user),
  ];
}

test('M1, M4: no action that a role does not include does anything, and none of them redirects', async () => {
  const adminActions = actions.filter(({ name }) => !OWN.includes(name));
  assert.ok(adminActions.length >= 12);
  const before = await everything();
  for (const role of ['auditor', 'owner', 'member']) {
    const browser = new TestBrowser(portal);
    await browser.signIn(role);
    for (const action of adminActions) {
      const { status, body, headers } = await call(browser, action, argumentsOf(action.name));
      assert.match(
        body,
        /"kind":"(forbidden|not-found)"|Your own role does not include/,
        `${role} ${action.name}: ${status} ${body.slice(0, 300)}`,
      );
      assert.equal(headers['x-action-redirect'], undefined);
      assert.doesNotMatch(body, /Payroll|secret-name/);
    }
  }
  assert.deepEqual(await everything(), before);
});

test('M1: who edits an app is told to, and learnt by, nobody but who may change it', async () => {
  const path = `/admin/apps/${portal.apps.payroll}/editing`;
  const status = async (browser: TestBrowser, fields: Record<string, string> = {}, headers = {}) =>
    (await browser.post(path, { tab: 'tab-of-a-test', ...fields }, headers)).status;
  assert.equal(await status(new TestBrowser(portal)), 401);
  for (const [role, expected] of [
    ['auditor', 403],
    ['owner', 404],
    ['member', 403],
  ] as const) {
    const browser = new TestBrowser(portal);
    await browser.signIn(role);
    assert.equal(await status(browser), expected, role);
    assert.equal(await status(browser, { leaving: '1' }), expected, role);
  }
  const admin = new TestBrowser(portal);
  await admin.signIn('admin');
  assert.equal(await status(admin, {}, { origin: 'http://wiki.corp.localhost:8080' }), 403);
  assert.equal(await status(admin, { more: 'x'.repeat(2_000) }), 413);
  const told = JSON.parse((await admin.post(path, { tab: 'tab-of-a-test' })).body);
  assert.deepEqual(told.editors, []);
  assert.equal(await status(admin, { leaving: '1' }), 204);
});

test('no action runs without a session, nor from another origin with one', async () => {
  const stranger = new TestBrowser(portal);
  const admin = new TestBrowser(portal);
  await admin.signIn('admin');
  const before = await everything();
  for (const action of actions) {
    const args = OWN.includes(action.name) ? [] : argumentsOf(action.name);
    assert.equal((await call(stranger, action, args)).status, 401);
    for (const page of ['/sign-in', '/open', '/setup', '/diagnosis']) {
      assert.equal((await call(stranger, { ...action, page }, args)).status, 401);
    }
    for (const origin of ['', 'null', 'http://wiki.corp.localhost:8080']) {
      assert.equal((await call(admin, action, args, { origin })).status, 403);
    }
  }
  assert.deepEqual(await everything(), before);
});

test('M2: what no form would send is refused in words', { timeout: 60_000 }, async () => {
  const browser = new TestBrowser(portal);
  await browser.signIn('admin');
  const before = await everything();
  const saveUser = actions.find(({ name }) => name === 'saveUserAction') ?? assert.fail();
  const right = { email: 'new@corp.example', name: 'New' };
  const hostile: unknown[] = [
    null,
    [],
    'text',
    42,
    [right],
    { ...right, id: portal.people.admin },
    { ...right, createdAt: 0 },
    { ...right, role: 'root' },
    { ...right, role: ['admin'] },
    { ...right, name: { toString: 'x' } },
    { ...right, name: 'x'.repeat(100_000) },
  ];
  for (const input of hostile) {
    const { status, body } = await call(browser, saveUser, [null, input]);
    assert.ok(/"kind":"invalid"/.test(body) || status === 500, `${status} ${body.slice(0, 300)}`);
  }
  const tooLarge = await call(browser, saveUser, [null, { ...right, name: 'x'.repeat(2_000_000) }]);
  assert.equal(tooLarge.status, 400);
  assert.deepEqual(await everything(), before);
  const planted = JSON.parse('{"email":"new@corp.example","name":"New","__proto__":{"role":"admin"}}');
  await call(browser, saveUser, [null, planted]);
  const users = await listUsers(portal.store, SYSTEM, { search: 'new@' });
  assert.deepEqual(users.kind === 'listed' && users.rows.map(({ role }) => role), ['member']);
});

test('M2: a launcher keeps nothing of an app that is not one’s own, and nothing that is no order and no view', async () => {
  const browser = new TestBrowser(portal);
  await browser.signIn('member');
  const named = (name: string) => actions.find((action) => action.name === name) ?? assert.fail();
  for (const [name, args, kind] of [
    ['setFavouriteAction', [portal.apps.payroll, true], 'not-found'],
    ['setFavouriteAction', ['0199-no-such-app', true], 'not-found'],
    ['setFavouriteAction', [{ toString: 'x' }, true], '(not-found|failed)'],
    ['setFavouriteAction', [null, null], 'not-found'],
    ['orderFavouritesAction', [['a', 'a']], 'invalid'],
    ['orderFavouritesAction', [Array.from({ length: 1_000 }, (_, at) => String(at))], 'invalid'],
    ['orderFavouritesAction', ['no list'], 'saved'],
    ['orderFavouritesAction', [[portal.apps.payroll]], 'saved'],
    ['setViewAction', ['cloud'], 'invalid'],
    ['setViewAction', [['list']], 'invalid'],
    ['setOpeningAction', ['elsewhere'], 'invalid'],
    ['dismissNoticeAction', ['0199-no-such-notice'], 'not-found'],
    ['dismissNoticeAction', [{ toString: 'x' }], '(not-found|failed)'],
  ] as const) {
    const { status, body } = await call(browser, named(name), args);
    assert.ok(status === 500 || new RegExp(`"kind":"${kind}"`).test(body), `${name} ${status} ${body.slice(0, 300)}`);
    assert.doesNotMatch(body, /Payroll/);
  }
  assert.deepEqual(await portal.store.db.selectFrom('launcher_apps').selectAll().execute(), []);
});

test('C12: a password is changed only by who knows it', async () => {
  const browser = new TestBrowser(portal);
  await browser.signIn('member');
  const change = actions.find(({ name }) => name === 'changePasswordAction') ?? assert.fail();
  const refused = await call(browser, change, [{ current: 'not this one', next: 'another long password' }]);
  assert.match(refused.body, /not your current password/);
  const done = await call(browser, change, [{ current: PASSWORD, next: 'another long password' }]);
  assert.match(done.body, /"kind":"saved"/);
});
