// The promises of a person's export and erasure: all of it, no secret, and afterwards no name.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { deleteApp, getApp, setAssignments } from './apps.ts';
import { listAudit, recordAudit } from './audit.ts';
import { changeApps } from './bulk.ts';
import { erasePerson, finishErasures } from './erasure.ts';
import { setFavourite } from './launcher.ts';
import { exportPerson } from './person-export.ts';
import { createSession, endSession } from './sessions.ts';
import {
  PASSWORD,
  SYSTEM,
  saved,
  signedIn,
  someApp,
  someone,
  someSite,
  temporaryStore,
} from './testing/temporary-store.ts';
import { restoreApp } from './undo.ts';
import { addUsage } from './usage-write.ts';
import { saveUser } from './users.ts';

async function known(t: TestContext) {
  const { store, clock } = await temporaryStore(t);
  const admin = await someone(store, 'admin', { password: PASSWORD });
  const ada = await someone(store, 'member', { email: 'ada@corp.example', password: PASSWORD });
  const app = await someApp(store, await someSite(store));
  saved(await saveUser(store, admin, ada.userId, { email: 'ada.b@corp.example', name: 'Ada', role: 'member' }));
  await recordAudit(store, [
    {
      ...({
        at: clock.now,
        level: 'info',
        action: 'access-refused',
        outcome: 'refused',
        reason: 'not-assigned',
      } as const),
      ...{ actor: { userId: ada.userId, email: 'ada@corp.example' }, object: { kind: 'app', id: app, name: 'Wiki' } },
      ...{ supportId: 'SUPPORT1', address: '192.0.2.9', detail: { claimed: 'ada.b@corp.example' } },
    },
  ]);
  const usage = { appId: app, numbers: new Float64Array(24), reasons: new Map(), succeeded: true, failed: false };
  await addUsage(
    store,
    { at: clock.now, apps: [{ ...usage, people: new Map([[ada.userId, { failed: false }]]) }] },
    () => {},
  );
  saved(await endSession(store, admin, ada.sessionId, 'ended-by-admin'));
  return { store, clock, admin, ada, app };
}

async function everything(store: Awaited<ReturnType<typeof known>>['store']): Promise<string> {
  const tables = [
    'audit_events',
    'users',
    'sessions',
    'usage_people',
    'launcher_apps',
    'preferences',
    'api_tokens',
  ] as const;
  return JSON.stringify(await Promise.all(tables.map((table) => store.db.selectFrom(table).selectAll().execute())));
}

test('M10: an export is whole JSON with everything that is kept of a person, and no secret', async (t) => {
  const { store, admin, ada } = await known(t);
  const exported = await exportPerson(store, admin, ada.userId);
  assert.ok(exported.kind === 'exported');
  const text = (await Array.fromAsync(exported.pieces)).join('');
  const person = JSON.parse(text);
  assert.equal(person.profile.email, 'ada.b@corp.example');
  assert.deepEqual(
    person.usage.map(({ span }: { span: string }) => span),
    ['day', 'hour', 'hour'],
  );
  assert.ok(person.auditWhereTheyActed.some(({ action }: { action: string }) => action === 'access-refused'));
  assert.ok(person.auditAboutThem.some(({ action }: { action: string }) => action === 'user-saved'));
  assert.doesNotMatch(text, new RegExp(admin.email), 'who else acted is not the person’s own');
  assert.doesNotMatch(text, /password_?hash|scrypt|token_?hash|sealed/i);
  const noted = await listAudit(store, admin, { filters: { action: 'person-exported' } });
  assert.equal(noted.kind === 'listed' && noted.rows.length, 1);
});

test('M1: only who reads people and the audit exports a person, only who writes people erases one', async (t) => {
  const { store, ada } = await known(t);
  for (const role of ['app-owner', 'member'] as const)
    assert.equal((await exportPerson(store, await someone(store, role), ada.userId)).kind, 'forbidden');
  for (const role of ['auditor', 'app-owner', 'member'] as const) {
    const actor = await someone(store, role);
    assert.equal((await erasePerson(store, actor, ada.userId, 'ada.b@corp.example')).kind, 'forbidden', role);
  }
  assert.equal((await exportPerson(store, await someone(store, 'auditor'), 'nobody')).kind, 'not-found');
});

test('an erased person’s names are nowhere: not where they acted, not on what was done to them, not in details', async (t) => {
  const { store, admin, ada } = await known(t);
  const before = await listAudit(store, admin, { limit: 500 });
  const wrong = await erasePerson(store, admin, ada.userId, 'ada@corp.example');
  assert.ok(wrong.kind === 'invalid' && wrong.errors.email, 'the address of before is not the address');
  const { pseudonym } = saved(await erasePerson(store, admin, ada.userId, ' ADA.B@corp.example '));
  assert.doesNotMatch(await everything(store), /ada(\.b)?@corp\.example|192\.0\.2\.9/i);
  const after = await listAudit(store, admin, { limit: 500 });
  assert.ok(before.kind === 'listed' && after.kind === 'listed');
  assert.deepEqual(
    after.rows.slice(-before.rows.length).map(({ id, action, outcome, reason }) => [id, action, outcome, reason]),
    before.rows.map(({ id, action, outcome, reason }) => [id, action, outcome, reason]),
    'every event still says what happened',
  );
  const refused = after.rows.find(({ action }) => action === 'access-refused');
  assert.deepEqual(refused?.actor, { userId: ada.userId, email: pseudonym });
  assert.equal(refused?.supportId, 'SUPPORT1');
  assert.deepEqual(refused?.detail, { claimed: pseudonym });
  const others = after.rows.filter(({ actor }) => actor?.userId === admin.userId);
  assert.ok(others.every(({ actor, address }) => actor?.email === admin.email && address !== null));
});

test('M10: an address inside a longer one is not that person’s: what the audit says of others stays to the letter', async (t) => {
  const { store, clock } = await temporaryStore(t);
  await someone(store, 'admin', { password: PASSWORD });
  const erased = await someone(store, 'member', { email: 'n@corp.com' });
  const others = [
    'admin@corp.com',
    'admin.n@corp.com',
    'n+n@corp.com',
    'o-n@corp.com',
    'N-n@corp.com',
    'n@corp.com.example',
    'n@corp.company',
    'n@corp.com-x.example',
    'än@corp.com',
  ];
  const said = (about: string) => ({
    claimed: about,
    list: [about, 7, null],
    deep: { of: `It was ${about}, not “${about}”. Ask ${about}.`, [about]: true },
  });
  const note = (detail: Record<string, unknown>) => ({
    ...({ at: clock.now, level: 'info', action: 'names-checked', actor: null, outcome: 'done', reason: '' } as const),
    ...{ object: null, supportId: null, address: null, detail },
  });
  const both = { both: `n@corp.com and ${others.join(' and ')}` };
  await recordAudit(store, [...others.map((other) => note(said(other))), note(said('n@corp.com')), note(both)]);
  const details = async () =>
    (
      await store.db
        .selectFrom('audit_events')
        .select('detail')
        .where('action', '=', 'names-checked')
        .orderBy('id')
        .execute()
    ).map(({ detail }) => detail);
  const before = await details();
  const { pseudonym } = saved(await erasePerson(store, SYSTEM, erased.userId, 'n@corp.com'));
  const after = await details();
  assert.deepEqual(after.slice(0, others.length), before.slice(0, others.length));
  assert.deepEqual(
    after.slice(others.length).map((detail) => JSON.parse(detail)),
    [said(pseudonym), { both: `${pseudonym} and ${others.join(' and ')}` }],
  );
});

test('M10: an erased person is in nothing that is kept of deleted apps, and comes back with none', async (t) => {
  const { store, admin, ada, app } = await known(t);
  const grace = await someone(store, 'member');
  const user = ({ userId }: typeof ada) => ({ kind: 'user', userId }) as const;
  saved(await setAssignments(store, admin, app, [user(ada), user(grace)]));
  for (const one of [ada, grace]) saved(await setFavourite(store, await signedIn(store, one.userId), app, true));
  await store.db.updateTable('apps').set({ owner_user_id: ada.userId }).where('id', '=', app).execute();
  const these = { kind: 'these', ids: [app] };
  saved(await changeApps(store, admin, these, { kind: 'assign', add: [], remove: [user(grace)] }));
  saved(await setAssignments(store, admin, app, [user(ada), user(grace)]));
  const { undoId } = saved(await deleteApp(store, admin, app));
  await store.db
    .insertInto('undo_apps')
    .values({
      ...{ undo_id: undoId, app_id: 'damaged', name: 'Damaged', owner_user_id: ada.userId, updated_at: null },
      before: `{"app":"${ada.userId}`,
    })
    .execute();
  await store.db.updateTable('undos').set({ user_id: ada.userId }).where('id', '=', undoId).execute();
  const kept = async () =>
    JSON.stringify([
      await store.db.selectFrom('undos').selectAll().execute(),
      await store.db.selectFrom('undo_apps').selectAll().execute(),
    ]);
  assert.match(await kept(), new RegExp(ada.userId));
  saved(await erasePerson(store, admin, ada.userId, 'ada.b@corp.example'));
  assert.doesNotMatch(await kept(), new RegExp(ada.userId));
  assert.match(await kept(), new RegExp(grace.userId), 'others stay');
  saved(await restoreApp(store, admin, undoId, app));
  const found = await getApp(store, admin, app);
  assert.ok(found.kind === 'found');
  assert.deepEqual([found.ownerUserId, found.assignments], [null, [user(grace)]]);
});

test('an event that comes late, from a gateway that still held it, loses the name as well', async (t) => {
  const { store, clock, admin, ada } = await known(t);
  saved(await erasePerson(store, admin, ada.userId, 'ada.b@corp.example'));
  const late = {
    ...({ at: clock.now, level: 'info', action: 'stream-cut', outcome: 'refused', reason: 'session-unknown' } as const),
    ...{
      actor: { userId: ada.userId, email: 'ada.b@corp.example' },
      object: null,
      supportId: null,
      address: null,
      detail: {},
    },
  };
  await recordAudit(store, [late]);
  clock.now += 11 * 60_000;
  await finishErasures(store);
  assert.doesNotMatch(await everything(store), /ada\.b@corp\.example/);
  assert.deepEqual(await store.db.selectFrom('erasures').selectAll().execute(), []);
});

test('thousands of events are changed in transactions of a bounded size, and go on after an interruption', async (t) => {
  const { store, clock, admin, ada } = await known(t);
  const event = {
    ...({ at: clock.now, level: 'info', action: 'names-checked', outcome: 'done', reason: '' } as const),
    ...{
      actor: { userId: ada.userId, email: 'ada.b@corp.example' },
      object: null,
      supportId: null,
      address: '192.0.2.9',
      detail: {},
    },
  };
  await recordAudit(
    store,
    Array.from({ length: 2_345 }, () => event),
  );
  saved(await erasePerson(store, admin, ada.userId, 'ada.b@corp.example'));
  assert.doesNotMatch(await everything(store), /ada\.b@corp\.example|192\.0\.2\.9/);
});

test('M3: the last administrator who can sign in is not erased', async (t) => {
  const { store, admin, ada } = await known(t);
  assert.equal((await erasePerson(store, admin, admin.userId, admin.email)).kind, 'conflict');
  assert.match(await everything(store), /"role":"admin"/);
  assert.equal((await erasePerson(store, SYSTEM, ada.userId, 'ada.b@corp.example')).kind, 'saved');
  const gone = { userId: ada.userId, verified: { kind: 'password', passwordHash: 'x' }, kind: 'standard' } as const;
  assert.equal(await createSession(store, { ...gone, address: null, userAgent: null }), null);
});
