// One-time links: the first administrator, the way back in, and a person's first password.
import type { Transaction } from 'kysely';
import { insertAudit } from './audit.ts';
import { type Change, raise } from './feed.ts';
import { fold } from './fold.ts';
import type { Store } from './handle.ts';
import { isId, newId } from './id.ts';
import { newToken, tokenHash } from './one-time.ts';
import { hashPassword } from './password.ts';
import { dropPasswordLinks, type Ending, endSessionsWhere, revokeTokensOf } from './people.ts';
import { type Actor, conflict, NOT_FOUND, type Saved } from './saved.ts';
import type { Email } from './schema/email.ts';
import { parseInput } from './schema/parse-input.ts';
import { firstAdminInput, passwordInput } from './schema/user.ts';
import { changedAt } from './stale.ts';
import type { Tables } from './tables.ts';
import { beyondToken } from './token-reach.ts';
import { LOCAL_ISSUER, type SetupPurpose } from './words.ts';
import { type Deed, eventOf, write } from './write.ts';

const HOUR_MS = 60 * 60_000;
const LIFETIME_MS: Record<SetupPurpose, number> = { admin: HOUR_MS, password: 24 * HOUR_MS };
const SPENT = conflict('This link was used before or is too old. Ask for a new one.');
/** Neither a person nor the operator: whoever holds the link. */
const LINK_HOLDER: Actor = { kind: 'system' };

/** Returns the token of a link that makes or restores an administrator: one use, one hour. */
export async function createAdminLink(store: Store): Promise<string> {
  return store.db.transaction().execute(async (trx) => {
    const now = store.now();
    const object = { kind: 'setup-link', id: '', name: 'admin' } as const;
    await insertAudit(trx, [eventOf({ kind: 'system' }, now, { action: 'admin-link-made', object, outcome: 'done' })]);
    return insertLink(trx, 'admin', null, now);
  });
}

/** The token of a link with which one local person sets a password: one use, 24 hours, and the only one they have. */
export async function createPasswordLink(
  store: Store,
  actor: Actor,
  userId: string,
): Promise<Saved<{ token: string }>> {
  return write(store, actor, 'people.write', async (w) => {
    const user = isId(userId)
      ? await w.trx.selectFrom('users').select(['email', 'issuer', 'role']).where('id', '=', userId).executeTakeFirst()
      : undefined;
    if (!user) return NOT_FOUND;
    const beyond = beyondToken(actor, user.role);
    if (beyond) return beyond;
    if (user.issuer !== LOCAL_ISSUER) {
      return conflict('This person signs in at their provider, so there is no password to set.');
    }
    await dropPasswordLinks(w, userId);
    const token = await insertLink(w.trx, 'password', userId, w.now);
    w.audit({ action: 'password-link-made', object: { kind: 'user', id: userId, name: user.email } });
    return { kind: 'saved', token };
  });
}

/** What a link is good for, without using it up; null when it is used, old or unknown. A clock that is set back revives no old one. */
export async function readLink(
  store: Store,
  token: string,
): Promise<{ kind: 'admin' } | { kind: 'password'; email: string } | null> {
  const link = await store.db
    .selectFrom('setup_links')
    .leftJoin('users', 'users.id', 'setup_links.user_id')
    .select(['setup_links.purpose', 'setup_links.expires_at', 'users.email'])
    .where('token_hash', '=', tokenHash(token))
    .executeTakeFirst();
  if (!link) return null;
  if (link.expires_at <= store.now()) {
    await store.db.deleteFrom('setup_links').where('token_hash', '=', tokenHash(token)).execute();
    return null;
  }
  return link.purpose === 'admin' ? { kind: 'admin' } : { kind: 'password', email: link.email ?? '' };
}

/** `input`: { email, name, password }. Creates or restores an administrator; a mistake in the form does not use up the link. */
export async function consumeAdminLink(store: Store, token: string, input: unknown): Promise<Saved> {
  if ((await readLink(store, token))?.kind !== 'admin') return SPENT;
  const parsed = parseInput(firstAdminInput, input);
  if (parsed.kind === 'invalid') return parsed;
  const { email, name, password } = parsed.value;
  const passwordHash = await hashPassword(password);
  return redeem(store, token, 'admin', async ({ trx, now }) => {
    const known = await trx
      .selectFrom('users')
      .select(['id', 'updated_at'])
      .where('issuer', '=', LOCAL_ISSUER)
      .where('email_folded', '=', email.folded)
      .executeTakeFirst();
    const id = known?.id ?? newId(now);
    const columns = {
      ...adminColumns(email, name),
      password_hash: passwordHash,
      updated_at: changedAt(known ?? null, now),
    };
    if (known) await trx.updateTable('users').set(columns).where('id', '=', id).execute();
    else {
      const fresh = { id, issuer: LOCAL_ISSUER, subject: id, created_at: now, last_sign_in_at: null };
      await trx
        .insertInto('users')
        .values({ ...fresh, invited_email_folded: null, ...columns })
        .execute();
    }
    return { id, email: email.email, action: known ? 'admin-restored' : 'admin-made' };
  });
}

/** `input`: { password }. Ends the person's sessions and API tokens; a mistake in the form does not use up the link. */
export async function consumePasswordLink(store: Store, token: string, input: unknown): Promise<Saved> {
  if ((await readLink(store, token))?.kind !== 'password') return SPENT;
  const parsed = parseInput(passwordInput, input);
  if (parsed.kind === 'invalid') return parsed;
  const passwordHash = await hashPassword(parsed.value.password);
  return redeem(store, token, 'password', async ({ trx, now, userId }) => {
    const user = await trx
      .selectFrom('users')
      .select(['id', 'email', 'updated_at'])
      .where('id', '=', userId ?? '')
      .executeTakeFirst();
    if (!user) return null;
    const columns = { password_hash: passwordHash, updated_at: changedAt(user, now) };
    await trx.updateTable('users').set(columns).where('id', '=', user.id).execute();
    return { id: user.id, email: user.email, action: 'password-set' };
  });
}

/** What a link was used for. */
type LinkDeed = 'admin-made' | 'admin-restored' | 'password-set';

type Redeeming = { trx: Transaction<Tables>; now: number; userId: string | null };

/** Uses up the link, does the work, ends the person's sessions and API tokens: all of it or nothing. */
async function redeem(
  store: Store,
  token: string,
  purpose: SetupPurpose,
  work: (redeeming: Redeeming) => Promise<{ id: string; email: string; action: LinkDeed } | null>,
): Promise<Saved> {
  const now = store.now();
  return store.db.transaction().execute(async (trx): Promise<Saved> => {
    const link = await trx
      .deleteFrom('setup_links')
      .where('token_hash', '=', tokenHash(token))
      .where('purpose', '=', purpose)
      .returning(['user_id', 'expires_at'])
      .executeTakeFirst();
    if (!link || link.expires_at <= now) return SPENT;
    const person = await work({ trx, now, userId: link.user_id });
    if (!person) return SPENT;
    await dropPasswordLinks({ trx }, person.id);
    const changes: Omit<Change, 'revision'>[] = [{ kind: 'user', id: person.id }];
    const deeds: Deed[] = [];
    const ending: Ending = {
      trx,
      raise: (kind, id) => changes.push({ kind, id: id ?? null }),
      audit: (deed) => deeds.push(deed),
    };
    const reason = person.action === 'password-set' ? 'password-changed' : person.action;
    await endSessionsWhere(ending, { userIds: [person.id] }, reason);
    await revokeTokensOf(ending, person.id, reason);
    await raise(trx, changes);
    deeds.push({ action: person.action, object: { kind: 'user', id: person.id, name: person.email } });
    await insertAudit(
      trx,
      deeds.map((deed) => eventOf(LINK_HOLDER, now, { ...deed, outcome: 'done' })),
    );
    return { kind: 'saved', id: person.id };
  });
}

async function insertLink(
  trx: Transaction<Tables>,
  purpose: SetupPurpose,
  userId: string | null,
  now: number,
): Promise<string> {
  const token = newToken();
  await trx.deleteFrom('setup_links').where('expires_at', '<=', now).execute();
  await trx
    .insertInto('setup_links')
    .values({ token_hash: tokenHash(token), purpose, user_id: userId, expires_at: now + LIFETIME_MS[purpose] })
    .execute();
  return token;
}

function adminColumns({ email, folded }: Email, name: string) {
  return {
    email,
    email_folded: folded,
    name,
    name_folded: fold(name),
    role: 'admin',
    disabled: 0,
  } as const satisfies Partial<Tables['users']>;
}
