// Keeps one process current: people and session changes told at once, the catalogue loaded whole and swapped whole.
import { setTimeout as wait } from 'node:timers/promises';
import type { Snapshot } from './core/snapshot.ts';
import type { Logger } from './log.ts';
import type { Change } from './store/feed.ts';
import type { Store } from './store/handle.ts';
import { thisMoment } from './store/moment.ts';
import { loadSnapshot } from './store/snapshot.ts';

export type FollowedSnapshot = {
  current(): Snapshot;
  /** Everything that changed before this time (epoch ms) is in force here. Stands still while a change cannot be loaded. */
  confirmedAt(): number;
  stop(): void;
};

const RETRY_MS = 1_000;

/**
 * `onChange` is told of people and session changes as they arrive: a revocation never waits for the catalogue. It is told of
 * catalogue changes when the snapshot that they brought is in place. A failed load keeps the last good one and is tried again.
 * `clientKeys`: only what dials upstreams has the keys of client certificates opened.
 */
export async function followSnapshot(
  store: Store,
  log: Logger,
  onChange: (changes: readonly Change[]) => void = () => {},
  clientKeys: 'opened' | 'left-out' = 'left-out',
): Promise<FollowedSnapshot> {
  const stopped = new AbortController();
  let loaded: Snapshot | null = null;
  let waiting: Change[] = [];
  let staleSince: (() => number) | null = null;
  let loading = false;

  const reload = async (): Promise<void> => {
    loading = true;
    while (waiting.length > 0 && !stopped.signal.aborted) {
      const changes = waiting;
      try {
        loaded = await load(store, log, clientKeys);
      } catch (error) {
        log.error({ err: error, alarm: true }, 'the catalogue could not be read; the last good one stays');
        await wait(RETRY_MS, undefined, { signal: stopped.signal, ref: false }).catch(() => {});
        continue;
      }
      waiting = waiting.slice(changes.length);
      if (waiting.length === 0) staleSince = null;
      onChange(changes);
    }
    loading = false;
  };
  // Subscribed before the first load: what changes meanwhile is loaded again, not missed.
  const unsubscribe = store.feed.subscribe((changes) => {
    const catalogue = changes.filter((change) => change.kind === 'catalogue');
    const others = changes.filter((change) => change.kind !== 'catalogue');
    if (others.length > 0) onChange(others);
    if (catalogue.length === 0) return;
    waiting = [...waiting, ...catalogue];
    staleSince ??= thisMoment(store);
    if (loaded !== null && !loading) void reload();
  });
  const first = await load(store, log, clientKeys);
  loaded = first;
  if (waiting.length > 0) await reload();
  return {
    current: () => loaded ?? first,
    confirmedAt: () => Math.min(store.feed.confirmedAt(), staleSince?.() ?? Number.POSITIVE_INFINITY),
    stop: () => {
      stopped.abort();
      unsubscribe();
    },
  };
}

async function load(store: Store, log: Logger, clientKeys: 'opened' | 'left-out'): Promise<Snapshot> {
  const { snapshot, problems } = await loadSnapshot(store, clientKeys);
  for (const { appId, problem } of problems) {
    log.error({ app: appId, problem, alarm: true }, 'an app is switched off because its entry is not valid');
  }
  return snapshot;
}
