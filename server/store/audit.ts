// The audit: who did what, to what, and what was decided. Never a secret; append-only.
import type { Store } from './handle.ts';
import type { Actor, Forbidden } from './saved.ts';
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

/** Returns when the events are durable. */
export declare function recordAudit(store: Store, events: readonly AuditEvent[]): Promise<void>;
/** Newest first. `before` is the `next` of the page before. */
export declare function listAudit(
  store: Store,
  actor: Actor,
  query?: { before?: string | null; limit?: number; filters?: AuditFilters },
): Promise<{ kind: 'listed'; rows: readonly AuditRecord[]; next: string | null } | Forbidden>;
