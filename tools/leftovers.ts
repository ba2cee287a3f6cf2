// Finds processes that a test started and did not end, by a mark in the environment that every child inherits.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

export type Leftover = { pid: number; command: string };

/** The name of the variable that marks a run's processes. */
export const RUN_MARK = 'TEST_RUN_MARK';

/** Children that are just ending get `graceMs`; what is still there then is ended and returned. Linux only; elsewhere nothing is found. */
export async function endLeftovers(mark: string, graceMs = 3000): Promise<Leftover[]> {
  for (let waitedMs = 0; waitedMs < graceMs && findMarked(mark).length > 0; waitedMs += 100) await wait(100);
  const leftovers = findMarked(mark);
  for (const { pid } of leftovers) endProcess(pid);
  return leftovers;
}

function findMarked(mark: string): Leftover[] {
  return processIds().flatMap((pid) => {
    const environment = readProc(pid, 'environ');
    if (pid === process.pid || !environment.split('\0').includes(`${RUN_MARK}=${mark}`)) return [];
    return [{ pid, command: readProc(pid, 'cmdline').replaceAll('\0', ' ').trim().slice(0, 160) }];
  });
}

function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Empty for a process that has ended or belongs to someone else: neither is ours to report. */
function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended between the look and the signal.
  }
}
