// Everything the gateway answers in its own name: the one mapping from a fault or a decision to a reply.
import { STATUS_CODES } from 'node:http';
import type { App } from '#server/core/app.ts';
import type { DenyReason, SignInReason } from '#server/core/authorize.ts';
import { FAULTS, type Fault, type FaultCode } from '#server/core/fault.ts';
import { isReturnTarget } from '#server/core/return-target.ts';
import { appOrigin, type Portal } from '#server/core/snapshot.ts';
import type { Exchange, Outcome } from './exchange.ts';
import { headerValue } from './header-names.ts';
import { type Page, renderPage } from './page.ts';
import { type RequestKind, requestKind } from './request-kind.ts';

/** Sends a whole response of ours. */
export function reply(exchange: Exchange, outcome: Outcome, status: number, headers: string[], body: string): void {
  if (exchange.closed) return;
  if (exchange.responded) {
    exchange.abort();
    return;
  }
  const bytes = Buffer.byteLength(body);
  outcome.status = status;
  outcome.bytes = bytes;
  const all = [...headers, 'Foyer-Support-Id', exchange.supportId];
  if (exchange.scheme === 'https') all.push('Strict-Transport-Security', 'max-age=31536000');
  if (status !== 204) all.push('Content-Length', String(bytes));
  // What is left of a refused body is never read as the next request.
  if (exchange.body !== null) exchange.closeAfter();
  exchange.respond(status, all);
  if (exchange.method !== 'HEAD' && status !== 204 && bytes > 0) exchange.write(Buffer.from(body));
  exchange.end();
}

export function replyPage(
  exchange: Exchange,
  outcome: Outcome,
  status: number,
  page: Page,
  extra: string[] = [],
): void {
  const { body, headers } = renderPage(page);
  reply(exchange, outcome, status, [...headers, ...extra], body);
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
  const sentence = DENIED[reason];
  if (isForPeople(requestKind(exchange.method, exchange.headers))) {
    replyPage(exchange, outcome, 403, {
      title: sentence.title,
      paragraphs: [`You are signed in as ${email}. ${sentence.text}`],
      actions: [
        { label: 'Go to your apps', href: `${portal.origin}/` },
        { label: 'Use another account', href: `${portal.origin}/account` },
      ],
      supportId: exchange.supportId,
    });
    return;
  }
  replyProblem(exchange, outcome, 403, reason, sentence.title, sentence.text, []);
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
  if (requestKind(exchange.method, exchange.headers) === 'form') {
    replyPage(
      exchange,
      outcome,
      401,
      {
        title: 'Your session ended before this was sent',
        paragraphs: [
          'Nothing was passed on to the app, and nothing is lost: this tab still holds your form.',
          'Sign in in a new tab, then come back here and reload this page. The browser asks whether to send the form again.',
        ],
        actions: [{ label: 'Sign in in a new tab', href: '/.foyer/sign-in?to=/.foyer/done', newTab: true }],
        supportId: exchange.supportId,
      },
      headers,
    );
    return;
  }
  replyProblem(
    exchange,
    outcome,
    401,
    reason,
    'Sign in to use this app',
    'Open the sign-in address in a browser.',
    headers,
  );
}

/** CORS for another host of the same app: it may read our refusals, nobody else may. Empty for every other origin. */
export function sharedWithOwnHosts(exchange: Exchange, app: App, portal: Portal): string[] {
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
export function rawProblem(code: FaultCode, supportId: string): { status: number; headers: string[]; body: string } {
  const { status, title, sentence } = FAULTS[code];
  const headers = [
    'content-type',
    'application/problem+json',
    'cache-control',
    'no-store',
    'foyer-support-id',
    supportId,
  ];
  return { status, headers, body: problemBody(status, code, title, sentence, supportId) };
}

/** The same as bytes for an HTTP/1.1 socket, which is closed after it (RFC 9112 §9.6). */
export function rawRefusal(code: FaultCode, supportId: string, extra: readonly string[] = []): string {
  const { status, headers, body } = rawProblem(code, supportId);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...extra,
  ];
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

const DENIED: Record<DenyReason, { title: string; text: string }> = {
  'not-assigned': {
    title: 'This app is not assigned to you',
    text: 'Ask the person who runs it, or an administrator, to give you access, and tell them the support id.',
  },
  'app-disabled': {
    title: 'This app is switched off',
    text: 'An administrator disabled it. Try again later.',
  },
  'app-moved': {
    title: 'This app has moved',
    text: 'An administrator changed where it lives. Open it again.',
  },
  'user-disabled': {
    title: 'Your account is disabled',
    text: 'Ask an administrator to enable it.',
  },
};

function refuse(exchange: Exchange, outcome: Outcome, code: FaultCode, portal: Portal, headers: string[]): void {
  const { status, title, sentence } = FAULTS[code];
  const all = status === 503 ? [...headers, 'Retry-After', '10'] : headers;
  if (isForPeople(requestKind(exchange.method, exchange.headers))) {
    replyPage(
      exchange,
      outcome,
      status,
      {
        title,
        paragraphs: [sentence],
        actions: [{ label: 'Go to your apps', href: `${portal.origin}/` }],
        supportId: exchange.supportId,
      },
      all,
    );
    return;
  }
  replyProblem(exchange, outcome, status, code, title, sentence, all);
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
