// A host name, parsed once at the edge into a type that cannot be wrong.
import { domainToASCII } from 'node:url';
import { ownText } from './own-text.ts';

/** Lower-case ASCII (IDNA applied), no trailing dot, 1–253 octets, labels of 1–63 letters, digits and inner hyphens; never an IP address. */
export type Hostname = string & { readonly __brand: 'Hostname' };

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const PRINTABLE_ASCII = /^[\x21-\x7e]+$/;

/** Parses a name as a person or a config file writes it: Unicode allowed, one trailing dot dropped. Null when it is no host name. */
export function parseHostname(text: string): Hostname | null {
  const ascii = PRINTABLE_ASCII.test(text) ? text.toLowerCase() : domainToASCII(text);
  return canonical(ascii);
}

export type Authority = { hostname: Hostname; port: number | null };

/** Every request says one of a few: what was read once is read. */
const authorities = new Map<string, Authority>();
const MAX_REMEMBERED = 20_000;

/**
 * Parses the value of a Host header or an HTTP/2 `:authority` (RFC 9112 §3.2, RFC 3986 §3.2.2): a name and an optional port.
 * Null for anything else: empty, userinfo, a path, a list, an IP literal, a byte outside printable ASCII, a port that is no number 1–65535.
 */
export function parseAuthority(text: string): Authority | null {
  const known = authorities.get(text);
  if (known) return known;
  if (readAuthority(text) === null) return null;
  // What was read is ASCII, so the copy is exact.
  const own = ownText(text);
  const read = readAuthority(own);
  if (read === null) return null;
  if (authorities.size >= MAX_REMEMBERED) authorities.clear();
  authorities.set(own, read);
  return read;
}

function readAuthority(text: string): Authority | null {
  const colon = text.indexOf(':');
  const name = colon === -1 ? text : text.slice(0, colon);
  if (name.length === 0 || name.length > 254 || !PRINTABLE_ASCII.test(name)) return null;
  const hostname = canonical(name.toLowerCase());
  if (!hostname) return null;
  if (colon === -1 || colon === text.length - 1) return { hostname, port: null };
  const digits = text.slice(colon + 1);
  if (!/^[0-9]{1,5}$/.test(digits)) return null;
  const port = Number(digits);
  return port >= 1 && port <= 65535 ? { hostname, port } : null;
}

/** Reports whether `name` is `zone` or lies under it. */
export function isWithin(name: Hostname, zone: Hostname): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

function canonical(ascii: string): Hostname | null {
  const name = ascii.endsWith('.') ? ascii.slice(0, -1) : ascii;
  if (name.length === 0 || name.length > 253) return null;
  const labels = name.split('.');
  if (!labels.every((label) => LABEL.test(label))) return null;
  // A last label that a WHATWG URL reads as a number makes the whole an IPv4 address in disguise (127.1, 0x7f.1).
  const last = labels[labels.length - 1] ?? '';
  if (/^([0-9]+|0x[0-9a-f]*)$/.test(last)) return null;
  return name as Hostname;
}
