// Requests for the portal's own host go to the portal process over its Unix socket: same limits, same header rules.
import { connect, type Socket } from 'node:net';
import type { Address } from '#server/core/address.ts';
import { Fault } from '#server/core/fault.ts';
import { headerClass } from '#server/core/header-names.ts';
import { PORTAL_SESSION_COOKIE } from '#server/core/portal-cookie.ts';
import type { Snapshot } from '#server/core/snapshot.ts';
import { readCookie } from './cookies.ts';
import type { Exchange, Outcome } from './exchange.ts';
import { forward } from './forward.ts';
import type { GatewayContext } from './gateway-context.ts';
import { replyFault } from './respond.ts';
import type { UpstreamTarget } from './upstream/upstream.ts';

export function forwardToPortal(
  gateway: GatewayContext,
  snapshot: Snapshot,
  exchange: Exchange,
  outcome: Outcome,
): void {
  const { portal } = snapshot;
  const authority = portal.origin.slice(portal.origin.indexOf('://') + 3);
  outcome.reason = 'portal';
  if (isNewSignIn(gateway, exchange) && gateway.overload.sheds('sign-ins'))
    return replyFault(exchange, outcome, new Fault('overloaded'), portal);
  const target = portalTarget(gateway.portalSocketPath);
  forward({
    exchange,
    outcome,
    upstreams: gateway.upstreams,
    owner: 'portal',
    target,
    resolve: async () => target,
    request: {
      method: exchange.method,
      target: exchange.target,
      headers: portalHeaders(exchange, authority),
      body: exchange.body,
      timeouts: { headers: gateway.limits.upstreamHeadersTimeoutMs, idle: gateway.limits.upstreamBodyIdleMs },
    },
    options: { person: null, stickyKey: null },
    limits: gateway.limits,
    answerHeaders: (_status, headers) => portalAnswerHeaders(headers, exchange),
    fail: (fault) => {
      if (fault.status < 500) return replyFault(exchange, outcome, fault, portal);
      gateway.log.warn({ support: exchange.supportId, fault: fault.code, detail: fault.detail }, 'portal failed');
      replyFault(exchange, outcome, new Fault('portal-down', { cause: fault }), portal);
    },
  });
}

/** Whoever has the cookie of a session is signed in, or is told otherwise by the portal. Looked at under overload alone. */
function isNewSignIn({ overload }: GatewayContext, { headers }: Exchange): boolean {
  return overload.level > 0 && readCookie(headers, PORTAL_SESSION_COOKIE) === null;
}

function portalHeaders(exchange: Exchange, authority: string): string[] {
  const out = ['Host', authority];
  for (let i = 0; i < exchange.headers.length; i += 2) {
    const name = exchange.headers[i] ?? '';
    const kind = headerClass(name);
    if (kind !== 'hop' && kind !== 'host') out.push(name, exchange.headers[i + 1] ?? '');
  }
  out.push('X-Forwarded-For', exchange.clientAddress);
  out.push('X-Forwarded-Proto', exchange.scheme);
  out.push('X-Forwarded-Host', authority);
  out.push('Foyer-Request-Id', exchange.supportId);
  return out;
}

function portalAnswerHeaders(headers: readonly string[], exchange: Exchange): string[] {
  const out: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (headerClass(name) !== 'hop' && name.toLowerCase() !== 'foyer-support-id') out.push(name, headers[i + 1] ?? '');
  }
  if (exchange.scheme === 'https') out.push('Strict-Transport-Security', 'max-age=31536000');
  out.push('Foyer-Support-Id', exchange.supportId);
  return out;
}

/** The one place of the portal; its address stands for the socket, which has none. */
const PORTAL_ENDPOINT = { address: '127.0.0.1' as Address, port: 0 };

function portalTarget(path: string): UpstreamTarget {
  return {
    key: 'portal',
    protocol: 'http/1.1',
    endpoints: [PORTAL_ENDPOINT],
    connect: async () => ({ stream: await connectPortal(path), endpoint: PORTAL_ENDPOINT, leftMs: 0 }),
  };
}

function connectPortal(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const failed = (cause: Error) => reject(new Fault('upstream-refused', { detail: cause.message, cause }));
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      resolve(socket);
    });
  });
}
