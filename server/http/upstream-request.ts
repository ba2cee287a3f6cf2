// The header list that one allowed request takes to its upstream. A value unless the assertion has to be signed first.
import type { Session } from '#server/core/identity.ts';
import { appOrigin } from '#server/core/snapshot.ts';
import type { Visit } from './handshake.ts';
import { upstreamHeaders, upstreamHost } from './headers.ts';

/** `visit` may be an upgrade: only its head is read. */
export function upstreamRequest(
  {
    app,
    exchange,
    gateway,
    host,
    now,
    snapshot,
  }: Pick<Visit, 'app' | 'gateway' | 'host' | 'now' | 'snapshot'> & {
    exchange: Pick<Visit['exchange'], 'headers' | 'clientAddress' | 'scheme' | 'supportId'>;
  },
  session: Session,
): string[] | Promise<string[]> {
  const origin = appOrigin(snapshot.portal, host);
  const publicAuthority = origin.slice(origin.indexOf('://') + 3);
  const build = (assertion: string): string[] =>
    upstreamHeaders(exchange.headers, {
      host: upstreamHost(app, publicAuthority),
      clientAddress: exchange.clientAddress,
      scheme: exchange.scheme,
      publicAuthority,
      supportId: exchange.supportId,
      via: gateway.via,
      assertion,
      identity: app.identityHeaders.length > 0 ? { identity: session.identity, families: app.identityHeaders } : null,
    });
  const assertion = gateway.signer.assertion(session, origin, now);
  return assertion instanceof Promise ? assertion.then(build) : build(assertion);
}
