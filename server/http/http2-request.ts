// The field list of an HTTP/2 request, as a request head or as no request at all (RFC 9113 §8.2, §8.3).
import { type Priority, parsePriority, UNSAID } from './wire/priority.ts';

export type Http2Head = {
  kind: 'head';
  method: string;
  target: string;
  authority: string;
  /** Flat, without pseudo fields, cookies on one line. */
  headers: string[];
  expect: string | null;
  /** What Content-Length says; null where it says nothing. */
  length: number | null;
  priority: Priority;
};

/** `malformed`: an error of its stream (RFC 9113 §8.1.1). */
export type Http2HeadRead = Http2Head | { kind: 'malformed' };

const MALFORMED: Http2HeadRead = { kind: 'malformed' };
const LENGTH = /^[0-9]{1,15}$/;
/** RFC 3986 §3.1. */
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;
const COLON = 0x3a;

/** Of one connection, which is another one behind us (RFC 9113 §8.2.2). */
const CONNECTION_FIELDS = new Set(['connection', 'proxy-connection', 'keep-alive', 'transfer-encoding', 'upgrade']);

/** `fields` is flat, and each of them is sound. */
export function readHttp2Request(fields: readonly string[]): Http2HeadRead {
  let method: string | null = null;
  let scheme: string | null = null;
  let path: string | null = null;
  let authority: string | null = null;
  let host: string | null = null;
  let expect: string | null = null;
  let length: number | null = null;
  let priority = UNSAID;
  let cookies = 0;
  const headers: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    const value = fields[i + 1] as string;
    if (name.charCodeAt(0) === COLON) {
      // All of them once, and in front of the others.
      if (headers.length > 0) return MALFORMED;
      if (name === ':method' && method === null) method = value;
      else if (name === ':scheme' && scheme === null) scheme = value;
      else if (name === ':path' && path === null) path = value;
      else if (name === ':authority' && authority === null) authority = value;
      else return MALFORMED;
      continue;
    }
    switch (name) {
      case 'cookie':
        cookies += 1;
        break;
      case 'host':
        if (host !== null) return MALFORMED;
        host = value;
        break;
      case 'te':
        if (value.toLowerCase() !== 'trailers') return MALFORMED;
        break;
      case 'priority':
        priority = parsePriority(value);
        break;
      case 'expect':
        expect = expect === null ? value : `${expect}, ${value}`;
        break;
      case 'content-length':
        if (length !== null || !LENGTH.test(value)) return MALFORMED;
        length = Number(value);
        break;
      default:
        if (CONNECTION_FIELDS.has(name)) return MALFORMED;
    }
    headers.push(name, value);
  }
  const named = authority ?? host;
  if (!method || named === null) return MALFORMED;
  // CONNECT has neither (RFC 9113 §8.5); `*` is no place of an app.
  const isWhole = scheme !== null && SCHEME.test(scheme) && path?.startsWith('/');
  if (method === 'CONNECT' ? scheme !== null || path !== null : !isWhole) return MALFORMED;
  return {
    kind: 'head',
    method,
    target: path ?? '',
    authority: named,
    headers: cookies > 1 ? joinCookies(headers) : headers,
    expect,
    length,
    priority,
  };
}

/** Reports whether a field list may stand behind a body (RFC 9113 §8.1): without pseudo fields. */
export function areTrailers(fields: readonly string[]): boolean {
  for (let i = 0; i < fields.length; i += 2) if ((fields[i] as string).charCodeAt(0) === COLON) return false;
  return true;
}

/** HTTP/2 splits cookies over several lines; an HTTP/1.1 upstream gets one (RFC 9113 §8.2.3). */
function joinCookies(headers: readonly string[]): string[] {
  const joined: string[] = [];
  const cookies: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] === 'cookie') cookies.push(headers[i + 1] as string);
    else joined.push(headers[i] as string, headers[i + 1] as string);
  }
  joined.push('cookie', cookies.join('; '));
  return joined;
}
