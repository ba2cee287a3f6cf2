// What a gateway's process uses of what it has: memory, heap, files, and the time of its event loop.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics } from 'node:v8';
import { cgroupMemory } from './cgroup-memory.ts';
import type { OverloadFacts } from './overload.ts';

export type OverloadSampler = { sample(connections: number): OverloadFacts; stop(): void };

const LOOP_RESOLUTION_MS = 10;

/**
 * `memoryBytes`: what this process may take; `heapBytes`: past this its heap ends it (`--max-old-space-size`);
 * `connectionLimit`: how many browsers may be connected.
 */
export function sampleOverload(options: {
  memoryBytes: number;
  heapBytes: number;
  connectionLimit: number;
}): OverloadSampler {
  const delay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  delay.enable();
  const heap = liveHeap(options.heapBytes);
  const fileLimit = readFileLimit();
  const cgroup = cgroupMemory();
  let resident = 0;
  return {
    sample: (connections) => {
      const late = delay.count === 0 ? 0 : delay.mean / 1e6 - LOOP_RESOLUTION_MS;
      delay.reset();
      resident = residentMemory() ?? resident;
      const ownMemory = resident / options.memoryBytes;
      const files = fileLimit === null ? null : countFiles();
      return {
        heap: heap.share(),
        memory: Math.max(ownMemory, cgroup.share() ?? 0),
        files: files === null || fileLimit === null ? null : files / fileLimit,
        connections: connections / options.connectionLimit,
        eventLoopMs: Math.max(0, late),
      };
    },
    stop: () => {
      delay.disable();
      heap.stop();
      cgroup.stop();
    },
  };
}

const WATCHED_FROM = 0.6;
const HARD_TO_LEAVE = 0.97;

/**
 * A heap that is full of garbage is no pressure: what counts is what a major collection leaves. Collections are watched only
 * while the heap is large, since hearing of each costs a little.
 */
function liveHeap(bytes: number): { share(): number; stop(): void } {
  let left: number | null = null;
  let observer: PerformanceObserver | null = null;
  const used = () => oldSpaceBytes() / bytes;
  const stop = () => {
    observer?.disconnect();
    observer = null;
    left = null;
  };
  const watch = () => {
    observer = new PerformanceObserver((list) => {
      if (list.getEntries().some(isMajor)) left = used();
    });
    observer.observe({ entryTypes: ['gc'] });
  };
  return {
    share: () => {
      const now = used();
      if (now < WATCHED_FROM) {
        if (observer) stop();
        return now;
      }
      if (!observer) watch();
      // So near the bound, waiting for the next collection is a bet.
      return now >= HARD_TO_LEAVE ? now : Math.min(now, left ?? 0);
    },
    stop,
  };
}

/** What is young is not bounded by the option, and most of it is gone at the next collection. */
function oldSpaceBytes(): number {
  let bytes = 0;
  for (const space of getHeapSpaceStatistics())
    if (!space.space_name.startsWith('new_')) bytes += space.space_used_size;
  return bytes;
}

/**
 * Resident bytes that the process made itself (proc_pid_status(5)): pages of the program's own file are in the machine too, shared with
 * every other process and the kernel's to take back. Null when no file can be opened any more, which reading it takes: that is what
 * `files` tells.
 */
function residentMemory(): number | null {
  try {
    const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
    return kilobytes === undefined ? process.memoryUsage.rss() : Number(kilobytes) * 1_024;
  } catch (error) {
    return isMissing(error) ? process.memoryUsage.rss() : null;
  }
}

/** There is no /proc but on Linux. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

const MAJOR_COLLECTION = 4;

function isMajor(entry: object): boolean {
  const detail = 'detail' in entry ? entry.detail : null;
  return typeof detail === 'object' && detail !== null && 'kind' in detail && detail.kind === MAJOR_COLLECTION;
}

/** The soft RLIMIT_NOFILE, or null where the system has no /proc. */
export function readFileLimit(): number | null {
  try {
    const limit = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? null : Number(limit);
  } catch {
    return null;
  }
}

/** Linux tells the number as the folder's size since 6.2; before, the names are counted. */
function countFiles(): number | null {
  try {
    return statSync('/proc/self/fd').size || readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
}
