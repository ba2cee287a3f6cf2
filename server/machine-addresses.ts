// The addresses of this machine's own network interfaces.
import { networkInterfaces } from 'node:os';
import { type Address, parseAddress } from '#server/core/address.ts';

export function machineAddresses(): Address[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map(({ address }) => parseAddress(address.split('%')[0] ?? ''))
    .filter((address) => address !== null);
}
