// One supervisor per data directory: a lock that the operating system drops when its process dies.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockExclusively } from './sqlite/exclusive-lock.ts';

export type DataDirLock = { kind: 'locked'; release(): void } | { kind: 'refused'; sentence: string };

export function lockDataDir(dataDir: string): DataDirLock {
  const pidFile = join(dataDir, 'supervisor.pid');
  let unlock: (() => void) | null = null;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    unlock = lockExclusively(lockFile(dataDir));
    if (!unlock) return { kind: 'refused', sentence: taken(dataDir, readPid(pidFile)) };
    // Only the lock decides; the number is for people, and an old one is overwritten.
    writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
    return { kind: 'locked', release: unlock };
  } catch (error) {
    unlock?.();
    const message = error instanceof Error ? error.message : String(error);
    const mend = isForbidden(error) ? ': give its files to the user that Foyer runs as (chown -R)' : '';
    return { kind: 'refused', sentence: `The data directory ${dataDir} cannot be locked: ${message}${mend}.` };
  }
}

/** Only looks: what it would make might belong to another user than the one that Foyer runs as. */
export function isDataDirLocked(dataDir: string): boolean {
  if (!existsSync(lockFile(dataDir))) return false;
  try {
    const unlock = lockExclusively(lockFile(dataDir));
    unlock?.();
    return unlock === null;
  } catch {
    return false;
  }
}

function lockFile(dataDir: string): string {
  return join(dataDir, 'supervisor.lock');
}

function isForbidden(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as NodeJS.ErrnoException & { errcode?: number };
  return code === 'EACCES' || code === 'EPERM' || errcode === SQLITE_READONLY || errcode === SQLITE_CANTOPEN;
}

const SQLITE_READONLY = 8;
const SQLITE_CANTOPEN = 14;

function taken(dataDir: string, pid: number | null): string {
  const who = pid === null ? '' : ` (process ${pid})`;
  return `Another Foyer${who} is running on ${dataDir}. Stop it first, or choose another FOYER_DATA_DIR.`;
}

function readPid(file: string): number | null {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}
