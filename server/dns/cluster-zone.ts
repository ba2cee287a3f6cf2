// The zone of a cluster: its name is whoever of its nodes can be sent people now, each client in the addresses of its own side.
import { type Address, familyOf } from '#server/core/address.ts';
import { type Cluster, type ClusterNode, nodeLabel } from '#server/core/cluster.ts';
import { type Asker, addressesFor, askerOf, tellNodes } from '#server/core/cluster-choice.ts';
import { type Name, nameFromHostname, nameFromLabels } from './name.ts';
import type { HostedView } from './names.ts';
import { buildZone, type Zone, type ZoneLine } from './zone.ts';

/** What one look at the cluster found. Never changed: a new one replaces it whole (D14). */
export type ClusterState = {
  cluster: Cluster;
  /** By number. A cluster of one node has no health to look at: it is always here (TG-0). */
  up: ReadonlySet<number>;
  drained: ReadonlySet<number>;
  serial: number;
};

/** The cluster's zone, or that of one of its sub-clusters. `chance`: from 0 to below 1. While nobody can be told its own name is unsaid. */
export type ClusterZone = { origin: Name; isPublic: boolean; zoneFor(client: Address, chance: number): HostedView };

/** So long a resolver may go on sending people to a node that is gone. */
const TTL_SECONDS = 5;
/** Where the nodes are changes with the settings alone. */
const LASTING_TTL_SECONDS = 60;

/** The cluster's own zone first. Zones are built when they are first asked for and kept as long as the state. */
export function clusterZones(state: ClusterState): readonly ClusterZone[] {
  const { cluster } = state;
  const origin = nameFromHostname(cluster.name);
  const below = cluster.labels.flatMap((label) => {
    const name = nameFromLabels([label, ...origin]);
    const nodes = cluster.nodes.filter(({ subCluster }) => subCluster === label);
    return name ? [zoneOf(state, name, nodes)] : [];
  });
  return [zoneOf(state, origin, cluster.nodes), ...below];
}

function zoneOf(state: ClusterState, origin: Name, nodes: readonly ClusterNode[]): ClusterZone {
  const { cluster, up, drained } = state;
  const is = {
    available: ({ number }: ClusterNode) => up.has(number),
    drained: ({ number }: ClusterNode) => drained.has(number),
  };
  const built = new Map<string, HostedView>();
  return {
    origin,
    isPublic: cluster.delegated,
    zoneFor(client, chance) {
      const asker = askerOf(cluster, client);
      const told = tellNodes(cluster, nodes, is, asker, client, chance);
      const toldNodes = told.kind === 'nobody' ? [] : told.nodes;
      const key = `${asker.isOutside} ${asker.side} ${told.kind} ${toldNodes.map(({ number }) => number).join(' ')}`;
      const known = built.get(key);
      if (known) return known;
      const zone = {
        ...buildClusterZone(state, origin, nodes, toldNodes, asker),
        isUnsaid: told.kind === 'nobody',
      };
      built.set(key, zone);
      return zone;
    },
  };
}

/** Names of single nodes (`n3`) and of the servers are there whatever their state: they say where a node is, not that it can be used. */
function buildClusterZone(
  { cluster, serial }: ClusterState,
  origin: Name,
  nodes: readonly ClusterNode[],
  told: readonly ClusterNode[],
  asker: Asker,
): Zone {
  const servers = serversOf(nodes, cluster.nodes);
  const isWhole = origin.length === nameFromHostname(cluster.name).length;
  const lines: ZoneLine[] = [
    ...told.flatMap((node) => addressLines('@', node, asker, TTL_SECONDS)),
    ...servers.map((node) => ({ name: '@', type: 'NS', value: `${nodeLabel(node.number)}.${cluster.name}.` })),
    ...(isWhole
      ? cluster.nodes.flatMap((node) => addressLines(nodeLabel(node.number), node, asker, LASTING_TTL_SECONDS))
      : []),
  ];
  const [first] = servers;
  const primary = first && nameFromLabels([nodeLabel(first.number), ...nameFromHostname(cluster.name)]);
  const source = { origin, lines, serial, ttlSeconds: LASTING_TTL_SECONDS, negativeTtlSeconds: TTL_SECONDS };
  const result = buildZone({ ...source, primary: primary ?? undefined });
  if (result.kind === 'invalid') throw new Error(`A planned cluster makes no zone: ${result.problem}`);
  return result.zone;
}

/** A sub-cluster without load balancers of its own is answered for by the others'. */
function serversOf(nodes: readonly ClusterNode[], all: readonly ClusterNode[]): readonly ClusterNode[] {
  const own = nodes.filter(({ isLoadBalancer }) => isLoadBalancer);
  return own.length > 0 ? own : all.filter(({ isLoadBalancer }) => isLoadBalancer);
}

function addressLines(name: string, node: ClusterNode, asker: Asker, ttlSeconds: number): ZoneLine[] {
  return addressesFor(node, asker).map((value) => ({
    ...{ name, value, ttlSeconds },
    type: familyOf(value) === 4 ? 'A' : 'AAAA',
  }));
}
