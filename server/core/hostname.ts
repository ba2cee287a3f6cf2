// A host name, parsed once at the edge into a type that cannot be wrong.
import { domainToASCII } from 'node:url';

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

/**
 * Parses the value of a Host header or an HTTP/2 `:authority` (RFC 9112 §3.2, RFC 3986 §3.2.2): a name and an optional port.
 * Null for anything else: empty, userinfo, a path, a list, an IP literal, a byte outside printable ASCII, a port that is no number 1–65535.
 */
export function parseAuthority(text: string): Authority | null {
  const colon = text.indexOf(':');
  const name = colon === -1 ? text : text.slice(0, colon);
  const hostname = isPlain(name) ? (name as Hostname) : canonicalIfPrintable(name);
  if (hostname === null) return null;
  if (colon === -1 || colon === text.length - 1) return { hostname, port: null };
  const digits = text.slice(colon + 1);
  if (!/^[0-9]{1,5}$/.test(digits)) return null;
  const port = Number(digits);
  return port >= 1 && port <= 65535 ? { hostname, port } : null;
}

function canonicalIfPrintable(name: string): Hostname | null {
  if (name.length === 0 || name.length > 254 || !PRINTABLE_ASCII.test(name)) return null;
  return canonical(name.toLowerCase());
}

const HYPHEN = 0x2d;
const DOT = 0x2e;

/**
 * Reports whether a name is canonical as it stands, by a look at each character: what nearly every request says. A map of
 * names that were read before costs more with thousands of them, and the expressions below cost more than either.
 */
function isPlain(name: string): boolean {
  if (name.length === 0 || name.length > 253) return false;
  let label = 0;
  let before = DOT;
  for (let i = 0; i < name.length; i += 1) {
    const code = name.charCodeAt(i);
    if (code === DOT) {
      if (before === DOT || before === HYPHEN) return false;
      label = i + 1;
    } else if (code === HYPHEN) {
      if (before === DOT) return false;
    } else if (!isDigit(code) && !(code >= 0x61 && code <= 0x7a)) return false;
    if (i - label >= 63) return false;
    before = code;
  }
  // A last label that begins with a digit may be a number.
  return before !== DOT && before !== HYPHEN && !isDigit(name.charCodeAt(label));
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
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
