// What the page of gateways can change: the cluster's settings, and who drains.
'use server';
import { setDraining } from '#server/store/cluster.ts';
import { saveSetting } from '#server/store/settings.ts';
import { type ActionResult, act, timeOrNone } from '../act.ts';

export async function saveClusterAction(cluster: unknown, openedAt?: unknown): Promise<ActionResult> {
  return act((store, actor) => saveSetting(store, actor, 'cluster', cluster, timeOrNone(openedAt)));
}

export async function drainNodeAction(number: unknown, isDraining: unknown): Promise<ActionResult> {
  return act((store, actor) => setDraining(store, actor, Number(number), isDraining === true));
}
