// Foyer and its peers, each in front of the same origin, alone on the proxy's core, in clear or over TLS.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../e2e/system/child.ts';
import { freePort } from '../e2e/system/free-port.ts';
import { type BenchCertificate, makeCertificate } from './certificate.ts';
import { connectable } from './connectable.ts';
import { processTree } from './cpu.ts';
import { APP_HOST, PORTAL_HOST, startBenchFoyer } from './foyer-side.ts';
import { PROXY_CORE, pinned } from './machine.ts';
import { startNginx } from './nginx.ts';
import { fillTemplate } from './peers/template.ts';

/** `pids` are all processes whose CPU time a request of this proxy costs. */
export type Contender = {
  name: ContenderName;
  scheme: 'http' | 'https';
  port: number;
  cookie: string;
  pids(): number[];
};
export const CONTENDERS = ['foyer', 'nginx', 'nginx-auth-request', 'haproxy', 'caddy', 'http-proxy'] as const;
export type ContenderName = (typeof CONTENDERS)[number];
export const PEER_PROGRAMS = ['nginx', 'haproxy', 'caddy'];

export type Field = { contenders: Contender[]; stop(): Promise<void> };

type Started = {
  port: number;
  tlsPort: number;
  cookie?: string;
  pids(): number[];
  said?(): string;
  stop(): Promise<unknown>;
};
type Ports = { port: number; tlsPort: number; origin: number };
type Peer = (ports: Ports, dir: string, certificate: BenchCertificate) => Promise<Omit<Started, 'port' | 'tlsPort'>>;

/** Starts those that are named, Foyer with `env`; what was started is ended again when one of them fails. */
export async function startField(
  names: readonly ContenderName[],
  scheme: 'http' | 'https',
  originPort: number,
  env: Record<string, string> = {},
): Promise<Field> {
  const dir = mkdtempSync(join(tmpdir(), 'foyer-bench-peers-'));
  const ends: (() => Promise<unknown>)[] = [async () => rmSync(dir, { recursive: true, force: true })];
  const stop = async () => {
    for (const end of ends.reverse()) await end();
  };
  try {
    const certificate = await makeCertificate(dir, [APP_HOST, PORTAL_HOST]);
    const contenders: Contender[] = [];
    for (const name of names) {
      const started =
        name === 'foyer'
          ? await startFoyer(scheme, originPort, certificate, env)
          : await startPeer(PEERS[name], originPort, dir, certificate);
      ends.push(started.stop);
      const port = scheme === 'http' ? started.port : started.tlsPort;
      await connectable(port).catch(() => {
        throw new Error(`${name} does not listen. It said: ${started.said?.() ?? 'nothing'}`);
      });
      contenders.push({ name, scheme, port, cookie: started.cookie ?? '', pids: started.pids });
    }
    // Everybody is sent the same bytes.
    const cookie = contenders.find((each) => each.cookie)?.cookie ?? 'none=1';
    return { contenders: contenders.map((each) => ({ ...each, cookie })), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startFoyer(
  scheme: 'http' | 'https',
  originPort: number,
  made: BenchCertificate,
  env: Record<string, string>,
): Promise<Started> {
  const foyer = await startBenchFoyer({ originPort, certificate: scheme === 'https' ? made : null, env });
  const { port, cookie, stop } = foyer;
  return { port, tlsPort: port, cookie, pids: () => foyer.pids('gateway'), stop };
}

async function startPeer(peer: Peer, origin: number, dir: string, certificate: BenchCertificate): Promise<Started> {
  const [port, tlsPort] = await Promise.all([freePort(), freePort()]);
  return { port, tlsPort, ...(await peer({ port, tlsPort, origin }, dir, certificate)) };
}

const PEERS: Record<Exclude<ContenderName, 'foyer'>, Peer> = {
  nginx: (ports, _dir, certificate) => startNginx('nginx.conf', PROXY_CORE, { ...ports, ...certificate }),

  'nginx-auth-request': async (ports, _dir, certificate) => {
    const authPort = await freePort();
    const service = await startNode('always-allow.ts', authPort);
    const values = { ...ports, ...certificate, authPort };
    const nginx = await startNginx('nginx-auth-request.conf', PROXY_CORE, values);
    return {
      pids: () => [...nginx.pids(), ...service.pids()],
      stop: () => Promise.all([nginx.stop(), service.stop()]),
    };
  },

  haproxy: async (ports, dir, certificate) => {
    const config = join(dir, 'haproxy.cfg');
    writeFileSync(config, fillTemplate('haproxy.cfg', { dir, ...ports, ...certificate }));
    return startLogged(['haproxy', '-db', '-f', config], join(dir, 'haproxy.log'));
  },

  caddy: async (ports, dir, certificate) => {
    const config = join(dir, 'Caddyfile');
    writeFileSync(config, fillTemplate('Caddyfile', { dir, host: APP_HOST, ...ports, ...certificate }));
    const command = ['caddy', 'run', '--adapter', 'caddyfile', '--config', config];
    return startLogged(command, join(dir, 'caddy.log'), { GOMAXPROCS: '1', HOME: dir, XDG_DATA_HOME: dir });
  },

  'http-proxy': ({ port, tlsPort, origin }, _dir, { certFile, keyFile }) =>
    startNode('http-proxy.ts', port, tlsPort, origin, certFile, keyFile),
};

async function startNode(file: string, ...args: (string | number)[]): Promise<Pick<Started, 'pids' | 'stop'>> {
  const program = join(import.meta.dirname, 'peers', file);
  const child = startChild(pinned(PROXY_CORE, [process.execPath, program, ...args.map(String)]));
  await child.line(/listening/);
  return { pids: () => [child.pid], stop: () => child.stop() };
}

/** What it prints goes to a file, as its log does. */
async function startLogged(
  command: readonly string[],
  logFile: string,
  env: Record<string, string> = {},
): Promise<Pick<Started, 'pids' | 'said' | 'stop'>> {
  const toFile = ['sh', '-c', 'log=$1; shift; exec "$@" >> "$log" 2>&1', 'sh', logFile, ...command];
  const child = startChild(pinned(PROXY_CORE, toFile), { env });
  const said = () => readFileSync(logFile, 'utf8').slice(-2_000);
  return { pids: () => processTree(child.pid), said, stop: () => child.stop() };
}
