// Everything the gateway answers in its own name: the one mapping from a fault or a decision to a reply.
import { STATUS_CODES } from 'node:http';
import type { App } from '#server/core/app.ts';
import type { DenyReason, SignInReason } from '#server/core/authorize.ts';
import { PLAIN_BRAND } from '#server/core/brand.ts';
import { FAULTS, type Fault, type FaultCode } from '#server/core/fault.ts';
import { chooseLanguage, type Language } from '#server/core/language.ts';
import { isReturnTarget } from '#server/core/return-target.ts';
import { appOrigin, type Portal } from '#server/core/snapshot.ts';
import { faultText, fill, type Texts, textsIn } from '#server/core/texts.ts';
import type { Exchange, Outcome } from './exchange.ts';
import { headerValue } from './header-names.ts';
import { httpDate } from './http-date.ts';
import { type Page, type PageAction, renderPage } from './page.ts';
import { type RequestKind, requestKind } from './request-kind.ts';

/** With every 503 that does not know better (RFC 9110 §10.2.3). */
export const RETRY_AFTER_SECONDS = 10;

/** Sends a whole response of ours. */
export function reply(exchange: Exchange, outcome: Outcome, status: number, headers: string[], body: string): void {
  if (exchange.closed) return;
  if (exchange.responded) {
    exchange.abort();
    return;
  }
  const bytes = Buffer.byteLength(body);
  const isSent = exchange.method !== 'HEAD' && status !== 204;
  outcome.status = status;
  outcome.bytes = isSent ? bytes : 0;
  const all = [...headers, 'Date', httpDate(exchange.receivedAt), 'Foyer-Support-Id', exchange.supportId];
  if (exchange.scheme === 'https') all.push('Strict-Transport-Security', 'max-age=31536000');
  if (status !== 204) all.push('Content-Length', String(bytes));
  // What is left of a refused body is never read as the next request.
  if (exchange.body !== null) exchange.closeAfter();
  exchange.respond(status, all);
  if (isSent && bytes > 0) exchange.write(Buffer.from(body));
  exchange.end();
}

export function replyPage(
  exchange: Exchange,
  outcome: Outcome,
  status: number,
  page: Page,
  portal: Portal,
  extra: string[] = [],
): void {
  const look = { language: languageOf(exchange), brand: portal.brand ?? PLAIN_BRAND };
  const { body, headers } = renderPage(page, look);
  reply(exchange, outcome, status, [...headers, ...extra], body);
}

/** What the reader's browser asks for: an app's host knows nothing of what was chosen at the portal. */
function languageOf({ headers }: Exchange): Language {
  return chooseLanguage(null, headerValue(headers, 'accept-language'));
}

/** The gateway's own texts, as the reader reads. */
export function textsFor(exchange: Exchange): Texts {
  return textsIn(languageOf(exchange));
}

/** A page for people, a problem document (RFC 9457) for programs; the same sentence and support id in both. */
export function replyFault(exchange: Exchange, outcome: Outcome, fault: Fault, portal: Portal, close = false): void {
  outcome.reason = fault.code;
  if (exchange.responded) {
    exchange.abort();
    return;
  }
  if (close) exchange.closeAfter();
  refuse(exchange, outcome, fault.code, portal, []);
}

/** A signed-in person who may not. */
export function replyDenied(
  exchange: Exchange,
  outcome: Outcome,
  reason: DenyReason,
  email: string,
  portal: Portal,
): void {
  outcome.reason = reason;
  const { denied, toApps } = textsFor(exchange).pages;
  const { title, text } = denied[reason];
  if (isForPeople(requestKind(exchange.method, exchange.headers))) {
    const page = {
      title,
      paragraphs: [fill(denied.who, { email, text })],
      actions: [
        { label: toApps, href: `${portal.origin}/` },
        { label: denied.anotherAccount, href: `${portal.origin}/account` },
      ],
      supportId: exchange.supportId,
    };
    return replyPage(exchange, outcome, 403, page, portal);
  }
  replyProblem(exchange, outcome, 403, reason, title, text, []);
}

/** Nobody is signed in here, and this kind of request is not led to sign-in. */
export function replySignInNeeded(
  exchange: Exchange,
  outcome: Outcome,
  app: App,
  reason: SignInReason,
  portal: Portal,
): void {
  outcome.reason = reason;
  const origin = appOrigin(portal, exchange.hostname);
  const signInUrl = `${origin}/.foyer/sign-in`;
  const headers = [
    'Foyer-Sign-In',
    signInUrl,
    'WWW-Authenticate',
    `Foyer realm="${portal.hostname}"`,
    ...sharedWithOwnHosts(exchange, app, portal),
  ];
  const { formHeld, signInNeeded } = textsFor(exchange).pages;
  if (requestKind(exchange.method, exchange.headers) === 'form') {
    const page = {
      title: formHeld.title,
      paragraphs: [formHeld.first, formHeld.second],
      actions: [{ label: formHeld.action, href: '/.foyer/sign-in?to=/.foyer/done', newTab: true }],
      supportId: exchange.supportId,
    };
    return replyPage(exchange, outcome, 401, page, portal, headers);
  }
  replyProblem(exchange, outcome, 401, reason, signInNeeded.title, signInNeeded.detail, headers);
}

/** CORS for another host of the same app: it may read our refusals, nobody else may. Empty for every other origin. */
function sharedWithOwnHosts(exchange: Exchange, app: App, portal: Portal): string[] {
  const origin = headerValue(exchange.headers, 'origin');
  if (origin === null || !isOwnOrigin(app, portal, origin)) return [];
  return [
    'Access-Control-Allow-Origin',
    origin,
    'Access-Control-Allow-Credentials',
    'true',
    'Access-Control-Expose-Headers',
    'Foyer-Sign-In, Foyer-Support-Id',
    'Vary',
    'Origin',
  ];
}

/** Reports whether an Origin is one of the app's own hosts, as browsers write it. */
export function isOwnOrigin(app: App, portal: Portal, origin: string): boolean {
  return app.hosts.some((host) => appOrigin(portal, host) === origin);
}

/** A refusal of a request that never became an exchange, for HTTP/2: lower-case flat headers. */
export function rawProblem(
  code: FaultCode,
  supportId: string,
  at: number,
): { status: number; headers: string[]; body: string } {
  const { status } = FAULTS[code];
  const { title, sentence } = faultText(code);
  const headers = [
    'content-type',
    'application/problem+json',
    'cache-control',
    'no-store',
    'date',
    httpDate(at),
    'foyer-support-id',
    supportId,
  ];
  return { status, headers, body: problemBody(status, code, title, sentence, supportId) };
}

/** The same as bytes for an HTTP/1.1 socket, which is closed after it (RFC 9112 §9.6). */
export function rawRefusal(code: FaultCode, supportId: string, at: number, extra: readonly string[] = []): string {
  const { status, headers, body } = rawProblem(code, supportId, at);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...extra,
  ];
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

function refuse(exchange: Exchange, outcome: Outcome, code: FaultCode, portal: Portal, headers: string[]): void {
  const { status } = FAULTS[code];
  const texts = textsFor(exchange);
  const { title, sentence } = texts.faults[code];
  const all = status === 503 ? [...headers, 'Retry-After', String(RETRY_AFTER_SECONDS)] : headers;
  if (isForPeople(requestKind(exchange.method, exchange.headers))) {
    const page = {
      title,
      paragraphs: [sentence],
      actions: [{ label: texts.pages.toApps, href: `${portal.origin}/` }, ...pathOf(outcome, status, portal, texts)],
      supportId: exchange.supportId,
    };
    return replyPage(exchange, outcome, status, page, portal, all);
  }
  replyProblem(exchange, outcome, status, code, title, sentence, all);
}

/** What is wrong behind the gateway can be looked at by whoever was let through to it. */
function pathOf({ appId }: Outcome, status: number, portal: Portal, texts: Texts): PageAction[] {
  const isBehind = status === 502 || status === 504;
  return isBehind && appId ? [{ label: texts.pages.toPath, href: `${portal.origin}/path/${appId}` }] : [];
}

/** A problem document (RFC 9457), for programs. */
export function replyProblem(
  exchange: Exchange,
  outcome: Outcome,
  status: number,
  code: string,
  title: string,
  detail: string,
  headers: string[],
): void {
  const body = problemBody(status, code, title, detail, exchange.supportId);
  const own = [
    'Content-Type',
    'application/problem+json',
    'Cache-Control',
    'no-store',
    'X-Content-Type-Options',
    'nosniff',
  ];
  reply(exchange, outcome, status, [...own, ...headers], body);
}

function problemBody(status: number, code: string, title: string, detail: string, supportId: string): string {
  return `${JSON.stringify({ type: `urn:foyer:${code}`, title, status, detail, supportId })}\n`;
}

/** Reports whether a person looks at the answer: they get a page. */
export function isForPeople(kind: RequestKind): boolean {
  return kind === 'navigation' || kind === 'form';
}

/** A plain-text request while the portal is https: the same place over TLS, never the content. */
export function redirectToHttps(exchange: Exchange, outcome: Outcome, portal: Portal): void {
  outcome.reason = 'https-required';
  const origin = appOrigin(portal, exchange.hostname);
  const location = origin + (isReturnTarget(origin, exchange.target) ? exchange.target : '/');
  reply(exchange, outcome, 308, ['Location', location, 'Cache-Control', 'no-store'], '');
}
