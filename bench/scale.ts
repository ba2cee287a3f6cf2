// Many apps, many live sessions, many assignments: CPU time a request beside a Foyer that has few of them, drawn uniformly over all.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../e2e/system/child.ts';
import { type Crowd, gather } from './crowd.ts';
import { type BenchFoyer, startBenchFoyer } from './foyer-side.ts';
import type { ClosedLoop, ClosedLoopResult } from './load/closed-loop.ts';
import { LOAD_CORE, pinned, requireMachine } from './machine.ts';
import { KB, startOrigin } from './origin.ts';
import { type BenchResult, type BenchRow, bar, rounded } from './result.ts';
import { cpuPerRequest, median } from './rounds.ts';

const PROGRAM = join(import.meta.dirname, 'load/closed-loop.ts');
const CONNECTIONS = 32;
const MAX_GROWTH = 1.1;
const WARM_UP_SECONDS = 3;
const WARM_UP_SEED = 1_000;
const KNOWN_TIMEOUT_MS = 60_000;
/** One connection for each app is open all the time: what is measured is the catalogue, not dialling. */
const KEPT = { FOYER_LIMIT_UPSTREAM_KEEP_ALIVE: '10m' };

const SMALL: Crowd = { apps: 10, sessions: 1, assignments: 1 };

type Side = { name: string; crowd: Crowd; foyer: BenchFoyer; requestsFile: string; figures: number[] };

export async function benchScale(quick: boolean): Promise<BenchResult> {
  requireMachine(['nginx']);
  const many = quick ? { apps: 1_000, sessions: 5_000 } : { apps: 10_000, sessions: 100_000 };
  const crowds: [string, Crowd][] = [
    ['small', SMALL],
    [`apps-${SMALL.apps}-to-${many.apps}`, { ...SMALL, apps: many.apps }],
    [`sessions-1-to-${many.sessions}`, { ...SMALL, sessions: many.sessions }],
    ['assignments-1-to-1000', { ...SMALL, assignments: 1_000 }],
  ];
  const dir = mkdtempSync(join(tmpdir(), 'foyer-bench-scale-'));
  const origin = await startOrigin();
  const sides: Side[] = [];
  try {
    for (const [name, crowd] of crowds) {
      const foyer = await startBenchFoyer({ originPort: origin.port, env: KEPT });
      const side = { name, crowd, foyer, requestsFile: join(dir, name), figures: [] };
      sides.push(side);
      await prepare(side);
    }
    // Not counted: the small one has answered ten requests by now, and code is compiled as it runs.
    for (const side of sides) await measure(side, WARM_UP_SECONDS, WARM_UP_SEED);
    for (let round = 0; round < (quick ? 2 : 5); round += 1) {
      for (const side of sides) side.figures.push(await measure(side, quick ? 1.5 : 8, round));
    }
    return { bench: 'scale', rows: rowsOf(sides) };
  } finally {
    for (const { foyer } of sides) await foyer.stop();
    await origin.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

function rowsOf([small, ...large]: readonly Side[]): BenchRow[] {
  const base = rounded(median(small?.figures ?? []), 1);
  return large.map(({ name, figures }) => {
    const foyer = rounded(median(figures), 1);
    const bars = [bar('foyer-small', MAX_GROWTH, foyer, base)];
    return { id: name, unit: 'cpu-us/request', foyer, peers: { 'foyer-small': base }, bars };
  });
}

/** Every request once: each session is in memory then, and each app has its connection. */
async function prepare({ crowd, foyer, requestsFile }: Side): Promise<void> {
  const pairs = await gather(foyer, crowd);
  writeFileSync(requestsFile, `${pairs.join('\n')}\n`);
  await untilKnown(foyer.port, pairs[0] ?? '');
  await load({ ...common(foyer, requestsFile), each: true });
}

async function measure({ foyer, requestsFile }: Side, seconds: number, seed: number): Promise<number> {
  const drawn = () => load({ ...common(foyer, requestsFile), seconds, seed });
  const { cpuUs } = await cpuPerRequest({ pids: () => foyer.pids('gateway') }, drawn);
  return cpuUs;
}

function common({ port }: BenchFoyer, requestsFile: string) {
  return { port, path: '/1k', bodyBytes: KB, connections: CONNECTIONS, requestsFile };
}

async function load(what: ClosedLoop): Promise<ClosedLoopResult> {
  const printed = await runCommand(pinned(LOAD_CORE, [process.execPath, PROGRAM, JSON.stringify(what)]));
  return JSON.parse(printed.split('\n').at(-1) ?? '');
}

/** The gateway follows the catalogue on its own; the pair is of an app that it had not before. */
async function untilKnown(port: number, pair: string): Promise<void> {
  const [host = '', cookie = ''] = pair.split(' ');
  const until = Date.now() + KNOWN_TIMEOUT_MS;
  let status = 0;
  while (Date.now() < until) {
    status = await new Promise<number>((resolve, reject) => {
      const sent = get({ host: '127.0.0.1', port, path: '/1k', headers: { host, cookie }, agent: false }, (answer) => {
        answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
      });
      sent.once('error', reject);
    });
    if (status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`The gateway does not learn what was added to its catalogue: it answers ${status} for ${host}.`);
}
