// Clusters for tests: the one of the seed, with every field that does not matter filled in.
import assert from 'node:assert/strict';
import { type Address, parseAddress } from './address.ts';
import { type Cluster, type ClusterSettings, planCluster, type SubClusterSettings } from './cluster.ts';
import type { Hostname } from './hostname.ts';

/** Numbers 1, 2 and 4: the seed's third gateway ends in .103. */
export const SEED_SUB_CLUSTER: SubClusterSettings = {
  label: '',
  nodes: [1, 2, 4],
  loadBalancers: [1, 2],
  firstNumber: 1,
  lan: ['192.168.1.100/24'],
  nat: ['10.10.10.100/24'],
};

export function clusterSettings(parts: Partial<ClusterSettings> = {}): ClusterSettings {
  return {
    name: 'internet.intern.netz' as Hostname,
    delegated: false,
    subClusters: [SEED_SUB_CLUSTER],
    views: [],
    otherwise: 'lan',
    selection: 'all',
    whenAllDown: 'fail',
    checkPort: null,
    maxLoadBalancers: null,
    maxSubClusters: null,
    ...parts,
  };
}

export function cluster(parts: Partial<ClusterSettings> = {}): Cluster {
  const planned = planCluster(clusterSettings(parts));
  assert.ok(planned.kind === 'cluster', JSON.stringify(planned));
  return planned.cluster;
}

export function at(text: string): Address {
  const address = parseAddress(text);
  assert.ok(address, text);
  return address;
}
