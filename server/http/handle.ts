// One request, from its host name to its answer: route → grant → authorize → headers → dial → forward, on one screen.
import { isDeepStrictEqual } from 'node:util';
import type { DenyReason } from '#server/core/authorize.ts';
import { asFault, Fault } from '#server/core/fault.ts';
import { route } from '#server/core/route.ts';
import type { Snapshot } from '#server/core/snapshot.ts';
import { upstreamOf } from '#server/core/upstream-of.ts';
import { accessLine, newOutcome } from './access-log.ts';
import { answerUnsigned } from './answer-unsigned.ts';
import { auditOnceAMinute } from './capped-audit.ts';
import { decide } from './decide.ts';
import type { Exchange, Outcome } from './exchange.ts';
import { forward } from './forward.ts';
import type { GatewayAudit, GatewayContext } from './gateway-context.ts';
import { isReservedTarget, serveReserved } from './handshake.ts';
import { clientHeaders, countVia } from './headers.ts';
import { liveEntryOf } from './live.ts';
import { replyMaintenance } from './maintenance.ts';
import { mapAnswer } from './map-answer.ts';
import { placeOf, type Way, wayTo } from './place.ts';
import { forwardToPortal } from './portal-hop.ts';
import { type HttpProof, proofOf, type SignedIn } from './proof.ts';
import { redecide } from './redecide.ts';
import { requestKind } from './request-kind.ts';
import { redirectToHttps, replyDenied, replyFault } from './respond.ts';
import type { UpstreamTarget } from './upstream/upstream.ts';
import { type UpstreamHead, upstreamRequest, upstreamTimeouts } from './upstream-request.ts';
import type { Visit } from './visit.ts';

/**
 * Serves one exchange to its end. Never rejects: what breaks becomes a fault, and a fault becomes an answer. A promise is what
 * had to be waited for before anything was sent to the app: work that a client cannot take back.
 */
export function handle(gateway: GatewayContext, exchange: Exchange): Served {
  const snapshot = gateway.snapshot();
  const outcome = newOutcome();
  const startedAt = performance.now();
  exchange.onClosed(() => gateway.access(accessLine(exchange, outcome, performance.now() - startedAt)));
  const fail = (thrown: unknown): void => {
    const fault = asFault(thrown);
    if (fault.status >= 500)
      gateway.log.warn(
        {
          support: exchange.supportId,
          fault: fault.code,
          detail: fault.detail,
          err: fault.code === 'internal' ? fault.cause : undefined,
        },
        'request failed',
      );
    replyFault(exchange, outcome, fault, snapshot.portal);
  };
  try {
    const served = serve(gateway, snapshot, exchange, outcome);
    if (served instanceof Promise) return served.catch(fail);
  } catch (thrown) {
    fail(thrown);
  }
}

/** What is in memory is served at once; a promise is what had to be waited for. */
type Served = void | Promise<void>;

function serve(gateway: GatewayContext, snapshot: Snapshot, exchange: Exchange, outcome: Outcome): Served {
  const now = exchange.receivedAt;
  const place = placeOf(snapshot, exchange.hostname);
  if (place === null && route(snapshot, exchange.hostname).kind !== 'portal') throw new Fault('host-unknown');
  if (exchange.scheme !== snapshot.portal.scheme) return redirectToHttps(exchange, outcome, snapshot.portal);
  if (place === null) return forwardToPortal(gateway, snapshot, exchange, outcome);
  const { app, host } = place;
  const visit: Visit = { gateway, snapshot, now, exchange, outcome, app, host, place };
  outcome.appId = app.id;
  if (isReservedTarget(exchange.target)) return serveReserved(visit);

  const proof = proofOf(gateway, exchange, app, host, now);
  return proof instanceof Promise ? proof.then((late) => act(visit, late)) : act(visit, proof);
}

function act(visit: Visit, proof: HttpProof): Served {
  const { app, exchange, gateway, now, outcome, place, snapshot } = visit;
  const decision = decide(gateway, snapshot, app, proof, now, place);
  outcome.reason = decision.reason;
  if (proof.kind === 'session') outcome.userId = proof.session.identity.userId;
  switch (decision.kind) {
    case 'allow':
      // An allow without a session is no decision of ours.
      if (proof.kind !== 'session') throw new Fault('unavailable');
      return forwardToApp(visit, proof, decision.until);
    case 'sign-in':
      return answerUnsigned(visit, decision.reason);
    case 'deny':
      if (proof.kind !== 'session') throw new Fault('unavailable');
      auditRefusal(visit, proof, decision.reason);
      return replyDenied(exchange, outcome, decision.reason, proof.session.identity.email, snapshot.portal);
    case 'unavailable':
      throw new Fault('unavailable', { detail: decision.reason });
    default:
      return decision satisfies never;
  }
}

function forwardToApp(visit: Visit, proof: SignedIn, until: number): Served {
  const { app, exchange, gateway, outcome, place, snapshot } = visit;
  if (countVia(exchange.headers, gateway.via) > 1) throw new Fault('loop-detected');
  // Gone while its session was read: there is nobody to serve.
  if (exchange.closed) return;
  // Registered before anything is awaited: what is revoked from here on ends this too.
  const entry = liveEntryOf(visit, proof, until, 'request', (why) => {
    outcome.reason = why;
    exchange.abort();
  });
  gateway.live.add(entry);
  exchange.onClosed(() => gateway.live.delete(entry));
  // The catalogue may have changed while the session was read, before there was anything to end.
  if (gateway.snapshot() !== snapshot) void redecide(gateway, [proof.session.id]);
  if (app.traffic.maintenance !== null)
    return replyMaintenance(exchange, outcome, app.traffic.maintenance, snapshot.portal);
  const chosen = upstreamOf(app, exchange.target);
  if (!chosen) throw new Fault('bad-request', { detail: 'The path would be another route’s to some servers.' });
  const way = wayTo(place, chosen);
  const head = upstreamRequest(visit, proof, way);
  const target = gateway.dial.resolve(app, chosen.upstream, way.target);
  if (target instanceof Promise) return target.then((found) => dispatch(visit, proof, way, head, found));
  return dispatch(visit, proof, way, head, target);
}

function dispatch(
  { app, exchange, gateway, host, outcome, place, snapshot }: Visit,
  { session }: SignedIn,
  way: Way,
  head: UpstreamHead,
  target: UpstreamTarget,
): void {
  way.target = target;
  if (exchange.closed) return;
  outcome.trace = head.traceId;
  const { origin: publicOrigin } = place;
  const { upstream } = way;
  forward({
    exchange,
    outcome,
    upstreams: gateway.upstreams,
    owner: way,
    target,
    resolve: () => whereNow(gateway, exchange, way),
    request: {
      method: exchange.method,
      target: exchange.target,
      headers: head.headers,
      body: exchange.body,
      timeouts: upstreamTimeouts(app, gateway.limits),
    },
    options: { person: session.identity.userId, stickyKey: session.id },
    limits: gateway.limits,
    answerHeaders: (status, answer) =>
      clientHeaders(mapAnswer(answer, app.traffic, { upstream, sentHost: head.host, publicOrigin, publicHost: host }), {
        status,
        host,
        secure: exchange.scheme === 'https',
        supportId: exchange.supportId,
        at: gateway.now(),
        trailers: exchange.takesTrailers,
      }),
    fail: (fault) => {
      // What a client did wrong, its access line says.
      if (fault.status >= 500)
        gateway.log.warn({ support: exchange.supportId, fault: fault.code, detail: fault.detail }, 'upstream failed');
      replyFault(exchange, outcome, fault, snapshot.portal);
    },
  });
}

/** Null once the catalogue has another upstream in its place: what was meant for the one is not for the other. */
async function whereNow(gateway: GatewayContext, exchange: Exchange, way: Way): Promise<UpstreamTarget | null> {
  if (!leadsStill(gateway, exchange, way)) return null;
  const target = await gateway.dial.resolve(way.app, way.upstream, way.target);
  if (!leadsStill(gateway, exchange, way)) return null;
  way.target = target;
  return target;
}

function leadsStill(gateway: GatewayContext, { hostname, target }: Exchange, { app, route, upstream }: Way): boolean {
  const now = placeOf(gateway.snapshot(), hostname)?.app;
  if (now === app) return true;
  if (now?.id !== app.id || now.siteId !== app.siteId) return false;
  return isDeepStrictEqual(upstreamOf(now, target), { upstream, route });
}

function auditRefusal(visit: Visit, proof: SignedIn, reason: DenyReason): void {
  const { app, exchange, gateway } = visit;
  const event: GatewayAudit = {
    level: 'info',
    action: 'access-refused',
    identity: proof.session.identity,
    app,
    outcome: 'refused',
    reason,
    supportId: exchange.supportId,
    clientAddress: exchange.clientAddress,
  };
  // Whoever sees a page with a support id finds it in the audit; what scripts repeat is one event a minute.
  if (requestKind(exchange.method, exchange.headers) === 'other') auditOnceAMinute(gateway, event);
  else gateway.audit(event);
}
