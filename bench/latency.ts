// How much time a proxy adds to a request while it is half as busy as Foyer can be, measured from when the request was to be sent.
import { join } from 'node:path';
import { runCommand } from '../e2e/system/child.ts';
import type { Contender } from './contenders.ts';
import { APP_HOST } from './foyer-side.ts';
import type { OpenLoop, OpenLoopResult } from './load/open-loop.ts';
import { LOAD_CORE, pinned } from './machine.ts';
import { KB } from './origin.ts';
import { type BenchRow, rowOf } from './result.ts';
import { median } from './rounds.ts';

const PROGRAM = join(import.meta.dirname, 'load/open-loop.ts');
const CONNECTIONS = 64;

/** Two rows, p50 and p99: what comes through a proxy, less what comes from the origin without one. */
export async function measureLatency(
  contenders: readonly Contender[],
  originPort: number,
  perSecond: number,
  quick: boolean,
): Promise<BenchRow[]> {
  const wanted = quick ? ['foyer', 'nginx'] : contenders.map(({ name }) => name);
  const measured = contenders.filter(({ name }) => wanted.includes(name));
  const ports = new Map<string, number>([
    ['direct', originPort],
    ...measured.map(({ name, port }) => [name, port] as const),
  ]);
  const cookie = measured[0]?.cookie ?? '';
  const all = new Map([...ports.keys()].map((name) => [name, [] as OpenLoopResult[]]));
  for (let round = 0; round < (quick ? 2 : 5); round += 1) {
    for (const [name, port] of ports) {
      const load = { port, host: `${APP_HOST}:${port}`, path: '/1k', cookie, bodyBytes: KB, connections: CONNECTIONS };
      all.get(name)?.push(await openLoop({ ...load, perSecond, seconds: quick ? 2 : 6 }));
    }
  }
  const row = (which: 'p50' | 'p99'): BenchRow => {
    const figures = new Map([...all].map(([name, results]) => [name, median(results.map((each) => each[which]))]));
    const direct = figures.get('direct') ?? Number.NaN;
    figures.delete('direct');
    const added = new Map([...figures].map(([name, ms]) => [name, Math.max(0, ms - direct)]));
    const note = `added to ${direct.toFixed(2)} ms without a proxy, at ${Math.round(perSecond)} requests/s`;
    return rowOf({ id: `http1-1k-added-${which}`, unit: 'ms', note }, added, {});
  };
  return [row('p50'), row('p99')];
}

/** It spins, so everybody else on its core goes first. */
async function openLoop(load: OpenLoop): Promise<OpenLoopResult> {
  const command = ['chrt', '-i', '0', process.execPath, PROGRAM, JSON.stringify(load)];
  const printed = await runCommand(pinned(LOAD_CORE, command));
  return JSON.parse(printed.split('\n').at(-1) ?? '');
}
