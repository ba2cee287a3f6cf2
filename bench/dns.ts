// Local, cached and blocked answers: CPU time a query beside dnsmasq and Unbound, with few names and with very many; what a silent upstream costs; how long a dead gateway is named.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '#server/core/seeded-random.testing.ts';
import { startChild } from '../e2e/system/child.ts';
import { freePort } from '../e2e/system/free-port.ts';
import { memoryMegabytes } from './cpu.ts';
import { measureGone } from './dns-cluster.ts';
import { measureFailover } from './dns-failover.ts';
import {
  blockedName,
  CACHED_ZONE,
  cachedName,
  DNS_CONTENDERS,
  type DnsContender,
  type DnsContenderName,
  type DnsContent,
  recordName,
  startDnsContender,
  startFoyerNameserver,
} from './dns-field.ts';
import { dnsperf } from './dnsperf.ts';
import { LOAD_CORE, pinned, requireMachine } from './machine.ts';
import { absoluteBar, type BenchResult, type BenchRow, bar, FAILED_REQUESTS, rowOf } from './result.ts';
import { cpuPerRequest, median } from './rounds.ts';

const PEER_BAR = { dnsmasq: 1.6 };
const MAX_GROWTH = 1.2;
const MEMORY_MB = 150;
const SMALL: DnsContent = { records: 100, blocked: 0 };
const LARGE: DnsContent = { records: 10_000, blocked: 200_000 };
const CACHED = 1_000;

/** One kind of question, asked of everybody of one size. */
type Work = { id: string; size: 'small' | 'large'; name: (at: number) => string; names: number; rcode: string };

const LARGE_ID = `${LARGE.records / 1000}k-records-${LARGE.blocked / 1000}k-blocked`;
const WORKS: readonly Work[] = [
  { id: 'local', size: 'small', name: recordName, names: SMALL.records, rcode: 'NOERROR' },
  { id: 'cached', size: 'small', name: cachedName, names: CACHED, rcode: 'NOERROR' },
  { id: `${LARGE_ID}-local`, size: 'large', name: recordName, names: LARGE.records, rcode: 'NOERROR' },
  { id: `${LARGE_ID}-cached`, size: 'large', name: cachedName, names: CACHED, rcode: 'NOERROR' },
  { id: `${LARGE_ID}-blocked`, size: 'large', name: blockedName, names: LARGE.blocked, rcode: 'NXDOMAIN' },
];

/** The first of them have bars; the last is for the table. */
const JUDGED = 4;

export async function benchDns(quick: boolean): Promise<BenchResult> {
  requireMachine(['dnsperf', 'dnsmasq', 'unbound']);
  const dir = mkdtempSync(join(tmpdir(), 'foyer-bench-dns-'));
  const ends: (() => Promise<unknown>)[] = [async () => rmSync(dir, { recursive: true, force: true })];
  try {
    const upstreamPort = await startUpstream(ends);
    // Those that are measured are not the first that this machine ever started: their code is there compiled.
    await (await startFoyerNameserver(join(dir, 'first'), { upstreams: [] })).stop();
    const field = new Map<Work['size'], DnsContender[]>();
    for (const [size, content] of [
      ['small', SMALL],
      ['large', LARGE],
    ] as const) {
      const contenders: DnsContender[] = [];
      field.set(size, contenders);
      for (const name of DNS_CONTENDERS) {
        const started = await startDnsContender(name, content, upstreamPort, join(dir, `${name}-${size}`));
        ends.push(started.stop);
        contenders.push(started);
      }
    }
    const { figures, failed } = await measure(
      field,
      dir,
      quick ? { works: WORKS.slice(0, JUDGED), rounds: 2, seconds: 1 } : { works: WORKS, rounds: 5, seconds: 3 },
    );
    const large = field.get('large') ?? [];
    // Both are time that passes, and hardly any work.
    const [failover, gone] = await Promise.all([
      measureFailover(join(dir, 'failover')),
      measureGone(join(dir, 'cluster'), quick ? 1 : 5),
    ]);
    const rows = [...cpuRows(figures), memoryRow(large), ...failover, ...gone, failedRow(failed)];
    return { bench: 'dns', rows };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

type Figures = Map<Work, Map<DnsContenderName, number>>;

/** Everybody once with every work, then everybody again; the first time warms up and does not count. */
async function measure(
  field: ReadonlyMap<Work['size'], readonly DnsContender[]>,
  dir: string,
  { works, rounds, seconds }: { works: readonly Work[]; rounds: number; seconds: number },
): Promise<{ figures: Figures; failed: ReadonlyMap<DnsContenderName, number> }> {
  const all = new Map<Work, Map<DnsContenderName, number[]>>();
  const failed = new Map<DnsContenderName, number>(DNS_CONTENDERS.map((name) => [name, 0]));
  for (let round = -1; round < rounds; round += 1) {
    for (const work of works) {
      const queriesFile = writeQueries(work, dir);
      const measured = all.get(work) ?? new Map<DnsContenderName, number[]>();
      all.set(work, measured);
      for (const contender of field.get(work.size) ?? []) {
        const load = { port: contender.port, queriesFile, seconds, rcode: work.rcode };
        const { cpuUs, loaded } = await cpuPerRequest(contender, () => dnsperf(load));
        failed.set(contender.name, (failed.get(contender.name) ?? 0) + loaded.failed);
        if (round >= 0) measured.set(contender.name, [...(measured.get(contender.name) ?? []), cpuUs]);
      }
    }
  }
  const medians = (each: ReadonlyMap<DnsContenderName, number[]>) =>
    new Map([...each].map(([name, values]) => [name, median(values)] as const));
  return { figures: new Map([...all].map(([work, each]) => [work, medians(each)])), failed };
}

/** Drawn uniformly over all names of the work, the same in every run. */
function writeQueries({ id, name, names }: Work, dir: string): string {
  const random = seededRandom(names);
  const file = join(dir, `${id}.queries`);
  const lines = Array.from({ length: 20_000 }, () => `${name(Math.floor(random() * names))} A`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

function cpuRows(figures: Figures): BenchRow[] {
  const unit = 'cpu-us/query';
  const small = new Map([...figures].map(([{ id }, each]) => [id, each.get('foyer') ?? Number.NaN]));
  return [...figures].map(([{ id, size }, each]) => {
    if (size === 'small') return rowOf({ id, unit }, each, PEER_BAR);
    const row = rowOf({ id, unit }, each, {});
    const same = id.replace(`${LARGE_ID}-`, '');
    const base = small.get(same);
    if (base === undefined) return row;
    return { ...row, bars: [bar(`foyer with few names, ${same}`, MAX_GROWTH, row.foyer, base)] };
  });
}

function memoryRow(large: readonly DnsContender[]): BenchRow {
  const rss = new Map(
    large.map(({ name, pids }) => [name, pids().reduce((sum, pid) => sum + memoryMegabytes(pid).rss, 0)]),
  );
  const row = rowOf({ id: `${LARGE_ID}-memory`, unit: 'MB rss' }, rss, {});
  return { ...row, bars: [absoluteBar(MEMORY_MB, row.foyer)] };
}

function failedRow(failed: ReadonlyMap<DnsContenderName, number>): BenchRow {
  const note = 'queries without an answer, or with another response code than everybody owes';
  return rowOf({ id: 'failed', unit: FAILED_REQUESTS, note }, failed, {});
}

async function startUpstream(ends: (() => Promise<unknown>)[]): Promise<number> {
  const port = await freePort();
  const program = join(import.meta.dirname, 'peers/dns-upstream.ts');
  const child = startChild(pinned(LOAD_CORE, [process.execPath, program, String(port), CACHED_ZONE]));
  ends.push(() => child.stop());
  await child.line(/listening/);
  return port;
}
