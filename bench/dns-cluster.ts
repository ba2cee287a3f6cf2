// How long a gateway that is killed, or hangs, is still among the answers to its cluster's name.

import { Resolver } from 'node:dns/promises';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { migrateStore, openStore } from '#server/store/handle.ts';
import { saveSetting } from '#server/store/settings.ts';
import { PORTAL, SYSTEM, saved } from '#server/store/testing/temporary-store.ts';
import { type Child, startChild } from '../e2e/system/child.ts';
import { freePort } from '../e2e/system/free-port.ts';
import { startFoyerNameserver } from './dns-field.ts';
import { absoluteBar, type BenchRow, rounded } from './result.ts';

const NAME = 'internet.intern.netz';
const NODE = join(import.meta.dirname, '../server/testing/cluster-node.ts');
const NODES = [1, 2, 3];
const GONE_S = 4;
const PATIENCE_MS = 20_000;
const LOOK_AGAIN_MS = 10;

/** The worst of so many deaths of each kind. Nodes are processes of their own at 127.x.y.n; the nameserver is Foyer's whole program. */
export async function measureGone(dir: string, deaths: number): Promise<BenchRow[]> {
  mkdirSync(dir, { recursive: true });
  await migrateStore({ dataDir: dir, now: Date.now });
  const store = await openStore({ dataDir: dir, secret: Buffer.alloc(32, 1), portal: PORTAL, now: Date.now });
  const ends: (() => Promise<unknown>)[] = [() => store.close()];
  try {
    const net = `127.${20 + (process.pid % 200)}.${Math.floor(process.pid / 200) % 250}`;
    const checkPort = await freePort(`${net}.1`);
    const subClusters = [{ nodes: NODES.length, loadBalancers: [1, 2], lan: [`${net}.1/24`] }];
    saved(await saveSetting(store, SYSTEM, 'cluster', { name: NAME, subClusters, checkPort }));
    const start = async (number: number): Promise<Child> => {
      const child = startChild([process.execPath, NODE, dir, `${number}`, `${net}.${number}`, `${checkPort}`]);
      ends.push(() => child.stop('SIGKILL'));
      await child.line(/^ready$/);
      return child;
    };
    const nodes = new Map<number, Child>();
    for (const number of NODES) nodes.set(number, await start(number));
    const env = { FOYER_PORTAL_URL: 'http://portal.localhost:8080', FOYER_DATA_DIR: dir };
    const foyer = await startFoyerNameserver(join(dir, 'nameserver'), { upstreams: [] }, env);
    ends.push(foyer.stop);
    const resolver = new Resolver({ timeout: PATIENCE_MS, tries: 1 });
    resolver.setServers([`127.0.0.1:${foyer.port}`]);
    const until = (wanted: readonly number[]) =>
      answered(
        resolver,
        wanted.map((number) => `${net}.${number}`),
      );
    const times: Record<'SIGKILL' | 'SIGSTOP', number[]> = { SIGKILL: [], SIGSTOP: [] };
    for (let death = 0; death < deaths; death += 1) {
      for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
        await until(NODES);
        const victim = nodes.get(2);
        if (victim) process.kill(victim.pid, signal);
        times[signal].push(await until([1, 3]));
        await victim?.stop('SIGKILL');
        nodes.set(2, await start(2));
      }
    }
    return [row('gateway-killed-to-gone', times.SIGKILL), row('gateway-hung-to-gone', times.SIGSTOP)];
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

function row(id: string, times: readonly number[]): BenchRow {
  const foyer = rounded(Math.max(...times) / 1_000, 2);
  return { id, unit: 's', foyer, peers: {}, bars: [absoluteBar(GONE_S, foyer)] };
}

/** Milliseconds until these addresses, and no others, are the answer. */
async function answered(resolver: Resolver, wanted: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    // Without any node the name is answered with SERVFAIL.
    const addresses = await resolver.resolve4(NAME).catch(() => []);
    const now = performance.now();
    if ([...addresses].sort().join() === [...wanted].sort().join()) return now - startedAt;
    if (now - startedAt > PATIENCE_MS)
      throw new Error(`The cluster's name leads to ${addresses.join(', ') || 'nobody'}, not to ${wanted.join(', ')}.`);
    await delay(LOOK_AGAIN_MS);
  }
}
