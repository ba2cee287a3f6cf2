// Who may ask: ranges of addresses, and what they said about those who asked before.
import { BlockList } from 'node:net';
import { type Address, type AddressRange, familyOf } from '#server/core/address.ts';

const MAX_REMEMBERED = 4_096;

/** Asked for each packet, so verdicts are remembered. Nobody may where there is no range. */
export function clientFilter(ranges: readonly AddressRange[]): (client: Address) => boolean {
  // A list also matches IPv4 rules through mapped addresses, so each family has its own.
  const [ipv4, ipv6] = [new BlockList(), new BlockList()];
  for (const { address, prefix } of ranges) {
    if (familyOf(address) === 4) ipv4.addSubnet(address, prefix, 'ipv4');
    else ipv6.addSubnet(address, prefix, 'ipv6');
  }
  const remembered = new Map<Address, boolean>();
  return (client) => {
    const known = remembered.get(client);
    if (known !== undefined) return known;
    const may = familyOf(client) === 4 ? ipv4.check(client, 'ipv4') : ipv6.check(client, 'ipv6');
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(client, may);
    return may;
  };
}
