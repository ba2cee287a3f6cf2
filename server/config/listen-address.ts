// An entry of FOYER_LISTEN: where a gateway listens, and whether TLS ends there.
import { type Address, parseAddress } from '#server/core/address.ts';
import type { Portal } from '#server/core/snapshot.ts';

/** `address` is null for every interface, both families. Port 0 is any free port. */
export type ListenAddress = { tls: boolean; address: Address | null; port: number };

/** Reads `127.0.0.1:8080`, `:443`, `[::]:443`, each with or without a scheme. Port 80 is never TLS unless it says so. */
export function parseListen(text: string, defaultScheme: 'http' | 'https'): ListenAddress | null {
  const match = /^(?:(https?):\/\/)?(?:\[([0-9a-f:.]+)\]|([0-9.]*)):([0-9]{1,5})$/i.exec(text);
  if (!match) return null;
  const [, scheme, ipv6, ipv4, digits] = match;
  const literal = ipv6 ?? ipv4 ?? '';
  const address = literal === '' ? null : parseAddress(literal);
  const port = Number(digits);
  if ((literal !== '' && !address) || (ipv6 !== undefined && !ipv6.includes(':')) || port > 65535) return null;
  const tls = scheme ? scheme.toLowerCase() === 'https' : defaultScheme === 'https' && port !== 80;
  return { tls, address, port };
}

/** Where browsers will look for the portal; under localhost, on loopback alone. */
export function defaultListen(portal: Portal): readonly ListenAddress[] {
  const { scheme, port } = portal;
  if (scheme === 'http') return [{ tls: false, address: parseAddress('127.0.0.1'), port }];
  const main: ListenAddress = { tls: true, address: null, port };
  return port === 443 ? [main, { tls: false, address: null, port: 80 }] : [main];
}

export function formatListen({ tls, address, port }: ListenAddress): string {
  const host = address?.includes(':') ? `[${address}]` : (address ?? '');
  return `${tls ? 'https' : 'http'}://${host}:${port}`;
}
