// The names of addresses: for each address that our own records give, the PTR that leads back (RFC 1035 §3.5, RFC 3596 §2.5).
import { type Address, addressBytes } from '#server/core/address.ts';
import { ancestor, type Name, nameFromLabels, nameKey, nameText } from './name.ts';
import type { LocalZone } from './names.ts';
import { buildZone, type ZoneLine } from './zone.ts';

/** Labels of a reverse zone: the /24 of an IPv4 address, the /64 of an IPv6 one. */
const IPV4_ZONE_LABELS = 5;
const IPV6_ZONE_LABELS = 18;

/** Only the addresses themselves are ours: every other name of these zones is somebody else's to know. */
export function reverseZones(zones: readonly LocalZone[]): readonly LocalZone[] {
  const groups = new Map<string, { origin: Name; lines: ZoneLine[] }>();
  for (const { zone } of zones) {
    for (const { name, data, ttlSeconds } of [...zone.nodes.values()].flat()) {
      // What many names stand for has no one name.
      if ((data.kind !== 'a' && data.kind !== 'aaaa') || name[0] === '*') continue;
      const reverse = reverseName(data.address);
      const origin = ancestor(reverse, data.kind === 'a' ? IPV4_ZONE_LABELS : IPV6_ZONE_LABELS);
      const group = groups.get(nameKey(origin)) ?? { origin, lines: [] };
      group.lines.push({ name: `${nameText(reverse)}.`, type: 'PTR', value: `${nameText(name)}.`, ttlSeconds });
      groups.set(nameKey(origin), group);
    }
  }
  return [...groups.values()].flatMap(({ origin, lines }) => {
    const built = buildZone({ origin, lines, negativeTtlSeconds: 10 });
    if (built.kind === 'invalid') throw new Error(`A reverse zone cannot be: ${built.problem}.`);
    return { zone: built.zone, search: [], answersSingleLabels: false, covers: 'exact' as const };
  });
}

export function reverseName(address: Address): Name {
  const bytes = [...addressBytes(address)].reverse();
  const labels =
    bytes.length === 4
      ? [...bytes.map(String), 'in-addr', 'arpa']
      : [...bytes.flatMap((byte) => [byte & 0xf, byte >> 4].map((nibble) => nibble.toString(16))), 'ip6', 'arpa'];
  const name = nameFromLabels(labels);
  if (name === null) throw new Error('An address has a reverse name.');
  return name;
}
