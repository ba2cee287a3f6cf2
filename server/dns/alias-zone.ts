// The alias zone as it is answered: the aliases of enabled apps lead to the gateways, and every other name is one that never was.
import { type Address, familyOf } from '#server/core/address.ts';
import type { Aliases } from '#server/core/alias.ts';
import { isPrivate } from '#server/core/check-address.ts';
import type { Snapshot } from '#server/core/snapshot.ts';
import { CLASS, type ResourceRecord } from './message.ts';
import { nameFromHostname, nameKey } from './name.ts';
import type { HostedZone } from './names.ts';
import { buildZone, type Zone } from './zone.ts';

const ALIAS_TTL_SECONDS = 30;
const APEX_TTL_SECONDS = 3600;

/**
 * Null where no zone is delegated. `isCurrent` false: what is known is too old to be said, and nothing is. `gateway`: the zone that
 * answers for the gateway's own name, where that is ours too; aliases then lead each client to the gateways that it names now. A client
 * outside is told no address of this network, and the fixed ones where there is no other.
 */
export function aliasZone(
  { aliases, appsById, revision }: Pick<Snapshot, 'aliases' | 'appsById' | 'revision'>,
  isCurrent: () => boolean,
  gateway: HostedZone | null = null,
): HostedZone | null {
  if (aliases === null) return null;
  const answered = [...aliases.byApp].flatMap(([appId, alias]) => (appsById.get(appId)?.enabled ? [alias] : []));
  const apex = apexOf(aliases, revision);
  const { origin } = apex;
  // One list for all: a zone's answers have the name that was asked for, whatever name stands in its records.
  const fixed = withAliases(
    apex,
    answered,
    aliases.addresses.map((address) => addressRecord(origin, address)),
  );
  const made = { inside: new WeakMap<Zone, Zone>(), outside: new WeakMap<Zone, Zone>() };
  const leadingTo = (records: readonly ResourceRecord[]) =>
    records.length > 0 ? withAliases(apex, answered, records) : fixed;
  const following = (hosted: HostedZone, client: Address): Zone | null => {
    const now = hosted.zoneFor(client);
    if (now === null || now.isUnsaid) return null;
    const isInside = isPrivate(client);
    const of = isInside ? made.inside : made.outside;
    const zone = of.get(now) ?? leadingTo(addressesIn(now).filter(({ data }) => isInside || !leadsInside(data)));
    of.set(now, zone);
    return zone;
  };
  return {
    origin,
    zoneFor: (client) => (isCurrent() ? (gateway === null ? fixed : following(gateway, client)) : null),
    isPublic: true,
  };
}

function apexOf(aliases: Aliases, revision: number): Zone {
  const origin = nameFromHostname(aliases.zone);
  const servers = aliases.nameServers.map((name) => ({ name: '@', type: 'NS', value: `${name}.` }));
  const built = buildZone({
    ...{ origin, lines: servers, serial: serialOf(revision) },
    ...{ ttlSeconds: APEX_TTL_SECONDS, negativeTtlSeconds: ALIAS_TTL_SECONDS },
    primary: aliases.nameServers[0] && nameFromHostname(aliases.nameServers[0]),
  });
  if (built.kind === 'invalid') throw new Error(`The alias zone cannot be: ${built.problem}.`);
  return built.zone;
}

function withAliases(apex: Zone, answered: readonly string[], records: readonly ResourceRecord[]): Zone {
  return { ...apex, nodes: new Map([...apex.nodes, ...answered.map((alias) => [alias, records] as const)]) };
}

function leadsInside(data: ResourceRecord['data']): boolean {
  return (data.kind === 'a' || data.kind === 'aaaa') && isPrivate(data.address);
}

/** Of the zone's own name. */
function addressesIn({ nodes, origin }: Zone): readonly ResourceRecord[] {
  return (nodes.get(nameKey(origin)) ?? []).filter(({ data }) => data.kind === 'a' || data.kind === 'aaaa');
}

function addressRecord(name: ResourceRecord['name'], address: Address): ResourceRecord {
  const kind = familyOf(address) === 4 ? 'a' : 'aaaa';
  return { name, class: CLASS.IN, ttlSeconds: ALIAS_TTL_SECONDS, data: { kind, address } };
}

/** Revisions only rise, and so does this (RFC 1982: it may come round, and 0 is left out). */
function serialOf(revision: number): number {
  return (revision % 0xffff_ffff) + 1;
}
