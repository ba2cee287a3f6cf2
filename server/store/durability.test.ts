// The promise of durability: what was acknowledged is there after `kill -9`, and nothing one-time comes back.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from 'kysely';
import type { Hostname } from '#server/core/hostname.ts';
import { listAudit } from './audit.ts';
import { redeemCode } from './codes.ts';
import { loadSession } from './sessions.ts';
import { saveSite } from './sites.ts';
import { type Child, startChild } from './testing/child.ts';
import { SYSTEM, someone, temporaryStore } from './testing/temporary-store.ts';

const ROUNDS = 8;

test('B2: kill -9 in the middle of writing loses nothing that was acknowledged and revives no code', async (t) => {
  const { store, dataDir } = await temporaryStore(t);
  const { userId } = await someone(store, 'member');
  for (let round = 0; round < ROUNDS; round++) {
    const acknowledged = await writeAndDie(t, [dataDir, userId], 5 + round * 7);
    const startedAt = performance.now();
    for (const { kind, id, redeemed } of acknowledged) {
      if (kind === 'session') assert.ok(await loadSession(store, id));
      if (kind === 'audit') {
        const found = await listAudit(store, SYSTEM, { filters: { supportId: id } });
        assert.equal(found.kind === 'listed' && found.rows.length, 1, id);
      }
      if (kind === 'code') {
        assert.equal(redeemed, 'redeemed');
        const again = await redeemCode(store, { code: id, host: 'wiki.corp.example' as Hostname, nonceHash: 'n' });
        assert.deepEqual(again, { kind: 'refused', reason: 'code-unknown', identity: null });
      }
    }
    assert.ok(performance.now() - startedAt < 10_000);
    const check = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(store.db);
    assert.deepEqual(check.rows, [{ integrity_check: 'ok' }]);
    assert.deepEqual((await sql`pragma foreign_key_check`.execute(store.db)).rows, []);
  }
});

test('B1: a full disk refuses writes as store-down, reads go on, and it recovers by itself', async (t) => {
  const { store } = await temporaryStore(t);
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(store.db);
  await sql`pragma max_page_count = ${sql.lit(rows[0]?.page_count ?? 0)}`.execute(store.db);
  const write = (n: number) =>
    saveSite(store, SYSTEM, null, {
      name: `Site ${n}`,
      zones: Array.from({ length: 200 }, (_, at) => `z${at}.example`),
    });
  const full = await allOf(write, 20);
  assert.ok(full.some((code) => code === 'store-down'));
  assert.ok(
    full.every((code) => code === 'saved' || code === 'store-down'),
    full.join(),
  );
  const kept = await store.db.selectFrom('sites').select('name').execute();
  assert.equal(kept.length, full.filter((code) => code === 'saved').length);
  await sql`pragma max_page_count = 1000000`.execute(store.db);
  assert.equal((await write(99)).kind, 'saved');
});

test('M11: a deed that cannot be audited is not done', async (t) => {
  const { store } = await temporaryStore(t);
  await sql`alter table audit_events rename to audit_events_lost`.execute(store.db);
  await assert.rejects(saveSite(store, SYSTEM, null, { name: 'Office' }));
  assert.deepEqual(await store.db.selectFrom('sites').selectAll().execute(), []);
  await sql`alter table audit_events_lost rename to audit_events`.execute(store.db);
  assert.equal((await saveSite(store, SYSTEM, null, { name: 'Office' })).kind, 'saved');
});

type Acknowledged = { kind: string; id: string; redeemed?: string };

/** Lets the writer acknowledge so many writes, kills it, and returns all that it had acknowledged. */
async function writeAndDie(t: TestContext, args: readonly string[], count: number): Promise<Acknowledged[]> {
  const writer: Child = startChild(t, 'writer.ts', args);
  const lines: string[] = [];
  while (lines.length < count) {
    const line = await writer.line();
    assert.ok(line !== null, 'The writer ended by itself.');
    lines.push(line);
  }
  lines.push(...(await writer.kill()));
  return lines.flatMap((line) => (line.endsWith('}') ? [JSON.parse(line)] : []));
}

async function allOf(write: (n: number) => Promise<{ kind: string }>, count: number): Promise<string[]> {
  const outcomes: string[] = [];
  for (let n = 0; n < count; n++) {
    outcomes.push(
      await write(n).then(
        ({ kind }) => kind,
        (error) => String(error.code),
      ),
    );
  }
  return outcomes;
}
