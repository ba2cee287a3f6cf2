// Sessions: one sign-in on one browser, ended by deleting its row.

import type { Transaction } from 'kysely';
import type { AuditReason } from '#server/core/audit-words.ts';
import { sessionEnd } from '#server/core/authorize.ts';
import { Fault } from '#server/core/fault.ts';
import type { Session, SessionKind } from '#server/core/identity.ts';
import { insertAudit } from './audit.ts';
import { type Change, raise, readRevision } from './feed.ts';
import { contains, pageOf } from './fold.ts';
import type { Store } from './handle.ts';
import { isId, newId } from './id.ts';
import { type Ending, endSessionsWhere, loadIdentities, revokeTokensOf, type WhichSessions } from './people.ts';
import { currentRole, rightTo } from './right.ts';
import {
  type Actor,
  FORBIDDEN,
  type Listed,
  type ListQuery,
  NOT_FOUND,
  type PersonActor,
  type Saved,
} from './saved.ts';
import type { Tables } from './tables.ts';
import { type Deed, eventOf, type Writing, write, writeOwn } from './write.ts';

const HOUR_MS = 60 * 60_000;
const LIFETIME_MS: Record<SessionKind, number> = {
  standard: 24 * HOUR_MS,
  'my-device': 7 * 24 * HOUR_MS,
  shared: 4 * HOUR_MS,
};
const IDLE_TIMEOUT_MS = 8 * HOUR_MS;
const MAX_USER_AGENT_LENGTH = 400;
/** Expired rows that a new sign-in sweeps away. */
const SWEPT_PER_SIGN_IN = 100;

/** What a sign-in was allowed for. It has to be true still when the session begins. */
export type Verified = { kind: 'password'; passwordHash: string } | { kind: 'provider'; providerId: string };

export type NewSession = {
  userId: string;
  verified: Verified;
  kind: SessionKind;
  address: string | null;
  userAgent: string | null;
  /** The session that this browser had before: it ends in the same transaction. */
  replaces?: string | null;
  supportId?: string | null;
};

/** A session as lists show it. */
export type SessionLine = {
  id: string;
  userId: string;
  email: string;
  name: string;
  kind: SessionKind;
  createdAt: number;
  expiresAt: number;
  lastSeenAt: number;
  address: string | null;
  userAgent: string;
};

/**
 * Always a new id. Null when the person is gone or disabled since, their password is another one, or their provider is switched off.
 * Audited as 'sign-in', with 'password' or the provider's name as reason; raises no revision.
 */
export async function createSession(store: Store, input: NewSession): Promise<Session | null> {
  const now = store.now();
  return store.db.transaction().execute(async (trx) => {
    const identity = (await loadIdentities(trx, [input.userId])).get(input.userId);
    const method = await methodOf(trx, input);
    if (!identity || identity.disabled || method === null) return null;
    const changes: Omit<Change, 'revision'>[] = [];
    const deeds: Deed[] = [];
    const ending: Ending = {
      trx,
      raise: (kind, id) => changes.push({ kind, id: id ?? null }),
      audit: (deed) => deeds.push(deed),
    };
    if (isId(input.replaces)) await endSessionsWhere(ending, { sessionId: input.replaces }, 'replaced');
    await raise(trx, changes);
    const expired = trx.selectFrom('sessions').select('id').where('expires_at', '<=', now).limit(SWEPT_PER_SIGN_IN);
    await trx.deleteFrom('sessions').where('id', 'in', expired).execute();
    const row: Tables['sessions'] = {
      id: newId(now),
      user_id: identity.userId,
      kind: input.kind,
      created_at: now,
      expires_at: now + LIFETIME_MS[input.kind],
      idle_timeout_ms: IDLE_TIMEOUT_MS,
      last_seen_at: now,
      address: input.address,
      user_agent: (input.userAgent ?? '').slice(0, MAX_USER_AGENT_LENGTH),
    };
    await trx.insertInto('sessions').values(row).execute();
    await trx.updateTable('users').set({ last_sign_in_at: now }).where('id', '=', identity.userId).execute();
    const { userId, email, role } = identity;
    const supportId = input.supportId ?? undefined;
    const actor: PersonActor = { userId, email, role, sessionId: row.id, address: input.address, supportId };
    const object = { kind: 'session', id: row.id, name: input.kind } as const;
    await insertAudit(trx, [
      ...deeds.map((deed) => eventOf(actor, now, { ...deed, outcome: 'done' as const })),
      eventOf(actor, now, { action: 'sign-in', object, outcome: 'allowed', reason: method }),
    ]);
    return sessionOf(row, identity, new Map());
  });
}

/** What the audit calls the way the person signed in; null when it is none any more. */
async function methodOf(trx: Transaction<Tables>, { userId, verified }: NewSession): Promise<string | null> {
  if (verified.kind === 'password') {
    const same = await trx
      .selectFrom('users')
      .select('id')
      .where('id', '=', userId)
      .where('password_hash', '=', verified.passwordHash)
      .executeTakeFirst();
    return same ? 'password' : null;
  }
  const provider = await trx
    .selectFrom('providers')
    .innerJoin('users', 'users.issuer', 'providers.issuer')
    .select('providers.name')
    .where('providers.id', '=', verified.providerId)
    .where('providers.enabled', '=', 1)
    .where('users.id', '=', userId)
    .executeTakeFirst();
  return provider?.name ?? null;
}

/** `revision` was read before the session: a copy is current while nothing that concerns it was delivered after that revision. */
export async function loadSession(store: Store, id: string): Promise<{ session: Session; revision: number } | null> {
  const { sessions, revision } = await loadSessions(store, [id]);
  const session = sessions.get(id);
  return session ? { session, revision } : null;
}

/**
 * Those that exist, by id. One that is over is given this last time, for `sessionEnd` to say why, and deleted: a clock that is
 * set back later does not revive it.
 */
export async function loadSessions(
  store: Store,
  ids: readonly string[],
): Promise<{ sessions: ReadonlyMap<string, Session>; revision: number }> {
  const { db } = store;
  const revision = await readRevision(db);
  if (revision < store.feed.floor()) throw new Fault('store-down', { detail: 'The store is an older copy.' });
  const wanted = ids.filter(isId);
  if (wanted.length === 0) return { sessions: new Map(), revision };
  const rows = await db.selectFrom('sessions').selectAll().where('id', 'in', wanted).execute();
  const identities = await loadIdentities(db, [...new Set(rows.map((row) => row.user_id))]);
  const signOuts = await db.selectFrom('app_sign_outs').selectAll().where('session_id', 'in', wanted).execute();
  const signOutsOf = Map.groupBy(signOuts, ({ session_id }) => session_id);
  const sessions = new Map<string, Session>();
  for (const row of rows) {
    const identity = identities.get(row.user_id);
    const appSignOuts = new Map((signOutsOf.get(row.id) ?? []).map(({ app_id, at }) => [app_id, timeOrNever(at)]));
    if (identity && isWhole(row)) sessions.set(row.id, sessionOf(row, identity, appSignOuts));
    else store.onProblem(new Error(`The session ${row.id}, or its person, is damaged: it is taken for none.`));
  }
  await forget(store, [...sessions.values()]);
  return { sessions, revision };
}

/** SQLite keeps whatever was put into a column; a time that is none would never come. */
function isWhole(row: Tables['sessions']): boolean {
  return [row.created_at, row.expires_at, row.idle_timeout_ms, row.last_seen_at].every(Number.isSafeInteger);
}

/** Whoever signed out of an app did so, whatever became of the hour. */
function timeOrNever(at: number): number {
  return Number.isSafeInteger(at) ? at : Number.POSITIVE_INFINITY;
}

async function forget(store: Store, sessions: readonly Session[]): Promise<void> {
  const now = store.now();
  const over = sessions.filter((session) => sessionEnd(session, now) !== null);
  if (over.length === 0) return;
  await store.db.transaction().execute(async (trx) => {
    const ids = over.map(({ id }) => id);
    const deleted = await trx
      .deleteFrom('sessions')
      .where('id', 'in', ids)
      // Another process may have seen the person meanwhile.
      .where((eb) =>
        eb.or([eb('expires_at', '<=', now), eb(eb('last_seen_at', '+', eb.ref('idle_timeout_ms')), '<=', now)]),
      )
      .returning('id')
      .execute();
    await raise(
      trx,
      deleted.map(({ id }) => ({ kind: 'session' as const, id })),
    );
  });
}

/** Ends one's own session, or any with the right to. `reason` is a kebab-case word. */
export async function endSession(store: Store, actor: Actor, id: string, reason: AuditReason): Promise<Saved> {
  const row =
    isId(id) && (await store.db.selectFrom('sessions').select('user_id').where('id', '=', id).executeTakeFirst());
  if (!row) return NOT_FOUND;
  const ended = await endSessions(store, actor, row.user_id, { sessionId: id }, reason);
  if (ended.kind !== 'saved') return ended;
  return ended.ended > 0 ? { kind: 'saved', id } : NOT_FOUND;
}

/** Ends all sessions of a person, except the one to keep, and all their API tokens. */
export async function endSessionsOfUser(
  store: Store,
  actor: Actor,
  userId: string,
  { reason, keep = null }: { reason: AuditReason; keep?: string | null },
): Promise<Saved<{ ended: number }>> {
  return endSessions(store, actor, userId, { userIds: [userId], keep }, reason);
}

/** Grants of this app that the session holds are dead everywhere. */
export async function signOutOfApp(store: Store, sessionId: string, appId: string): Promise<void> {
  if (!isId(sessionId) || !isId(appId)) return;
  const at = store.now();
  await store.db.transaction().execute(async (trx) => {
    const session = await trx.selectFrom('sessions').select('id').where('id', '=', sessionId).executeTakeFirst();
    if (!session) return;
    await trx
      .insertInto('app_sign_outs')
      .values({ session_id: sessionId, app_id: appId, at })
      .onConflict((conflict) => conflict.columns(['session_id', 'app_id']).doUpdateSet({ at }))
      .execute();
    await raise(trx, [{ kind: 'session', id: sessionId }]);
  });
}

/** Writes when sessions were last seen, at most `LAST_SEEN_PRECISION_MS` too early; times never go back. Raises nothing. */
export async function touchSessions(store: Store, seen: readonly { id: string; at: number }[]): Promise<void> {
  // One time and a list of ids: a statement with a value for each row takes fifteen times as long.
  for (const [at, group] of Map.groupBy(seen, (each) => each.at - (each.at % LAST_SEEN_PRECISION_MS))) {
    // In the order they were made, so that rows of one page of the file are written together.
    const ids = group.map(({ id }) => id).sort();
    for (let start = 0; start < ids.length; start += TOUCHED_PER_WRITE) {
      await store.db
        .updateTable('sessions')
        .set({ last_seen_at: at })
        .where('id', 'in', padded(ids.slice(start, start + TOUCHED_PER_WRITE)))
        .where('last_seen_at', '<', at)
        .execute();
    }
  }
}

/** Coarse enough that those of one write have few times. */
const LAST_SEEN_PRECISION_MS = 5_000;
const TOUCHED_PER_WRITE = 256;

/** The last one again until there are as many as a power of two: a prepared statement for every number of them would crowd out others. */
function padded<Value>(values: readonly Value[]): Value[] {
  const wanted = 2 ** Math.ceil(Math.log2(values.length));
  return Array.from({ length: wanted }, (_, at) => values[Math.min(at, values.length - 1)] as Value);
}

/** A page of sessions; `search` finds people. */
export type SessionQuery = ListQuery & { kind?: SessionKind };

/** One person's sessions (one's own need no right), or everybody's with `userId` null. Only living ones, the last seen first. */
export async function listSessions(
  store: Store,
  actor: Actor,
  userId: string | null,
  query: SessionQuery = {},
): Promise<Listed<SessionLine>> {
  const now = store.now();
  const right = await rightTo(store.db, actor, 'sessions.read', now);
  if (right.kind !== 'any' && !(await isSelf(store, actor, userId))) return FORBIDDEN;
  let living = store.db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .where('sessions.expires_at', '>', now)
    .where((eb) => eb(eb('sessions.last_seen_at', '+', eb.ref('sessions.idle_timeout_ms')), '>', now));
  if (userId !== null) living = living.where('users.id', '=', userId);
  const { kind, search } = query;
  if (kind) living = living.where('sessions.kind', '=', kind);
  if (search) {
    living = living.where((eb) =>
      eb.or([contains(eb.ref('users.name_folded'), search), contains(eb.ref('users.email_folded'), search)]),
    );
  }
  const { offset, limit } = pageOf(query);
  const { total } = await living.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const rows = await living
    .select([
      'sessions.id',
      'users.id as userId',
      'users.email',
      'users.name',
      'sessions.kind',
      'sessions.created_at as createdAt',
      'sessions.expires_at as expiresAt',
      'sessions.last_seen_at as lastSeenAt',
      'sessions.address',
      'sessions.user_agent as userAgent',
    ])
    .orderBy('sessions.last_seen_at', 'desc')
    .orderBy('sessions.id')
    .limit(limit)
    .offset(offset)
    .execute();
  return { kind: 'listed', rows, total };
}

async function isSelf(store: Store, actor: Actor, userId: string | null): Promise<boolean> {
  if (actor.kind === 'system' || actor.kind === 'token' || actor.userId !== userId) return false;
  return (await currentRole(store.db, actor, store.now())) !== null;
}

async function endSessions(
  store: Store,
  actor: Actor,
  userId: string,
  which: WhichSessions,
  reason: AuditReason,
): Promise<Saved<{ ended: number }>> {
  const work = async (w: Writing): Promise<Saved<{ ended: number }>> => {
    const ended = await endSessionsWhere(w, which, reason);
    if ('userIds' in which) await revokeTokensOf(w, userId, reason);
    return { kind: 'saved', ended: ended.length };
  };
  // A token needs its scope for its owner's sessions as for everybody's.
  const isOwn = actor.kind !== 'system' && actor.kind !== 'token' && actor.userId === userId;
  return isOwn ? writeOwn(store, actor, work) : write(store, actor, 'sessions.end', work);
}

function sessionOf(
  row: Tables['sessions'],
  identity: Session['identity'],
  appSignOuts: Session['appSignOuts'],
): Session {
  return {
    id: row.id,
    identity,
    kind: row.kind,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    idleTimeoutMs: row.idle_timeout_ms,
    lastSeenAt: row.last_seen_at,
    appSignOuts,
  };
}
