// The audit: who did what, to what, and what was decided. Never a secret; append-only.
import { type Expression, type ExpressionBuilder, type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import type { AuditAction, AuditObjectKind } from '#server/core/audit-words.ts';
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
  action: AuditAction;
  actor: { userId: string; email: string } | null;
  object: { kind: AuditObjectKind; id: string; name: string } | null;
  outcome: AuditOutcome;
  /** An `AuditReason`, the name of the provider of a sign-in, or ''. */
  reason: string;
  supportId: string | null;
  address: string | null;
  detail: Record<string, unknown>;
};

/** An event as it was read. Another release may have written it, so its words may be others than ours. */
export type AuditRecord = Omit<AuditEvent, 'action' | 'object'> & {
  id: string;
  action: string;
  object: { kind: string; id: string; name: string } | null;
};

/**
 * All given have to match. `person` and `object` find text in an e-mail or a name; `from` and `to` are epoch milliseconds, `to`
 * left out itself. `objectId` and `userId` name one thing and one person.
 */
export type AuditFilters = {
  action?: string;
  person?: string;
  userId?: string;
  object?: string;
  objectId?: string;
  reason?: string;
  address?: string;
  supportId?: string;
  level?: AuditLevel;
  outcome?: AuditOutcome;
  from?: number;
  to?: number;
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
  let rows = matching(store.db.selectFrom('audit_events').selectAll(), query.filters ?? {});
  // Ids sort by time, so that a page begins where the last one ended even when several events share a millisecond.
  if (isId(query.before)) rows = rows.where('id', '<', query.before);
  const found = await rows
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const page = found.slice(0, limit).map(recordOf);
  return { kind: 'listed', rows: page, next: found.length > limit ? (page.at(-1)?.id ?? null) : null };
}

/** An id of the first event of a time at the earliest: ids are made of times (RFC 9562 §5.7). */
function firstIdAt(at: number): string {
  const hex = Math.max(0, Math.trunc(at)).toString(16).padStart(12, '0').slice(-12);
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

/** A process that made many events in one millisecond borrows time for their ids. */
const BORROWED_MS = 60_000;

function isWholeEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);
}

/** Events from before the folded column was there are searched as they are. */
function objectName({ ref }: ExpressionBuilder<Tables, 'audit_events'>): Expression<string | null> {
  return sql<string | null>`coalesce(${ref('object_name_folded')}, lower(${ref('object_name')}))`;
}

type Rows = SelectQueryBuilder<Tables, 'audit_events', Tables['audit_events']>;

function matching(all: Rows, filters: AuditFilters): Rows {
  const { action, person, userId, object, objectId, reason, address, supportId, level, outcome, from, to } = filters;
  let rows = all;
  if (from !== undefined) rows = rows.where('id', '>=', firstIdAt(from)).where('at', '>=', from);
  if (to !== undefined) rows = rows.where('id', '<', firstIdAt(to + BORROWED_MS)).where('at', '<', to);
  if (action) rows = rows.where('action', '=', action);
  // A whole address is looked up; a part of one has to be searched for.
  if (person && isWholeEmail(person)) rows = rows.where('actor_email_folded', '=', fold(person));
  else if (person) rows = rows.where((eb) => contains(eb.ref('actor_email_folded'), person));
  if (userId) rows = rows.where('actor_user_id', '=', userId);
  if (objectId) rows = rows.where('object_id', '=', objectId);
  if (object) rows = rows.where((eb) => contains(objectName(eb), object));
  if (reason) rows = rows.where('reason', '=', reason);
  if (address) rows = rows.where('address', '=', address);
  if (supportId) rows = rows.where('support_id', '=', supportId);
  if (level) rows = rows.where('level', '=', level);
  if (outcome) rows = rows.where('outcome', '=', outcome);
  return rows;
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
    object_name_folded: object ? fold(object.name) : null,
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
