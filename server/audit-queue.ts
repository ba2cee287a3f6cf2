// Audit events and last-seen times on their way to the store: in batches, kept while the store is down, never on the hot path.
import type { GatewayAudit } from './http/gateway-context.ts';
import type { Logger } from './log.ts';
import { type AuditEvent, recordAudit } from './store/audit.ts';
import type { Store } from './store/handle.ts';

const FLUSH_MS = 200;
const MAX_WAITING = 20_000;

export type AuditQueue = {
  add(event: GatewayAudit): void;
  /** How many events are not in the store yet. */
  waiting(): number;
  /** Writes what is waiting. */
  flush(): Promise<void>;
  stop(): Promise<void>;
};

/** While the store refuses, events wait and are logged once each; only past 20,000 is the oldest given up, loudly. */
export function startAuditQueue(store: Store, log: Logger): AuditQueue {
  let waiting: AuditEvent[] = [];
  let writing: Promise<void> | null = null;
  let inFlight = 0;
  let dropped = 0;

  const write = async (): Promise<void> => {
    const events = waiting;
    waiting = [];
    inFlight = events.length;
    try {
      await recordAudit(store, events);
      if (dropped > 0) log.error({ dropped, alarm: true }, 'audit events were given up while the store was down');
      dropped = 0;
    } catch (error) {
      log.error({ err: error, waiting: events.length }, 'the audit could not be written; it is tried again');
      waiting = [...events, ...waiting];
      dropped += Math.max(0, waiting.length - MAX_WAITING);
      waiting = waiting.slice(-MAX_WAITING);
    }
    inFlight = 0;
  };
  const flush = (): Promise<void> => {
    if (waiting.length === 0) return writing ?? Promise.resolve();
    writing ??= write().finally(() => {
      writing = null;
    });
    return writing;
  };
  const timer = setInterval(() => void flush(), FLUSH_MS);
  timer.unref();
  return {
    add: (event) => {
      waiting.push(toAuditEvent(event, store.now()));
    },
    waiting: () => waiting.length + inFlight,
    flush,
    stop: async () => {
      clearInterval(timer);
      await flush();
      await flush();
    },
  };
}

function toAuditEvent(event: GatewayAudit, at: number): AuditEvent {
  const { level, action, identity, app, outcome, reason, supportId, clientAddress } = event;
  return {
    at,
    level,
    action,
    actor: identity && { userId: identity.userId, email: identity.email },
    object: app && { kind: 'app', id: app.id, name: app.name },
    outcome,
    reason,
    supportId,
    address: clientAddress,
    detail: {},
  };
}
