// What kind of request is this, for the purpose of answering somebody who is not let through?
import { headerValue } from './header-names.ts';

export type RequestKind =
  /** A person typed, clicked or opened: may be led to sign-in. */
  | 'navigation'
  /** A form that was sent as a top-level navigation: gets a page, never a redirect that would lose the body. */
  | 'form'
  /** The browser asks for a service worker's script. */
  | 'service-worker'
  /** A CORS preflight (Fetch §3.3.1): carries no cookies by design. */
  | 'preflight'
  /** Script, image, frame, API client: gets a status and a problem document. */
  | 'other';

/**
 * Fetch Metadata decides (W3C Fetch Metadata §2); only where a client sends none, `Accept` and `X-Requested-With` do.
 */
export function requestKind(method: string, headers: readonly string[]): RequestKind {
  if (method === 'OPTIONS' && headerValue(headers, 'access-control-request-method') !== null) return 'preflight';
  if (method === 'GET' && headerValue(headers, 'service-worker') === 'script') return 'service-worker';
  if (!isTopLevelNavigation(headers)) return 'other';
  if (method === 'GET' || method === 'HEAD') return 'navigation';
  return method === 'POST' ? 'form' : 'other';
}

function isTopLevelNavigation(headers: readonly string[]): boolean {
  const mode = headerValue(headers, 'sec-fetch-mode');
  const dest = headerValue(headers, 'sec-fetch-dest');
  // A service worker that passes a navigation on sends it with an empty destination; no script can set this mode itself.
  if (mode !== null || dest !== null) return mode === 'navigate' && (dest === 'document' || dest === 'empty');
  if (headerValue(headers, 'x-requested-with') !== null) return false;
  return /(^|[\s,])text\/html\b/i.test(headerValue(headers, 'accept') ?? '');
}
