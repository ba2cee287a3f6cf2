// Puts together what the nameserver answers by: its file, its lists, this Foyer's own names. Pure.
import { type Address, familyOf } from '#server/core/address.ts';
import type { Endpoint } from '#server/core/app.ts';
import type { Hostname } from '#server/core/hostname.ts';
import type { Snapshot } from '#server/core/snapshot.ts';
import { CLASS } from '#server/dns/message.ts';
import { type Name, nameFromHostname, nameKey, nameText, sameName } from '#server/dns/name.ts';
import { type DomainSet, type HostedZone, type LocalZone, type Names, NO_LEASES } from '#server/dns/names.ts';
import { reverseZones } from '#server/dns/reverse-zones.ts';
import { buildZone } from '#server/dns/zone.ts';
import type { NameserverFile } from './file.ts';

/** What this machine's Foyer knows, each the newest whole. */
export type FoyerNames = {
  /** What leads to the gateway; people inside are led to its inside addresses. */
  gatewayHosts: readonly Name[];
  /** The gateway's own name, which is among them; null where it has none. */
  gateway: Name | null;
  /** The names of machines (the organisation's zone). */
  machines: readonly LocalZone[];
  /** Clusters and aliases, for which we are the authority. */
  hosted: readonly HostedZone[];
};

export const NO_FOYER: FoyerNames = { gatewayHosts: [], gateway: null, machines: [], hosted: [] };

/** Names that somebody else knows; `onChange` is to be told when they may be others. */
export type FollowNames = (onChange: () => void) => Promise<FollowedNames>;

export type FollowedNames = {
  /** The newest that was heard; before that, what is known without asking. */
  current(): FoyerNames;
  stop(): Promise<void>;
};

export type NameSources = FoyerNames & {
  file: NameserverFile;
  lists: { allow: DomainSet; block: DomainSet };
  /** Asked in plain text where that is allowed and every upstream fails. */
  systemServers: readonly Endpoint[];
};

/** As the seed has it: longer than a healthy server ever takes. */
const UPSTREAM_TIMEOUT_MS = 3_000;
/** An hour without any upstream is bridged with what is known (RFC 8767 §4). */
const UPSTREAM_STALE_MS = 3_600_000;
const INSIDE_TTL_SECONDS = 60;

export function composeNames(sources: NameSources): Names {
  const { file, lists, hosted, machines, systemServers } = sources;
  const own = withMachines(file.records, machines);
  return {
    ...lists,
    leases: NO_LEASES,
    local: [...own, ...insideZones(sources), ...reverseZones(own)],
    hosted,
    routes: file.zones,
    upstreams:
      file.upstreams.length === 0
        ? null
        : {
            servers: file.upstreams,
            plaintextFallback: file.allowPlaintextFallback ? systemServers : null,
            timeoutMs: UPSTREAM_TIMEOUT_MS,
            staleMs: UPSTREAM_STALE_MS,
          },
    rebindingAllowed: file.allowPrivate,
  };
}

/** A zone that both have is one zone; the file's word for a name is nearer than the organisation's. */
function withMachines(records: readonly LocalZone[], machines: readonly LocalZone[]): readonly LocalZone[] {
  const isIn = (zones: readonly LocalZone[], { zone }: LocalZone) =>
    zones.find((other) => sameName(other.zone.origin, zone.origin));
  const merged = records.map((local): LocalZone => {
    const machine = isIn(machines, local);
    if (machine === undefined) return local;
    const nodes = new Map(machine.zone.nodes);
    // A name that is only on the way to one of the file's takes nothing from a machine.
    for (const [key, node] of local.zone.nodes) if (node.length > 0 || !nodes.has(key)) nodes.set(key, node);
    return { ...machine, zone: { ...local.zone, nodes }, search: [...local.search, ...machine.search] };
  });
  return [...merged, ...machines.filter((machine) => isIn(records, machine) === undefined)];
}

/** The host names of everything that this Foyer serves: the portal, the gateway, every app that is switched on. */
export function gatewayHosts(
  { portal, appsById }: Pick<Snapshot, 'portal' | 'appsById'>,
  gatewayName: Hostname | null,
): readonly Name[] {
  const apps = [...appsById.values()].filter((app) => app.enabled).flatMap((app) => app.hosts);
  return [portal.hostname, ...(gatewayName === null ? [] : [gatewayName]), ...apps].map(nameFromHostname);
}

/**
 * Of each name the addresses, and nothing beside that leads to others: an HTTPS record from outside would lead people past the gateway's inside
 * address. Where the gateway's name is a cluster's, it alone knows which gateways live and where a client finds them: the names lead to it.
 */
function insideZones({ file, gateway, gatewayHosts, hosted }: NameSources): readonly LocalZone[] {
  if (file.gateway === null) return [];
  const { inside, names } = file.gateway;
  const isHosted = (host: Name) => hosted.some(({ origin }) => sameName(origin, host));
  const isCluster = (host: Name) => isHosted(host) || file.zones.some(({ zone }) => sameName(zone, host));
  const cluster = gateway !== null && isCluster(gateway) ? gateway : null;
  const hosts = new Map([...gatewayHosts, ...names].map((host) => [nameKey(host), host]));
  return [...hosts.values()].flatMap((host) => {
    if (isHosted(host)) return [];
    if (cluster === null) return [insideZone(host, inside)];
    return sameName(host, cluster) ? [] : [leadingZone(host, cluster)];
  });
}

function insideZone(host: Name, inside: readonly Address[]): LocalZone {
  const lines = inside.map((value) => ({ name: '@', type: familyOf(value) === 4 ? 'A' : 'AAAA', value }));
  const built = buildZone({
    origin: host,
    lines,
    ttlSeconds: INSIDE_TTL_SECONDS,
    negativeTtlSeconds: INSIDE_TTL_SECONDS,
  });
  if (built.kind === 'invalid') throw new Error(`${nameText(host)} with addresses is a zone: ${built.problem}`);
  return { zone: built.zone, search: [], answersSingleLabels: false, covers: 'addresses' };
}

/** The same name with a CNAME, which stands alone (RFC 1034 §3.6.2): of whatever type, the name is an alias and has nothing from outside beside it. */
function leadingZone(host: Name, target: Name): LocalZone {
  const { zone, ...rest } = insideZone(host, []);
  const alias = {
    name: host,
    class: CLASS.IN,
    ttlSeconds: INSIDE_TTL_SECONDS,
    data: { kind: 'cname', target },
  } as const;
  return { ...rest, covers: 'exact', zone: { ...zone, nodes: new Map([[nameKey(host), [alias]]]) } };
}
