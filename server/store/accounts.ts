// Signing in with a password: argon2id, the same work for accounts that do not exist, and a throttle that survives restarts.
import type { AuditAction, AuditReason } from '#server/core/audit-words.ts';
import { insertAudit } from './audit.ts';
import type { Store } from './handle.ts';
import { hashPassword, isPassword, passwordQueueIsFull } from './password.ts';
import { dropPasswordLinks, endSessionsWhere, revokeTokensOf } from './people.ts';
import { invalid, NOT_FOUND, type PersonActor, type Saved } from './saved.ts';
import { parseEmail } from './schema/email.ts';
import { parseInput } from './schema/parse-input.ts';
import { passwordChangeInput } from './schema/user.ts';
import { changedAt } from './stale.ts';
import type { Tables } from './tables.ts';
import { countAttempt } from './throttle.ts';
import { LOCAL_ISSUER } from './words.ts';
import { writeOwn } from './write.ts';

export { type ProviderRefusal, type ProviderSignIn, signInWithProvider } from './provider-sign-in.ts';

export type PasswordVerdict =
  | { kind: 'ok'; userId: string; passwordHash: string }
  | { kind: 'refused' }
  | { kind: 'throttled'; retryAfterMs: number };

const MAX_TYPED_LENGTH = 1000;
const QUEUE_RETRY_MS = 2000;

/** `supportId` is for the audit, which hears of every refusal of a person who exists. */
export type PasswordAttempt = { email: string; password: string; address: string | null; supportId?: string | null };

/** A disabled account, one without a password and one that does not exist are refused alike, after the same work. */
export async function verifyPassword(store: Store, attempt: PasswordAttempt): Promise<PasswordVerdict> {
  return judge(store, attempt, 'sign-in-refused');
}

/** `input`: { current, next }. Every other session of the person ends, and every API token of theirs. Guesses at the current one count as sign-ins do. */
export async function changePassword(store: Store, actor: PersonActor, input: unknown): Promise<Saved> {
  const parsed = parseInput(passwordChangeInput, input);
  if (parsed.kind === 'invalid') return parsed;
  const { current, next } = parsed.value;
  const user = await store.db.selectFrom('users').selectAll().where('id', '=', actor.userId).executeTakeFirst();
  if (user?.issuer !== LOCAL_ISSUER) return NOT_FOUND;
  const { address, supportId } = actor;
  const typed = { email: user.email, password: current, address, supportId };
  const verdict = await judge(store, typed, 'password-change-refused');
  if (verdict.kind === 'throttled') {
    const seconds = Math.ceil(verdict.retryAfterMs / 1000);
    return invalid({ current: `There were too many attempts. Try again in ${seconds} seconds.` });
  }
  if (verdict.kind === 'refused') return invalid({ current: 'This is not your current password. Type it again.' });
  if (current === next) return invalid({ next: 'This is the password you have. Choose another one.' });
  const passwordHash = await hashPassword(next);
  return writeOwn(store, actor, async (w) => {
    const { numUpdatedRows } = await w.trx
      .updateTable('users')
      .set({ password_hash: passwordHash, updated_at: changedAt(user, w.now) })
      .where('id', '=', user.id)
      // Somebody else may have set another one while this one was hashed.
      .where('password_hash', '=', user.password_hash)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 0n) return invalid({ current: 'Your password was changed a moment ago. Sign in again.' });
    await dropPasswordLinks(w, user.id);
    await revokeTokensOf(w, user.id, 'password-changed');
    const ended = await endSessionsWhere(w, { userIds: [user.id], keep: actor.sessionId }, 'password-changed');
    const object = { kind: 'user', id: user.id, name: user.email } as const;
    w.audit({ action: 'password-changed', object, detail: { endedSessions: ended.length } });
    return { kind: 'saved', id: user.id };
  });
}

async function judge(
  store: Store,
  attempt: PasswordAttempt,
  action: 'sign-in-refused' | 'password-change-refused',
): Promise<PasswordVerdict> {
  if (passwordQueueIsFull()) return { kind: 'throttled', retryAfterMs: QUEUE_RETRY_MS };
  const typed = attempt.email.slice(0, MAX_TYPED_LENGTH);
  const folded = parseEmail(typed)?.folded ?? typed.normalize('NFKC').trim().toLowerCase();
  const counted = await countAttempt(store, { emailFolded: folded, address: attempt.address });
  const refuse = (person: Tables['users'] | undefined, reason: AuditReason) =>
    noteRefusal(store, person, { action, reason, attempt });
  if (counted.kind === 'throttled') {
    const { isFirst, retryAfterMs } = counted;
    if (isFirst) await refuse(await localUser(store, folded), 'throttled');
    return { kind: 'throttled', retryAfterMs };
  }
  const user = await localUser(store, folded);
  const matches = await isPassword(attempt.password.slice(0, MAX_TYPED_LENGTH + 1), user?.password_hash ?? null);
  if (!matches || !user?.password_hash || user.disabled === 1) {
    await refuse(user, matches ? 'user-disabled' : 'wrong-password');
    return { kind: 'refused' };
  }
  await counted.succeeded();
  return { kind: 'ok', userId: user.id, passwordHash: user.password_hash };
}

/** Writes an event about a person, and as much for nobody: the time it takes must not tell who exists. */
async function noteRefusal(
  { db, now }: Store,
  person: Tables['users'] | undefined,
  { action, reason, attempt }: { action: AuditAction; reason: AuditReason; attempt: PasswordAttempt },
): Promise<void> {
  if (!person) {
    await db
      .updateTable('revision')
      .set((eb) => ({ value: eb.ref('value') }))
      .where('id', '=', 1)
      .execute();
    return;
  }
  const { id: userId, email } = person;
  const { address, supportId = null } = attempt;
  const event = { at: now(), level: 'info', action, outcome: 'refused', reason, supportId, address } as const;
  const object = { kind: 'user', id: userId, name: email } as const;
  await insertAudit(db, [{ ...event, actor: { userId, email }, object, detail: {} }]);
}

async function localUser({ db }: Store, emailFolded: string): Promise<Tables['users'] | undefined> {
  return db
    .selectFrom('users')
    .selectAll()
    .where('issuer', '=', LOCAL_ISSUER)
    .where('email_folded', '=', emailFolded)
    .executeTakeFirst();
}
