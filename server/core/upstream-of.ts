// Which of an app's upstreams a request goes to: the longest prefix by whole segments, and nowhere when that depends on the reader.
import type { App, PathRoute, Upstream } from './app.ts';

/** `route` is the place in the app's `traffic.routes`; -1 is the app's own upstream. */
export type ChosenUpstream = { upstream: Upstream; route: number };

const OWN = -1;

/**
 * Chooses by the path as it is sent, byte for byte: nothing is decoded, and what is chosen is what is forwarded. Null when
 * the app has routes and some server would read this path (RFC 3986 §6.2.2, and what servers do beyond it) as one of
 * another route: `/files/..%2fapi` is for neither upstream. `target` is origin-form path and query, or `*`.
 */
export function upstreamOf(app: App, target: string): ChosenUpstream | null {
  const { routes } = app.traffic;
  if (routes.length === 0) return { upstream: app.upstream, route: OWN };
  const query = target.indexOf('?');
  const path = query === -1 ? target : target.slice(0, query);
  const route = longestMatch(routes, path);
  if (HAS_SEVERAL_READINGS.test(path) && isReadElsewhere(routes, path, route)) return null;
  return { upstream: routes[route]?.upstream ?? app.upstream, route };
}

/** Reports whether every server reads this path alike, so that it may be a route's prefix. */
export function isPlainPath(path: string): boolean {
  return readPath(path, ALL_LIBERTIES) === path;
}

function longestMatch(routes: readonly PathRoute[], path: string): number {
  let best = OWN;
  let length = 0;
  for (const [at, { prefix }] of routes.entries()) {
    if (prefix.length > length && isBelow(path, prefix)) {
      best = at;
      length = prefix.length;
    }
  }
  return best;
}

function isBelow(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');
}

const HAS_SEVERAL_READINGS = /\/\/|[\\;%\x80-\xff]|\/\.\.?(?:\/|$)/;

/** What servers do to a path beside removing its dot segments. Each server takes some of these liberties. */
const DECODES = 1;
const DROPS_PARAMETERS = 2;
const TURNS_BACKSLASHES = 4;
const MERGES_SLASHES = 8;
const ALL_LIBERTIES = DECODES | DROPS_PARAMETERS | TURNS_BACKSLASHES | MERGES_SLASHES;

function isReadElsewhere(routes: readonly PathRoute[], path: string, route: number): boolean {
  const useful = usefulLiberties(path);
  for (let liberties = 0; liberties <= ALL_LIBERTIES; liberties += 1) {
    if ((liberties & ~useful) !== 0) continue;
    if (longestMatch(routes, readPath(path, liberties)) !== route) return true;
  }
  return false;
}

/** Those that change anything about this path; without them a long harmless path would be read sixteen times. */
function usefulLiberties(path: string): number {
  const decoded = decodeOnce(path);
  return (
    (decoded === path ? 0 : DECODES) |
    (decoded.includes(';') ? DROPS_PARAMETERS : 0) |
    (decoded.includes('\\') ? TURNS_BACKSLASHES : 0) |
    // Parameters and backslashes leave empty segments behind.
    (/\/[/;\\]|\\/.test(decoded) ? MERGES_SLASHES : 0)
  );
}

function readPath(path: string, liberties: number): string {
  let text = path;
  if (liberties & DECODES) text = decodeOnce(text);
  if (liberties & TURNS_BACKSLASHES) text = text.replaceAll('\\', '/');
  if (liberties & DROPS_PARAMETERS) text = text.replace(/;[^/]*/g, '');
  if (liberties & MERGES_SLASHES) text = text.replace(/\/{2,}/g, '/');
  return withoutDotSegments(text);
}

/** Printable ASCII decoded, `%` itself kept; the rest in its one spelling, upper-case percent-encoding of its bytes. */
function decodeOnce(path: string): string {
  return path
    .replace(/%[0-9a-f]{2}/gi, (encoded) => {
      const byte = Number.parseInt(encoded.slice(1), 16);
      return byte > 0x20 && byte < 0x7f && byte !== 0x25 ? String.fromCharCode(byte) : encoded.toUpperCase();
    })
    .replace(/[\x80-\xff]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** RFC 3986 §5.2.4. */
function withoutDotSegments(path: string): string {
  if (!path.includes('/.')) return path;
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  for (const [at, segment] of segments.entries()) {
    const isDots = segment === '.' || segment === '..';
    if (segment === '..') kept.pop();
    if (!isDots) kept.push(segment);
    else if (at === segments.length - 1) kept.push('');
  }
  return `/${kept.join('/')}`;
}
