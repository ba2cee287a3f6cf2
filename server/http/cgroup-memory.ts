// How full the memory of a container is, from cgroup v2.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Below this the kernel is not asked for details: reading them makes it add up the whole tree. */
const LOOKED_AT_FROM = 0.7;

/**
 * The share that cannot be given back: file cache that nobody uses counts as free, as the kernel would take it first.
 * Null without a bound. Read beside the event loop, so a value is as old as the last sample.
 */
export function cgroupMemory(folder = ownCgroup()): { share(): number | null; stop(): void } {
  let share: number | null = null;
  let isReading = false;
  let isStopped = folder === null;
  const read = async (): Promise<void> => {
    if (folder === null) return;
    const [most, current] = await Promise.all([
      readFile(join(folder, 'memory.max'), 'utf8'),
      readFile(join(folder, 'memory.current'), 'utf8'),
    ]);
    const bound = Number(most);
    // `max` is no number: there is no bound.
    if (!Number.isFinite(bound) || bound === 0) {
      share = null;
      return;
    }
    share = Number(current) / bound;
    if (share < LOOKED_AT_FROM) return;
    const idle = /^inactive_file (\d+)$/m.exec(await readFile(join(folder, 'memory.stat'), 'utf8'))?.[1];
    share = (Number(current) - Number(idle ?? 0)) / bound;
  };
  return {
    share: () => {
      if (!isStopped && !isReading) {
        isReading = true;
        read()
          // No cgroup of version 2, or one that may not be read: the process's own memory is all there is to look at.
          // Anything else passes, as when no file can be opened: the last value stays.
          .catch((error: NodeJS.ErrnoException) => {
            if (error.code === 'ENOENT' || error.code === 'EACCES') isStopped = true;
          })
          .finally(() => {
            isReading = false;
          });
      }
      return share;
    },
    stop: () => {
      isStopped = true;
    },
  };
}

function ownCgroup(): string | null {
  try {
    const path = /^0::(\/.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
    return path === undefined ? null : join('/sys/fs/cgroup', path);
  } catch {
    return null;
  }
}
