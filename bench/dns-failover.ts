// With the first DNS-over-TLS upstream silent, how long the first query takes, and how long the next ones.

import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createAuthority } from '#server/certificates.testing.ts';
import { startChild } from '../e2e/system/child.ts';
import { freePort } from '../e2e/system/free-port.ts';
import { startFoyerNameserver } from './dns-field.ts';
import { LOAD_CORE, pinned } from './machine.ts';
import { absoluteBar, type BenchRow, rounded } from './result.ts';

const ZONE = 'bench.example';
const TLS_NAME = 'dns.bench.example';
/** One upstream's three seconds, and the answer of the next. */
const FIRST_MS = 3_500;
const NEXT_MS = 100;
const NEXT_QUERIES = 20;
const PATIENCE_MS = 10_000;

export async function measureFailover(dir: string): Promise<BenchRow[]> {
  mkdirSync(dir, { recursive: true });
  const silent = await startSilent();
  const port = await freePort();
  const authority = await createAuthority('Foyer bench');
  const { cert, key } = await authority.issue({ names: [TLS_NAME] });
  const file = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text, { mode: 0o600 });
    return join(dir, name);
  };
  const tls = [file('upstream.crt', cert), file('upstream.key', key)];
  const program = join(import.meta.dirname, 'peers/dns-upstream.ts');
  const upstream = startChild(pinned(LOAD_CORE, [process.execPath, program, String(port), ZONE, ...tls]));
  const ends: (() => Promise<unknown>)[] = [() => upstream.stop(), silent.stop];
  try {
    await upstream.line(/listening/);
    const foyer = await startFoyerNameserver(dir, {
      upstreams: [silent.port, port].map((each) => `127.0.0.1:${each}#${TLS_NAME}`),
      upstreamCa: file('authority.crt', authority.pem),
    });
    ends.push(foyer.stop);
    const resolver = new Resolver({ timeout: PATIENCE_MS, tries: 1 });
    resolver.setServers([`127.0.0.1:${foyer.port}`]);
    const times: number[] = [];
    // Every name is new, so that each query needs an upstream.
    for (let query = 0; query <= NEXT_QUERIES; query += 1)
      times.push(await timed(() => resolver.resolve4(`f${query}.${ZONE}`)));
    const [first = Number.NaN, ...next] = times;
    return [row('failover-first-query', first, FIRST_MS), row('failover-next-queries', Math.max(...next), NEXT_MS)];
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

function row(id: string, ms: number, max: number): BenchRow {
  const foyer = rounded(ms, 1);
  return { id, unit: 'ms', foyer, peers: {}, bars: [absoluteBar(max, foyer)] };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Takes connections and says nothing, as a machine does whose program hangs. */
async function startSilent(): Promise<{ port: number; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = server.address();
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { port: typeof at === 'object' && at !== null ? at.port : 0, stop };
}
