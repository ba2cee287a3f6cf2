// What the portal does for the store now and then: what is old is deleted, logins that nobody fetched are forgotten, and erasures that were interrupted are finished.
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '#server/log.ts';
import { forgetOverDevices } from '#server/store/device-logins.ts';
import { finishErasures } from '#server/store/erasure.ts';
import type { Store } from '#server/store/handle.ts';
import { deleteOld } from '#server/store/retention.ts';

const FIRST_MS = 60_000;
const EVERY_MS = 60 * 60_000;
/** Between two transactions, so that nobody waits for the store because of this. */
const PAUSE_MS = 20;

/** Returns the way to end it; what runs then ends with its transaction. */
export function startHousekeeping(store: Store, log: Logger): () => void {
  const stopped = new AbortController();
  const run = async (): Promise<void> => {
    try {
      await finishErasures(store);
      const { audit, usage } = await deleteOld(store, () => wait(PAUSE_MS, undefined, { signal: stopped.signal }));
      await forgetOverDevices(store);
      if (audit + usage > 0) log.info({ audit, usage }, 'rows that were too old were deleted');
    } catch (error) {
      if (!stopped.signal.aborted)
        log.warn({ err: error }, 'what is old could not be deleted; it is tried again in an hour');
    }
  };
  const first = setTimeout(() => void run(), FIRST_MS);
  const timer = setInterval(() => void run(), EVERY_MS);
  first.unref();
  timer.unref();
  return () => {
    stopped.abort();
    clearTimeout(first);
    clearInterval(timer);
  };
}
