// The one way to change something on a person's behalf: permission, change, audit and revision in a single transaction, or nothing.
import type { Transaction } from 'kysely';
import type { AuditAction, AuditReason } from '#server/core/audit-words.ts';
import type { Action } from '#server/core/permission.ts';
import { type AuditEvent, insertAudit } from './audit.ts';
import { type Change, raise } from './feed.ts';
import type { Store } from './handle.ts';
import { currentRole, type Right, rightTo } from './right.ts';
import { type Actor, FORBIDDEN, type PersonActor, type Saved } from './saved.ts';
import type { Tables } from './tables.ts';

/** What happened, for the audit; who, when and from where is known already. */
export type Deed = {
  action: AuditAction;
  object: NonNullable<AuditEvent['object']>;
  reason?: AuditReason;
  detail?: AuditEvent['detail'];
};

/** A write under way. Changes and deeds that are noted here are stored with it. */
export type Writing = {
  trx: Transaction<Tables>;
  now: number;
  /** Never 'none'. A right to one's own objects is for the write itself to check. */
  right: Exclude<Right, { kind: 'none' }>;
  raise(kind: Change['kind'], id?: string): void;
  audit(deed: Deed): void;
};

/** Runs `work` when the actor may do `action`. Whatever it returns but 'saved' undoes what it did; a refusal is audited. */
export async function write<T extends object>(
  store: Store,
  actor: Actor,
  action: Action,
  work: (writing: Writing) => Promise<Saved<T>>,
): Promise<Saved<T>> {
  return guarded(store, actor, action, (trx, now) => rightTo(trx, actor, action, now), work);
}

/** Runs `work` on what is the person's own (account, sessions): any role may, as long as the session that acts is alive. */
export async function writeOwn<T extends object>(
  store: Store,
  actor: PersonActor,
  work: (writing: Writing) => Promise<Saved<T>>,
): Promise<Saved<T>> {
  const ownRight = async (trx: Transaction<Tables>, now: number): Promise<Right> =>
    (await currentRole(trx, actor, now)) ? { kind: 'own', userId: actor.userId } : { kind: 'none' };
  return guarded(store, actor, 'account', ownRight, work);
}

async function guarded<T extends object>(
  store: Store,
  actor: Actor,
  wanted: Action | 'account',
  rightOf: (trx: Transaction<Tables>, now: number) => Promise<Right>,
  work: (writing: Writing) => Promise<Saved<T>>,
): Promise<Saved<T>> {
  const now = store.now();
  const outcome = await transact(store, async (trx): Promise<Saved<T>> => {
    const right = await rightOf(trx, now);
    if (right.kind === 'none') return FORBIDDEN;
    const changes: Omit<Change, 'revision'>[] = [];
    const deeds: Deed[] = [];
    const saved = await work({
      trx,
      now,
      right,
      raise: (kind, id) => changes.push({ kind, id: id ?? null }),
      audit: (deed) => deeds.push(deed),
    });
    if (saved.kind !== 'saved') return saved;
    await raise(trx, changes);
    await insertAudit(
      trx,
      deeds.map((deed) => eventOf(actor, now, { outcome: 'done', ...deed })),
    );
    return saved;
  });
  if (outcome.kind === 'forbidden') {
    const refusal = { action: 'change-refused', object: null, reason: 'not-permitted', detail: { wanted } } as const;
    await insertAudit(store.db, [eventOf(actor, now, { ...refusal, outcome: 'refused' })]);
  }
  return outcome;
}

/** An audit event with what an actor brings to it. `reason`: as in `AuditEvent`. */
export function eventOf(
  actor: Actor,
  at: number,
  deed: Omit<Deed, 'object' | 'reason'> & Pick<AuditEvent, 'object' | 'outcome'> & { reason?: string },
): AuditEvent {
  const person = actor.kind === 'system' ? null : actor;
  return {
    at,
    level: 'info',
    action: deed.action,
    actor: person && { userId: person.userId, email: person.email },
    object: deed.object,
    outcome: deed.outcome,
    reason: deed.reason ?? '',
    supportId: person?.supportId ?? null,
    address: person?.address ?? null,
    detail: { ...deed.detail, ...(actor.kind === 'token' ? { token: actor.token.name, tokenId: actor.token.id } : {}) },
  };
}

/** Commits what was saved and undoes everything else. */
async function transact<T extends object>(
  store: Store,
  work: (trx: Transaction<Tables>) => Promise<Saved<T>>,
): Promise<Saved<T>> {
  let refused: Saved<T> | null = null;
  try {
    return await store.db.transaction().execute(async (trx) => {
      const outcome = await work(trx);
      if (outcome.kind === 'saved') return outcome;
      refused = outcome;
      // Kysely undoes a transaction whose callback throws, and in no other way.
      throw new Error('Undone.');
    });
  } catch (error) {
    if (refused) return refused;
    throw error;
  }
}
