// The promises of retention: what is too old goes, in short transactions, and nothing else does.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { listAudit, recordAudit } from './audit.ts';
import { deleteOld, retentionOutlook } from './retention.ts';
import { readSetting, saveSetting } from './settings.ts';
import { SYSTEM, someApp, someone, someSite, temporaryStore } from './testing/temporary-store.ts';
import { addUsage } from './usage-write.ts';

const DAY = 24 * 60 * 60_000;

async function aged(t: TestContext) {
  const { store, clock } = await temporaryStore(t);
  const event = {
    ...({ level: 'info', action: 'names-checked', actor: null, object: null, outcome: 'done', reason: '' } as const),
    ...{ supportId: null, address: null, detail: {} },
  };
  const write = (daysAgo: number, count: number) =>
    recordAudit(
      store,
      Array.from({ length: count }, () => ({ ...event, at: clock.now - daysAgo * DAY })),
    );
  const left = async () => {
    const listed = await listAudit(store, SYSTEM, { limit: 500, filters: { action: 'names-checked' } });
    return listed.kind === 'listed' ? listed.rows.map(({ at }) => (clock.now - at) / DAY) : [];
  };
  return { store, clock, write, left };
}

test('events are kept for the days that the settings say, and the audit says how many went', async (t) => {
  const { store, write, left } = await aged(t);
  await write(401, 950);
  await write(399, 2);
  let pauses = 0;
  const deleted = await deleteOld(store, async () => {
    pauses += 1;
  });
  assert.deepEqual([deleted.audit, pauses, await left()], [950, 2, [399, 399]]);
  const noted = await listAudit(store, SYSTEM, { filters: { action: 'audit-deleted' } });
  assert.ok(noted.kind === 'listed');
  assert.equal(noted.rows[0]?.detail.deleted, 950);
  assert.equal((await deleteOld(store, async () => {})).audit, 0);
});

test('what could be undone goes when its time is over, in short transactions, though nobody changes an app again', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const kept = async () => {
    const rows = await store.db.selectFrom('undo_apps').select('undo_id').execute();
    const undos = await store.db.selectFrom('undos').select('id').orderBy('id').execute();
    return [rows.length, ...undos.map(({ id }) => id)];
  };
  for (const [id, expires_at, apps] of [
    ['one', clock.now + 1, 950],
    ['two', clock.now + 2, 3],
  ] as const) {
    await store.db
      .insertInto('undos')
      .values({ id, user_id: null, action: 'delete', at: clock.now, expires_at })
      .execute();
    const app = { undo_id: id, name: 'Wiki', owner_user_id: null, before: '{}', updated_at: null };
    const rows = Array.from({ length: apps }, (_, at) => ({ ...app, app_id: `${at}` }));
    await store.db.insertInto('undo_apps').values(rows).execute();
  }
  let pauses = 0;
  const run = () =>
    deleteOld(store, async () => {
      pauses += 1;
    });
  await run();
  assert.deepEqual([pauses, await kept()], [0, [953, 'one', 'two']]);
  clock.now += 1;
  await run();
  assert.deepEqual([pauses, await kept()], [2, [3, 'two']]);
  clock.now += 1;
  await run();
  assert.deepEqual([pauses, await kept()], [2, [0]]);
});

test('what the outlook says is what goes', async (t) => {
  const { store, write, left } = await aged(t);
  const admin = await someone(store, 'admin');
  await write(50, 7);
  await write(20, 1);
  const found = await retentionOutlook(store, admin, { auditDays: 30, usageDays: 30 });
  assert.equal(found.kind === 'found' && found.outlook.audit, 7);
  assert.equal((await saveSetting(store, admin, 'retention', { auditDays: 30, usageDays: 30 })).kind, 'saved');
  assert.equal((await deleteOld(store, async () => {})).audit, 7);
  assert.deepEqual(await left(), [20]);
});

test('a number of days that is none, or would leave nothing, is refused in words', async (t) => {
  const { store } = await aged(t);
  for (const days of [0, 29, 3_651, 30.5, '90', null, Number.NaN]) {
    const saved = await saveSetting(store, SYSTEM, 'retention', { auditDays: days, usageDays: 90 });
    assert.ok(saved.kind === 'invalid' && saved.errors.auditDays, `${days}`);
  }
  const { value } = await readSetting(store.db, 'retention');
  assert.deepEqual(value, { auditDays: 400, usageDays: 90 });
});

test('minutes of usage go after two days, hours and people after as many as the settings say', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const app = await someApp(store, await someSite(store));
  const ada = await someone(store, 'member');
  const used = {
    ...{ appId: app, numbers: new Float64Array(24).fill(1), succeeded: true, failed: false },
    ...{ reasons: new Map([['no-grant', 1]]), people: new Map([[ada.userId, { failed: false }]]) },
  };
  for (const daysAgo of [91, 3, 1]) await addUsage(store, { at: clock.now - daysAgo * DAY, apps: [used] }, () => {});
  await deleteOld(store, async () => {});
  for (const table of ['usage_counts', 'usage_reasons'] as const) {
    const rows = await store.db.selectFrom(table).select(['span', 'at']).where('app_id', '=', app).execute();
    const days = rows.map(({ at, span }) => `${span} ${(clock.now - at) / DAY}`).sort();
    assert.deepEqual(days, ['hour 1', 'hour 3', 'minute 1'], table);
  }
  const people = await store.db.selectFrom('usage_people').select(['span', 'at', 'app_id']).execute();
  assert.deepEqual(people.map(({ span, at, app_id }) => `${span} ${(clock.now - at) / DAY} ${app_id}`).sort(), [
    ...['day 1 ', 'day 3 '],
    ...['hour 1 ', `hour 1 ${app}`],
  ]);
});
