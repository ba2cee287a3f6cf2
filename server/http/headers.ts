// The header list that goes to the upstream, and the one that goes back to the browser.
import type { HeaderEdit, IdentityHeaderFamily, Upstream, UpstreamProtocol } from '#server/core/app.ts';
import { headerClass } from '#server/core/header-names.ts';
import type { Hostname } from '#server/core/hostname.ts';
import type { Identity } from '#server/core/identity.ts';
import { ownText } from '#server/core/own-text.ts';
import { isAllowedSetCookie, withoutOurCookies } from './cookies.ts';
import { httpDate } from './http-date.ts';
import { editHeaders } from './map-answer.ts';
import { type TraceContext, traceHeader } from './trace-context.ts';

/** What the gateway adds to a request. `via` is this installation's pseudonym (RFC 9110 §7.6.3). */
export type Added = {
  host: string;
  clientAddress: string;
  scheme: 'http' | 'https';
  publicAuthority: string;
  supportId: string;
  via: string;
  assertion: string | null;
  identity: { identity: Identity; families: readonly IdentityHeaderFamily[] } | null;
  trace: TraceContext;
  /** What the request came over, as Via has it (RFC 9110 §7.6.3). */
  receivedOver: '1.1' | '2';
  /** Over HTTP/1.1, `TE` is a header of the connection and has to be named as one (RFC 9110 §10.1.4). */
  sentOver: UpstreamProtocol;
  /** The app's own; they come before everything that is ours. */
  edits: readonly HeaderEdit[];
};

/**
 * Client headers → upstream headers, order and duplicates kept. Hop-by-hop headers go first, with what `Connection` lists;
 * ours are added after, so that no client can list one of ours away.
 */
export function upstreamHeaders(headers: readonly string[], added: Added): string[] {
  const listed = connectionListed(headers);
  let out: string[] = ['Host', added.host];
  let takesTrailers = false;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    const value = headers[i + 1] ?? '';
    switch (headerClass(name)) {
      case 'pass':
        if (traceHeader(name) === null && !listed?.has(name.toLowerCase())) out.push(name, value);
        break;
      case 'framing':
        out.push(name, value);
        break;
      case 'cookie': {
        if (listed?.has('cookie')) break;
        const rest = withoutOurCookies(value);
        if (rest !== '') out.push(name, rest);
        break;
      }
      case 'hop':
        takesTrailers ||= name.length === 2 && /(^|,)\s*trailers\s*(,|$)/i.test(value);
        break;
      case 'reserved':
      case 'host':
        break;
    }
  }
  if (added.edits.length > 0) out = [...editHeaders(out, added.edits)];
  if (takesTrailers) {
    out.push('TE', 'trailers');
    if (added.sentOver === 'http/1.1') out.push('Connection', 'TE');
  }
  out.push('traceparent', added.trace.traceparent);
  if (added.trace.tracestate !== null) out.push('tracestate', added.trace.tracestate);
  out.push('X-Forwarded-For', added.clientAddress);
  out.push('X-Forwarded-Proto', added.scheme);
  out.push('X-Forwarded-Host', added.publicAuthority);
  out.push('X-Real-IP', added.clientAddress);
  out.push('Via', `${added.receivedOver} ${added.via}`);
  out.push('Foyer-Request-Id', added.supportId);
  if (added.assertion !== null) out.push('Foyer-Assertion', added.assertion);
  if (added.identity) pushIdentity(out, added.identity.identity, added.identity.families);
  return out;
}

/**
 * Upstream response headers → client headers. Dropped: hop-by-hop, Alt-Svc, HSTS and key pins (the gateway's to say), our
 * names, and cookies wider than the app's host. `Clear-Site-Data` keeps only what ends at the app's own origin.
 */
export function clientHeaders(
  headers: readonly string[],
  to: { status: number; host: Hostname; secure: boolean; supportId: string; at: number; trailers?: boolean },
): string[] {
  const listed = connectionListed(headers);
  // RFC 9110 §8.6: these end with their head, so nobody may wait for a body.
  const isBodiless = to.status < 200 || to.status === 204;
  // RFC 9110 §6.6.1: whoever passes an answer on says when it came, unless it says so itself.
  let isDated = to.status < 200;
  const out: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    const value = headers[i + 1] ?? '';
    const kind = answerClass(name);
    if (kind !== 'trailer' && listed?.has(name.toLowerCase())) continue;
    switch (kind) {
      case 'date':
        isDated = true;
        out.push(name, value);
        break;
      case 'pass':
        out.push(name, value);
        break;
      case 'dropped':
        break;
      case 'trailer':
        if (to.trailers) out.push(name, value);
        break;
      case 'length':
        if (!isBodiless) out.push(name, value);
        break;
      case 'set-cookie':
        if (isAllowedSetCookie(value, to.host)) out.push(name, value);
        break;
      case 'clear-site-data': {
        const kept = value
          .split(',')
          .map((type) => type.trim())
          .flatMap(narrowClearSiteData);
        if (kept.length > 0) out.push(name, kept.join(', '));
        break;
      }
      default:
        kind satisfies never;
    }
  }
  if (!isDated) out.push('Date', httpDate(to.at));
  if (to.secure) out.push('Strict-Transport-Security', 'max-age=31536000');
  out.push('Foyer-Support-Id', to.supportId);
  return out;
}

/** How often this installation's pseudonym stands in the Via headers: more than once is a loop. */
export function countVia(headers: readonly string[], via: string): number {
  let count = 0;
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() !== 'via') continue;
    for (const hop of (headers[i + 1] ?? '').split(',')) if (hop.trim().split(/[ \t]+/)[1] === via) count += 1;
  }
  return count;
}

/** The Host that an upstream is sent. */
export function upstreamHost(upstream: Upstream, publicAuthority: string): string {
  const { hostHeader, host, port, scheme } = upstream;
  switch (hostHeader.kind) {
    case 'public':
      return publicAuthority;
    case 'fixed':
      return hostHeader.value;
    case 'internal': {
      const literal = host.includes(':') ? `[${host}]` : host;
      return port === (scheme === 'https' ? 443 : 80) ? literal : `${literal}:${port}`;
    }
    default:
      return hostHeader satisfies never;
  }
}

const DROPPED = new Set(['alt-svc', 'strict-transport-security', 'public-key-pins', 'public-key-pins-report-only']);

/** What a header of an answer means to us. */
type AnswerClass = 'pass' | 'date' | 'dropped' | 'trailer' | 'length' | 'set-cookie' | 'clear-site-data';

const answerClasses = new Map<string, AnswerClass>();
const MAX_REMEMBERED = 2_000;

function answerClass(name: string): AnswerClass {
  const known = answerClasses.get(name);
  if (known !== undefined) return known;
  const found = classifyAnswer(name);
  if (answerClasses.size < MAX_REMEMBERED) answerClasses.set(ownText(name), found);
  return found;
}

function classifyAnswer(name: string): AnswerClass {
  const lower = name.toLowerCase();
  if (lower === 'trailer') return 'trailer';
  if (headerClass(name) === 'hop' || lower.startsWith('foyer-') || DROPPED.has(lower)) return 'dropped';
  if (lower === 'content-length') return 'length';
  return lower === 'date' || lower === 'set-cookie' || lower === 'clear-site-data' ? lower : 'pass';
}

/** `"cookies"` clears the whole registrable domain, the portal and every sibling app included. */
function narrowClearSiteData(type: string): string[] {
  if (type === '"*"') return ['"cache"', '"storage"', '"executionContexts"'];
  return type === '"cookies"' ? [] : [type];
}

function pushIdentity(out: string[], identity: Identity, families: readonly IdentityHeaderFamily[]): void {
  const user = headerText(identity.email || identity.subject);
  const email = headerText(identity.email);
  const name = headerText(identity.name);
  const groups = identity.groupNames.map(headerText).join(',');
  for (const family of families) {
    switch (family) {
      case 'remote':
        out.push('Remote-User', user, 'Remote-Email', email, 'Remote-Name', name, 'Remote-Groups', groups);
        break;
      case 'x-forwarded':
        out.push('X-Forwarded-User', user, 'X-Forwarded-Email', email, 'X-Forwarded-Groups', groups);
        out.push('X-Forwarded-Preferred-Username', name);
        break;
      case 'x-auth-request':
        out.push('X-Auth-Request-User', user, 'X-Auth-Request-Email', email, 'X-Auth-Request-Groups', groups);
        out.push('X-Auth-Request-Preferred-Username', name);
        break;
      default:
        family satisfies never;
    }
  }
}

/** Printable ASCII as it is; the comma that separates groups, `%` and everything else as percent-encoded UTF-8. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x24\x26-\x2b\x2d-\x7e]/gu, (char) => {
    let encoded = '';
    for (const byte of Buffer.from(char, 'utf8')) encoded += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    return encoded;
  });
}

function connectionListed(headers: readonly string[]): Set<string> | null {
  let listed: Set<string> | null = null;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue;
    for (const token of (headers[i + 1] ?? '').split(',')) {
      listed ??= new Set();
      listed.add(token.trim().toLowerCase());
    }
  }
  return listed;
}
