// Audit events on their way to the store: in batches, kept while the store is down, never on the hot path.
import type { GatewayAudit } from '#server/http/gateway-context.ts';
import type { Logger } from '#server/log.ts';
import { type AuditEvent, recordAudit } from '#server/store/audit.ts';
import type { Store } from '#server/store/handle.ts';

const FLUSH_MS = 200;
const MAX_WAITING = 20_000;
const MAX_RETRY_MS = 5_000;

export type AuditQueue = {
  add(event: GatewayAudit): void;
  /** How many events are not in the store yet. */
  waiting(): number;
  /** Writes what is waiting. */
  flush(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * While the store refuses, events wait: one alarm says so, and they are tried again, ever less often. Past 20,000 the oldest are
 * given up, and what cannot be written before the end goes to the log: neither in silence.
 */
export function startAuditQueue(store: Store, log: Logger): AuditQueue {
  let waiting: AuditEvent[] = [];
  let writing: Promise<void> | null = null;
  let inFlight = 0;
  let dropped = 0;
  let failures = 0;
  let retryAt = 0;

  const write = async (): Promise<void> => {
    const events = waiting;
    waiting = [];
    inFlight = events.length;
    try {
      await recordAudit(store, events);
      if (dropped > 0) log.error({ dropped, alarm: true }, 'audit events were given up while the store was down');
      if (failures > 0) log.info({ events: events.length }, 'the audit is written again, with what had waited');
      dropped = 0;
      failures = 0;
    } catch (error) {
      if (failures === 0) log.error({ err: error, alarm: true }, 'the audit cannot be written; its events wait');
      failures += 1;
      retryAt = store.steadyNow() + retryWaitMs(failures, Math.random());
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
  const timer = setInterval(() => {
    if (store.steadyNow() >= retryAt) void flush();
  }, FLUSH_MS);
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
      for (const event of waiting) log.error({ event, alarm: true }, 'an audit event could not be written');
    },
  };
}

/** Twice as long after each failure, to 5 seconds, and never all processes at once. `random`: 0 to 1. */
function retryWaitMs(failures: number, random: number): number {
  return Math.min(FLUSH_MS * 2 ** failures, MAX_RETRY_MS) * (0.5 + random / 2);
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
