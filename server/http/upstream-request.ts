// The header list that one allowed request takes to its upstream.
import type { Visit } from './handshake.ts';
import { upstreamHeaders } from './headers.ts';
import type { Way } from './place.ts';
import type { SignedIn } from './proof.ts';
import { traceContext } from './trace-context.ts';

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
