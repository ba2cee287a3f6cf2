// Starts Foyer as its users do, by its command, in a data directory of its own.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from './child.ts';
import { freePort } from './free-port.ts';
import type { Machine } from './network.ts';

const ROOT = join(import.meta.dirname, '../..');
const COMMAND = [process.execPath, join(ROOT, 'bin/foyer.js')];

/** A running Foyer. `accessLines` are its access log, newest last. */
export type Foyer = {
  portalUrl: string;
  dataDir: string;
  child: Child;
  accessLines(): AccessLine[];
  stop(): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
};
export type AccessLine = Record<'access' | 'reason' | 'method' | 'path', string> & {
  status: number;
  app: string | null;
  user: string | null;
};

/** `npm run demo` without npm: on a free port, in an empty data directory. */
export async function startDemo(args: readonly string[] = [], env: Record<string, string> = {}): Promise<Foyer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'foyer-demo-'));
  const port = await freePort();
  const command = [...COMMAND, 'demo', '--port', String(port), '--data-dir', dataDir, ...args];
  const child = startChild(command, { cwd: ROOT, env });
  const ready = await untilReady(child, /^Foyer is ready: /);
  const log = () => readFileSync(join(dataDir, 'foyer.log'), 'utf8').split('\n');
  return running(child, ready.replace('Foyer is ready: ', '').trim(), dataDir, log);
}

/** `foyer start` with these settings, on this machine or on one of a test's network. */
export async function startFoyer(portalUrl: string, env: Record<string, string>, machine?: Machine): Promise<Foyer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'foyer-start-'));
  const child = startChild([...(machine?.enter ?? []), ...COMMAND, 'start'], {
    cwd: ROOT,
    env: { FOYER_PORTAL_URL: portalUrl, FOYER_DATA_DIR: dataDir, ...env },
  });
  await untilReady(child, /Foyer is ready/);
  return running(child, portalUrl, dataDir, child.lines);
}

export function foyerCommand(...args: readonly string[]): string[] {
  return [...COMMAND, ...args];
}

function running(child: Child, portalUrl: string, dataDir: string, log: () => readonly string[]): Foyer {
  return {
    portalUrl,
    dataDir,
    child,
    accessLines: () => log().flatMap(parseAccessLine),
    async stop() {
      await child.stop('SIGINT');
      const ended = await child.exited;
      if (existsSync(dataDir)) rmSync(dataDir, { recursive: true });
      return ended;
    },
  };
}

async function untilReady(child: Child, pattern: RegExp): Promise<string> {
  try {
    return await child.line(pattern);
  } catch (error) {
    await child.stop();
    throw error;
  }
}

function parseAccessLine(line: string): AccessLine[] {
  if (!line.startsWith('{') || !line.includes('"access"')) return [];
  return [JSON.parse(line)];
}
