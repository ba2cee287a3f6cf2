// Follows a cluster's nodes in the store and at their ports, and gives the nameserver the zones that name those who are up.

import type { Address } from '#server/core/address.ts';
import type { Cluster, ClusterNode } from '#server/core/cluster.ts';
import { upNodes } from '#server/core/cluster-choice.ts';
import {
  checkBegun,
  checkEnded,
  type Health,
  hear,
  isCheckDue,
  type Standing,
  standing,
  UNKNOWN,
} from '#server/core/cluster-health.ts';
import { isAfter, nextSerial } from '#server/core/serial.ts';
import { type ClusterState, type ClusterZone, clusterZones } from '#server/dns/cluster-zone.ts';
import { type Name, nameKey } from '#server/dns/name.ts';
import type { HostedZone } from '#server/dns/names.ts';
import type { Logger } from '#server/log.ts';
import { type ClusterRecord, readCluster } from '#server/store/cluster.ts';
import { raiseSerial } from '#server/store/cluster-presence.ts';
import type { Store } from '#server/store/handle.ts';
import { type CheckPort, checkedAddress, checkPort } from './check.ts';

/** A third of it is what a dead node's removal may be late by. */
const LOOK_EVERY_MS = 250;
/** Nobody answers for the nodes from what was read longer ago. */
const STALE_MS = 3_000;

export type ClusterWatch = {
  /** What this machine answers for: the cluster's zone and those of its sub-clusters, or none. */
  zones(): readonly HostedZone[];
  stop(): Promise<void>;
};

export type WatchOptions = {
  store: Pick<Store, 'db' | 'now' | 'steadyNow'>;
  log: Logger;
  /** This machine's number: a node that is no load balancer answers for nothing. Null: not a node, and answers. */
  node: number | null;
  /** The list of `zones` is another one. What they hold changes without a word. */
  onZones(): void;
  check?: CheckPort;
  /** From 0 to below 1. */
  random?: () => number;
};

/** One look that was good, and what came of it. Replaced whole, so that no query sees half of a change (D14). */
type View = { record: ClusterRecord; state: ClusterState | null; zones: ReadonlyMap<string, ClusterZone> };

/** Resolves after the first look and the first checks, or when the store could not be read: it goes on trying. */
export async function watchCluster(options: WatchOptions): Promise<ClusterWatch> {
  const { store, log, node, onZones, check = checkPort, random = Math.random } = options;
  const healths = new Map<number, Health>();
  const checks = new Set<Promise<void>>();
  let view: View | null = null;
  let zones: readonly HostedZone[] = [];
  let lookedAt: number | null = null;
  let isTold = false;
  let numbering: Promise<void> = Promise.resolve();

  const look = async (): Promise<void> => {
    // What was read is as old as the question.
    const askedAt = store.steadyNow();
    const record = await readCluster(store, view?.record);
    const now = store.steadyNow();
    const sinceMs = lookedAt === null ? null : now - lookedAt;
    for (const { number } of record.cluster?.nodes ?? []) {
      const presence = record.nodes.find((row) => row.number === number)?.presence ?? null;
      const health = healths.get(number) ?? UNKNOWN;
      healths.set(number, hear(health, presence, { now, wallNow: store.now(), sinceMs }));
    }
    lookedAt = askedAt;
    beginChecks(record.cluster, now);
    settle(record, now);
  };

  const beginChecks = (cluster: Cluster | null, now: number): void => {
    if (!cluster || cluster.checkPort === null || cluster.nodes.length === 1) return;
    for (const each of cluster.nodes) {
      const health = healths.get(each.number) ?? UNKNOWN;
      const address = checkedAddress(each);
      if (address === null || !isCheckDue(health, now)) continue;
      healths.set(each.number, checkBegun(health, now));
      const checking = checkOne(each, address, cluster.checkPort).finally(() => checks.delete(checking));
      checks.add(checking);
    }
  };

  const checkOne = async ({ number }: ClusterNode, address: Address, port: number): Promise<void> => {
    const isOpen = await check(address, port);
    healths.set(number, checkEnded(healths.get(number) ?? UNKNOWN, isOpen));
    if (view) settle(view.record, store.steadyNow());
  };

  /** Puts what is known now in the place of what was answered from; nothing where it is the same. */
  const settle = (record: ClusterRecord, now: number): void => {
    const { cluster } = record;
    const before = view?.state ?? null;
    const standings = new Map(cluster?.nodes.map(({ number }) => [number, standingOf(number, now)]));
    const up = cluster ? upNodes(cluster, standings) : new Set<number>();
    const drained = new Set(record.nodes.filter((row) => row.drainingSince !== null).map(({ number }) => number));
    const isSame = before
      ? cluster === before.cluster && isEqual(up, before.up) && isEqual(drained, before.drained)
      : cluster === null;
    if (view && isSame) {
      view = { ...view, record };
      return;
    }
    const nowSeconds = store.now() / 1_000;
    const serial = before ? nextSerial(before.serial, nowSeconds) : Math.floor(nowSeconds) % 2 ** 32;
    answerFrom(record, cluster && { cluster, up, drained, serial });
    for (const [number, word] of standings) {
      if (before && before.up.has(number) === up.has(number)) continue;
      log.info({ node: number, standing: word }, up.has(number) ? 'a node is sent people' : 'a node is sent nobody');
    }
    if (cluster) numbering = numberIt(serial);
  };

  const standingOf = (number: number, now: number): Standing => standing(healths.get(number) ?? UNKNOWN, now);

  const answerFrom = (record: ClusterRecord, state: ClusterState | null): void => {
    const isOurs = node === null || state?.cluster.nodes.some((each) => each.number === node && each.isLoadBalancer);
    const answered = state && isOurs ? clusterZones(state) : [];
    const known: View['zones'] = view?.zones ?? new Map();
    view = { record, state, zones: new Map(answered.map((zone) => [nameKey(zone.origin), zone])) };
    const isSame = answered.every(({ isPublic, origin }) => known.get(nameKey(origin))?.isPublic === isPublic);
    if (known.size === view.zones.size && isSame) return;
    zones = answered.map(({ isPublic, origin }) => ({
      ...{ origin, isPublic },
      zoneFor: (client) => zoneFor(origin, client),
    }));
    onZones();
  };

  /** The number is the store's to give, and a dead node's removal does not wait for it. */
  const numberIt = async (wanted: number): Promise<void> => {
    try {
      const serial = await raiseSerial(store, wanted);
      if (!view?.state || !isAfter(serial, view.state.serial)) return;
      answerFrom(view.record, { ...view.state, serial });
    } catch (error) {
      log.warn({ err: error }, 'the zone’s serial cannot be kept in the store: this process numbers on by itself');
    }
  };

  const zoneFor = (origin: Name, client: Address) => {
    if (!view?.state || isStale(view.state.cluster)) return null;
    return view.zones.get(nameKey(origin))?.zoneFor(client, random()) ?? null;
  };

  /** One node is named whatever is heard of it, so that nothing can be out of date but an administrator's word. */
  const isStale = ({ nodes }: Cluster): boolean =>
    nodes.length > 1 && (lookedAt === null || store.steadyNow() - lookedAt > STALE_MS);

  const lookAndSay = async (): Promise<void> => {
    try {
      await look();
      if (isTold) log.info('the store can be read again: the cluster’s name is answered');
      isTold = false;
    } catch (error) {
      if (!isTold && (lookedAt === null || store.steadyNow() - lookedAt > STALE_MS)) {
        log.error(
          { err: error, alarm: true },
          'the store cannot be read: the cluster’s name is answered with SERVFAIL',
        );
        isTold = true;
      }
    }
  };

  await lookAndSay();
  await Promise.all(checks);
  // The first number has nothing to be urgent for, and is to come after those of the process before.
  await numbering;
  let looking: Promise<void> | null = null;
  const timer = setInterval(() => {
    looking ??= lookAndSay().finally(() => {
      looking = null;
    });
  }, LOOK_EVERY_MS);
  return {
    zones: () => zones,
    stop: async () => {
      clearInterval(timer);
      await looking;
      await Promise.all(checks);
      await numbering;
    },
  };
}

function isEqual(one: ReadonlySet<number>, other: ReadonlySet<number>): boolean {
  return one.size === other.size && one.isSubsetOf(other);
}
