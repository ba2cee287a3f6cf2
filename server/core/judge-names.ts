// What all facts about names come to: findings, in the order in which they are worth reading.
import { isWithin } from './hostname.ts';
import { judgeClusterName } from './judge-cluster-name.ts';
import { judgeLeftName } from './judge-left-name.ts';
import { judgePrivateName, silentServers } from './judge-private-name.ts';
import { judgePublicName } from './judge-public-name.ts';
import type { NamesFacts } from './names-facts.ts';
import { ADVISED_TTL_SECONDS, findingKey, findingOf, type NamesFinding } from './names-finding.ts';

/** Errors first, then what concerns all, then by name. One of each key. */
export function judgeNames(facts: NamesFacts): NamesFinding[] {
  const silent = silentServers(facts.privateNames, facts.passedOver);
  const silentNames = new Set(silent.map(({ name }) => name));
  const all = [
    ...publicDnsSilence(facts),
    ...machineServersSilence(facts),
    ...installation(facts),
    ...facts.publicNames.flatMap((name) => judgePublicName(name, facts)),
    ...facts.leftNames.flatMap(judgeLeftName),
    ...facts.clusterNames.flatMap(judgeClusterName),
    ...silent,
    ...facts.privateNames.flatMap((name) => judgePrivateName(name, silentNames)),
  ];
  const each = [...new Map(all.map((finding) => [findingKey(finding), finding])).values()];
  return each.sort(
    (one, other) =>
      Number(other.level === 'error') - Number(one.level === 'error') ||
      Number(one.appIds.length > 0) - Number(other.appIds.length > 0) ||
      one.name.localeCompare(other.name),
  );
}

function publicDnsSilence({ publicNames }: NamesFacts): NamesFinding[] {
  const silent = publicNames.filter(({ dns }) => dns.lookup.kind === 'silent');
  const [first] = silent;
  if (!first) return [];
  const servers = first.dns.lookup.servers.join(', ') || 'no server';
  const sentence = `Public DNS (${servers}) does not answer, so what browsers are told is not known. Let this machine ask it, or name another server in FOYER_PUBLIC_DNS.`;
  return [findingOf('public-dns-silent', { name: servers }, sentence)];
}

/** Where nobody answers for public DNS that is said already. */
function machineServersSilence({ passedOver, publicNames }: NamesFacts): NamesFinding[] {
  const isOutsideSilent = publicNames.some(({ dns }) => dns.lookup.kind === 'silent');
  return passedOver.flatMap(({ isOutside, server, site }) => {
    if (site !== null || (isOutside && isOutsideSilent)) return [];
    const sentence = `The DNS server ${server} does not answer, and after its first silences it was asked nothing more in this look. Check that it runs and that this machine may ask it, or name another in ${isOutside ? 'FOYER_PUBLIC_DNS' : 'FOYER_INSIDE_DNS'}.`;
    return [findingOf('server-silent', { name: server, isPrivate: !isOutside }, sentence)];
  });
}

function installation(facts: NamesFacts): NamesFinding[] {
  const { aliases, gatewayName, portal, publicNames } = facts;
  const isLocal = publicNames.every(({ dns }) => dns.lookup.kind === 'localhost');
  if (isLocal) return [];
  if (gatewayName === null && aliases === null)
    return [
      findingOf(
        'gateway-unnamed',
        { name: portal },
        'The gateway has no name, so there is nothing that apps can be CNAMEs of. Set FOYER_GATEWAY_NAME to a name such as gw.example.com, and give that an address record.',
      ),
    ];
  return aliases === null ? [] : aliasZone(facts, aliases);
}

function aliasZone(
  { aliasServers, gatewayName, publicNames }: NamesFacts,
  { addresses, nameServers, zone }: NonNullable<NamesFacts['aliases']>,
): NamesFinding[] {
  const findings: NamesFinding[] = [];
  const about = { name: zone };
  // F7: a name in a zone that we answer for, and that holds aliases alone, does not exist.
  if (gatewayName !== null && isWithin(gatewayName, zone))
    findings.push(
      findingOf(
        'gateway-hosted',
        about,
        `${gatewayName}, the gateway’s name, is in the zone of aliases, where it does not exist. Move one of them.`,
      ),
    );
  const [server = ''] = nameServers;
  const record = { name: zone, type: 'NS', value: `${server}.`, ttlSeconds: ADVISED_TTL_SECONDS * 12 };
  if (aliasServers?.kind === 'none')
    findings.push(
      findingOf(
        'alias-zone-undelegated',
        about,
        `The zone of aliases, ${zone}, is not delegated, so no alias leads anywhere. Create the record in the zone above it.`,
        record,
      ),
    );
  const others = aliasServers?.kind === 'found' ? aliasServers.names.filter((name) => !isNamed(nameServers, name)) : [];
  if (others.length > 0)
    findings.push(
      findingOf(
        'alias-zone-elsewhere',
        about,
        `The zone of aliases, ${zone}, is also delegated to ${others.join(', ')}, which the settings do not name. Make both the same.`,
        record,
      ),
    );
  const gateway = publicNames.find(({ subject }) => subject.kind === 'gateway')?.dns.lookup.addresses ?? [];
  // A cluster's name has those of its gateways that are up.
  if (gateway.length > 0 && !addresses.some((address) => gateway.includes(address)))
    findings.push(
      findingOf(
        'alias-addresses',
        about,
        `Aliases lead to ${addresses.join(', ')} and the gateway’s name to ${gateway.join(', ')}. Make both the same, or one of them leads people to nothing.`,
      ),
    );
  return findings;
}

function isNamed(nameServers: readonly string[], name: string): boolean {
  return nameServers.some((each) => each === name);
}
