// The addresses of this machine's own network interfaces.
import { networkInterfaces } from 'node:os';
import { type Address, parseAddress } from '#server/core/address.ts';

export function machineAddresses(): Address[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map(({ address }) => parseAddress(address.split('%')[0] ?? ''))
    .filter((address) => address !== null);
}

/** Where listeners of this machine are found: their own addresses, and every one where a listener takes all. */
export function insideAddresses(listen: readonly { address: Address | null }[]): Address[] {
  const own = listen.flatMap(({ address }) =>
    address === null || isUnspecified(address) ? machineAddresses() : address,
  );
  return [...new Set(own)];
}

function isUnspecified(address: Address): boolean {
  return address === '0.0.0.0' || address === '::';
}
