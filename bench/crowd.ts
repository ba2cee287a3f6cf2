// Fills a Foyer's store with thousands of apps, sessions and assignments: copies of rows that the store wrote itself, many in a transaction.
import { randomBytes } from 'node:crypto';
import type { Insertable, Transaction } from 'kysely';
import { type GrantKey, grantKey, sealGrant } from '#server/core/grant.ts';
import type { Hostname } from '#server/core/hostname.ts';
import { NONCE_BYTES } from '#server/core/seal.ts';
import { raise } from '#server/store/feed.ts';
import type { Store } from '#server/store/handle.ts';
import { newId } from '#server/store/id.ts';
import type { Tables } from '#server/store/tables.ts';
import { type BenchFoyer, hostname, inStore } from './foyer-side.ts';

/** What a Foyer is to have. `assignments` are groups and people that may open each app; the one who asks is in one of them. */
export type Crowd = { apps: number; sessions: number; assignments: number };

const ROWS_AT_ONCE = 400;
const SESSIONS_PER_PERSON = 10;

/** Returns a line `host:port cookie` for every pair that a request may be drawn from: each app, or each session, at least once. */
export async function gather(foyer: BenchFoyer, { apps, sessions, assignments }: Crowd): Promise<string[]> {
  return inStore(foyer, async (store) => {
    const first = await firstRows(store, foyer.appId);
    const people = Math.ceil(sessions / SESSIONS_PER_PERSON);
    const userIds = [first.user.id, ...(await copyUsers(store, first.user, Math.max(people, assignments) - 1))];
    const sessionIds = [first.session.id, ...(await copySessions(store, first.session, userIds, sessions - 1))];
    const copies = await copyApps(store, first.app, apps - 1);
    const appIds = [first.app.id, ...copies.map(({ id }) => id)];
    await assign(store, appIds, userIds, assignments, people);
    await store.db.transaction().execute((trx) => raise(trx, [{ kind: 'catalogue', id: null }]));
    const hosts = [...copies, { id: first.app.id, host: first.host }];
    const seal = sealer(store, first.session.expires_at);
    return Array.from({ length: Math.max(apps, sessions) }, (_, at) => {
      const { id, host } = hosts[at % hosts.length] ?? { id: first.app.id, host: first.host };
      return `${host}:${foyer.port} ${seal(sessionIds[at % sessionIds.length] ?? '', id, host)}`;
    });
  });
}

type AppHost = { id: string; host: Hostname };

export async function firstRows({ db }: Store, appId: string) {
  const app = await db.selectFrom('apps').selectAll().where('id', '=', appId).executeTakeFirstOrThrow();
  const { host } = await db.selectFrom('app_hosts').selectAll().where('app_id', '=', appId).executeTakeFirstOrThrow();
  const session = await db.selectFrom('sessions').selectAll().executeTakeFirstOrThrow();
  const user = await db.selectFrom('users').selectAll().where('id', '=', session.user_id).executeTakeFirstOrThrow();
  return { app, host: hostname(host), session, user };
}

export async function copyUsers(store: Store, user: Tables['users'], count: number): Promise<string[]> {
  const copies = Array.from({ length: count }, (_, at) => {
    const id = newId(store.now());
    const email = `person-${at}@corp.example`;
    return { ...user, id, subject: id, email, email_folded: email, name: `Person ${at}`, name_folded: `person ${at}` };
  });
  await insert(store, 'users', copies);
  return copies.map(({ id }) => id);
}

/** In turn for everybody. */
export async function copySessions(
  store: Store,
  session: Tables['sessions'],
  userIds: readonly string[],
  count: number,
): Promise<string[]> {
  const owners = userIds.slice(0, Math.ceil((count + 1) / SESSIONS_PER_PERSON));
  const copies = Array.from({ length: count }, (_, at) => ({
    ...session,
    id: newId(store.now()),
    user_id: owners[at % owners.length] ?? session.user_id,
  }));
  await insert(store, 'sessions', copies);
  return copies.map(({ id }) => id);
}

export async function copyApps(store: Store, app: Tables['apps'], count: number): Promise<AppHost[]> {
  const made: AppHost[] = [];
  const copies = Array.from({ length: count }, (_, at) => {
    const id = newId(store.now());
    made.push({ id, host: hostname(`app-${at}.corp.localhost`) });
    return { ...app, id, name: `App ${at}`, name_folded: `app ${at}` };
  });
  await insert(store, 'apps', copies);
  const hosts = made.map(({ id, host }) => ({ app_id: id, host, position: 0 }));
  await insert(store, 'app_hosts', hosts);
  return made;
}

/** Half of them people, half groups; whoever asks is a member of the last group. Nothing is open to everyone. */
async function assign(
  store: Store,
  appIds: readonly string[],
  userIds: readonly string[],
  assignments: number,
  people: number,
): Promise<void> {
  const now = store.now();
  const groups = Array.from({ length: Math.max(1, Math.ceil(assignments / 2)) }, (_, at) => ({
    ...{ id: newId(now), name: `Group ${at}`, name_folded: `group ${at}`, source: 'local' as const },
    ...{ provider_id: null, external_name: null, created_at: now, updated_at: now },
  }));
  const last = groups.at(-1)?.id ?? '';
  await insert(store, 'groups', groups);
  await insert(
    store,
    'group_members',
    userIds.slice(0, Math.max(1, people)).map((user_id) => ({ group_id: last, user_id })),
  );
  await store.db.updateTable('apps').set({ everyone: 0 }).execute();
  const pairs = appIds.flatMap((app_id) => groups.map(({ id }) => ({ app_id, group_id: id })));
  await insert(store, 'app_groups', pairs);
  // The others: whoever asks comes in by the group.
  const others = userIds.slice(1, 1 + assignments - groups.length);
  await insert(
    store,
    'app_users',
    appIds.flatMap((app_id) => others.map((user_id) => ({ app_id, user_id }))),
  );
}

export async function insert<Name extends keyof Tables>(
  { db }: Store,
  table: Name,
  rows: readonly Insertable<Tables[Name]>[],
): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    const some = rows.slice(start, start + ROWS_AT_ONCE);
    await db.transaction().execute((trx: Transaction<Tables>) => trx.insertInto(table).values(some).execute());
  }
}

function sealer({ secret }: Store, expiresAt: number): (sessionId: string, appId: string, host: Hostname) => string {
  const keys = new Map<string, GrantKey>();
  const issuedAt = Date.now();
  return (sessionId, appId, host) => {
    const key = keys.get(appId) ?? grantKey(secret, appId, host);
    keys.set(appId, key);
    const grant = { sessionId, appId, host, issuedAt, expiresAt };
    return `__Host-foyer-grant=${sealGrant(key, randomBytes(NONCE_BYTES), grant)}`;
  };
}
