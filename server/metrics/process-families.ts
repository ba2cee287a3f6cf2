// What every Foyer process says of itself: processor time, memory, open files, and how late its event loop is.
import { readdir, readFile, stat } from 'node:fs/promises';
import { loggedAlarms } from '../log.ts';
import { ALARMS_HELP, byLabel, counter, type Family, gauge, one, type Sample } from './family.ts';
import type { LoopWatch } from './loop-watch.ts';

/** `name` is the value of the label `process`: `supervisor`, `portal`, `gateway-1`. Linux tells of files; elsewhere nothing does. */
export async function processFamilies(name: string, loop: LoopWatch): Promise<Family[]> {
  const labels = { process: name };
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  const delay = loop.takeDelay();
  const [openFiles, maxFiles] = await Promise.all([countOpenFiles(), readMaxFiles()]);
  return [
    counter('foyer_alarms_total', ALARMS_HELP, byLabel('reason', [['logged', loggedAlarms()]])),
    counter('foyer_process_cpu_seconds_total', 'Processor time.', one((user + system) / 1e6, labels)),
    gauge('foyer_process_resident_memory_bytes', 'Memory that is in the machine.', one(rss, labels)),
    gauge('foyer_process_heap_bytes', 'JavaScript objects that are in use.', one(heapUsed, labels)),
    gauge(
      'foyer_process_external_memory_bytes',
      'Buffers and other memory outside of the heap.',
      one(external, labels),
    ),
    gauge('foyer_process_open_fds', 'Open files and sockets.', openFiles === null ? [] : one(openFiles, labels)),
    gauge('foyer_process_max_fds', 'How many there may be.', maxFiles === null ? [] : one(maxFiles, labels), 'min'),
    gauge(
      'foyer_process_start_time_seconds',
      'When the process began, since the epoch.',
      one(performance.timeOrigin / 1e3, labels),
      'max',
    ),
    gauge(
      'foyer_event_loop_delay_seconds',
      'How late the event loop was since the last scrape; quantile 1 is the longest.',
      delay === null ? [] : quantiles(labels, { '0.5': delay.p50, '0.99': delay.p99, '1': delay.max }),
      'max',
    ),
    counter(
      'foyer_event_loop_stalls_total',
      'How often it stood still for more than 0.2 s.',
      one(loop.stalls(), labels),
    ),
  ];
}

function quantiles(labels: { process: string }, values: Record<string, number>): Sample[] {
  return Object.entries(values).map(([quantile, value]) => ({ labels: { ...labels, quantile }, value }));
}

const OPEN_FILES = '/proc/self/fd';

/** The kernel says the number since 6.2; before, the names have to be counted. */
async function countOpenFiles(): Promise<number | null> {
  try {
    const { size } = await stat(OPEN_FILES);
    return size > 0 ? size : (await readdir(OPEN_FILES)).length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function readMaxFiles(): Promise<number | null> {
  try {
    const limits = await readFile('/proc/self/limits', 'latin1');
    const max = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
    return max === undefined ? null : Number(max);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
