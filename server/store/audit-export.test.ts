// The promises of the audit's export: all that matches, nothing else, in bounded pieces, and never in secret.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AuditFilters, listAudit, recordAudit } from './audit.ts';
import { type ExportFormat, exportAudit } from './audit-export.ts';
import { SYSTEM, someone, temporaryStore } from './testing/temporary-store.ts';

async function many(t: Parameters<typeof temporaryStore>[0], count: number) {
  const { store, clock } = await temporaryStore(t);
  const admin = await someone(store, 'admin');
  const event = {
    ...({
      level: 'info',
      action: 'names-checked',
      actor: null,
      outcome: 'done',
      supportId: null,
      address: null,
    } as const),
    ...{ object: { kind: 'app' as const, id: 'a', name: '=cmd|x' }, detail: {} },
  };
  await recordAudit(
    store,
    Array.from({ length: count }, (_, at) => ({ ...event, at: clock.now, reason: `${at}` })),
  );
  const pieces = async (format: ExportFormat, filters: AuditFilters = { action: 'names-checked' }) => {
    const exported = await exportAudit(store, admin, { filters, format, zone: 'Europe/Berlin' });
    assert.ok(exported.kind === 'exported');
    return Array.fromAsync(exported.pieces);
  };
  return { store, admin, pieces };
}

test('every event that matches is in the file once, in pieces of a bounded size', async (t) => {
  const { pieces } = await many(t, 1_234);
  const parts = await pieces('jsonl');
  assert.ok(parts.length >= 3);
  const events = parts
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(new Set(events.map(({ reason }) => reason)).size, 1_234);
  assert.deepEqual([events[0].time, events[0].object.name], ['2026-01-01T00:00:00.000Z', '=cmd|x']);
  assert.equal((await pieces('jsonl', { reason: '7' })).join('').split('\n').length, 2);
});

test('M10: a name that is a formula is none in the CSV; times are in UTC and in the reader’s zone', async (t) => {
  const { pieces } = await many(t, 1);
  const [head = '', line = ''] = (await pieces('csv')).join('').split('\r\n');
  assert.match(head, /^"id","time_utc","time_local","time_zone",/);
  assert.match(line, /,"2026-01-01T00:00:00.000Z","2026-01-01 01:00:00","Europe\/Berlin",/);
  assert.match(line, /,"'=cmd\|x",/);
});

test('M1: who may not read the audit exports none of it; who does is in it', async (t) => {
  const { store, admin, pieces } = await many(t, 3);
  for (const role of ['app-owner', 'member'] as const) {
    const actor = await someone(store, role);
    assert.equal((await exportAudit(store, actor, { filters: {}, format: 'csv', zone: 'UTC' })).kind, 'forbidden');
  }
  await pieces('csv', { action: 'names-checked', outcome: 'done' });
  const noted = await listAudit(store, SYSTEM, { filters: { action: 'audit-exported' } });
  assert.ok(noted.kind === 'listed');
  assert.deepEqual(
    noted.rows.map(({ actor, detail }) => [actor?.userId, detail]),
    [[admin.userId, { format: 'csv', filters: { action: 'names-checked', outcome: 'done' } }]],
  );
});

test('A7: an export breaks off when the session that began it ends', async (t) => {
  const { store, admin } = await many(t, 1_200);
  const exported = await exportAudit(store, admin, { filters: {}, format: 'jsonl', zone: 'UTC' });
  assert.ok(exported.kind === 'exported');
  await exported.pieces.next();
  await store.db.deleteFrom('sessions').where('id', '=', admin.sessionId).execute();
  await assert.rejects(exported.pieces.next(), /has ended/);
});
