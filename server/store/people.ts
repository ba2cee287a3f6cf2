// What user, provider and sign-in writes have in common: identities, ending sessions, and the last administrator.
import type { Kysely } from 'kysely';
import { type Identity, ROLES } from '#server/core/identity.ts';
import { publicGroupName } from './group-name.ts';
import type { Conflict } from './saved.ts';
import type { Tables } from './tables.ts';
import { LOCAL_ISSUER } from './words.ts';
import type { Writing } from './write.ts';

/** Above this many, one change for everybody says it shorter. */
const MOST_SINGLE_CHANGES = 50;

/** What a write needs to end sessions: inside or outside of `write`. */
export type Raising = Pick<Writing, 'trx' | 'raise'>;

/** One session, the sessions of some people (but the one to keep), or those of everybody whom an issuer vouches for. */
export type WhichSessions =
  | { sessionId: string }
  | { userIds: readonly string[]; keep?: string | null }
  | { issuer: string };

/** Ends sessions in this transaction and tells every process; returns their ids. */
export async function endSessionsWhere({ trx, raise }: Raising, which: WhichSessions): Promise<readonly string[]> {
  let ending = trx.deleteFrom('sessions').returning('id');
  if ('sessionId' in which) ending = ending.where('id', '=', which.sessionId);
  else if ('issuer' in which) {
    const { issuer } = which;
    ending = ending.where('user_id', 'in', (eb) => eb.selectFrom('users').select('id').where('issuer', '=', issuer));
  } else {
    if (which.userIds.length === 0) return [];
    ending = ending.where('user_id', 'in', which.userIds);
    if (which.keep) ending = ending.where('id', '!=', which.keep);
  }
  const ended = (await ending.execute()).map(({ id }) => id);
  raiseEach({ raise }, 'session', ended);
  return ended;
}

/** A link made before must not undo what happened since: it goes with the password that it would replace. */
export async function dropPasswordLinks({ trx }: Pick<Writing, 'trx'>, userId: string): Promise<void> {
  await trx.deleteFrom('setup_links').where('user_id', '=', userId).execute();
}

export function raiseEach({ raise }: Pick<Raising, 'raise'>, kind: 'user' | 'session', ids: readonly string[]): void {
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
    .where('users.disabled', '=', 0)
    .where((eb) =>
      eb.or([
        eb.and([eb('users.issuer', '=', LOCAL_ISSUER), eb('users.password_hash', 'is not', null)]),
        eb.and([eb('users.subject', 'is not', null), eb('providers.enabled', '=', 1)]),
      ]),
    )
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
      disabled: user.disabled === 1,
    });
  }
  return identities;
}
