// The cluster as pages and the API have it: its settings, what its nodes said of themselves, and the drain flag.
import { type Cluster, planCluster } from '#server/core/cluster.ts';
import { type NodeRow, readNodes } from './cluster-presence.ts';
import type { Store } from './handle.ts';
import { rightTo } from './right.ts';
import { type Actor, FORBIDDEN, type Found, NOT_FOUND, type Saved } from './saved.ts';
import type { SettingValue } from './schema/settings.ts';
import { settingOf } from './settings.ts';
import { write } from './write.ts';

export type ClusterRecord = {
  settings: SettingValue<'cluster'>;
  /** What the settings come to; null while there is no cluster. */
  cluster: Cluster | null;
  /** Those of the settings, and others that once spoke. */
  nodes: readonly NodeRow[];
  updatedAt: number;
};

export async function getCluster(store: Store, actor: Actor): Promise<Found<ClusterRecord>> {
  const right = await rightTo(store.db, actor, 'settings.read', store.now());
  if (right.kind !== 'any') return FORBIDDEN;
  return { kind: 'found', ...(await readCluster(store)) };
}

/** For Foyer itself. `before` is what was read last: settings that nobody changed since are not worked out again. */
export async function readCluster(store: Pick<Store, 'db'>, before?: ClusterRecord | null): Promise<ClusterRecord> {
  const row = await store.db.selectFrom('settings').selectAll().where('key', '=', 'cluster').executeTakeFirst();
  const nodes = await readNodes(store);
  const updatedAt = row?.updated_at ?? 0;
  if (before?.updatedAt === updatedAt) return { ...before, nodes };
  const settings = settingOf('cluster', row?.value);
  const planned = planCluster(settings);
  return { settings, cluster: planned.kind === 'cluster' ? planned.cluster : null, nodes, updatedAt };
}

/** Nobody new is sent to a node that drains; whoever is there stays. Counts at once, and whatever the node's health. */
export async function setDraining(store: Store, actor: Actor, number: number, isDraining: boolean): Promise<Saved> {
  return write(store, actor, 'settings.write', async (w) => {
    const { cluster, nodes } = await readCluster({ db: w.trx });
    if (!cluster?.nodes.some((node) => node.number === number)) return NOT_FOUND;
    const id = String(number);
    const before = nodes.find((node) => node.number === number)?.drainingSince ?? null;
    if ((before !== null) === isDraining) return { kind: 'saved', id };
    const draining_since = isDraining ? w.now : null;
    await w.trx
      .insertInto('cluster_nodes')
      .values({ number, ...NEVER_SEEN, draining_since })
      .onConflict((on) => on.column('number').doUpdateSet({ draining_since }))
      .execute();
    w.audit({
      action: isDraining ? 'gateway-drained' : 'gateway-undrained',
      object: { kind: 'settings', id: 'cluster', name: `${cluster.name} ${number}` },
      detail: { node: number },
    });
    return { kind: 'saved', id };
  });
}

const NEVER_SEEN = {
  ...{ name: null, instance: null, started_at: null, beat: null },
  ...{ seen_at: null, state: null, gateways: null, gateways_ready: null },
};
