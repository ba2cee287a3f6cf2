// Starts a real Unbound on loopback as the recursive DNS that browsers' machines ask, and ends it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Endpoint } from '#server/core/app.ts';
import { zoneAnswerer } from './authority.ts';
import { startDnsServer } from './listen.ts';
import { address as addressOf } from './packet.testing.ts';

export type UnboundOptions = {
  /** Whom it asks as the authority for each zone; every other name is refused. */
  stubs: Readonly<Record<string, Endpoint>>;
  /** How long it keeps anything; 0 asks anew each time. */
  maxTtlSeconds?: number;
  /** Asked by TLS at this port too, as whoever this PEM says. */
  tls?: { port: number; key: string; cert: string };
};

export type Unbound = Endpoint & { stop(): Promise<void> };

const LOOPBACK = '127.0.0.1';
const INSTALL = 'apt-get install -y unbound';

/** Resolves when Unbound answers. */
export async function startUnbound({ stubs, maxTtlSeconds = 0, tls }: UnboundOptions): Promise<Unbound> {
  const address = addressOf(LOOPBACK);
  const free = await startDnsServer({ address, port: 0, answer: zoneAnswerer(() => []) });
  await free.close();
  const directory = mkdtempSync(join(tmpdir(), 'foyer-unbound-'));
  const file = join(directory, 'unbound.conf');
  writeFileSync(file, confOf({ directory, port: free.port, stubs, maxTtlSeconds, tls }));
  const path = `${process.env.PATH ?? ''}:/usr/sbin:/usr/local/sbin`;
  const child = spawn('unbound', ['-d', '-c', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PATH: path },
  });
  const exited = once(child, 'exit');
  const lines: string[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stderr }).on('line', (line) => {
        lines.push(line);
        if (line.includes('start of service')) resolve();
      });
      child.on('error', (cause) =>
        reject(new Error(`Unbound could not be started; if it is missing, run: ${INSTALL}`, { cause })),
      );
      child.on('exit', (code) => reject(new Error(`Unbound ended with code ${code}:\n${lines.join('\n')}`)));
    });
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
  return {
    address,
    port: free.port,
    async stop() {
      child.kill('SIGTERM');
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

type Conf = Required<Omit<UnboundOptions, 'tls'>> & Pick<UnboundOptions, 'tls'> & { directory: string; port: number };

function confOf({ directory, port, stubs, maxTtlSeconds, tls }: Conf): string {
  const [keyFile, certFile] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  if (tls) {
    writeFileSync(keyFile, tls.key, { mode: 0o600 });
    writeFileSync(certFile, tls.cert);
  }
  const byTls = tls
    ? `  interface: ${LOOPBACK}@${tls.port}\n  tls-port: ${tls.port}\n  tls-service-key: "${keyFile}"\n  tls-service-pem: "${certFile}"`
    : '';
  const zones = Object.entries(stubs).map(
    ([zone, at]) => `stub-zone:\n  name: "${zone}"\n  stub-addr: ${at.address}@${at.port}\n  stub-first: no`,
  );
  return `
server:
  directory: "${directory}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: ""
  verbosity: 1
  num-threads: 1
  interface: ${LOOPBACK}
  port: ${port}
${byTls}
  do-ip6: no
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  module-config: "iterator"
  cache-max-ttl: ${maxTtlSeconds}
  cache-max-negative-ttl: ${maxTtlSeconds}
  local-zone: "." refuse
${Object.keys(stubs)
  .map((zone) => `  local-zone: "${zone}." transparent`)
  .join('\n')}
remote-control:
  control-enable: no
${zones.join('\n')}
`;
}
