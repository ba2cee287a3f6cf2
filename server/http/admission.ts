// Is this request head one that we take? Strict, before anything is decided; the same for HTTP/1, HTTP/2 and upgrades.
import type { FaultCode } from '#server/core/fault.ts';
import { type Hostname, parseAuthority } from '#server/core/hostname.ts';
import { headerValues } from './header-names.ts';
import type { Limits } from './limits.ts';

export type RawHead = {
  method: string;
  target: string;
  /** HTTP/2's `:authority`; null for HTTP/1. */
  authority: string | null;
  headers: readonly string[];
  version: '1.0' | '1.1' | '2.0';
};

export type Admission =
  | { kind: 'admitted'; hostname: Hostname; port: number | null; target: string }
  | { kind: 'refused'; code: FaultCode };

// RFC 9110 §9, RFC 5789, WebDAV and its extensions, QUERY: what apps use. TRACE and CONNECT are known and never passed.
const METHODS = new Set([
  ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'],
  ...['PROPFIND', 'PROPPATCH', 'MKCOL', 'COPY', 'MOVE', 'LOCK', 'UNLOCK', 'REPORT', 'SEARCH', 'MKCALENDAR', 'ACL'],
  ...['BIND', 'UNBIND', 'REBIND', 'CHECKOUT', 'MERGE', 'MKACTIVITY', 'PURGE', 'SUBSCRIBE', 'UNSUBSCRIBE', 'NOTIFY'],
  ...['LINK', 'UNLINK', 'M-SEARCH'],
]);
const REFUSED_METHODS = new Set(['TRACE', 'TRACK', 'CONNECT']);

export function admit(head: RawHead, limits: Pick<Limits, 'headerLines'>): Admission {
  if (!isChunkedOrNone(head)) return refused('bad-request');
  if (head.headers.length > limits.headerLines * 2) return refused('headers-too-large');
  if (!areListsBounded(head.headers)) return refused('bad-request');
  if (REFUSED_METHODS.has(head.method)) return refused('method-not-allowed');
  if (!METHODS.has(head.method)) return refused('method-unknown');
  const authority = oneAuthority(head);
  const host = authority === null ? null : parseAuthority(authority);
  if (!host) return refused('bad-host');
  const target = originForm(head.target, host.hostname, host.port);
  if (target === null) return refused('bad-request');
  return { kind: 'admitted', hostname: host.hostname, port: host.port, target };
}

/** HTTP/1.1 has one transfer coding that we undo and redo: `chunked`, alone, on one line (RFC 9112 §6.1). */
function isChunkedOrNone({ headers, version }: RawHead): boolean {
  const codings = headerValues(headers, 'transfer-encoding');
  if (codings.length === 0) return true;
  return version === '1.1' && codings.length === 1 && codings[0]?.trim().toLowerCase() === 'chunked';
}

/** Many ranges make an app work more than they make a client ask (RFC 9110 §17.15). */
const MAX_RANGES = 200;
const MAX_LIST_BYTES = 8 * 1024;

function areListsBounded(headers: readonly string[]): boolean {
  let ranges = 0;
  let rangeBytes = 0;
  let codingBytes = 0;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (name.length !== 'range'.length && name.length !== 'accept-encoding'.length) continue;
    const value = headers[i + 1] ?? '';
    const known = name.toLowerCase();
    if (known === 'accept-encoding') codingBytes += value.length;
    if (known !== 'range') continue;
    rangeBytes += value.length;
    ranges += rangeBytes > MAX_RANGES ? value.split(',').length : 1;
  }
  return ranges <= MAX_RANGES && rangeBytes <= MAX_LIST_BYTES && codingBytes <= MAX_LIST_BYTES;
}

/** Exactly one Host line (RFC 9112 §3.2); in HTTP/2 one that equals `:authority`, or none (RFC 9113 §8.3.1). */
function oneAuthority(head: RawHead): string | null {
  const hosts = headerValues(head.headers, 'host');
  if (head.authority === null) return hosts.length === 1 ? (hosts[0] ?? null) : null;
  return hosts.every((host) => host === head.authority) ? head.authority : null;
}

const VISIBLE = /^[\x21-\x7e]+$/;

/** Path and query as they are; of an absolute-form target (RFC 9112 §3.2.2) only where it names the same host. */
function originForm(target: string, hostname: Hostname, port: number | null): string | null {
  // RFC 3986 §2: a target is visible ASCII, whatever protocol brought it.
  if (!VISIBLE.test(target) || target.includes('#')) return null;
  if (target.startsWith('/')) return target;
  const absolute = /^https?:\/\/([^/?]*)(.*)$/i.exec(target);
  const named = absolute ? parseAuthority(absolute[1] ?? '') : null;
  if (!absolute || named?.hostname !== hostname || named.port !== port) return null;
  const rest = absolute[2] ?? '';
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function refused(code: FaultCode): Admission {
  return { kind: 'refused', code };
}
