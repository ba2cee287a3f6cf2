// 1 KB over HTTP/1.1: CPU per request of Foyer's gateway beside bare nginx, nginx with auth_request, and the http-proxy package.
import { join } from 'node:path';
import { runCommand, startChild } from '../e2e/system/child.ts';
import { freePort } from '../e2e/system/free-port.ts';
import { cpuMicroseconds, processTree } from './cpu.ts';
import { APP_HOST, startBenchFoyer } from './foyer-side.ts';
import { requireNginx, startNginx } from './nginx.ts';
import { type BenchResult, bar } from './result.ts';

const CONNECTIONS = 32;
const BODY = 'x'.repeat(1024);

type Contender = { name: string; port: number; cookie: string; pids(): number[] };

export async function benchHttp(quick: boolean): Promise<BenchResult> {
  await requireNginx();
  const ends: (() => Promise<unknown>)[] = [];
  try {
    const contenders = await startContenders(ends);
    const rounds = quick ? 2 : 5;
    const durationMs = quick ? 3_000 : 8_000;
    const figures = new Map<string, number[]>();
    for (const contender of contenders) await measure(contender, 1_500);
    // Interleaved, so that what else the machine does meets everybody alike.
    for (let round = 0; round < rounds; round += 1) {
      for (const contender of contenders) {
        figures.set(contender.name, [...(figures.get(contender.name) ?? []), await measure(contender, durationMs)]);
      }
    }
    const figure = (name: string) => median(figures.get(name) ?? []);
    const peers = {
      nginx: figure('nginx'),
      'nginx-auth-request': figure('nginx-auth-request'),
      'http-proxy': figure('http-proxy'),
    };
    const foyer = figure('foyer');
    return {
      bench: 'http',
      rows: [
        {
          id: 'http1-1k',
          unit: 'cpu-us/request',
          foyer,
          peers,
          bars: [
            bar('nginx', 2.3, foyer, peers.nginx),
            bar('nginx-auth-request', 0.95, foyer, peers['nginx-auth-request']),
            bar('http-proxy', 0.55, foyer, peers['http-proxy']),
          ],
        },
      ],
    };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

async function startContenders(ends: (() => Promise<unknown>)[]): Promise<Contender[]> {
  const [originPort, nginxPort, authPort, askedPort, peerPort] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  const nginx = async (name: string, http: string) => {
    const running = await startNginx(name, http, processTree);
    ends.push(running.stop);
    return running;
  };
  const node = async (...args: string[]) => {
    const child = startChild([process.execPath, join(import.meta.dirname, args[0] ?? ''), ...args.slice(1)]);
    ends.push(() => child.stop());
    await child.line(/listening/);
    return child;
  };
  await nginx(
    'origin',
    `server { listen 127.0.0.1:${originPort}; location / { default_type text/plain; return 200 "${BODY}"; } }`,
  );
  const upstream = `upstream origin { server 127.0.0.1:${originPort}; keepalive 64; } upstream auth { server 127.0.0.1:${askedPort}; keepalive 64; }`;
  const pass =
    'proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;';
  const bare = await nginx('bare', `${upstream} server { listen 127.0.0.1:${nginxPort}; location / { ${pass} } }`);
  const asked = await node('auth-peer.ts', String(askedPort));
  const auth = await nginx(
    'auth',
    `${upstream} server { listen 127.0.0.1:${authPort}; location / { auth_request /auth; ${pass} }
     location = /auth { internal; proxy_pass http://auth; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass_request_body off; proxy_set_header Content-Length ""; } }`,
  );
  const peer = await node('http-proxy-peer.ts', String(peerPort), String(originPort));
  const foyer = await startBenchFoyer(originPort, 1);
  ends.push(() => foyer.foyer.stop());
  return [
    { name: 'foyer', port: foyer.port, cookie: foyer.cookie, pids: () => foyer.pids('gateway') },
    { name: 'nginx', port: nginxPort, cookie: foyer.cookie, pids: bare.pids },
    { name: 'nginx-auth-request', port: authPort, cookie: foyer.cookie, pids: () => [...auth.pids(), asked.pid] },
    { name: 'http-proxy', port: peerPort, cookie: foyer.cookie, pids: () => [peer.pid] },
  ];
}

/** CPU microseconds a request, over one burst of load. A failed request fails the bench. */
async function measure({ name, port, cookie, pids }: Contender, durationMs: number): Promise<number> {
  const watched = pids();
  const before = watched.map(cpuMicroseconds);
  const host = `${APP_HOST}:${port}`;
  const args = [port, host, cookie, CONNECTIONS, durationMs].map(String);
  const printed = await runCommand([process.execPath, join(import.meta.dirname, 'load.ts'), ...args]);
  const { answered, failed } = JSON.parse(printed.split('\n').at(-1) ?? '') as { answered: number; failed: number };
  if (failed > 0 || answered === 0) throw new Error(`${name} failed ${failed} of ${answered + failed} requests.`);
  const used = watched.reduce((sum, pid, at) => sum + cpuMicroseconds(pid) - (before[at] ?? 0), 0);
  return Math.round((used / answered) * 10) / 10;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
