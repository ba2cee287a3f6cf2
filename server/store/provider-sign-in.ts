// Turns a provider's verified claims into a person: keyed by issuer and subject, admitted only when an admin listed them.

import { z } from 'zod';
import type { AuditReason } from '#server/core/audit-words.ts';
import { type AuditEvent, insertAudit } from './audit.ts';
import { type Change, raise } from './feed.ts';
import { fold } from './fold.ts';
import type { Store } from './handle.ts';
import { isId, newId } from './id.ts';
import { type Provider, providerWithSecret } from './providers.ts';
import { type Email, parseEmail } from './schema/email.ts';
import { changedAt } from './stale.ts';
import type { Tables } from './tables.ts';
import type { Writing } from './write.ts';

export type ProviderSignIn = { kind: 'ok'; userId: string } | { kind: 'refused'; reason: ProviderRefusal };

export type ProviderRefusal =
  | 'provider-unknown'
  | 'issuer-mismatch'
  | 'claims-invalid'
  | 'email-invalid'
  | 'email-unverified'
  | 'not-listed'
  | 'user-disabled';

const MAX_GROUPS = 200;

/** Only what is used is read; providers may claim what they like besides. */
const claimsInput = z.object({
  iss: z.string().max(500),
  // OpenID Connect Core §2: at most 255 ASCII characters, case-sensitive.
  sub: z.string().regex(/^[\x20-\x7e]{1,255}$/),
  email: z.string().max(320).optional().catch(undefined),
  email_verified: z.unknown(),
  name: z.string().max(500).optional().catch(undefined),
  preferred_username: z.string().max(500).optional().catch(undefined),
});
type Claims = z.output<typeof claimsInput>;

/** Where a sign-in comes from, for the audit. */
export type SignInOrigin = { address: string | null; supportId?: string | null };

/** `claims` are those of an ID token whose signature, audience, nonce and times the caller has verified. */
export async function signInWithProvider(
  store: Store,
  providerId: string,
  claims: unknown,
  origin: SignInOrigin = { address: null },
): Promise<ProviderSignIn> {
  const provider = isId(providerId) ? await providerWithSecret(store, providerId) : null;
  if (!provider) return refused('provider-unknown');
  const parsed = claimsInput.safeParse(claims);
  if (!parsed.success) return refused('claims-invalid');
  if (parsed.data.iss !== provider.issuer) return refused('issuer-mismatch');
  const groupNames = groupsOf(provider, claims);
  const now = store.now();
  return store.db.transaction().execute(async (trx) => {
    const changes: Omit<Change, 'revision'>[] = [];
    const raising = { trx, raise: (kind: Change['kind'], id?: string) => changes.push({ kind, id: id ?? null }) };
    const events: ProviderEvent[] = [];
    const admitted = await admit({ ...raising, note: (event) => events.push(event) }, provider, parsed.data, now);
    await insertAudit(
      trx,
      events.map((event) => auditEvent(event, provider, now, origin)),
    );
    if (admitted.kind === 'refused') return admitted;
    await putIntoGroups(raising, provider, admitted.userId, groupNames, now);
    await raise(trx, changes);
    return admitted;
  });
}

/** The person these claims stand for: known by subject, else invited or of a listed domain, and then verified. */
async function admit(
  { trx, raise, note }: Admitting,
  provider: Provider,
  claims: Claims,
  now: number,
): Promise<ProviderSignIn> {
  const refuse = (reason: ProviderRefusal, person: ProviderEvent['person']) => {
    note({ action: 'sign-in-refused', person, reason, detail: { claimed: claims.email ?? null } });
    return refused(reason);
  };
  const email = claims.email === undefined ? null : parseEmail(claims.email);
  // Some providers say "true"; that is not the boolean of OpenID Connect Core §5.1.
  const verified = claims.email_verified === true ? email : null;
  const known = await trx
    .selectFrom('users')
    .selectAll()
    .where('issuer', '=', provider.issuer)
    .where('subject', '=', claims.sub)
    .executeTakeFirst();
  if (known) {
    if (known.disabled === 1) return refuse('user-disabled', known);
    const email = await emailOf(trx, provider, known, claims);
    if (email.kind === 'kept') {
      note({ action: 'email-kept', person: known, reason: email.reason, detail: { claimed: claims.email } });
    }
    const labels = labelsOf(known, email, claims, now);
    if (labels) {
      await trx.updateTable('users').set(labels).where('id', '=', known.id).execute();
      raise('user', known.id);
    }
    return { kind: 'ok', userId: known.id };
  }
  if (!email) return refuse('email-invalid', null);
  if (!verified) return refuse('email-unverified', null);
  const invited = await trx
    .selectFrom('users')
    .select(['id', 'email', 'disabled', 'updated_at'])
    .where('issuer', '=', provider.issuer)
    .where('subject', 'is', null)
    .where('email_folded', '=', verified.folded)
    .executeTakeFirst();
  if (invited) {
    if (invited.disabled === 1) return refuse('user-disabled', invited);
    await trx
      .updateTable('users')
      .set({ subject: claims.sub, updated_at: changedAt(invited, now) })
      .where('id', '=', invited.id)
      .execute();
    return { kind: 'ok', userId: invited.id };
  }
  if (!provider.allowedEmailDomains.includes(verified.domain)) return refuse('not-listed', null);
  const id = newId(now);
  const name = nameOf(claims) ?? verified.email;
  await trx
    .insertInto('users')
    .values({
      id,
      issuer: provider.issuer,
      subject: claims.sub,
      email: verified.email,
      email_folded: verified.folded,
      invited_email_folded: null,
      name,
      name_folded: fold(name),
      role: 'member',
      disabled: 0,
      password_hash: null,
      created_at: now,
      updated_at: now,
      last_sign_in_at: null,
    })
    .execute();
  return { kind: 'ok', userId: id };
}

type EmailLabel =
  | { kind: 'same' }
  | { kind: 'new'; email: Email }
  | { kind: 'kept'; reason: 'email-invalid' | 'email-unverified' | 'domain-not-listed' | 'email-taken' };

/**
 * The label after this sign-in. A provider speaks for the domains it is listed for and for the address that an administrator
 * wrote; with any other, or with one that somebody else has, its person would pass for another one in apps that read e-mails.
 */
async function emailOf(
  trx: Raising['trx'],
  provider: Provider,
  known: Tables['users'],
  claims: Claims,
): Promise<EmailLabel> {
  if (claims.email === undefined || claims.email === known.email) return { kind: 'same' };
  const email = parseEmail(claims.email);
  if (!email) return { kind: 'kept', reason: 'email-invalid' };
  if (email.email === known.email) return { kind: 'same' };
  if (claims.email_verified !== true) return { kind: 'kept', reason: 'email-unverified' };
  if (email.folded === known.email_folded) return { kind: 'new', email };
  const isListed = provider.allowedEmailDomains.includes(email.domain) || email.folded === known.invited_email_folded;
  if (!isListed) return { kind: 'kept', reason: 'domain-not-listed' };
  const other = await trx
    .selectFrom('users')
    .select('id')
    .where('email_folded', '=', email.folded)
    .where('id', '!=', known.id)
    .limit(1)
    .executeTakeFirst();
  return other ? { kind: 'kept', reason: 'email-taken' } : { kind: 'new', email };
}

/** E-mail and name as they are from now on, when they differ. */
function labelsOf(
  known: Tables['users'],
  label: EmailLabel,
  claims: Claims,
  now: number,
): Partial<Tables['users']> | null {
  const name = nameOf(claims) ?? known.name;
  if (name === known.name && label.kind !== 'new') return null;
  const email = label.kind === 'new' ? { email: label.email.email, email_folded: label.email.folded } : {};
  return { name, name_folded: fold(name), ...email, updated_at: changedAt(known, now) };
}

/** What the audit is told of a sign-in besides that it happened. */
type ProviderEvent = {
  action: 'email-kept' | 'sign-in-refused';
  /** Null when the claims are nobody's here. */
  person: { id: string; email: string } | null;
  reason: AuditReason;
  detail: AuditEvent['detail'];
};

type Raising = Pick<Writing, 'trx' | 'raise'>;
type Admitting = Raising & { note(event: ProviderEvent): void };

function auditEvent(
  { action, person, reason, detail }: ProviderEvent,
  provider: Provider,
  at: number,
  origin: SignInOrigin,
): AuditEvent {
  return {
    at,
    level: 'info',
    action,
    actor: person && { userId: person.id, email: person.email },
    object: person
      ? { kind: 'user', id: person.id, name: person.email }
      : { kind: 'provider', id: provider.id, name: provider.name },
    outcome: 'refused',
    reason,
    supportId: origin.supportId ?? null,
    address: origin.address,
    detail,
  };
}

function nameOf({ name, preferred_username }: Claims): string | null {
  const text = (name ?? preferred_username ?? '').replace(/[\p{C}\u2028\u2029]/gu, ' ').trim();
  return text === '' ? null : text.slice(0, 120);
}

/** Names of the claimed groups; a claim that is missing or makes no sense is no group, so that it never keeps an old one. */
function groupsOf({ groupsClaim }: Provider, claims: unknown): readonly string[] {
  if (groupsClaim === null || typeof claims !== 'object' || claims === null) return [];
  const claim: unknown = Object.hasOwn(claims, groupsClaim) ? Reflect.get(claims, groupsClaim) : [];
  const list = Array.isArray(claim) ? claim : [claim];
  const names = list.filter((each) => typeof each === 'string' && /^[^\p{C}]{1,200}$/u.test(each));
  return [...new Set(names)].slice(0, MAX_GROUPS);
}

/** Makes the person a member of exactly the claimed groups of this provider; local groups are not touched. */
async function putIntoGroups(
  { trx, raise }: Raising,
  provider: Provider,
  userId: string,
  names: readonly string[],
  now: number,
): Promise<void> {
  const groups = await trx
    .selectFrom('groups')
    .select(['id', 'external_name'])
    .where('provider_id', '=', provider.id)
    .execute();
  const idByName = new Map(groups.map(({ id, external_name }) => [external_name, id]));
  for (const name of names) {
    if (idByName.has(name)) continue;
    const id = newId(now);
    const source = 'provider' as const;
    const row = { id, name, name_folded: fold(name), source, provider_id: provider.id, external_name: name };
    await trx
      .insertInto('groups')
      .values({ ...row, created_at: now, updated_at: now })
      .execute();
    idByName.set(name, id);
  }
  const wanted = new Set(names.flatMap((name) => idByName.get(name) ?? []));
  const ofProvider = new Set(idByName.values());
  const memberships = await trx.selectFrom('group_members').select('group_id').where('user_id', '=', userId).execute();
  const before = new Set(memberships.map(({ group_id }) => group_id).filter((id) => ofProvider.has(id)));
  const added = [...wanted.difference(before)];
  const removed = [...before.difference(wanted)];
  if (added.length > 0) {
    await trx
      .insertInto('group_members')
      .values(added.map((group_id) => ({ group_id, user_id: userId })))
      .execute();
  }
  if (removed.length > 0) {
    await trx.deleteFrom('group_members').where('user_id', '=', userId).where('group_id', 'in', removed).execute();
  }
  if (added.length + removed.length > 0) raise('user', userId);
}

function refused(reason: ProviderRefusal): Extract<ProviderSignIn, { kind: 'refused' }> {
  return { kind: 'refused', reason };
}
