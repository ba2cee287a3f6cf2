// Who is at the other end: the socket's peer, or behind listed proxies the last address that none of them vouches for.
import { BlockList, isIP } from 'node:net';
import { type AddressRange, networkOf, parseAddress } from '#server/core/address.ts';
import { headerValues } from './header-names.ts';

export type TrustedProxies = { isTrusted(address: string): boolean };

/** Empty means nobody is trusted. */
export function trustedProxies(ranges: readonly AddressRange[]): TrustedProxies {
  const list = new BlockList();
  for (const { address, prefix } of ranges) list.addSubnet(address, prefix, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return {
    isTrusted: (address) => {
      const family = isIP(address);
      return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
    },
  };
}

export type Client = { clientAddress: string; scheme: 'http' | 'https' };

/**
 * The client's address and scheme. `X-Forwarded-For` counts only from a listed proxy, from the right up to the first
 * address that is not one; anything unparsable on the way is unknown, and the peer that sent it stands for the client.
 */
export function clientOf(peer: string, secure: boolean, headers: readonly string[], proxies: TrustedProxies): Client {
  const scheme = secure ? 'https' : 'http';
  if (!proxies.isTrusted(peer)) return { clientAddress: peer, scheme };
  const proto = headerValues(headers, 'x-forwarded-proto').at(-1)?.trim().toLowerCase();
  const hops = headerValues(headers, 'x-forwarded-for')
    .join(',')
    .split(',')
    .map((hop) => hop.trim());
  let client = peer;
  for (const hop of hops.reverse()) {
    if (isIP(hop) === 0) break;
    client = hop;
    if (!proxies.isTrusted(hop)) break;
  }
  return { clientAddress: client, scheme: proto === 'https' ? 'https' : scheme };
}

/** Whose connections are counted together: a host has a whole /64 of IPv6 to itself, and could come from each address of it. */
export function networkOfPeer(peer: string): string {
  if (!peer.includes(':')) return peer;
  // A link-local address comes with its interface (RFC 4007 §11).
  const address = parseAddress(peer.split('%', 1)[0] ?? '');
  return address === null ? peer : networkOf(address);
}

/** A socket's peer in canonical form: IPv4 in IPv6 clothes is IPv4. */
export function peerAddress(remote: string | undefined): string {
  return remote?.startsWith('::ffff:') ? remote.slice(7) : (remote ?? '');
}
