// The promises of the audit: nothing is lost or repeated from page to page, and only those who may read it do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AuditEvent, listAudit, recordAudit } from './audit.ts';
import type { Store } from './handle.ts';
import { saveSite } from './sites.ts';
import { SYSTEM, saved, someone, temporaryStore } from './testing/temporary-store.ts';

test('pages hold every event once, newest first, however many share a millisecond', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const events = Array.from({ length: 950 }, (_, at) => event(clock.now + Math.floor(at / 400), { reason: `${at}` }));
  await recordAudit(store, events);
  const reasons: string[] = [];
  let before: string | null = null;
  do {
    const page: { rows: readonly { reason: string }[]; next: string | null } = await listed(store, {
      before,
      limit: 90,
    });
    reasons.push(...page.rows.map(({ reason }) => reason));
    before = page.next;
  } while (before !== null);
  assert.deepEqual(
    reasons.reverse(),
    events.map(({ reason }) => reason),
  );
});

test('an event comes back as it was given, and is found by each of its filters', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const given = event(clock.now, {
    level: 'alarm',
    action: 'access-refused',
    actor: { userId: 'u', email: 'José_1@corp.example' },
    object: { kind: 'app', id: 'a', name: 'Wiki' },
    outcome: 'refused',
    reason: 'not-assigned',
    supportId: 's-1',
    address: '192.0.2.7',
    detail: { nested: ['as', { it: 'is' }] },
  });
  await recordAudit(store, [event(clock.now, {}), given]);
  const filters = [
    { action: 'access-refused' },
    { person: 'jose_1' },
    { person: 'JOSE_1@corp.example' },
    { object: 'wIk' },
    { objectId: 'a' },
    { reason: 'not-assigned' },
    { address: '192.0.2.7' },
    { userId: 'u' },
    { supportId: 's-1' },
    { level: 'alarm' },
    { outcome: 'refused' },
  ] as const;
  for (const each of filters) {
    const { rows } = await listed(store, { filters: each });
    const [{ id, ...found } = { id: '' }] = rows;
    assert.deepEqual([rows.length, found], [1, given], `${JSON.stringify(each)} ${id}`);
  }
  assert.equal((await listed(store, { filters: { person: 'jose%1' } })).rows.length, 0);
  assert.equal((await listed(store, { before: "' or 1=1" })).rows.length, 2);
});

test('a time range has its first moment and not its last, and pages go on within it', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const { now } = clock;
  await recordAudit(
    store,
    [-2, -1, 0, 1, 2].map((minute) => event(now + minute * 60_000, { reason: `${minute}` })),
  );
  const filters = { from: now - 60_000, to: now + 60_000 };
  const { rows, next } = await listed(store, { filters, limit: 1 });
  assert.deepEqual(
    [rows.map(({ reason }) => reason), (await listed(store, { filters, before: next })).rows.length],
    [['0'], 1],
  );
  assert.equal((await listed(store, { filters: { from: now + 120_000 } })).rows.length, 1);
  assert.equal((await listed(store, { filters: { to: now - 120_000 } })).rows.length, 0);
});

test('M4: admins and auditors read the audit, app owners and members do not', async (t) => {
  const { store } = await temporaryStore(t);
  for (const role of ['admin', 'auditor', 'app-owner', 'member'] as const) {
    const { kind } = await listAudit(store, await someone(store, role));
    assert.equal(kind, role === 'admin' || role === 'auditor' ? 'listed' : 'forbidden', role);
  }
});

test('every write says who did it, from where, to what, and which fields changed', async (t) => {
  const { store } = await temporaryStore(t);
  const admin = { ...(await someone(store, 'admin')), supportId: 's-2' };
  const { id } = saved(await saveSite(store, admin, null, { name: 'Office' }));
  saved(await saveSite(store, admin, id, { name: 'Office', ranges: ['10.0.0.0/8'] }));
  const { rows } = await listed(store, { filters: { action: 'site-saved' } });
  assert.deepEqual(
    rows.map(({ actor, object, address, supportId, detail }) => ({ actor, object, address, supportId, detail })),
    [{ changed: ['ranges'] }, { created: true }].map((detail) => ({
      actor: { userId: admin.userId, email: admin.email },
      object: { kind: 'site', id, name: 'Office' },
      address: admin.address,
      supportId: 's-2',
      detail,
    })),
  );
});

test('B5: an event whose detail is damaged is still there', async (t) => {
  const { store, clock } = await temporaryStore(t);
  await recordAudit(store, [event(clock.now, {})]);
  await store.db.updateTable('audit_events').set({ detail: '{"cut' }).execute();
  assert.deepEqual((await listed(store, {})).rows[0]?.detail, { unreadable: '{"cut' });
});

async function listed(store: Store, query: Parameters<typeof listAudit>[2]) {
  const outcome = await listAudit(store, SYSTEM, query);
  assert.ok(outcome.kind === 'listed');
  return outcome;
}

function event(at: number, more: Partial<AuditEvent>): AuditEvent {
  return {
    at,
    level: 'info',
    action: 'names-checked',
    actor: null,
    object: null,
    outcome: 'done',
    reason: '',
    supportId: null,
    address: null,
    detail: {},
    ...more,
  };
}
