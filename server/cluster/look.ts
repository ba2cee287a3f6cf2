// One look at a cluster for a page: what its nodes last said, and whether their ports are open now.

import type { Cluster, ClusterNode } from '#server/core/cluster.ts';
import { checkBegun, checkEnded, hear, type Standing, standing, UNKNOWN } from '#server/core/cluster-health.ts';
import type { ClusterRecord } from '#server/store/cluster.ts';
import { type CheckPort, checkedAddress, checkPort } from './check.ts';

/** What `watchCluster` comes to when nothing changes. A cluster of one node is looked at for the page alone: it is always named. */
export async function lookAtCluster(
  { cluster, nodes }: Pick<ClusterRecord, 'cluster' | 'nodes'>,
  wallNow: number,
  check: CheckPort = checkPort,
): Promise<ReadonlyMap<number, Standing>> {
  const looks = (cluster?.nodes ?? []).map(async (node) => {
    const presence = nodes.find((row) => row.number === node.number)?.presence ?? null;
    const heard = hear(UNKNOWN, presence, { now: wallNow, wallNow, sinceMs: null });
    const found = standing(heard, wallNow);
    if (found !== 'up' || (await isOpen(cluster, node, check))) return [node.number, found] as const;
    return [node.number, standing(checkEnded(checkBegun(heard, wallNow), false), wallNow)] as const;
  });
  return new Map(await Promise.all(looks));
}

async function isOpen(cluster: Cluster | null, node: ClusterNode, check: CheckPort): Promise<boolean> {
  const address = checkedAddress(node);
  return !cluster || cluster.checkPort === null || address === null || check(address, cluster.checkPort);
}
