// The header list that one allowed request takes to its upstream.
import type { Upstream } from '#server/core/app.ts';
import type { Session } from '#server/core/identity.ts';
import type { Visit } from './handshake.ts';
import { upstreamHeaders, upstreamHost } from './headers.ts';
import { publicPlace } from './public-place.ts';
import { traceContext } from './trace-context.ts';

/** `host`: the Host that is sent. */
export type UpstreamHead = { headers: string[]; host: string; traceId: string };

/** `visit` may be an upgrade: only its head is read. */
export function upstreamRequest(
  {
    app,
    exchange,
    gateway,
    host: publicHost,
    now,
    snapshot,
  }: Pick<Visit, 'app' | 'gateway' | 'host' | 'now' | 'snapshot'> & {
    exchange: Pick<Visit['exchange'], 'headers' | 'clientAddress' | 'protocol' | 'scheme' | 'supportId'>;
  },
  session: Session,
  upstream: Upstream,
): UpstreamHead {
  const { authority: publicAuthority, origin } = publicPlace(snapshot, publicHost);
  const host = upstreamHost(upstream, publicAuthority);
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
      assertion: gateway.signer.assertion(session, origin, now),
      identity: app.identityHeaders.length > 0 ? { identity: session.identity, families: app.identityHeaders } : null,
    }),
  };
}
