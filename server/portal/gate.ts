// What may reach Next at all: decided before it, on the request line and a few headers, because Next is not the boundary.
import { parseAuthority } from '#server/core/hostname.ts';
import { MAX_PICTURE_BYTES } from '#server/core/small-picture.ts';
import type { Portal } from '#server/core/snapshot.ts';
import { type ApiGate, apiGate, isApiPath } from './api-gate.ts';
import { deviceEndpoint, MAX_DEVICE_FORM_BYTES } from './device-login.ts';
import { SHELL_PATHS } from './shell.ts';

export type GateRequest = {
  method: string;
  /** The request target as it arrived. */
  target: string;
  header(name: string): string | undefined;
};

export type Gate =
  /** Anybody may see this; it does nothing but sign-in and static files. */
  | { kind: 'public' }
  /** A static file: the same for everybody. */
  | { kind: 'static' }
  /** Passed on only with a live session. `navigation` is led to sign-in without one. */
  | { kind: 'session'; navigation: boolean }
  /** Passed on only with an API token; a cookie is nothing there, so no site can send a person's requests in their name. */
  | ApiGate
  /** A command line that signs in: a program's own request, never a browser's. */
  | { kind: 'device'; endpoint: 'start' | 'poll' }
  | {
      kind: 'refuse';
      code: 'misdirected-request' | 'bad-request' | 'method-not-allowed' | 'origin-refused' | 'not-found';
    };

const METHODS = new Set(['GET', 'HEAD', 'POST']);
const PUBLIC_PAGES = new Set([
  '/sign-in',
  '/sign-in/return',
  '/sign-in/cookies',
  '/sign-in/problem',
  '/open',
  '/setup',
  '/diagnosis',
  // Generic without a session; with one it names the person's favourites.
  '/manifest.webmanifest',
]);
/** The same for everybody, kept by browsers and the service worker. */
export const PUBLIC_FILES: ReadonlySet<string> = new Set([
  '/foyer.css',
  '/icon.svg',
  '/icon-192.png',
  '/icon-512.png',
  '/icon-maskable-192.png',
  '/icon-maskable-512.png',
  '/apple-touch-icon.png',
]);
const MAX_POST_BYTES = 512 * 1024;
/** Takes a picture as its whole body, up to as much as is decoded. */
const UPLOADS = new Set(['/launcher/icons', '/admin/settings/logo']);
const PUBLIC_POSTS = new Set(['/sign-out', '/setup/complete']);

export function gate(request: GateRequest, portal: Portal): Gate {
  if (!isCanonicalHost(request.header('host'), portal)) return { kind: 'refuse', code: 'misdirected-request' };
  // RFC 9112 §3.2.1: origin-form alone. `//` and `\` are paths to some parsers and hosts to others.
  if (!/^\/(?![/\\])[\x21-\x7e]*$/.test(request.target) || request.target.includes('\\')) {
    return { kind: 'refuse', code: 'bad-request' };
  }
  const path = request.target.split('?', 1)[0] ?? '/';
  if (isApiPath(path)) return apiGate(request);
  const endpoint = deviceEndpoint(path);
  if (endpoint) return gateDevice(request, endpoint);
  if (!METHODS.has(request.method)) return { kind: 'refuse', code: 'method-not-allowed' };
  if (!isDecodable(path)) return { kind: 'refuse', code: 'bad-request' };
  if (request.method === 'POST') return gatePost(path, request, portal);
  // A visit begins with a person's navigation: an image or a fetch in a sibling app's page may not start one in their name.
  const dest = request.header('sec-fetch-dest');
  if (path === '/open' && dest !== undefined && dest !== 'document') return { kind: 'refuse', code: 'not-found' };
  if (isStatic(path)) return { kind: 'static' };
  if (isPublicPath(path)) return { kind: 'public' };
  if (path.startsWith('/_next/')) return { kind: 'refuse', code: 'not-found' };
  return { kind: 'session', navigation: isNavigation(request) };
}

/** Next answers a path that is no UTF-8 with an error of its own. */
function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** A browser says where a post comes from, whoever made it send one: no page starts or fetches a login with somebody's browser. */
function gateDevice(request: GateRequest, endpoint: 'start' | 'poll'): Gate {
  if (request.method !== 'POST') return { kind: 'refuse', code: 'method-not-allowed' };
  const isBrowser = ['origin', 'sec-fetch-site', 'cookie'].some((name) => request.header(name) !== undefined);
  if (isBrowser) return { kind: 'refuse', code: 'origin-refused' };
  return isSmall(request, MAX_DEVICE_FORM_BYTES)
    ? { kind: 'device', endpoint }
    : { kind: 'refuse', code: 'bad-request' };
}

/** Server actions are posts with a `Next-Action` header to any page: none runs on a public path. */
function gatePost(path: string, request: GateRequest, portal: Portal): Gate {
  const fetchSite = request.header('sec-fetch-site');
  const isOwn = request.header('origin') === portal.origin && (!fetchSite || fetchSite === 'same-origin');
  if (!isOwn) return { kind: 'refuse', code: 'origin-refused' };
  if (!isSmall(request, UPLOADS.has(path) ? MAX_PICTURE_BYTES : MAX_POST_BYTES))
    return { kind: 'refuse', code: 'bad-request' };
  const isPublic = PUBLIC_POSTS.has(path) || path.startsWith('/auth/');
  if (!isPublic) return { kind: 'session', navigation: false };
  return request.header('next-action') === undefined ? { kind: 'public' } : { kind: 'refuse', code: 'bad-request' };
}

/** Browsers say how long a form is. Next would read up to its limit first and then call it an error of its own. */
function isSmall(request: GateRequest, most: number): boolean {
  const length = request.header('content-length');
  // RFC 9112 §6.3: neither of the two means no body.
  if (length === undefined) return request.header('transfer-encoding') === undefined;
  return /^\d{1,7}$/.test(length) && Number(length) <= most;
}

function isStatic(path: string): boolean {
  if (path.includes('%') || path.includes('/.')) return false;
  return PUBLIC_FILES.has(path) || SHELL_PATHS.has(path) || path.startsWith('/_next/static/');
}

function isPublicPath(path: string): boolean {
  if (path.includes('%') || path.includes('/.')) return false;
  return PUBLIC_PAGES.has(path) || path.startsWith('/auth/');
}

function isCanonicalHost(header: string | undefined, portal: Portal): boolean {
  const authority = header === undefined ? null : parseAuthority(header);
  if (!authority || authority.hostname !== portal.hostname) return false;
  return (authority.port ?? (portal.scheme === 'https' ? 443 : 80)) === portal.port;
}

export function isNavigation(request: Pick<GateRequest, 'header'>): boolean {
  if (request.header('rsc') !== undefined || request.header('x-nextjs-data') !== undefined) return false;
  const mode = request.header('sec-fetch-mode');
  return mode ? mode === 'navigate' : (request.header('accept') ?? '').includes('text/html');
}
