// This machine as an app's upstream could mean it, and what an administrator reads when an address is refused.
import { networkInterfaces } from 'node:os';
import { parseAddress } from '#server/core/address.ts';
import type { AddressRefusal, OwnHost } from '#server/core/check-address.ts';
import type { Store } from './handle.ts';

export function ownHost({ listeners }: Pick<Store, 'listeners'>): OwnHost {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return {
    listeners,
    addresses: addresses.flatMap(({ address }) => parseAddress(address) ?? []),
  };
}

const NAME_IT = 'If the app really runs there, name this address and port in the site, under “Exact address and port”.';

export const REFUSED_ADDRESS: Record<AddressRefusal, string> = {
  loopback: `This address means the gateway itself. ${NAME_IT}`,
  'own-host': `This address belongs to the gateway itself. ${NAME_IT}`,
  'own-listener': 'Foyer itself listens at this address and port. Write where the app listens.',
  unspecified: 'This address means no host in particular. Write the app’s own address.',
  'link-local': 'Link-local addresses are not dialled. Write an address of the app’s network.',
  metadata: 'This is a cloud’s metadata service, which is never an app.',
  'shared-address-space': 'Addresses of 100.64.0.0/10 are shared by carriers and are not dialled. Write another one.',
  multicast: 'This is a multicast address, so nobody answers there. Write the app’s own address.',
  broadcast: 'This is a broadcast address, so nobody answers there. Write the app’s own address.',
  reserved: 'This address is reserved and belongs to no network. Write the app’s own address.',
  'outside-site': 'This address is outside the ranges of the chosen site. Choose another site, or add the range to it.',
};
