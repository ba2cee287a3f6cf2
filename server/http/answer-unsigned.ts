// The answer to a request without a valid grant, by the kind of request: lead to sign-in, or say 401. Never a redirect for a script.
import type { SignInReason } from '#server/core/authorize.ts';
import { firstAttempt } from './first-visit.ts';
import { lead } from './handshake.ts';
import { headerValue } from './header-names.ts';
import { auditReplay } from './replay.ts';
import { requestKind } from './request-kind.ts';
import { isOwnOrigin, reply, replySignInNeeded } from './respond.ts';
import type { Visit } from './visit.ts';

export function answerUnsigned(visit: Visit, reason: SignInReason): void {
  const { app, exchange, host, now, outcome, snapshot } = visit;
  if (reason === 'grant-invalid') void auditReplay(visit);
  const kind = requestKind(exchange.method, exchange.headers);
  switch (kind) {
    case 'navigation':
      return lead(visit, firstAttempt(app, host, snapshot.portal, exchange.target, now));
    case 'service-worker':
      outcome.reason = 'service-worker-retired';
      return reply(
        exchange,
        outcome,
        200,
        ['Content-Type', 'text/javascript; charset=utf-8', 'Cache-Control', 'no-store'],
        PASS_THROUGH_WORKER,
      );
    case 'preflight': {
      const origin = headerValue(exchange.headers, 'origin');
      if (origin !== null && isOwnOrigin(app, snapshot.portal, origin)) return answerPreflight(visit, origin);
      return replySignInNeeded(exchange, outcome, app, reason, snapshot.portal);
    }
    case 'form':
    case 'other':
      return replySignInNeeded(exchange, outcome, app, reason, snapshot.portal);
    default:
      return kind satisfies never;
  }
}

/**
 * Takes the place of an app's worker while nobody is signed in: without a fetch handler the next navigation reaches the
 * network, so a cached shell cannot lock a person out. It deletes nothing; the app's own worker returns after sign-in.
 */
const PASS_THROUGH_WORKER = `self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
`;

/** A preflight among an app's own hosts (Fetch §4.8): it carries no cookies, so the gateway answers for the app. */
function answerPreflight({ exchange, outcome }: Visit, origin: string): void {
  outcome.reason = 'preflight-own-host';
  const method = headerValue(exchange.headers, 'access-control-request-method') ?? 'GET';
  const requested = headerValue(exchange.headers, 'access-control-request-headers');
  const headers = [
    'Access-Control-Allow-Origin',
    origin,
    'Access-Control-Allow-Credentials',
    'true',
    'Access-Control-Allow-Methods',
    /^[A-Za-z]{1,20}$/.test(method) ? method : 'GET',
    'Access-Control-Max-Age',
    '600',
    'Vary',
    'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
  ];
  if (requested !== null && /^[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,2048}$/.test(requested)) {
    headers.push('Access-Control-Allow-Headers', requested);
  }
  reply(exchange, outcome, 204, headers, '');
}
