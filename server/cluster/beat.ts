// Says once a second, in the store, that this machine's gateways can be sent people; and a last word when they are about to end.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '#server/config.ts';
import { BEAT_MS } from '#server/core/cluster-health.ts';
import type { Logger } from '#server/log.ts';
import { type Beat, noteBeat } from '#server/store/cluster-presence.ts';
import { openStore, type Store } from '#server/store/handle.ts';

/** A store that hangs holds back no end: silence says the same, three seconds later. */
const LAST_WORD_MS = 1_000;

/** `stop` says that it stops, and resolves when that is written or cannot be. It never rejects. */
export type Heartbeat = { stop(): Promise<void> };

/** A heartbeat that has its store, and begins with `start`. */
export type OpenHeartbeat = Heartbeat & { start(gateways: Gateways): void };

type Gateways = { gatewaysReady(): number };

/** Does nothing where this machine is no node of a cluster. Rejects when the store cannot be opened. */
export async function openHeartbeat(config: Config, secret: Buffer, log: Logger): Promise<OpenHeartbeat> {
  const { clusterNode, dataDir, portal } = config;
  if (clusterNode === null) return { start: () => {}, stop: async () => {} };
  const store = await openStore({ dataDir, secret, portal, now: Date.now });
  let beating: Heartbeat | null = null;
  return {
    start: (gateways) => {
      beating = beat(store, { number: clusterNode, gateways: config.gateways }, gateways, log);
    },
    stop: async () => {
      await beating?.stop();
      await store.close();
    },
  };
}

/** The first beat is written at once. A store that cannot be written is said once, until it can be. */
export function beat(
  store: Pick<Store, 'db' | 'now'>,
  node: { number: number; gateways: number },
  gateways: Gateways,
  log: Logger,
): Heartbeat {
  const who = { ...node, name: hostname(), instance: randomUUID(), startedAt: store.now() };
  let count = 0;
  let writing: Promise<void> | null = null;
  let trouble: 'none' | 'taken' | 'failed' = 'none';

  const write = async (state: Beat['state']): Promise<void> => {
    const gatewaysReady = state === 'running' ? gateways.gatewaysReady() : 0;
    try {
      const said = { ...who, beat: count + 1, seenAt: store.now(), state, gatewaysReady };
      const outcome = await noteBeat(store, said);
      if (outcome === 'noted') count += 1;
      if (outcome === 'taken' && trouble !== 'taken')
        log.error(
          { alarm: true, node: node.number },
          'another Foyer speaks for this FOYER_CLUSTER_NODE: give each machine a number of its own',
        );
      trouble = outcome === 'taken' ? 'taken' : 'none';
    } catch (error) {
      if (trouble !== 'failed')
        log.error({ err: error, alarm: true }, 'the heartbeat cannot be written: the cluster sends nobody here');
      trouble = 'failed';
    }
  };
  const tick = (): void => {
    writing ??= write('running').finally(() => {
      writing = null;
    });
  };
  const timer = setInterval(tick, BEAT_MS);
  timer.unref();
  tick();
  return {
    stop: async () => {
      clearInterval(timer);
      const said = (async () => {
        await writing;
        await write('stopped');
      })();
      await Promise.race([said, delay(LAST_WORD_MS, undefined, { ref: false })]);
    },
  };
}
