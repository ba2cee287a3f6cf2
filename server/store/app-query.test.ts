// The promises of the table of apps: it is filtered and sorted by the store, and every page of it is read through an index.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Compilable, sql } from 'kysely';
import { APP_CONDITIONS, APP_SORTS, type AppFilter } from '#server/core/app-list.ts';
import { inOrder, matchingApps } from './app-query.ts';
import { listApps, listCategories, matchingIds, saveApp, setAssignments } from './apps.ts';
import { fold } from './fold.ts';
import type { Store } from './handle.ts';
import { newId } from './id.ts';
import { appInputFor, SYSTEM, saved, someApp, someone, someSite, temporaryStore } from './testing/temporary-store.ts';

const ANY = { kind: 'any' } as const;

async function names(store: Store, query: Parameters<typeof listApps>[2]): Promise<string[]> {
  const listed = await listApps(store, SYSTEM, query);
  if (listed.kind !== 'listed') assert.fail(listed.kind);
  assert.equal(listed.total, listed.rows.length);
  return listed.rows.map((line) => (line.kind === 'app' ? line.app.name : `${line.name}!`));
}

test('apps are found by how they stand, where they are, whose they are and who may open them', async (t) => {
  const { store } = await temporaryStore(t);
  const [office, lab] = [await someSite(store, { name: 'Office' }), await someSite(store, { name: 'Lab' })];
  const owner = await someone(store, 'app-owner');
  const app = (name: string, input: Record<string, unknown> = {}, siteId = office) =>
    someApp(store, siteId, { name, hosts: [`${name.toLowerCase()}.corp.example`], ...input });
  const upstream = { scheme: 'https', host: 'wiki.corp.internal', port: 443, tls: { kind: 'unverified' } };
  const wiki = await app('Wiki', { category: 'Knowledge', ownerUserId: owner.userId });
  const mail = await app('Mail', { enabled: false, category: 'Office' });
  await app('Lamp', { upstream }, lab);
  await app('Board', { traffic: { maintenance: 'Back soon.', routes: [{ prefix: '/api', upstream }] } });
  const broken = await app('Old');
  await store.db.updateTable('apps').set({ tls: '{}' }).where('id', '=', broken).execute();
  saved(await setAssignments(store, SYSTEM, wiki, [{ kind: 'user', userId: owner.userId }]));
  saved(await setAssignments(store, SYSTEM, mail, [{ kind: 'everyone' }]));
  const table: [AppFilter, string[]][] = [
    [{ condition: 'on' }, ['Lamp', 'Old!', 'Wiki']],
    [{ condition: 'off' }, ['Mail']],
    [{ condition: 'maintenance' }, ['Board']],
    [{ condition: 'unverified' }, ['Board', 'Lamp']],
    [{ condition: 'broken' }, ['Old!']],
    [{ siteId: lab }, ['Lamp']],
    [{ category: 'Knowledge' }, ['Wiki']],
    [{ category: '' }, ['Board', 'Lamp', 'Old!']],
    [{ ownerUserId: owner.userId }, ['Wiki']],
    [{ unassigned: true }, ['Board', 'Lamp', 'Old!']],
    [{ search: 'LA' }, ['Lamp']],
    [{ search: 'corp.example', condition: 'on', unassigned: true }, ['Lamp', 'Old!']],
    [{ siteId: lab, category: 'Knowledge' }, []],
  ];
  for (const [filter, expected] of table) {
    assert.deepEqual(await names(store, filter), expected, JSON.stringify(filter));
    assert.equal((await matchingIds(store, SYSTEM, filter)).length, expected.length);
  }
  assert.deepEqual(await listCategories(store, SYSTEM), ['Knowledge', 'Office']);
  assert.deepEqual(await matchingIds(store, owner, {}), [wiki]);
  assert.deepEqual(await listCategories(store, owner), ['Knowledge']);
  saved(await saveApp(store, SYSTEM, mail, appInputFor(office, { name: 'Mail', hosts: ['mail.corp.example'] })));
  assert.deepEqual(await names(store, { condition: 'off' }), [], 'what is saved says anew how it stands');
});

test('every order goes both ways, and a page begins where the last one ended', async (t) => {
  const { store, clock } = await temporaryStore(t);
  const sites = [await someSite(store, { name: 'West' }), await someSite(store, { name: 'East' })];
  const make = (name: string, at: number, input: Record<string, unknown> = {}) => {
    clock.now += 1;
    return someApp(store, sites[at] ?? '', { name, hosts: [`${name}.corp.example`], ...input });
  };
  await make('b', 0, { category: 'Z' });
  await make('a', 0, { enabled: false });
  await make('c', 1, { category: 'A' });
  const inOrderOf = { name: 'abc', state: 'abc', site: 'cab', category: 'acb', changed: 'bac' };
  for (const sort of APP_SORTS) {
    assert.equal((await names(store, { sort })).join(''), inOrderOf[sort], sort);
    const backwards = await names(store, { sort, descending: true });
    assert.equal(backwards.toReversed().join(''), inOrderOf[sort], sort);
    const pages = await Promise.all(
      [0, 1, 2].map(async (offset) => {
        const page = await listApps(store, SYSTEM, { sort, offset, limit: 1 });
        return page.kind === 'listed' && page.total === 3 && page.rows[0]?.kind === 'app' && page.rows[0].app.name;
      }),
    );
    assert.equal(pages.join(''), inOrderOf[sort], sort);
  }
});

test('with 2,000 apps a page of any order is read through an index, within 300 ms', async (t) => {
  const { store } = await temporaryStore(t);
  const sites = await Promise.all(
    Array.from({ length: 20 }, (_, at) => someSite(store, { name: `Site ${at}`, ranges: [`10.${at}.0.0/16`] })),
  );
  await manyApps(store, sites, 2_000);
  await sql`analyze`.execute(store.db);
  for (const sort of APP_SORTS) {
    const page = inOrder(matchingApps(store, ANY, {}), { sort })
      .selectAll('apps')
      .limit(50)
      .offset(1_000);
    const plan = await planOf(store, page);
    assert.doesNotMatch(plan, /SCAN (apps|sites)(?! USING)/, `${sort}: ${plan}`);
    assert.doesNotMatch(plan, /TEMP B-TREE/, `${sort}: ${plan}`);
  }
  const startedAt = performance.now();
  let asked = 0;
  for (const sort of APP_SORTS) {
    for (const condition of [undefined, ...APP_CONDITIONS]) {
      if (condition === 'broken') continue;
      const listed = await listApps(store, SYSTEM, { sort, condition, offset: 100, limit: 50 });
      assert.ok(listed.kind === 'listed');
      asked += 1;
    }
  }
  const eachMs = (performance.now() - startedAt) / asked;
  assert.ok(eachMs < 300, `${Math.round(eachMs)} ms a page`);
  const brokenAt = performance.now();
  assert.deepEqual(await names(store, { condition: 'broken' }), []);
  t.diagnostic(
    `${eachMs.toFixed(1)} ms a page, ${Math.round(performance.now() - brokenAt)} ms to look for broken ones`,
  );
});

async function planOf(store: Store, query: Compilable): Promise<string> {
  const { sql: text, parameters } = query.compile();
  const filled = text.replace(/\?/g, () => '0');
  assert.ok(parameters.length <= 2, 'only the page’s bounds');
  const { rows } = await sql<{ detail: string }>`explain query plan ${sql.raw(filled)}`.execute(store.db);
  return rows.map(({ detail }) => detail).join('; ');
}

/** Copies of one app, as it is stored. */
async function manyApps(store: Store, sites: readonly string[], count: number): Promise<void> {
  const first = await someApp(store, sites[0] ?? '');
  const row = await store.db.selectFrom('apps').selectAll().where('id', '=', first).executeTakeFirstOrThrow();
  const rows = Array.from({ length: count }, (_, at) => {
    const name = `App ${(at * 7919) % count}`;
    const state = (['on', 'on', 'off', 'maintenance'] as const)[at % 4] ?? 'on';
    const site_id = sites[at % sites.length] ?? '';
    const own = { name, name_folded: fold(name), site_id, state, category: `Category ${at % 12}` };
    return { ...row, ...own, id: newId(at), updated_at: row.updated_at + at };
  });
  for (let at = 0; at < count; at += 100) {
    const some = rows.slice(at, at + 100);
    await store.db.insertInto('apps').values(some).execute();
    const hosts = some.map(({ id }, each) => ({ host: `h${at + each}.corp.example`, app_id: id, position: 0 }));
    await store.db.insertInto('app_hosts').values(hosts).execute();
  }
}
