// 64 KB and 100 MB over HTTP/1.1 and TLS, down and up: CPU time a request, and how much memory a proxy needs for it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONTENDERS, type Contender, type ContenderName, PEER_PROGRAMS } from './contenders.ts';
import { rssKilobytes } from './cpu.ts';
import { withField } from './field.ts';
import { APP_HOST } from './foyer-side.ts';
import type { H2Load } from './h2load.ts';
import { requireMachine } from './machine.ts';
import { KB, MB, UPLOAD_ANSWER_BYTES, uploadFile } from './origin.ts';
import { type BenchResult, type BenchRow, rowOf } from './result.ts';
import { cpuInTurn } from './rounds.ts';
import { watchPeak } from './watch-peak.ts';

type Work = { id: string; bytes: number; way: 'down' | 'up'; connections: number };
const WORKS: readonly Work[] = [
  { id: '64k', bytes: 64 * KB, way: 'down', connections: 16 },
  { id: '64k-upload', bytes: 64 * KB, way: 'up', connections: 16 },
  { id: '100m', bytes: 100 * MB, way: 'down', connections: 4 },
  { id: '100m-upload', bytes: 100 * MB, way: 'up', connections: 4 },
];
const NGINX_BAR = 1.6;

export async function benchBodies(quick: boolean): Promise<BenchResult> {
  requireMachine([...PEER_PROGRAMS, 'h2load']);
  const names: readonly ContenderName[] = quick ? ['foyer', 'nginx', 'haproxy'] : CONTENDERS;
  const dir = mkdtempSync(join(tmpdir(), 'foyer-bench-bodies-'));
  try {
    return await withField(names, 'https', async (contenders) => {
      const rows: BenchRow[] = [];
      for (const work of WORKS) rows.push(...(await measureWork(contenders, work, dir, quick)));
      return { bench: 'bodies', rows };
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A row of CPU time, and for the large ones a row of memory. */
async function measureWork(
  contenders: readonly Contender[],
  work: Work,
  dir: string,
  quick: boolean,
): Promise<BenchRow[]> {
  const isLarge = work.bytes >= MB;
  const upload = work.way === 'up' ? uploadFile(dir, work.bytes) : undefined;
  // 64 KB come some thousand times a second.
  const warmUpSeconds = quick || isLarge ? 3 : 12;
  const rounds = { rounds: quick ? 1 : 3, seconds: quick ? 2 : 6, warmUpRequests: isLarge ? 4 : 500, warmUpSeconds };
  const memory = contenders.map(({ name, pids }) => ({ name, growth: watchGrowth(pids) }));
  const us = await cpuInTurn(contenders, rounds, (contender) => loadOf(contender, work, upload)).finally(() => {
    for (const { growth } of memory) growth.stop();
  });
  if (!isLarge) return [rowOf({ id: work.id, unit: 'cpu-us/request' }, us, { nginx: NGINX_BAR })];
  const grown = new Map(memory.map(({ name, growth }) => [name, growth.stop() / KB]));
  const ms = new Map([...us].map(([name, figure]) => [name, figure / 1_000]));
  return [
    rowOf({ id: work.id, unit: 'cpu-ms/request' }, ms, { nginx: NGINX_BAR }),
    rowOf({ id: `${work.id}-memory`, unit: 'MB rss growth' }, grown, {}),
  ];
}

function watchGrowth(pids: () => number[]): { stop(): number } {
  const before = rssKilobytes(pids());
  const peak = watchPeak(() => rssKilobytes(pids()));
  return { stop: () => peak.stop() - before };
}

function loadOf({ scheme, port, cookie }: Contender, work: Work, upload?: string): Omit<H2Load, 'requests'> {
  const { bytes, connections } = work;
  const path = upload ? '/upload' : bytes >= MB ? '/100m' : '/64k';
  const bodyBytes = upload ? UPLOAD_ANSWER_BYTES : bytes;
  return { protocol: 'http/1.1', scheme, host: APP_HOST, port, cookie, path, bodyBytes, connections, upload };
}
