// CPU time and memory of processes, from the kernel's own accounting (proc(5)).
import { readFileSync } from 'node:fs';

/** USER_HZ, which the kernel fixes at 100 for everything it shows to programs. */
const TICKS_PER_SECOND = 100;

/** User and system time so far, of one process with all its threads. */
export function cpuMicroseconds(pid: number): number {
  const { userTicks, systemTicks } = readStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return ((userTicks + systemTicks) / TICKS_PER_SECOND) * 1_000_000;
}

/** The fields of proc_pid_stat(5) that are read here. Throws when it is none. */
export function readStat(stat: string): { userTicks: number; systemTicks: number; startTicks: number } {
  // The command's name may hold spaces and brackets; what follows its last closing bracket does not.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [userTicks = Number.NaN, systemTicks = Number.NaN, startTicks = Number.NaN] = [11, 12, 19].map((at) =>
    Number(fields[at]),
  );
  if (Number.isNaN(userTicks + systemTicks + startTicks)) throw new Error(`This is no process’s stat: ${stat}`);
  return { userTicks, systemTicks, startTicks };
}

/** When a process was started, in milliseconds since boot, to the kernel's 10 ms. */
export function startedAtMs(pid: number): number {
  return (readStat(readFileSync(`/proc/${pid}/stat`, 'utf8')).startTicks / TICKS_PER_SECOND) * 1_000;
}

export function uptimeMs(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1_000;
}

/** Resident memory of several processes together, from what is cheap to read often. */
export function rssKilobytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return sum + Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN);
  }, 0);
}

/** Resident memory, and the share of it that nobody else has mapped as well. */
export function memoryMegabytes(pid: number): { rss: number; pss: number } {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? Number.NaN);
  return { rss: Math.round(kilobytes('Rss') / 1024), pss: Math.round(kilobytes('Pss') / 1024) };
}

/** A process and everything it started, by pid; what ends while this looks may be there or not. */
export function processTree(root: number): number[] {
  const children = readIfThere(`/proc/${root}/task/${root}/children`).trim();
  return [
    root,
    ...children
      .split(' ')
      .filter(Boolean)
      .flatMap((pid) => processTree(Number(pid))),
  ];
}

/** Empty for a process that is gone. */
export function commandLine(pid: number): string {
  return readIfThere(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
}

/** Between its name and its content a process may end: the file is gone then, or there is none behind what was opened. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return '';
    throw error;
  }
}
