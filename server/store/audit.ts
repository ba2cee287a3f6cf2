// The audit: who did what, to what, and what was decided. Never a secret; append-only.
import type { Kysely } from 'kysely';
import { contains, fold, pageOf } from './fold.ts';
import type { Store } from './handle.ts';
import { isId, newId } from './id.ts';
import { rightTo } from './right.ts';
import { type Actor, FORBIDDEN, type Forbidden } from './saved.ts';
import type { Tables } from './tables.ts';
import type { AuditLevel, AuditOutcome } from './words.ts';

export type AuditEvent = {
  at: number;
  level: AuditLevel;
  /** A kebab-case verb of ours: 'sign-in', 'access-refused', 'handshake-refused', 'app-saved'. */
  action: string;
  actor: { userId: string; email: string } | null;
  object: { kind: string; id: string; name: string } | null;
  outcome: AuditOutcome;
  /** A stable kebab-case word, or ''. */
  reason: string;
  supportId: string | null;
  address: string | null;
  detail: Record<string, unknown>;
};

export type AuditRecord = AuditEvent & { id: string };

/** All given have to match. `person` finds text in the actor's e-mail. */
export type AuditFilters = {
  action?: string;
  person?: string;
  userId?: string;
  supportId?: string;
  level?: AuditLevel;
  outcome?: AuditOutcome;
};

/** Returns when the events are durable: all of them, or none when it rejects. */
export async function recordAudit(store: Store, events: readonly AuditEvent[]): Promise<void> {
  await store.db.transaction().execute((trx) => insertAudit(trx, events));
}

/** Newest first. `before` is the `next` of the page before. */
export async function listAudit(
  store: Store,
  actor: Actor,
  query: { before?: string | null; limit?: number; filters?: AuditFilters } = {},
): Promise<{ kind: 'listed'; rows: readonly AuditRecord[]; next: string | null } | Forbidden> {
  const right = await rightTo(store.db, actor, 'audit.read', store.now());
  if (right.kind !== 'any') return FORBIDDEN;
  const { limit } = pageOf(query);
  const { action, person, userId, supportId, level, outcome } = query.filters ?? {};
  let rows = store.db.selectFrom('audit_events').selectAll();
  // Ids sort by time, so that a page begins where the last one ended even when several events share a millisecond.
  if (isId(query.before)) rows = rows.where('id', '<', query.before);
  if (action) rows = rows.where('action', '=', action);
  if (person) rows = rows.where((eb) => contains(eb.ref('actor_email_folded'), person));
  if (userId) rows = rows.where('actor_user_id', '=', userId);
  if (supportId) rows = rows.where('support_id', '=', supportId);
  if (level) rows = rows.where('level', '=', level);
  if (outcome) rows = rows.where('outcome', '=', outcome);
  const found = await rows
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const page = found.slice(0, limit).map(recordOf);
  return { kind: 'listed', rows: page, next: found.length > limit ? (page.at(-1)?.id ?? null) : null };
}

/** Within the transaction of the deed, or by itself. */
export async function insertAudit(db: Kysely<Tables>, events: readonly AuditEvent[]): Promise<void> {
  for (let start = 0; start < events.length; start += ROWS_PER_WRITE) {
    const rows = events.slice(start, start + ROWS_PER_WRITE).map(rowOf);
    await db.insertInto('audit_events').values(rows).execute();
  }
}

const ROWS_PER_WRITE = 400;

function rowOf({ actor, object, detail, supportId, ...event }: AuditEvent): Tables['audit_events'] {
  return {
    id: newId(event.at),
    at: event.at,
    level: event.level,
    action: event.action,
    actor_user_id: actor?.userId ?? null,
    actor_email: actor?.email ?? null,
    actor_email_folded: actor ? fold(actor.email) : null,
    object_kind: object?.kind ?? null,
    object_id: object?.id ?? null,
    object_name: object?.name ?? null,
    outcome: event.outcome,
    reason: event.reason,
    support_id: supportId,
    address: event.address,
    detail: JSON.stringify(detail),
  };
}

function recordOf(row: Tables['audit_events']): AuditRecord {
  const { actor_user_id: userId, actor_email: email } = row;
  const { object_kind: kind, object_id: objectId, object_name: name } = row;
  return {
    id: row.id,
    at: row.at,
    level: row.level,
    action: row.action,
    actor: userId === null ? null : { userId, email: email ?? '' },
    object: kind === null ? null : { kind, id: objectId ?? '', name: name ?? '' },
    outcome: row.outcome,
    reason: row.reason,
    supportId: row.support_id,
    address: row.address,
    detail: detailOf(row.detail),
  };
}

/** A detail that cannot be read is shown as it is: the event itself still counts. */
function detailOf(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    return { unreadable: text };
  }
}
