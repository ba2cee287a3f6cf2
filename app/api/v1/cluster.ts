// The cluster by the API: how its nodes are, what DNS answers now, and the drain flag. Its settings are those of /settings/cluster.
import { upNodes, viewAnswers } from '#server/core/cluster-choice.ts';
import { type ClusterRecord, getCluster, setDraining } from '#server/store/cluster.ts';
import type { PortalContext } from '#server/store/portal-context.ts';
import { type Reply, refusal } from './reply.ts';
import type { Call, Route } from './route-table.ts';

const tag = 'Cluster';
const drain = '/cluster/nodes/{number}/drain';

export const CLUSTER: readonly Route[] = [
  {
    ...{ method: 'GET', path: '/cluster', needs: ['settings.read'], tag, summary: 'Read how the cluster is' },
    description:
      'Its nodes with their state now, and what its name answers in each view. Without a cluster `name` is null.',
    answers: { status: 200, schema: 'Cluster' },
    run: async ({ context, actor }) => {
      const found = await getCluster(context.store, actor);
      if (found.kind !== 'found') return refusal(found);
      return { kind: 'done', status: 200, body: await shown(context, found) };
    },
  },
  {
    ...{ method: 'PUT', path: drain, needs: ['settings.write'], tag, summary: 'Drain a node' },
    description: 'DNS stops naming it at once; the sessions that it has stay.',
    answers: { status: 204 },
    run: (call) => set(call, true),
  },
  {
    ...{ method: 'DELETE', path: drain, needs: ['settings.write'], tag, summary: 'Take a drained node back in' },
    answers: { status: 204 },
    run: (call) => set(call, false),
  },
];

async function set({ context, actor, params }: Call, isDraining: boolean): Promise<Reply> {
  const number = /^[1-9][0-9]{0,3}$/.test(params.number ?? '') ? Number(params.number) : 0;
  const saved = await setDraining(context.store, actor, number, isDraining);
  return saved.kind === 'saved' ? { kind: 'nothing' } : refusal(saved);
}

async function shown(context: PortalContext, record: ClusterRecord): Promise<object> {
  const { cluster, nodes: rows } = record;
  if (!cluster) return { name: null, nodes: [], answers: [] };
  const standings = await context.lookAtCluster(record);
  const drained = new Set(rows.filter(({ drainingSince }) => drainingSince !== null).map(({ number }) => number));
  const nodes = cluster.nodes.map(({ number, subCluster, isLoadBalancer, addresses }) => {
    const row = rows.find((each) => each.number === number);
    return {
      ...{ number, subCluster, isLoadBalancer, ...addresses },
      ...{ standing: standings.get(number) ?? 'never-seen', drainingSince: row?.drainingSince ?? null },
      ...{ machine: row?.name ?? null, seenAt: row?.presence?.seenAt ?? null },
      ...{ gateways: row?.gateways ?? 0, gatewaysReady: row?.presence?.gatewaysReady ?? 0 },
    };
  });
  const answers = viewAnswers(cluster, upNodes(cluster, standings), drained).map(
    ({ addresses, isOutside, kind, side, subnets }) => ({
      subnets: subnets.map(({ address, prefix }) => `${address}/${prefix}`),
      ...{ side, isOutside, addresses, isUnsaid: kind === 'nobody' },
    }),
  );
  return { name: cluster.name, nodes, answers };
}
