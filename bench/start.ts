// How soon a fresh gateway answers, and how much memory the portal and two gateways hold.

import { get as httpGet } from 'node:http';
import { memoryMegabytes, startedAtMs, uptimeMs } from './cpu.ts';
import { APP_HOST, startBenchFoyer } from './foyer-side.ts';
import { requireMachine } from './machine.ts';
import { startOrigin } from './origin.ts';
import { absoluteBar, type BenchResult } from './result.ts';

const FIRST_REQUEST_MS = 1_500;
const MEMORY_MB = 500;

export async function benchStart(quick: boolean): Promise<BenchResult> {
  requireMachine(['nginx']);
  const origin = await startOrigin();
  const { port, cookie, pids, stop } = await startBenchFoyer({ originPort: origin.port, gateways: 2, isPinned: false });
  try {
    const get = () => statusOf(port, { host: `${APP_HOST}:${port}`, cookie });
    for (let i = 0; i < 200; i += 1) await get();
    const memory = [...pids('portal'), ...pids('gateway')].map(memoryMegabytes);
    const sum = (kind: 'rss' | 'pss') => memory.reduce((total, each) => total + each[kind], 0);
    const times: number[] = [];
    for (let round = 0; round < (quick ? 3 : 10); round += 1) times.push(await firstRequestMs(pids, get));
    const worst = Math.max(...times);
    return {
      bench: 'start',
      rows: [
        {
          id: 'first-request-of-a-fresh-gateway',
          unit: 'ms',
          foyer: worst,
          peers: {},
          bars: [absoluteBar(FIRST_REQUEST_MS, worst)],
        },
        {
          id: 'portal-and-two-gateways',
          unit: 'MB rss',
          foyer: sum('rss'),
          peers: {},
          bars: [absoluteBar(MEMORY_MB, sum('rss'))],
        },
        { id: 'portal-and-two-gateways-pss', unit: 'MB pss', foyer: sum('pss'), peers: {}, bars: [] },
      ],
    };
  } finally {
    await stop();
    await origin.stop();
  }
}

/** Both gateways are killed, so whoever answers is fresh: from the start of its process to the first 200. */
async function firstRequestMs(pids: (program: 'gateway') => number[], get: () => Promise<number>): Promise<number> {
  for (const pid of pids('gateway')) process.kill(pid, 'SIGKILL');
  // The kernel keeps the connection in the listening socket's queue until a new gateway accepts it.
  const status = await get();
  const answeredAt = uptimeMs();
  if (status !== 200) throw new Error(`A fresh gateway answered ${status}.`);
  return Math.round(answeredAt - Math.min(...pids('gateway').map(startedAtMs)));
}

/** One request on a connection of its own; one that the killed gateway had accepted already is asked again. */
async function statusOf(port: number, headers: Record<string, string>): Promise<number> {
  const once = () =>
    new Promise<number>((resolve, reject) => {
      const sent = httpGet({ host: '127.0.0.1', port, path: '/1k', headers, agent: false }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0));
      });
      sent.once('error', reject);
    });
  try {
    return await once();
  } catch {
    return once();
  }
}
