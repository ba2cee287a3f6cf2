// Which names the DNS doctor looks at: every public one, those that an app had, and every internal one that an enabled app is found by.
import { parseAddress } from '#server/core/address.ts';
import type { App, Site } from '#server/core/app.ts';
import type { Cluster } from '#server/core/cluster.ts';
import { type Hostname, isWithin } from '#server/core/hostname.ts';
import type { ClusterNameFacts, LeftSubject, NameSubject } from '#server/core/names-facts.ts';
import type { Portal, Snapshot } from '#server/core/snapshot.ts';

export type NamedHost = { host: Hostname; subject: NameSubject };
export type LeftName = { host: Hostname; subject: LeftSubject };
/** An app that is not there any more, as long as it is known what it was called. */
export type DeletedNames = { name: string; hosts: readonly Hostname[] };
export type ClusterName = Pick<ClusterNameFacts, 'host' | 'addresses' | 'loadBalancers'>;
export type InternalName = { host: Hostname; site: Site; apps: readonly { id: string; name: string }[] };

/** The gateway's name first, since the others hang on it. */
export function namedHosts({ appsById }: Snapshot, portal: Portal, gatewayName: Hostname | null): NamedHost[] {
  const apps = [...appsById.values()].filter(({ enabled }) => enabled);
  return [
    ...(gatewayName === null ? [] : [{ host: gatewayName, subject: { kind: 'gateway' as const } }]),
    ...(portal.hostname === gatewayName ? [] : [{ host: portal.hostname, subject: { kind: 'portal' as const } }]),
    ...apps.flatMap(({ hosts, id, name }) =>
      hosts.map((host) => ({ host, subject: { kind: 'app' as const, appId: id, appName: name } })),
    ),
  ];
}

/** Those of apps that nobody can open. A name that somebody else has by now is looked at as theirs. */
export function leftNames(
  { appsByHost }: Snapshot,
  deleted: readonly DeletedNames[],
  hosts: readonly NamedHost[],
): LeftName[] {
  const taken = new Set(hosts.map(({ host }) => host));
  const left = new Map<Hostname, LeftSubject>();
  for (const { name, hosts: had } of deleted)
    for (const host of had) left.set(host, { kind: 'deleted', appName: name });
  for (const [host, { enabled, id, name }] of appsByHost)
    if (!enabled) left.set(host, { kind: 'disabled', appId: id, appName: name });
  return [...left].flatMap(([host, subject]) => (taken.has(host) ? [] : [{ host, subject }]));
}

/** The cluster's own, then those of sub-clusters that have one. */
export function clusterNames(cluster: Cluster | null): ClusterName[] {
  if (cluster === null) return [];
  const { labels, name, nodes } = cluster;
  const addressesOf = (some: Cluster['nodes']) => some.flatMap(({ addresses }) => [...addresses.lan, ...addresses.nat]);
  const loadBalancers = nodes
    .filter(({ isLoadBalancer }) => isLoadBalancer)
    .flatMap(({ addresses }) => (addresses.lan.length > 0 ? addresses.lan : addresses.nat));
  return [
    { host: name, addresses: addressesOf(nodes), loadBalancers },
    ...labels.map((label) => ({
      host: `${label}.${name}` as Hostname,
      addresses: addressesOf(nodes.filter(({ subCluster }) => subCluster === label)),
      loadBalancers,
    })),
  ];
}

/** Each once for a site, however many apps are found by it. Literal addresses are no names. */
export function internalNames({ appsById, sitesById }: Snapshot): InternalName[] {
  const uses = [...appsById.values()]
    .filter(({ enabled }) => enabled)
    .flatMap((app) => upstreamHosts(app).map((host) => ({ app, host })));
  const groups = Map.groupBy(uses, ({ app, host }) => `${app.siteId} ${host}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    const site = first && sitesById.get(first.app.siteId);
    if (!first || !site) return [];
    return [{ host: first.host, site, apps: group.map(({ app: { id, name } }) => ({ id, name })) }];
  });
}

function upstreamHosts({ traffic, upstream }: App): Hostname[] {
  const places = [upstream, ...traffic.routes.map((route) => route.upstream)].flatMap((each) => [
    each.host,
    ...each.replicas.map(({ host }) => host),
  ]);
  return [...new Set(places)].filter((host): host is Hostname => parseAddress(host) === null);
}

/**
 * Reports whether public DNS may hear of an internal name: asking it is telling it (F7). Only names below a domain that has public
 * names of ours already are worth that, since nowhere else could they have been published by mistake.
 */
export function mayAskPublic(host: Hostname, hosts: readonly NamedHost[]): boolean {
  if (hosts.some((named) => named.host === host)) return false;
  return hosts.some(({ host: name }) => {
    const parent = name.slice(name.indexOf('.') + 1);
    return parent.includes('.') && isWithin(host, parent as Hostname);
  });
}
