// CPU time and memory of processes, from the kernel's own accounting (proc(5)).
import { readFileSync } from 'node:fs';

/** USER_HZ, which the kernel fixes at 100 for everything it shows to programs. */
const TICKS_PER_SECOND = 100;

/** User and system time so far, of one process with all its threads. */
export function cpuMicroseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The command's name may hold spaces; what follows its closing bracket does not.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1_000_000;
}

/** When a process was started, in milliseconds since boot, to the kernel's 10 ms. */
export function startedAtMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[19]) / TICKS_PER_SECOND) * 1_000;
}

export function uptimeMs(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1_000;
}

/** Resident memory, and the share of it that nobody else has mapped as well. */
export function memoryMegabytes(pid: number): { rss: number; pss: number } {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? Number.NaN);
  return { rss: Math.round(kilobytes('Rss') / 1024), pss: Math.round(kilobytes('Pss') / 1024) };
}

/** A process and everything it started, by pid. */
export function processTree(root: number): number[] {
  const children = readFileSync(`/proc/${root}/task/${root}/children`, 'utf8').trim();
  return [
    root,
    ...children
      .split(' ')
      .filter(Boolean)
      .flatMap((pid) => processTree(Number(pid))),
  ];
}

export function commandLine(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
}
