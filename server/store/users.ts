// The people: local accounts, and those whom a provider vouches for.
import { changedKeys } from './changed.ts';
import { contains, fold, pageOf } from './fold.ts';
import type { Store } from './handle.ts';
import { isId, newId } from './id.ts';
import { hashPassword } from './password.ts';
import { countAdmins, dropPasswordLinks, endSessionsWhere, keepingAnAdmin, revokeTokensOf } from './people.ts';
import { rightTo } from './right.ts';
import {
  type Actor,
  FORBIDDEN,
  type Found,
  invalid,
  type Listed,
  type ListQuery,
  NOT_FOUND,
  type Saved,
  type SavedRecord,
} from './saved.ts';
import { parseInput } from './schema/parse-input.ts';
import { type UserInput, userInput } from './schema/user.ts';
import { CHANGED_MEANWHILE, changedAt, isStale } from './stale.ts';
import type { Tables } from './tables.ts';
import { beyondToken } from './token-reach.ts';
import { type UserRecord, userRecords } from './user-record.ts';
import { LOCAL_ISSUER } from './words.ts';
import { type Writing, write } from './write.ts';

export type { SignInMethod, UserRecord } from './user-record.ts';

export async function listUsers(store: Store, actor: Actor, query: ListQuery = {}): Promise<Listed<UserRecord>> {
  const right = await rightTo(store.db, actor, 'people.read', store.now());
  if (right.kind !== 'any') return FORBIDDEN;
  let matching = store.db.selectFrom('users');
  const { search } = query;
  if (search) {
    matching = matching.where((eb) =>
      eb.or([contains(eb.ref('name_folded'), search), contains(eb.ref('email_folded'), search)]),
    );
  }
  const { offset, limit } = pageOf(query);
  const { total } = await matching.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const rows = await matching.selectAll().orderBy('name_folded').orderBy('id').limit(limit).offset(offset).execute();
  return { kind: 'listed', rows: await userRecords(store, rows), total };
}

export async function getUser(store: Store, actor: Actor, id: string): Promise<Found<UserRecord>> {
  const right = await rightTo(store.db, actor, 'people.read', store.now());
  if (right.kind !== 'any') return FORBIDDEN;
  const row = isId(id) && (await store.db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst());
  const [record] = row ? await userRecords(store, [row]) : [];
  return record ? { kind: 'found', ...record } : NOT_FOUND;
}

/**
 * Creates or changes a person. `input`: schema/user.ts. The last administrator who can sign in stays one.
 * Another role, another password or being disabled ends the person's sessions: the next one has a new id. Another password
 * ends their API tokens, too.
 */
export async function saveUser(
  store: Store,
  actor: Actor,
  id: string | null,
  input: unknown,
  expectedUpdatedAt?: number,
): Promise<SavedRecord> {
  const right = await rightTo(store.db, actor, 'people.write', store.now());
  const parsed = parseInput(userInput, input);
  // The hash takes long and belongs into no transaction; the right is decided again inside.
  const password = right.kind === 'any' && parsed.kind === 'parsed' ? parsed.value.password : null;
  const passwordHash = password ? await hashPassword(password) : null;
  return write(store, actor, 'people.write', async (w) => {
    const before = id === null ? null : await userRow(w, id);
    if (before === undefined) return NOT_FOUND;
    if (isStale(before, expectedUpdatedAt)) return CHANGED_MEANWHILE;
    if (parsed.kind === 'invalid') return parsed;
    const user = parsed.value;
    const beyond = beyondToken(actor, before?.role ?? user.role, user.role);
    if (beyond) return beyond;
    const issuer = await issuerOf(w, before, user);
    if (issuer === null) return invalid({ providerId: 'This provider does not exist any more. Choose another one.' });
    if (before && issuer !== before.issuer) {
      return invalid({ providerId: 'How a person signs in stays as it is. Delete this person and add them again.' });
    }
    if (user.password && issuer !== LOCAL_ISSUER) {
      return invalid({ password: 'This person signs in at their provider. Leave the password empty.' });
    }
    if (await emailIsTaken(w, before, issuer, user.email.folded)) {
      return invalid({ email: 'Another person has this e-mail address. Choose another one, or change that person.' });
    }
    const isInvitation = issuer !== LOCAL_ISSUER && user.email.folded !== before?.email_folded;
    const updatedAt = changedAt(before, w.now);
    const columns = {
      ...columnsOf(user),
      ...(isInvitation ? { invited_email_folded: user.email.folded } : {}),
      ...(passwordHash ? { password_hash: passwordHash } : {}),
      updated_at: updatedAt,
    };
    const userId = before?.id ?? newId(w.now);
    const subject = issuer === LOCAL_ISSUER ? userId : null;
    const fresh = {
      id: userId,
      issuer,
      subject,
      invited_email_folded: null,
      password_hash: null,
      created_at: w.now,
      last_sign_in_at: null,
    };
    const alone = await keepingAnAdmin(w, async () => {
      if (before) await w.trx.updateTable('users').set(columns).where('id', '=', userId).execute();
      else
        await w.trx
          .insertInto('users')
          .values({ ...fresh, ...columns })
          .execute();
    });
    if (alone) return alone;
    if (before) {
      w.raise('user', userId);
      const endsAll = columns.role !== before.role || columns.disabled === 1;
      const keep = !endsAll && 'sessionId' in actor ? actor.sessionId : null;
      if (columns.disabled === 1 || passwordHash) await dropPasswordLinks(w, userId);
      if (passwordHash) await revokeTokensOf(w, userId, 'password-changed');
      if (endsAll || passwordHash) {
        const reason = columns.disabled === 1 ? 'user-disabled' : endsAll ? 'role-changed' : 'password-changed';
        await endSessionsWhere(w, { userIds: [userId], keep }, reason);
      }
    }
    const detail = { ...changedKeys(before, redacted(columns)), role: user.role, disabled: user.disabled };
    w.audit({ action: 'user-saved', object: { kind: 'user', id: userId, name: user.email.email }, detail });
    return { kind: 'saved', id: userId, updatedAt };
  });
}

export async function deleteUser(store: Store, actor: Actor, id: string, expectedUpdatedAt?: number): Promise<Saved> {
  return write(store, actor, 'people.write', async (w) => {
    const before = await userRow(w, id);
    if (!before) return NOT_FOUND;
    if (isStale(before, expectedUpdatedAt)) return CHANGED_MEANWHILE;
    const beyond = beyondToken(actor, before.role);
    if (beyond) return beyond;
    await endSessionsWhere(w, { userIds: [id] }, 'user-deleted');
    const alone = await keepingAnAdmin(w, async () => {
      await w.trx.deleteFrom('users').where('id', '=', id).execute();
    });
    if (alone) return alone;
    w.raise('user', id);
    w.raise('catalogue');
    w.audit({ action: 'user-deleted', object: { kind: 'user', id, name: before.email } });
    return { kind: 'saved', id };
  });
}

/** Reports whether an administrator exists who can sign in: without one, `foyer start` prints a set-up link. */
export async function hasAdmin(store: Store): Promise<boolean> {
  return (await countAdmins(store.db)) > 0;
}

/** Reports whether the sign-in page needs its form for e-mail and password. */
export async function hasLocalAccounts(store: Store): Promise<boolean> {
  const row = await store.db
    .selectFrom('users')
    .select('id')
    .where('password_hash', 'is not', null)
    .where('disabled', '=', 0)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

async function userRow({ trx }: Writing, id: string): Promise<Tables['users'] | undefined> {
  return isId(id) ? trx.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst() : undefined;
}

/** Where the person is to sign in; null for a provider that is gone. */
async function issuerOf({ trx }: Writing, before: Tables['users'] | null, user: UserInput): Promise<string | null> {
  if (user.providerId === undefined) return before?.issuer ?? LOCAL_ISSUER;
  if (user.providerId === null) return LOCAL_ISSUER;
  const provider = await trx
    .selectFrom('providers')
    .select('issuer')
    .where('id', '=', user.providerId)
    .executeTakeFirst();
  return provider?.issuer ?? null;
}

/** E-mails are labels, but people of one sign-in method do not share one. */
async function emailIsTaken(
  { trx }: Writing,
  before: Tables['users'] | null,
  issuer: string,
  emailFolded: string,
): Promise<boolean> {
  // A provider may have given two people one address; saving either for another reason is no mistake.
  if (before?.email_folded === emailFolded) return false;
  const other = await trx
    .selectFrom('users')
    .select('id')
    .where('issuer', '=', issuer)
    .where('email_folded', '=', emailFolded)
    .where('id', '!=', before?.id ?? '')
    .executeTakeFirst();
  return other !== undefined;
}

function columnsOf({ email, name, role, disabled }: UserInput) {
  return {
    email: email.email,
    email_folded: email.folded,
    name,
    name_folded: fold(name),
    role,
    disabled: disabled ? 1 : 0,
  } as const satisfies Partial<Tables['users']>;
}

/** For the audit: that there is a new password, not its hash. */
function redacted<Columns extends { password_hash?: string }>(columns: Columns): Record<string, unknown> {
  const { password_hash, ...rest } = columns;
  return password_hash === undefined ? rest : { ...rest, password: 'new' };
}
