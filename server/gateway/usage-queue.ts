// Usage on its way to the store: taken every ten seconds, kept while the store is down, and never on the hot path.
import { type AppUsage, SPANS } from '#server/core/usage.ts';
import type { UsageCounter } from '#server/http/usage.ts';
import type { Logger } from '#server/log.ts';
import type { Store } from '#server/store/handle.ts';
import { addGatewayHealth, addUsage, type GatewayHealth, type UsageSlice } from '#server/store/usage-write.ts';

const SLICE_MS = 10_000;
/** While the store is down, what was counted is kept by the minute, for two hours. */
const MAX_WAITING = 120;

export type UsageQueue = {
  /** Takes what was counted and writes it, with whatever waits. Never rejects. */
  flush(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * What a process that is killed has not written is lost: ten seconds at most. `health` is asked once a slice. No slice reaches
 * from one minute into the next.
 */
export function startUsageQueue(
  store: Store,
  usage: UsageCounter,
  log: Logger,
  health: () => Omit<GatewayHealth, 'at'>,
): UsageQueue {
  let waiting: UsageSlice[] = [];
  let beganAt = store.now();
  let writing: Promise<void> | null = null;
  let isFailing = false;
  let timer: NodeJS.Timeout;
  usage.begin(beganAt);

  const take = (): number => {
    const at = beganAt;
    // In the order of their keys in the store, so that rows of one page of its file are written together.
    const apps = usage.take().sort((one, other) => ((one.appId ?? '') < (other.appId ?? '') ? -1 : 1));
    if (apps.length > 0) waiting = keep(waiting, { at, apps });
    const surplus = waiting.length - MAX_WAITING;
    if (surplus > 0) {
      log.warn({ minutes: surplus }, 'usage was given up while the store was down');
      waiting = waiting.slice(surplus);
    }
    beganAt = store.now();
    usage.begin(beganAt);
    return at;
  };
  const write = async (at: number): Promise<void> => {
    try {
      await addGatewayHealth(store, { at, ...health() });
      for (let slice = waiting.shift(); slice !== undefined; slice = waiting.shift()) await writeOne(slice);
      if (isFailing) log.info('usage is written again, with what had waited');
      isFailing = false;
    } catch (error) {
      if (!isFailing) log.warn({ err: error }, 'usage cannot be written; what was counted waits');
      isFailing = true;
    }
  };
  /** What is in the store already is not added again. */
  const writeOne = async ({ at, apps }: UsageSlice): Promise<void> => {
    let rest = apps;
    try {
      await addUsage(store, { at, apps }, (count) => {
        rest = rest.slice(count);
      });
    } catch (error) {
      waiting.unshift({ at, apps: rest });
      throw error;
    }
  };
  const flush = (): Promise<void> => {
    const at = take();
    writing ??= write(at).finally(() => {
      writing = null;
    });
    return writing;
  };
  const arm = (): void => {
    timer = setTimeout(
      () => {
        void flush();
        arm();
      },
      SLICE_MS - (store.now() % SLICE_MS),
    );
    timer.unref();
  };
  arm();
  return {
    flush,
    stop: async () => {
      clearTimeout(timer);
      await writing;
      await flush();
    },
  };
}

/** Slices of one minute are one while they wait. */
function keep(waiting: readonly UsageSlice[], slice: UsageSlice): UsageSlice[] {
  const last = waiting.at(-1);
  const minute = (at: number) => Math.floor(at / SPANS.minute);
  if (!last || minute(last.at) !== minute(slice.at)) return [...waiting, slice];
  return [...waiting.slice(0, -1), { at: slice.at, apps: merge(last.apps, slice.apps) }];
}

function merge(before: readonly AppUsage[], after: readonly AppUsage[]): AppUsage[] {
  const merged = new Map(before.map((each) => [each.appId, each]));
  for (const each of after) {
    const known = merged.get(each.appId);
    merged.set(each.appId, known ? addUp(known, each) : each);
  }
  return [...merged.values()];
}

function addUp(one: AppUsage, other: AppUsage): AppUsage {
  const reasons = new Map(one.reasons);
  for (const [reason, count] of other.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
  const people = new Map(one.people);
  for (const [userId, { failed }] of other.people)
    people.set(userId, { failed: failed || people.get(userId)?.failed === true });
  return {
    appId: one.appId,
    numbers: one.numbers.map((value, place) => value + (other.numbers[place] ?? 0)),
    reasons,
    people,
    succeeded: one.succeeded || other.succeeded,
    failed: one.failed || other.failed,
  };
}
