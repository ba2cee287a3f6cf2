// One line per request, without secrets, host names or queries beyond what an operator needs to find it again.
import type { Logger } from 'pino';
import type { Outcome, RequestHead } from './exchange.ts';

export function newOutcome(): Outcome {
  return { status: 0, bytes: 0, appId: null, userId: null, reason: '' };
}

/** Writes the line. `id` is the support id; the path is left out for our own endpoints, whose parameters are secrets. */
export function logAccess(log: Logger, exchange: RequestHead, outcome: Outcome, now: number): void {
  const question = exchange.target.indexOf('?');
  log.info({
    access: exchange.supportId,
    status: outcome.status,
    reason: outcome.reason,
    method: exchange.method,
    path: question === -1 ? exchange.target : exchange.target.slice(0, question),
    app: outcome.appId,
    user: outcome.userId,
    client: exchange.clientAddress,
    protocol: exchange.protocol,
    bytes: outcome.bytes,
    ms: now - exchange.receivedAt,
  });
}
