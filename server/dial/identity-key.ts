// Who an upstream has to prove to be, and in which order its places are tried.
import { createHash } from 'node:crypto';
import { familyOf } from '#server/core/address.ts';
import type { Endpoint, Upstream } from '#server/core/app.ts';

/** A service with more addresses than this is balanced by the first ones as well. */
const MAX_ENDPOINTS = 64;

/**
 * Equal exactly when site, protocol and TLS identity, the far end's and ours, are: connections of one key are
 * interchangeable, connections of two keys never are. Addresses come and go under one key.
 */
export function identityKey(
  siteId: string,
  { scheme, host, replicas, tls, protocol, clientCertificate }: Upstream,
): string {
  const names = [host, ...replicas.map((place) => place.host)];
  const identity = scheme === 'https' ? [names, tls, clientCertificate] : [];
  const parts = JSON.stringify([siteId, scheme, protocol, identity]);
  return createHash('sha256').update(parts).digest('base64url');
}

/** RFC 8305 §4: IPv6 first, then the families in turn, each in the order of the answer. */
export function interleave(endpoints: readonly Endpoint[]): Endpoint[] {
  const ipv6 = endpoints.filter(({ address }) => familyOf(address) === 6);
  const ipv4 = endpoints.filter(({ address }) => familyOf(address) === 4);
  const longer = Math.max(ipv6.length, ipv4.length);
  return Array.from({ length: longer }, (_, at) => [ipv6[at], ipv4[at]])
    .flat()
    .filter((endpoint) => endpoint !== undefined)
    .slice(0, MAX_ENDPOINTS);
}
