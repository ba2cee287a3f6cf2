// One line per request, without secrets, host names or queries beyond what an operator needs to find it again.
import type { Outcome, RequestHead } from './exchange.ts';

export function newOutcome(): Outcome {
  return { status: 0, bytes: 0, appId: null, userId: null, reason: '' };
}

/** `access` is the support id. The path goes without its query, whose parameters may be secrets. */
export type AccessLine = {
  access: string;
  status: number;
  reason: string;
  method: string;
  path: string;
  app: string | null;
  user: string | null;
  client: string;
  protocol: string;
  bytes: number;
  ms: number;
};

export function accessLine(request: RequestHead, outcome: Outcome, now: number): AccessLine {
  const question = request.target.indexOf('?');
  return {
    access: request.supportId,
    status: outcome.status,
    reason: outcome.reason,
    method: request.method,
    path: question === -1 ? request.target : request.target.slice(0, question),
    app: outcome.appId,
    user: outcome.userId,
    client: request.clientAddress,
    protocol: request.protocol,
    bytes: outcome.bytes,
    ms: now - request.receivedAt,
  };
}
