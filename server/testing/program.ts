// Runs a program for a test: its lines as they come, its end, and the end of every process that it left.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

export const ROOT = join(import.meta.dirname, '../..');

export type Program = {
  process: ChildProcess;
  /** The first line, already there or yet to come, that is wanted. Rejects when the program ends without it. */
  until(wanted: (line: string) => boolean): Promise<string>;
  /** All lines so far, of stdout and stderr. */
  text(): string;
  /** When it and everything that writes to its outputs is gone: `text` is all that was ever said. */
  ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
};

export type ProgramOptions = {
  args: readonly string[];
  env?: Record<string, string>;
  node?: string;
  cwd?: string;
  /** Reports whether the test writes to its stdin. */
  input?: boolean;
};

/** Ends with the test, in order if it can. No FOYER_ variable of the person who runs the tests reaches it. */
export function startProgram(
  t: TestContext,
  { args, env = {}, node = process.execPath, cwd = ROOT, input = false }: ProgramOptions,
): Program {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(FOYER_|SSH_|NODE_TEST_CONTEXT)/.test(name));
  const child = spawn(node, args, {
    cwd,
    env: { NODE_ENV: 'test', ...Object.fromEntries(inherited), ...env },
    stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error('It was spawned without outputs.');
  const seen: string[] = [];
  const waiting = new Set<() => void>();
  const closed = Promise.all(
    [stdout, stderr].map(async (stream) => {
      for await (const line of createInterface({ input: stream })) {
        seen.push(line);
        for (const look of waiting) look();
      }
    }),
  );
  const ended = async () => {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await closed;
    return { code: child.exitCode, signal: child.signalCode };
  };
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended();
  });
  return {
    process: child,
    until: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = seen.find(wanted);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        void closed.then(() => reject(new Error(`It ended without that line:\n${seen.join('\n')}`)));
        look();
      }),
    text: () => seen.join('\n'),
    ended,
  };
}

export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'foyer-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Waits for the end of a process that is not our own child, so that nobody tells. */
export async function gone(pid: number): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (isAlive(pid)) {
    assert.ok(performance.now() < deadline, `process ${pid} is still there`);
    await delay(10);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Every process below this one, by /proc: what has to be gone when it is. Zombies are gone already. */
export function descendants(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const stat = readStat(Number(entry));
    if (stat && stat.state !== 'Z') children.set(stat.parent, [...(children.get(stat.parent) ?? []), Number(entry)]);
  }
  const below = (parent: number): number[] => (children.get(parent) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(pid);
}

function readStat(pid: number): { state: string; parent: number } | null {
  try {
    const [state = '', parent = '0'] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
    return { state, parent: Number(parent) };
  } catch {
    return null;
  }
}
