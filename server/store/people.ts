// What user, provider and sign-in writes have in common: identities, ending sessions, and the last administrator.

import type { Kysely } from 'kysely';
import type { AuditReason } from '#server/core/audit-words.ts';
import { type Identity, ROLES } from '#server/core/identity.ts';
import { publicGroupName } from './group-name.ts';
import { mayEnter } from './may-enter.ts';
import type { Conflict } from './saved.ts';
import type { Tables } from './tables.ts';
import type { Writing } from './write.ts';

/** Above this many, one change for everybody says it shorter. */
const MOST_SINGLE_CHANGES = 50;
/** Far below the number of parameters that any database takes. */
const ENDED_PER_WRITE = 1000;

/** What a write needs to end sessions: inside or outside of `write`. */
export type Ending = Pick<Writing, 'trx' | 'raise' | 'audit'>;

/** One session, the sessions of some people (but the one to keep), or those of everybody whom an issuer vouches for. */
export type WhichSessions =
  | { sessionId: string }
  | { userIds: readonly string[]; keep?: string | null }
  | { issuer: string };

/** Ends sessions in this transaction, tells every process and audits each with the reason; returns their ids. */
export async function endSessionsWhere(
  { trx, raise, audit }: Ending,
  which: WhichSessions,
  reason: AuditReason,
): Promise<readonly string[]> {
  let matching = trx.selectFrom('sessions').innerJoin('users', 'users.id', 'sessions.user_id');
  if ('sessionId' in which) matching = matching.where('sessions.id', '=', which.sessionId);
  else if ('issuer' in which) matching = matching.where('users.issuer', '=', which.issuer);
  else {
    if (which.userIds.length === 0) return [];
    matching = matching.where('users.id', 'in', which.userIds);
    if (which.keep) matching = matching.where('sessions.id', '!=', which.keep);
  }
  const ending = await matching.select(['sessions.id', 'users.email']).execute();
  const ids = ending.map(({ id }) => id);
  for (let start = 0; start < ids.length; start += ENDED_PER_WRITE) {
    const some = ids.slice(start, start + ENDED_PER_WRITE);
    await trx.deleteFrom('sessions').where('id', 'in', some).execute();
  }
  for (const { id, email } of ending) {
    audit({ action: 'session-ended', object: { kind: 'session', id, name: email }, reason });
  }
  raiseEach({ raise }, 'session', ids);
  return ids;
}

/** Whoever had the password, or a browser, may have made tokens with it: they go with it. Each is audited with the reason. */
export async function revokeTokensOf(
  { trx, audit, raise }: Pick<Ending, 'trx' | 'audit' | 'raise'>,
  userId: string,
  reason: AuditReason,
): Promise<void> {
  const revoked = await trx.deleteFrom('api_tokens').where('user_id', '=', userId).returning(['id', 'name']).execute();
  for (const { id, name } of revoked) audit({ action: 'token-revoked', object: { kind: 'token', id, name }, reason });
  // Machines keep names and addresses for their owner, and are names again once whoever signs in next lets them in.
  const shutOut = await trx
    .updateTable('machines')
    .set({ token_hash: null })
    .where('owner_user_id', '=', userId)
    .executeTakeFirstOrThrow();
  if (shutOut.numUpdatedRows > 0n) raise('machines');
}

/** A link made before must not undo what happened since: it goes with the password that it would replace. */
export async function dropPasswordLinks({ trx }: Pick<Writing, 'trx'>, userId: string): Promise<void> {
  await trx.deleteFrom('setup_links').where('user_id', '=', userId).execute();
}

export function raiseEach({ raise }: Pick<Writing, 'raise'>, kind: 'user' | 'session', ids: readonly string[]): void {
  if (ids.length > MOST_SINGLE_CHANGES) raise('people');
  else for (const id of ids) raise(kind, id);
}

/** How many administrators could sign in right now: enabled, with a password here or a link to an enabled provider. */
export async function countAdmins(db: Kysely<Tables>): Promise<number> {
  const { count } = await db
    .selectFrom('users')
    .leftJoin('providers', 'providers.issuer', 'users.issuer')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('users.role', '=', 'admin')
    .where(mayEnter)
    .executeTakeFirstOrThrow();
  return count;
}

/** Does something to people or providers; null when an administrator is left, or there was none before. */
export async function keepingAnAdmin(
  { trx }: Pick<Writing, 'trx'>,
  work: () => Promise<void>,
): Promise<Conflict | null> {
  const before = await countAdmins(trx);
  await work();
  if (before === 0 || (await countAdmins(trx)) > 0) return null;
  return {
    kind: 'conflict',
    sentence: 'Nobody could administer Foyer any more. Make another person an administrator who can sign in first.',
  };
}

/** Identities of people by user id; one whose row makes no sense has none. Two queries, however many people. */
export async function loadIdentities(
  db: Kysely<Tables>,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, Identity>> {
  if (userIds.length === 0) return new Map();
  const users = await db.selectFrom('users').selectAll().where('id', 'in', userIds).execute();
  const memberships = await db
    .selectFrom('group_members')
    .innerJoin('groups', 'groups.id', 'group_members.group_id')
    .leftJoin('providers', 'providers.id', 'groups.provider_id')
    .select(['group_members.user_id', 'groups.id', 'groups.name', 'providers.name as provider'])
    .where('group_members.user_id', 'in', userIds)
    .orderBy('groups.name_folded')
    .orderBy('groups.id')
    .execute();
  const groupsOf = Map.groupBy(memberships, ({ user_id }) => user_id);
  const identities = new Map<string, Identity>();
  for (const user of users) {
    const role = ROLES.find((each) => each === user.role);
    if (!role) continue;
    const groups = groupsOf.get(user.id) ?? [];
    identities.set(user.id, {
      userId: user.id,
      issuer: user.issuer,
      subject: user.subject ?? '',
      email: user.email,
      name: user.name,
      role,
      groupIds: groups.map(({ id }) => id),
      groupNames: groups.map(publicGroupName),
      disabled: user.disabled !== 0,
    });
  }
  return identities;
}
