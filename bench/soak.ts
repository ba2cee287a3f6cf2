// A mixed load for a minute, or with --long for half an hour: whether the gateway's memory grows, and whether a request fails.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { makeCertificate } from './certificate.ts';
import { rssKilobytes } from './cpu.ts';
import { APP_HOST, type BenchFoyer, PORTAL_HOST, startBenchFoyer } from './foyer-side.ts';
import type { Mixed, MixedResult } from './load/mixed.ts';
import { LOAD_CORE, pinned, requireMachine } from './machine.ts';
import { startStreamOrigin } from './origin.ts';
import { absoluteBar, type BenchResult, FAILED_REQUESTS, rounded } from './result.ts';
import { slope } from './slope.ts';

const PROGRAM = join(import.meta.dirname, 'load/mixed.ts');
const SECONDS = { quick: 30, short: 60, long: 30 * 60 } as const;
const LOOK_EVERY_MS = 500;
const TEN_MINUTES_S = 600;
const MAX_GROWTH_MB = 1;

export type SoakLength = keyof typeof SECONDS;

export async function benchSoak(length: SoakLength): Promise<BenchResult> {
  requireMachine([]);
  const dir = mkdtempSync(join(tmpdir(), 'foyer-bench-soak-'));
  const origin = await startStreamOrigin();
  let foyer: BenchFoyer | null = null;
  try {
    const certificate = await makeCertificate(dir, [APP_HOST, PORTAL_HOST]);
    foyer = await startBenchFoyer({ originPort: origin.port, certificate });
    const { points, told } = await soak(foyer, SECONDS[length]);
    return { bench: 'soak', rows: rowsOf(length, points, told) };
  } finally {
    await foyer?.stop();
    await origin.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

type Point = { at: number; value: number };

/** Resident megabytes of the gateway by second. */
async function soak(foyer: BenchFoyer, seconds: number): Promise<{ points: Point[]; told: MixedResult }> {
  const load: Mixed = { port: foyer.port, host: APP_HOST, cookie: foyer.cookie };
  const [program = '', ...args] = pinned(LOAD_CORE, [process.execPath, PROGRAM, JSON.stringify(load)]);
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value } = await lines.next();
    if (value === undefined) throw new Error('The load ended without a word.');
    return value;
  };
  try {
    await line();
    const startedAt = performance.now();
    const points: Point[] = [];
    for (let at = 0; at < seconds; at = (performance.now() - startedAt) / 1_000) {
      points.push({ at, value: rssKilobytes(foyer.pids('gateway')) / 1_024 });
      await delay(LOOK_EVERY_MS);
    }
    child.stdin.end();
    return { points, told: JSON.parse(await line()) };
  } finally {
    child.kill();
    await ended;
  }
}

function rowsOf(length: SoakLength, points: readonly Point[], { done, failures }: MixedResult): BenchResult['rows'] {
  const late = points.slice(Math.ceil(points.length / 3));
  const grown = rounded(slope(late) * TEN_MINUTES_S, 2);
  const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
  const counts = Object.entries(done).map(([name, count]) => `${count} ${name}`);
  const reasons = Object.entries(failures).map(([why, count]) => `${count} × ${why}`);
  const last = Math.round(late.at(-1)?.value ?? Number.NaN);
  return [
    {
      id: `${length}-rss-slope`,
      unit: 'MB/10 min',
      foyer: grown,
      peers: {},
      bars: length === 'long' ? [absoluteBar(MAX_GROWTH_MB, grown)] : [],
      note: `${last} MB at the end${length === 'long' ? '' : '; a heap that still warms up has a slope: only --long is judged'}`,
    },
    {
      id: `${length}-failed`,
      unit: FAILED_REQUESTS,
      foyer: failed,
      peers: {},
      bars: [absoluteBar(0, failed)],
      note: [...counts, ...reasons].join(', '),
    },
  ];
}
