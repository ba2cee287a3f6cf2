// Keeps one process's snapshot current: loaded whole after a catalogue change, swapped whole, the last good one kept.
import type { Snapshot } from './core/snapshot.ts';
import type { Logger } from './log.ts';
import type { Change } from './store/feed.ts';
import type { Store } from './store/handle.ts';
import { loadSnapshot } from './store/snapshot.ts';

export type FollowedSnapshot = {
  current(): Snapshot;
  stop(): void;
};

/** `onChange` is told of every change, after the snapshot that it brought is in place. A failed load is tried again. */
export async function followSnapshot(
  store: Store,
  log: Logger,
  onChange: (changes: readonly Change[]) => void = () => {},
): Promise<FollowedSnapshot> {
  let snapshot = await load(store, log);
  let waiting: Change[] = [];
  let working = false;
  let retry: NodeJS.Timeout | undefined;

  const work = async (): Promise<void> => {
    working = true;
    try {
      while (waiting.length > 0) {
        const changes = waiting;
        if (changes.some((change) => change.kind === 'catalogue')) snapshot = await load(store, log);
        waiting = waiting.slice(changes.length);
        onChange(changes);
      }
    } catch (error) {
      log.error({ err: error }, 'the catalogue could not be read; the last good one stays');
      retry = setTimeout(() => void work(), RETRY_MS);
    } finally {
      working = false;
    }
  };
  const unsubscribe = store.feed.subscribe((changes) => {
    waiting = [...waiting, ...changes];
    if (!working) void work();
  });
  return {
    current: () => snapshot,
    stop: () => {
      clearTimeout(retry);
      unsubscribe();
    },
  };
}

const RETRY_MS = 1_000;

async function load(store: Store, log: Logger): Promise<Snapshot> {
  const { snapshot, problems } = await loadSnapshot(store);
  for (const { appId, problem } of problems) {
    log.error({ app: appId, problem, alarm: true }, 'an app is switched off because its entry is not valid');
  }
  return snapshot;
}
