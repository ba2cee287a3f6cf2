// A DNS server as people write it: `9.9.9.9`, `10.0.0.53:5353`, `9.9.9.9#dns.quad9.net`, `[2620:fe::fe]:853#dns.quad9.net`.
import { parseAddress } from './address.ts';
import type { DnsServerAddress } from './app.ts';
import { parseHostname } from './hostname.ts';

/** What was written, cut into its parts and not looked at. A part that is not there is null. */
export type DnsServerParts = { address: string; port: string | null; tlsName: string | null };

const PORT = 53;
/** RFC 7858 §3.1. */
const TLS_PORT = 853;

/** Never fails: what cannot be cut stays whole in `address`, for a reader to refuse. */
export function splitDnsServer(text: string): DnsServerParts {
  const hash = text.indexOf('#');
  const place = hash < 0 ? text : text.slice(0, hash);
  const tlsName = hash < 0 ? null : text.slice(hash + 1);
  const [, address = place, port = null] =
    /^\[([^\]]*)\](?::(.*))?$/.exec(place) ?? /^([^:]*):([^:]*)$/.exec(place) ?? [];
  return { address, port, tlsName };
}

/** Port 53 where none is written, and 853 with a name. A zone id is refused: it means nothing on another machine. */
export function parseDnsServer(text: string): DnsServerAddress | null {
  const parts = splitDnsServer(text.trim());
  const address = parseAddress(parts.address);
  const tlsName = parts.tlsName === null ? null : parseHostname(parts.tlsName);
  const port = parts.port === null ? dnsPort(tlsName) : readPort(parts.port);
  if (address === null || port === null || (parts.tlsName !== null && tlsName === null)) return null;
  return tlsName === null ? { address, port } : { address, port, tlsName };
}

export function dnsPort(tlsName: string | null | undefined): number {
  return tlsName ? TLS_PORT : PORT;
}

/** The shortest text that `parseDnsServer` reads as this server. */
export function dnsServerText({ address, port, tlsName }: DnsServerAddress): string {
  const name = tlsName === undefined ? '' : `#${tlsName}`;
  return port === dnsPort(tlsName) ? `${address}${name}` : `${endpointText({ address, port })}${name}`;
}

/** `address` may be a name. */
export function endpointText({ address, port }: { address: string; port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function readPort(digits: string): number | null {
  const port = /^[0-9]{1,5}$/.test(digits) ? Number(digits) : 0;
  return port >= 1 && port <= 65535 ? port : null;
}
