// How late this process's event loop is: quantiles for metrics, and a line in the log when it stood still for too long.
import { createHistogram } from 'node:perf_hooks';
import type { Logger } from '../log.ts';

export type LoopDelay = { p50: number; p99: number; max: number };

export type LoopWatch = {
  /** Seconds, since the last time that this was asked; null before anything was measured. */
  takeDelay(): LoopDelay | null;
  /** Another `takeDelay`, with a last time of its own. */
  reader(): () => LoopDelay | null;
  /** How often it stood still for longer than `STALL_MS`. */
  stalls(): number;
  stop(): void;
};

/** Nothing was read, written or answered for this long: people feel it (R9). */
const STALL_MS = 200;
const LOOK_MS = 50;
/** A process that stalls all the time says so now and then, not all the time. */
const LINE_MS = 10_000;

/**
 * A timer that says how late it is. monitorEventLoopDelay does the same without JavaScript, but forgets its last look when it
 * is reset, and with it a stall that begins right after a scrape.
 */
export function watchLoop(log: Logger, clock = () => performance.now()): LoopWatch {
  const readers: ReturnType<typeof createHistogram>[] = [];
  const reader = (): (() => LoopDelay | null) => {
    const late = createHistogram();
    readers.push(late);
    return () => {
      if (late.count === 0) return null;
      const delay = { p50: seconds(late.percentile(50)), p99: seconds(late.percentile(99)), max: seconds(late.max) };
      late.reset();
      return delay;
    };
  };
  let stalls = 0;
  let unsaid = 0;
  let saidAt = Number.NEGATIVE_INFINITY;
  let due = clock() + LOOK_MS;
  const timer = setInterval(() => {
    const now = clock();
    const lateMs = Math.max(0, now - due);
    due = now + LOOK_MS;
    // A histogram takes whole numbers from 1.
    for (const late of readers) late.record(Math.ceil(lateMs * 1e3) || 1);
    if (lateMs < STALL_MS) return;
    stalls += 1;
    unsaid += 1;
    if (now - saidAt < LINE_MS) return;
    log.warn({ stalledMs: Math.round(lateMs), stalls: unsaid }, 'the event loop stood still');
    saidAt = now;
    unsaid = 0;
  }, LOOK_MS);
  timer.unref();
  return {
    takeDelay: reader(),
    reader,
    stalls: () => stalls,
    stop: () => clearInterval(timer),
  };
}

function seconds(microseconds: number): number {
  return microseconds / 1e6;
}
