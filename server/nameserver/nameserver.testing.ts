// Runs `foyer nameserver` at home in a small Internet, and asks it with dig.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Outgoing, QUAD9, type SmallInternet, SYSTEM_DNS } from '#server/internet.testing.ts';
import { type Child, startChild } from '../../e2e/system/child.ts';
import type { Machine } from '../../e2e/system/network.ts';

export const FOYER = [process.execPath, join(import.meta.dirname, '../../bin/foyer.js')];

export type LogLine = Record<string, unknown> & { level: string; msg: string };

export type RunningNameserver = {
  child: Child;
  /** Its log lines so far that say this. */
  said(words: string): LogLine[];
  /** Writes another file and sends SIGHUP; resolves when that was done. */
  change(input: object): Promise<void>;
  /** Runs what changes something and resolves when the nameserver has noticed by itself. */
  noticed(change: () => void): Promise<void>;
};

let files = 0;

/** `input` is its file, beside the authority of the Internet's servers. It ends with the test. */
export async function startNameserver(
  t: TestContext,
  net: SmallInternet,
  input: object,
  { env = {}, machine = net.home }: { env?: Record<string, string>; machine?: Machine } = {},
): Promise<RunningNameserver> {
  const file = join(net.folder, `nameserver-${++files}.json`);
  const write = (more: object) => writeFileSync(file, JSON.stringify({ upstreamCa: net.caFile, ...more }));
  write(input);
  const child = startChild([...machine.enter, ...FOYER, 'nameserver', '--config', file], {
    env: { FOYER_LOG_LEVEL: 'debug', ...env },
  });
  t.after(() => child.stop());
  await child.line(/DNS resolver started/);
  for (const server of [...QUAD9, SYSTEM_DNS]) net.asked(server);
  const reloads = () => logLines(child).filter(({ msg }) => msg.startsWith('reload: done')).length;
  const noticed = async (change: () => void) => {
    const before = reloads();
    change();
    await until(() => reloads() > before);
  };
  return {
    child,
    noticed,
    said: (words) => logLines(child).filter(({ msg }) => msg.includes(words)),
    change: (more) =>
      noticed(() => {
        write(more);
        process.kill(child.pid, 'SIGHUP');
      }),
  };
}

/** `dig`'s status and the data of its answers: `NOERROR, A 192.0.2.1`. */
export async function digAt(net: SmallInternet, ...args: readonly string[]): Promise<string> {
  return inWords(await net.atHome('dig', '@127.0.0.53', '+tries=1', '+timeout=8', ...args));
}

export function inWords(dig: string): string {
  const status = /status: ([A-Z]+)/.exec(dig)?.[1] ?? 'NO ANSWER';
  const answers = /;; ANSWER SECTION:\n((?:[^;\n].*\n?)*)/.exec(dig)?.[1] ?? '';
  const data = [...answers.matchAll(/^\S+\s+\d+\s+IN\s+(\S+)\s+(.+)$/gm)].map(([, type, value]) => `${type} ${value}`);
  return [status, ...data].join(', ');
}

/** What tried to leave the home machine meanwhile. */
export async function outgoingDuring(net: SmallInternet, work: () => Promise<unknown>): Promise<Outgoing> {
  const before = await net.outgoing();
  await work();
  const now = await net.outgoing();
  return { dot: now.dot - before.dot, udp53: now.udp53 - before.udp53, tcp53: now.tcp53 - before.tcp53 };
}

function logLines(child: Child): LogLine[] {
  return child.lines().flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
}

/** Waits for what is bound to come, and no longer than half a minute. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error('It did not come.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
