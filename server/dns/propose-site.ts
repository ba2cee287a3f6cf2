// Proposes a first site from what this machine already uses: its own DNS servers and private networks.
import { getServers } from 'node:dns';
import { BlockList } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type Address, addressBytes, addressOf, familyOf, parseAddress, parseRange } from '#server/core/address.ts';
import type { Site } from '#server/core/app.ts';
import { parseDnsServer } from '#server/core/dns-server.ts';

/** A proposal, not a site: an administrator looks at it first. */
export type SiteProposal = Omit<Site, 'id'>;

/** What the machine says about itself: servers as `node:dns` writes them, interface networks in CIDR form. */
export type MachineNetwork = { servers: readonly string[]; cidrs: readonly string[] };

/** RFC 1918 and unique local addresses (RFC 4193), by the least prefix that a network in them has. */
const privateBlocks = [
  { first: '10.0.0.0', prefix: 8, family: 'ipv4' },
  { first: '172.16.0.0', prefix: 12, family: 'ipv4' },
  { first: '192.168.0.0', prefix: 16, family: 'ipv4' },
  { first: 'fc00::', prefix: 7, family: 'ipv6' },
] as const;

export function proposeSite(): SiteProposal {
  const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const cidrs = interfaces.filter((each) => !each.internal).flatMap((each) => each.cidr ?? []);
  return siteProposal({ servers: getServers(), cidrs });
}

export function siteProposal({ servers, cidrs }: MachineNetwork): SiteProposal {
  return {
    name: 'This network',
    dnsServers: servers.map(parseDnsServer).filter((server) => server !== null),
    // Search domains are only likely zones: the servers may know more names, so none is put down as a limit.
    zones: [],
    ranges: [...new Set(cidrs.map(privateNetworkOf).filter((range) => range !== null))],
    endpoints: [],
  };
}

/** The network that an interface address such as `192.168.1.5/24` lies in; null where it is not a private one. */
function privateNetworkOf(cidr: string): string | null {
  const [text = '', bits = ''] = cidr.split('/');
  const address = parseAddress(text);
  if (address === null) return null;
  const bytes = addressBytes(address);
  const prefix = Number(bits);
  if (!isPrivate(address, prefix)) return null;
  const network = bytes.map((byte, at) => byte & ~(0xff >> Math.min(8, Math.max(0, prefix - at * 8))));
  const range = `${addressOf(Uint8Array.from(network))}/${prefix}`;
  return parseRange(range) === null ? null : range;
}

function isPrivate(address: Address, prefix: number): boolean {
  const family = familyOf(address) === 4 ? 'ipv4' : 'ipv6';
  return privateBlocks.some((block) => {
    const list = new BlockList();
    list.addSubnet(block.first, block.prefix, block.family);
    return block.family === family && prefix >= block.prefix && list.check(address, family);
  });
}
