// The promise of long lists: with 10,000 people and 100,000 events a page is found by an index, in far less than people notice.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type CompiledQuery, sql } from 'kysely';
import { type AuditFilters, listAudit } from './audit.ts';
import { readDashboard } from './dashboard.ts';
import { fold } from './fold.ts';
import type { Store } from './handle.ts';
import { newId } from './id.ts';
import { listSessions } from './sessions.ts';
import { listStreams } from './streams.ts';
import { SYSTEM, temporaryStore } from './testing/temporary-store.ts';
import { readAppEvidence } from './usage.ts';
import { listUsers } from './users.ts';

const [PEOPLE, EVENTS, PER_WRITE] = [10_000, 100_000, 500];
const PAGE_MS = 300;

let store: Store;
let ids: string[];
const ends: (() => unknown)[] = [];
const context = { after: (end: () => unknown) => void ends.unshift(end) } as never;

before(async () => {
  const made = await temporaryStore(context);
  store = made.store;
  ids = Array.from({ length: PEOPLE }, (_, at) => newId(made.clock.now - PEOPLE + at));
  await inParts(PEOPLE, (at) => ({
    ...{ id: ids[at] ?? '', issuer: 'local', subject: ids[at] ?? '', email: `person${at}@corp.example` },
    ...{ email_folded: `person${at}@corp.example`, invited_email_folded: null, name: `Person ${at}` },
    ...{ name_folded: fold(`Person ${at}`), role: 'member', disabled: 0 as const, password_hash: null },
    ...{ created_at: 0, updated_at: 0, last_sign_in_at: null },
  })).reduce(async (done, rows) => {
    await done;
    await store.db.insertInto('users').values(rows).execute();
  }, Promise.resolve());
  await inParts(EVENTS, (at) => ({
    ...{ id: newId(made.clock.now - EVENTS + at), at: made.clock.now - EVENTS + at, level: 'info' as const },
    ...{
      action: `action-${at % 40}`,
      actor_user_id: ids[at % PEOPLE] ?? '',
      actor_email: `person${at % PEOPLE}@corp.example`,
    },
    ...{ actor_email_folded: `person${at % PEOPLE}@corp.example`, object_kind: 'app', object_id: `app-${at % 500}` },
    ...{ object_name: `App ${at % 500}`, object_name_folded: `app ${at % 500}`, outcome: 'done' as const },
    ...{ reason: `reason-${at % 30}`, support_id: `SUPPORT${at}`, address: `192.0.2.${at % 250}`, detail: '{}' },
  })).reduce(async (done, rows) => {
    await done;
    await store.db.insertInto('audit_events').values(rows).execute();
  }, Promise.resolve());
});
after(async () => {
  for (const end of ends) await end();
});

function inParts<Row>(count: number, make: (at: number) => Row): Row[][] {
  return Array.from({ length: count / PER_WRITE }, (_, part) =>
    Array.from({ length: PER_WRITE }, (_, at) => make(part * PER_WRITE + at)),
  );
}

/** The plans of everything that is asked meanwhile, as SQLite tells them. */
async function plansOf(work: (watched: Store) => Promise<unknown>): Promise<string[]> {
  const asked: CompiledQuery[] = [];
  const db = store.db.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => result,
  });
  const executor = db.getExecutor();
  const run = executor.executeQuery.bind(executor);
  executor.executeQuery = (query) => {
    asked.push(query);
    return run(query);
  };
  await work({ ...store, db });
  const plans: string[] = [];
  for (const query of asked) {
    const { rows } = await store.db.executeQuery<{ detail: string }>({
      ...query,
      sql: `explain query plan ${query.sql}`,
    } as CompiledQuery<{ detail: string }>);
    plans.push(...rows.map(({ detail }) => detail));
  }
  assert.ok(asked.length > 0, 'something was asked');
  return plans;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  await work();
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

suite('the audit', () => {
  const table: [filters: AuditFilters, index: RegExp][] = [
    [{}, /SCAN audit_events USING INDEX|SEARCH audit_events USING INDEX sqlite_autoindex/],
    [{ action: 'action-7' }, /audit_events_by_action/],
    [{ person: 'person77@corp.example' }, /audit_events_by_actor_email_folded/],
    [{ objectId: 'app-7' }, /audit_events_by_object_id/],
    [{ reason: 'reason-7' }, /audit_events_by_reason/],
    [{ address: '192.0.2.7' }, /audit_events_by_address/],
    [{ supportId: 'SUPPORT77777' }, /audit_events_by_support_id/],
    [{ level: 'alarm' }, /audit_events_by_level/],
    [{ from: Date.UTC(2025, 11, 31, 23, 59), to: Date.UTC(2025, 11, 31, 23, 59, 30) }, /audit_events/],
  ];
  for (const [filters, index] of table) {
    test(`a page of ${JSON.stringify(filters)} is found by an index, and sorted by it`, async () => {
      const plans = await plansOf((watched) => listAudit(watched, SYSTEM, { filters, limit: 50 }));
      assert.ok(
        plans.some((plan) => index.test(plan)),
        plans.join('\n'),
      );
      // One request has a few events: sorting those costs nothing.
      const sorts = filters.supportId ? /^$/ : /TEMP B-TREE/;
      assert.ok(!plans.some((plan) => /^SCAN audit_events$/.test(plan) || sorts.test(plan)), plans.join('\n'));
      const ms = await timed(() => listAudit(store, SYSTEM, { filters, limit: 50 }));
      assert.ok(ms < PAGE_MS, `${ms} ms`);
    });
  }

  test('what has to be searched for, part of an address or a name, is still found in time', async () => {
    for (const filters of [{ person: 'person777' }, { object: 'app 49' }, { object: 'nothing has this name' }]) {
      const ms = await timed(() => listAudit(store, SYSTEM, { filters, limit: 50 }));
      assert.ok(ms < PAGE_MS, `${JSON.stringify(filters)} ${ms} ms`);
    }
  });
});

suite('people, sessions, streams', () => {
  test('users page in time, the last page too, and a search as well', async () => {
    const plans = await plansOf((watched) => listUsers(watched, SYSTEM, { limit: 50 }));
    assert.ok(
      plans.some((plan) => /users_by_name/.test(plan)),
      plans.join('\n'),
    );
    assert.ok(!plans.some((plan) => /TEMP B-TREE FOR ORDER BY/.test(plan) && /users/.test(plan)), plans.join('\n'));
    for (const query of [{}, { offset: 9_950 }, { search: 'person 99' }, { search: 'nobody' }]) {
      const ms = await timed(() => listUsers(store, SYSTEM, { limit: 50, ...query }));
      assert.ok(ms < PAGE_MS, `${JSON.stringify(query)} ${ms} ms`);
    }
  });

  test('10,000 sessions page in time, with what is open in them', async () => {
    const { now } = store;
    const parts = inParts(PEOPLE, (at) => ({
      ...{
        id: newId(now()),
        user_id: ids[at] ?? '',
        kind: 'standard' as const,
        created_at: now(),
        expires_at: now() + 1e9,
      },
      ...{ idle_timeout_ms: 1e9, last_seen_at: now() - at, address: null, user_agent: '' },
    }));
    for (const rows of parts) await store.db.insertInto('sessions').values(rows).execute();
    for (const query of [{}, { offset: 9_950 }, { search: 'person 99' }, { kind: 'shared' as const }]) {
      const ms = await timed(async () => {
        const listed = await listSessions(store, SYSTEM, null, { limit: 50, ...query });
        assert.ok(listed.kind === 'listed');
        await listStreams(store, SYSTEM, { filters: { sessionIds: listed.rows.map(({ id }) => id) } });
      });
      assert.ok(ms < PAGE_MS, `${JSON.stringify(query)} ${ms} ms`);
    }
  });
});

suite('usage', () => {
  test('the evidence of 300 apps, and 30 days of 200 apps, are read in time', async () => {
    const columns = (
      await sql<{ name: string }>`select name from pragma_table_info('usage_counts')`.execute(store.db)
    ).rows
      .map(({ name }) => name)
      .slice(3);
    const hours = 30 * 24;
    const hour = 3_600_000;
    const end = Math.floor(store.now() / hour) * hour;
    const zeros = Object.fromEntries(columns.map((name) => [name, 1]));
    const apps = ['', ...Array.from({ length: 200 }, (_, at) => `app-${at}`)];
    for (let back = 0; back < hours; back += 1) {
      const rows = apps.map((app) => ({ span: 'hour' as const, at: end - back * hour, app_id: app, ...zeros }));
      await store.db
        .insertInto('usage_counts')
        .values(rows as never)
        .execute();
    }
    const plans = await plansOf((watched) => readDashboard(watched, SYSTEM, 'month'));
    assert.ok(!plans.some((plan) => /^SCAN usage_/.test(plan)), plans.join('\n'));
    const ms = await timed(() => readDashboard(store, SYSTEM, 'month'));
    assert.ok(ms < PAGE_MS * 3, `${ms} ms`);
    const evidence = await timed(() => readAppEvidence(store, apps));
    assert.ok(evidence < PAGE_MS, `${evidence} ms`);
  });
});
