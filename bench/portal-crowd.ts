// A company in a Foyer's store: thousands of apps, people, groups, sessions and audit events, and an administrator with a launcher full of apps.

import { raise } from '#server/store/feed.ts';
import type { Store } from '#server/store/handle.ts';
import { newId } from '#server/store/id.ts';
import { copyApps, copySessions, copyUsers, firstRows, insert } from './crowd.ts';
import { type BenchFoyer, inStore } from './foyer-side.ts';

export type Company = {
  apps: number;
  ownApps: number;
  people: number;
  groups: number;
  sessions: number;
  events: number;
};

const MEMBERS = 40;
const APPS_PER_GROUP = 10;
const EVENT_EVERY_MS = 20_000;

/** The bench's own person becomes an administrator, with `ownApps` of the apps in their launcher. */
export async function foundCompany(foyer: BenchFoyer, company: Company): Promise<void> {
  await inStore(foyer, async (store) => {
    const first = await firstRows(store, foyer.appId);
    await store.db.updateTable('users').set({ role: 'admin' }).where('id', '=', first.user.id).execute();
    const people = [first.user.id, ...(await copyUsers(store, first.user, company.people - 1))];
    const apps = [first.app.id, ...(await copyApps(store, first.app, company.apps - 1)).map(({ id }) => id)];
    await store.db.updateTable('apps').set({ everyone: 0 }).execute();
    await insert(
      store,
      'app_users',
      apps.slice(0, company.ownApps).map((app_id) => ({ app_id, user_id: first.user.id })),
    );
    await copyGroups(store, company.groups, people, apps);
    await copySessions(store, first.session, people, company.sessions - 1);
    await copyEvents(store, company.events);
    await store.db.transaction().execute((trx) => raise(trx, [{ kind: 'catalogue', id: null }]));
  });
}

async function copyGroups(
  store: Store,
  count: number,
  people: readonly string[],
  apps: readonly string[],
): Promise<void> {
  const now = store.now();
  const groups = Array.from({ length: count }, (_, at) => ({
    ...{ id: newId(now), name: `Department ${at}`, name_folded: `department ${at}`, source: 'local' as const },
    ...{ provider_id: null, external_name: null, created_at: now, updated_at: now },
  }));
  await insert(store, 'groups', groups);
  /** `many` of the list, another stretch of it for each group. */
  const some = (list: readonly string[], at: number, many: number) =>
    Array.from({ length: many }, (_, step) => list[(at * many + step) % list.length] ?? '');
  // The first person has their own apps and no others.
  const members = people.slice(1);
  await insert(
    store,
    'group_members',
    groups.flatMap(({ id }, at) => some(members, at, MEMBERS).map((user_id) => ({ group_id: id, user_id }))),
  );
  await insert(
    store,
    'app_groups',
    groups.flatMap(({ id }, at) => some(apps, at, APPS_PER_GROUP).map((app_id) => ({ app_id, group_id: id }))),
  );
}

async function copyEvents(store: Store, count: number): Promise<void> {
  const event = await store.db.selectFrom('audit_events').selectAll().limit(1).executeTakeFirstOrThrow();
  const now = store.now();
  const copies = Array.from({ length: count }, (_, before) => {
    const at = now - before * EVENT_EVERY_MS;
    return { ...event, id: newId(at), at };
  });
  await insert(store, 'audit_events', copies);
}
