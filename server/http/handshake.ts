// The reserved paths of every app host: where a first visit ends, sign-out of one app, and the public keys.

import { type Attempt, hashNonce, openAttempt } from '#server/core/attempt.ts';
import type { AuditReason } from '#server/core/audit-words.ts';
import { Fault, isFault } from '#server/core/fault.ts';
import type { Identity, Session } from '#server/core/identity.ts';
import { returnUrl, safeFragment } from '#server/core/return-target.ts';
import { fill } from '#server/core/texts.ts';
import { auditCapped } from './capped-audit.ts';
import { GRANT_COOKIE, TRY_COOKIE } from './cookies.ts';
import { decide } from './decide.ts';
import { firstAttempt, heldNonce, MAX_ROUNDS, nextStop, toPortal } from './first-visit.ts';
import type { GatewayAudit } from './gateway-context.ts';
import { headerValues } from './header-names.ts';
import { scriptValue } from './page.ts';
import { proofOf } from './proof.ts';
import { readForm } from './read-form.ts';
import { isOwnOrigin, reply, replyFault, replyPage, textsFor } from './respond.ts';
import type { Visit } from './visit.ts';

/** Reports whether a target belongs to Foyer on every app host. */
export function isReservedTarget(target: string): boolean {
  return /^\/(\.foyer([/?]|$)|\.well-known\/foyer\/)/.test(target);
}

export async function serveReserved(visit: Visit): Promise<void> {
  const { exchange, gateway } = visit;
  const [path = '', query = ''] = split(exchange.target, '?');
  const isRead = exchange.method === 'GET' || exchange.method === 'HEAD';
  visit.outcome.reason = 'reserved-path';
  switch (path) {
    case '/.foyer/session':
      if (exchange.method !== 'POST') throw new Fault('method-not-allowed');
      return completeHandshake(visit);
    case '/.foyer/continue':
      if (!isRead) throw new Fault('method-not-allowed');
      return continueVisit(visit, new URLSearchParams(query).get('try') ?? '');
    case '/.foyer/sign-in':
      if (!isRead) throw new Fault('method-not-allowed');
      return lead(
        visit,
        firstAttempt(
          visit.app,
          visit.host,
          visit.snapshot.portal,
          new URLSearchParams(query).get('to') ?? '/',
          visit.now,
        ),
      );
    case '/.foyer/sign-out':
      return exchange.method === 'POST' ? signOut(visit) : askSignOut(visit);
    case '/.foyer':
    case '/.foyer/':
      return askSignOut(visit);
    case '/.well-known/foyer/jwks.json': {
      if (!isRead) throw new Fault('method-not-allowed');
      const headers = [
        'Content-Type',
        'application/jwk-set+json',
        'Cache-Control',
        'public, max-age=300',
        'Access-Control-Allow-Origin',
        '*',
      ];
      return reply(exchange, visit.outcome, 200, headers, gateway.signer.jwks);
    }
    default:
      throw new Fault('not-found');
  }
}

/** 302 to the portal with a sealed attempt: the answer to a navigation without a grant. The first thing that overload gives up. */
export function lead(visit: Visit, attempt: Attempt): void {
  const { exchange, gateway, outcome, snapshot } = visit;
  if (gateway.overload.sheds('sign-ins'))
    return replyFault(exchange, outcome, new Fault('overloaded'), snapshot.portal);
  const { location, setCookie } = toPortal(attempt, exchange.headers, snapshot.portal, gateway.attemptKey);
  reply(
    exchange,
    outcome,
    302,
    ['Location', location, 'Set-Cookie', setCookie, 'Cache-Control', 'no-store', 'Referrer-Policy', 'no-referrer'],
    '',
  );
}

/**
 * The portal's form post: one-time code, attempt and fragment. Only from the portal's origin, only once, only in the
 * browser that began. Anything else starts over or is refused, and an existing grant stays as it is.
 */
async function completeHandshake(visit: Visit): Promise<void> {
  const { app, exchange, gateway, host, now, snapshot } = visit;
  const origins = headerValues(exchange.headers, 'origin');
  if (origins.length !== 1 || origins[0] !== snapshot.portal.origin) return refuse(visit, 'origin-not-portal');
  const form = await readForm(exchange, gateway.limits);
  const attempt = openAttempt(gateway.attemptKey, form.get('try') ?? '', now);
  const fragment = form.get('fragment') ?? '';
  if (!attempt || attempt.host !== host || attempt.appId !== app.id || attempt.nonceHash === '') {
    return startOver(
      visit,
      { ...firstAttempt(app, host, snapshot.portal, '/', now), round: (attempt?.round ?? 1) + 1 },
      fragment,
      'attempt-invalid',
    );
  }
  const nonce = heldNonce(exchange.headers);
  if (nonce === null || hashNonce(nonce) !== attempt.nonceHash) {
    return startOver(
      visit,
      { ...attempt, startedAt: now, round: attempt.round + 1 },
      fragment,
      nonce === null ? 'nonce-missing' : 'nonce-mismatch',
    );
  }
  const redeemed = await fromStore(
    gateway.redeemCode({ code: form.get('code') ?? '', host, nonceHash: attempt.nonceHash }),
  );
  const nextRound = { ...attempt, startedAt: now, round: attempt.round + 1 };
  if (redeemed.kind === 'refused') return startOver(visit, nextRound, fragment, redeemed.reason, redeemed.identity);
  const session = await fromStore(gateway.sessions.get(redeemed.sessionId, now));
  if (!session) return startOver(visit, nextRound, fragment, 'session-unknown');
  if (redeemed.appId !== app.id) return startOver(visit, nextRound, fragment, 'code-other-app', session.identity);
  admit(visit, attempt, session, fragment);
}

/** Sets the grant and goes on by script: a redirect here would still be held to the portal's `form-action`. */
function admit(visit: Visit, attempt: Attempt, session: Session, fragment: string): void {
  const { app, gateway, host, now, snapshot } = visit;
  const expiresAt = Math.min(
    session.expiresAt,
    app.maxSessionMs === null ? Number.POSITIVE_INFINITY : session.createdAt + app.maxSessionMs,
  );
  const grant = gateway.grants.seal({ sessionId: session.id, appId: app.id, host, issuedAt: now, expiresAt });
  visit.outcome.userId = session.identity.userId;
  visit.outcome.reason = 'handshake-completed';
  audit(visit, 'handshake-completed', 'done', 'assigned', session.identity);
  const stop = nextStop(attempt, app, snapshot.portal, gateway.attemptKey);
  const url = stop.kind === 'home' ? returnUrl(stop.origin, stop.target, fragment) : stop.url + safeFragment(fragment);
  goOn(visit, url, ['Set-Cookie', `${GRANT_COOKIE}=${grant}; Path=/; Secure; HttpOnly; SameSite=Lax`]);
}

/** The next host of the same app: a valid grant goes straight on, anything else makes the usual visit to the portal. */
async function continueVisit(visit: Visit, sealed: string): Promise<void> {
  const { app, exchange, gateway, host, now, outcome, snapshot } = visit;
  const attempt = openAttempt(gateway.attemptKey, sealed, now);
  if (!attempt || attempt.appId !== app.id || attempt.host !== host || attempt.nonceHash !== '') {
    return lead(visit, firstAttempt(app, host, snapshot.portal, '/', now));
  }
  const proof = await proofOf(gateway, exchange, app, host, now);
  if (decide(gateway, snapshot, app, proof, now).kind !== 'allow') return lead(visit, attempt);
  const stop = nextStop(attempt, app, snapshot.portal, gateway.attemptKey);
  const location = stop.kind === 'home' ? stop.origin + stop.target : stop.url;
  // The browser carries the fragment over a redirect whose Location has none (Fetch §4.4).
  reply(
    exchange,
    outcome,
    302,
    ['Location', location, 'Cache-Control', 'no-store', 'Referrer-Policy', 'no-referrer'],
    '',
  );
}

function startOver(
  visit: Visit,
  attempt: Attempt,
  fragment: string,
  reason: AuditReason,
  identity: Identity | null = null,
): void {
  const { exchange, gateway, snapshot } = visit;
  visit.outcome.reason = reason;
  audit(visit, 'handshake-refused', 'refused', reason, identity);
  if (attempt.round > MAX_ROUNDS) return diagnose(visit, reason);
  const { location, setCookie } = toPortal(attempt, exchange.headers, snapshot.portal, gateway.attemptKey);
  goOn(visit, location + safeFragment(fragment), ['Set-Cookie', setCookie]);
}

function diagnose(visit: Visit, reason: AuditReason): void {
  const { exchange, outcome, snapshot } = visit;
  const { diagnosis, toApps } = textsFor(exchange).pages;
  const page = {
    title: diagnosis.title,
    paragraphs: [reason === 'nonce-missing' ? diagnosis.cookies : diagnosis.other, diagnosis.lost],
    actions: [
      { label: toApps, href: `${snapshot.portal.origin}/` },
      { label: diagnosis.again, href: '/.foyer/sign-in' },
    ],
    supportId: exchange.supportId,
  };
  replyPage(exchange, outcome, 403, page, snapshot.portal);
}

function refuse(visit: Visit, reason: AuditReason): void {
  audit(visit, 'handshake-refused', 'refused', reason, null);
  visit.outcome.reason = reason;
  throw new Fault('handshake-refused', { detail: reason });
}

async function signOut(visit: Visit): Promise<void> {
  const { app, exchange, gateway, host, now, outcome, snapshot } = visit;
  const origins = headerValues(exchange.headers, 'origin');
  if (origins.length !== 1 || !isOwnOrigin(app, snapshot.portal, origins[0] ?? '')) throw new Fault('origin-refused');
  const proof = await proofOf(gateway, exchange, app, host, now);
  if (proof.kind === 'session') {
    await fromStore(gateway.signOutOfApp(proof.session.id, app.id));
    audit(visit, 'app-signed-out', 'done', 'asked', proof.session.identity);
  }
  const { signedOut, toApps } = textsFor(exchange).pages;
  const page = {
    title: signedOut.title,
    paragraphs: [signedOut.text],
    actions: [
      { label: toApps, href: `${snapshot.portal.origin}/` },
      { label: signedOut.again, href: '/' },
    ],
  };
  replyPage(exchange, outcome, 200, page, snapshot.portal, [
    'Set-Cookie',
    `${GRANT_COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax`,
    'Set-Cookie',
    `${TRY_COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=None`,
  ]);
}

/** Who am I here, and the button: signing out is a POST, so that no image or link can do it. */
async function askSignOut(visit: Visit): Promise<void> {
  const { app, exchange, gateway, host, now, outcome, snapshot } = visit;
  const proof = await proofOf(gateway, exchange, app, host, now);
  const { askSignOut: ask, signedOutAlready, toApps } = textsFor(exchange).pages;
  const home = { label: toApps, href: `${snapshot.portal.origin}/` };
  if (proof.kind === 'none' || decide(gateway, snapshot, app, proof, now).kind === 'sign-in') {
    const { title, text, action } = signedOutAlready;
    const actions = [{ label: action, href: '/.foyer/sign-in' }, home];
    return replyPage(exchange, outcome, 200, { title, paragraphs: [text], actions }, snapshot.portal);
  }
  const { email } = proof.session.identity;
  const page = {
    title: ask.title,
    paragraphs: [fill(ask.text, { email })],
    actions: [{ label: ask.action, post: '/.foyer/sign-out' }, home],
  };
  replyPage(exchange, outcome, 200, page, snapshot.portal);
}

/** What the store does not answer is a clear 503, never a guess. */
async function fromStore<Result>(answer: Result | Promise<Result>): Promise<Result> {
  try {
    return await answer;
  } catch (cause) {
    throw isFault(cause) ? cause : new Fault('store-down', { detail: String(cause), cause });
  }
}

function goOn(visit: Visit, url: string, headers: string[]): void {
  const { title, text, action } = textsFor(visit.exchange).pages.opening;
  const page = {
    title,
    paragraphs: [text],
    actions: [{ label: action, href: url }],
    script: `location.replace(${scriptValue(url)})`,
  };
  replyPage(visit.exchange, visit.outcome, 200, page, visit.snapshot.portal, headers);
}

function audit(
  visit: Visit,
  action: 'handshake-completed' | 'handshake-refused' | 'app-signed-out',
  outcome: 'done' | 'refused',
  reason: AuditReason,
  identity: Identity | null,
): void {
  const { app, exchange, gateway } = visit;
  const write = identity ? gateway.audit : (event: GatewayAudit) => auditCapped(gateway, event);
  write({
    level: 'info',
    action,
    identity,
    app,
    outcome,
    reason,
    supportId: exchange.supportId,
    clientAddress: exchange.clientAddress,
  });
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
