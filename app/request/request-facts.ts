// What the portal reads from a request's headers. The gateway sets them and removes what browsers send under these names.
import type { Portal } from '#server/core/snapshot.ts';

type ReadableHeaders = { get(name: string): string | null };

export function clientAddress(headers: ReadableHeaders): string | null {
  return headers.get('x-forwarded-for');
}

/** The id that finds this request in the access log; null where nothing sits in front of the portal. */
export function supportId(headers: ReadableHeaders): string | null {
  return parseSupportId(headers.get('foyer-request-id'));
}

export function parseSupportId(value: unknown): string | null {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{8,64}$/.test(value) ? value : null;
}

/** The nonce that this response's CSP allows, made by the portal program for each request. */
export function scriptNonce(headers: ReadableHeaders): string {
  return headers.get('foyer-nonce') ?? '';
}

/**
 * Reports whether a link or an address bar asked for this, and no app's page: those are same-site with the portal, so that
 * cookies come along.
 */
export function isOwnGet(headers: ReadableHeaders): boolean {
  const fetchSite = headers.get('sec-fetch-site');
  return fetchSite === null || fetchSite === 'same-origin' || fetchSite === 'none';
}

/**
 * Reports whether a POST was sent by one of our own pages. SameSite is not enough: apps are same-site with the portal.
 * A missing or `null` Origin is no.
 */
export function isOwnPost(headers: ReadableHeaders, portal: Portal): boolean {
  const fetchSite = headers.get('sec-fetch-site');
  if (fetchSite !== null && fetchSite !== 'same-origin') return false;
  return headers.get('origin') === portal.origin;
}
