// SIGHUP again and again while newcomers arrive, over HTTP/1.1 and over HTTP/2 with a new certificate each time: failed requests.
import { type ReloadUnderLoad, reloadUnderLoad } from '../e2e/system/reload-under-load.ts';
import { requireMachine } from './machine.ts';
import { absoluteBar, type BenchResult, type BenchRow, FAILED_REQUESTS } from './result.ts';

const PER_SECOND = 1_000;
/** TLS handshakes at the full rate are more than two cores can do beside whoever begins them. */
const QUICK_PER_SECOND = 200;

export async function benchReload(quick: boolean): Promise<BenchResult> {
  requireMachine([]);
  const rows: BenchRow[] = [];
  for (const protocol of ['http1', 'h2'] as const) {
    rows.push(
      await measure({
        protocol,
        reloads: quick ? 3 : 20,
        connectionsPerSecond: quick ? QUICK_PER_SECOND : PER_SECOND,
      }),
    );
  }
  return { bench: 'reload', rows };
}

async function measure(load: ReloadUnderLoad): Promise<BenchRow> {
  const told = await reloadUnderLoad(load);
  const failed = Object.values(told.failures).reduce((sum, count) => sum + count, 0);
  const reasons = Object.entries(told.failures).map(([why, count]) => `${count} × ${why}`);
  const certificate = told.certificateMs === null ? '' : `, a new certificate was shown after ${told.certificateMs} ms`;
  const note = [
    `${told.newcomers} new connections (${Math.round(told.newcomers / told.seconds)}/s), ${told.residentRequests} requests on kept ones`,
    `the slowest of ${told.reloads} reloads took ${told.reloadMs} ms${certificate}`,
    ...reasons,
  ].join('; ');
  return {
    id: `${load.protocol}-${load.reloads}-reloads`,
    unit: FAILED_REQUESTS,
    foyer: failed,
    peers: {},
    bars: [absoluteBar(0, failed)],
    note,
  };
}
