// What one allowed request takes to its upstream: its header list, and how long it may take there.
import type { App } from '#server/core/app.ts';
import { upstreamHeaders } from './headers.ts';
import type { Limits } from './limits.ts';
import type { Way } from './place.ts';
import type { SignedIn } from './proof.ts';
import { traceContext } from './trace-context.ts';
import type { Visit } from './visit.ts';

/** `host`: the Host that is sent. */
export type UpstreamHead = { headers: string[]; host: string; traceId: string };

/** `visit` may be an upgrade: only its head is read. */
export function upstreamRequest(
  {
    app,
    exchange,
    gateway,
    now,
    place,
  }: Pick<Visit, 'app' | 'gateway' | 'now' | 'place'> & {
    exchange: Pick<Visit['exchange'], 'headers' | 'clientAddress' | 'protocol' | 'scheme' | 'supportId'>;
  },
  { seat, session }: SignedIn,
  { host, upstream }: Way,
): UpstreamHead {
  const { authority: publicAuthority, origin } = place;
  const trace = traceContext(exchange.headers);
  return {
    host,
    traceId: trace.traceId,
    headers: upstreamHeaders(exchange.headers, {
      host,
      trace,
      receivedOver: exchange.protocol === 'HTTP/2' ? '2' : '1.1',
      sentOver: upstream.protocol,
      edits: app.traffic.requestHeaders,
      clientAddress: exchange.clientAddress,
      scheme: exchange.scheme,
      publicAuthority,
      supportId: exchange.supportId,
      via: gateway.via,
      assertion: gateway.signer.assertion(session, origin, now, seat),
      identity: app.identityHeaders.length > 0 ? { identity: session.identity, families: app.identityHeaders } : null,
    }),
  };
}

/** Milliseconds, as `UpstreamTimeouts` says: the app's own first. */
export function upstreamTimeouts({ traffic }: Pick<App, 'traffic'>, limits: Limits): { headers: number; idle: number } {
  const { headers, idle } = traffic.timeouts;
  return { headers: headers ?? limits.upstreamHeadersTimeoutMs, idle: idle ?? limits.upstreamBodyIdleMs };
}
