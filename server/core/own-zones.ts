// The zones in which Foyer makes the names itself, beside the names that it has to be found by: neither may lie in another's (F7).
import { type Cluster, namesOfCluster } from './cluster.ts';
import { type Hostname, isWithin } from './hostname.ts';

export type OwnZones = {
  portal: Hostname;
  gatewayName: Hostname | null;
  cluster: Cluster | null;
  aliasZone: Hostname | null;
  /** The machines' zone, and the endings that stand for it. */
  endings: readonly Hostname[];
};

/** What people and resolvers find Foyer by, beside its apps. */
export function ownNames({ cluster, gatewayName, portal }: OwnZones): readonly Hostname[] {
  return [portal, ...(gatewayName === null ? [] : [gatewayName]), ...(cluster ? namesOfCluster(cluster) : [])];
}

/** Reports whether a name lies below the cluster's and is none that its zone has: it would not be found. */
export function isLostInCluster(cluster: Cluster, host: Hostname): boolean {
  return isWithin(host, cluster.name) && !namesOfCluster(cluster).has(host);
}
