// Where an app's bytes go: addresses that have been checked, and how the far end proves itself.
import { createHash } from 'node:crypto';
import { type Address, familyOf } from '#server/core/address.ts';
import type { App, UpstreamTls } from '#server/core/app.ts';

/**
 * Every address passed the site's check. `key` is equal exactly when site, addresses, port and TLS identity are, whatever the addresses' order:
 * connections of one key are interchangeable, connections of two keys never are.
 */
export type DialTarget = {
  key: string;
  addresses: readonly Address[];
  port: number;
  scheme: 'http' | 'https';
  /** The upstream's host name, or its address where the admin entered one. */
  servername: string;
  tls: UpstreamTls;
};

/** A service with more addresses than this is balanced by the first ones as well. */
const MAX_ADDRESSES = 64;

export function dialTarget(app: App, checked: readonly Address[]): DialTarget {
  const { scheme, port, host, tls } = app.upstream;
  const addresses = interleave(checked).slice(0, MAX_ADDRESSES);
  const identity = scheme === 'https' ? [host, tls] : [];
  const parts = JSON.stringify([app.siteId, scheme, port, [...addresses].sort(), identity]);
  const key = createHash('sha256').update(parts).digest('base64url');
  return { key, addresses, port, scheme, servername: host, tls };
}

/** RFC 8305 §4: IPv6 first, then the families in turn, each in the order of the answer. */
function interleave(addresses: readonly Address[]): Address[] {
  const ipv6 = addresses.filter((address) => familyOf(address) === 6);
  const ipv4 = addresses.filter((address) => familyOf(address) === 4);
  const longer = Math.max(ipv6.length, ipv4.length);
  return Array.from({ length: longer }, (_, at) => [ipv6[at], ipv4[at]])
    .flat()
    .filter((address) => address !== undefined);
}
