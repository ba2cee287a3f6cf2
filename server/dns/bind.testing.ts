// Starts a real BIND on loopback as a private DNS server, and ends it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Address } from '#server/core/address.ts';
import { zoneAnswerer } from './authority.ts';
import { startDnsServer } from './listen.ts';
import { address as addressOf } from './packet.testing.ts';

export type BindOptions = {
  /** Without one, a port that is free for UDP and TCP. */
  port?: number;
  /** Zone files by origin. What cannot be loaded is answered with SERVFAIL. */
  zones: Readonly<Record<string, string>>;
  /** Further statements of named.conf, such as forward zones; with any, recursion is on. */
  config?: string;
};

export type Bind = {
  address: Address;
  port: number;
  /** Rewrites one zone, reloads by SIGHUP, and waits until the new serial is loaded. */
  setZone(origin: string, text: string): Promise<void>;
  stop(): Promise<void>;
};

/** BIND listens only on addresses that an interface shows, and the loopback interface shows this one alone. */
const LOOPBACK = '127.0.0.1';

const INSTALL = 'apt-get install -y bind9 bind9-dnsutils unbound chromium';

/** Resolves when BIND answers. */
export async function startBind({ port, zones, config }: BindOptions): Promise<Bind> {
  const directory = mkdtempSync(join(tmpdir(), 'foyer-bind-'));
  const at = addressOf(LOOPBACK);
  const chosen = port ?? (await freePort(at));
  for (const [origin, text] of Object.entries(zones)) writeFileSync(zoneFile(directory, origin), text);
  writeFileSync(join(directory, 'named.conf'), namedConf({ port: chosen, zones, config, directory }));
  const removeFiles = () => rmSync(directory, { recursive: true, force: true });
  const named = await start(directory).catch((error) => {
    removeFiles();
    throw error;
  });
  let changes = 0;
  return {
    address: at,
    port: chosen,
    async setZone(origin, text) {
      const file = zoneFile(directory, origin);
      writeFileSync(file, text);
      // BIND reloads a zone whose file is newer than what it loaded, to the second.
      const mtime = Date.now() / 1000 + ++changes * 2;
      utimesSync(file, mtime, mtime);
      const loaded = named.said(new RegExp(`zone ${origin}/IN: loaded serial`));
      named.child.kill('SIGHUP');
      await loaded;
    },
    async stop() {
      if (named.child.exitCode === null && named.child.signalCode === null) {
        const exited = once(named.child, 'exit');
        named.child.kill('SIGTERM');
        await exited;
      }
      removeFiles();
    },
  };
}

/** A zone file with everything but the records filled in. */
export function zoneText(origin: string, records: string, { serial = 1, negativeTtl = 1 } = {}): string {
  return `$ORIGIN ${origin}.\n$TTL 60\n@ SOA ns hostmaster ${serial} 3600 600 86400 ${negativeTtl}\n@ NS ns\nns A 127.0.0.1\n${records}\n`;
}

function namedConf(options: BindOptions & { directory: string }): string {
  const { port, zones, directory, config } = options;
  const zoneStatements = Object.keys(zones).map(
    (origin) => `zone "${origin}" { type primary; file "${zoneFile(directory, origin)}"; notify no; };`,
  );
  return `
    options {
      directory "${directory}"; pid-file none; session-keyfile none; lock-file none;
      listen-on port ${port} { ${LOOPBACK}; }; listen-on-v6 { none; };
      query-source address ${LOOPBACK}; allow-query { any; }; recursion ${config === undefined ? 'no' : 'yes'};
      dnssec-validation no; empty-zones-enable no; notify no; max-cache-ttl 1; max-ncache-ttl 1; servfail-ttl 0;
    };
    controls { };
    ${zoneStatements.join('\n')}
    ${config ?? ''}
  `;
}

/** Foreground, one thread, everything it has to say on stderr; our own start and reload wait for its words. */
async function start(directory: string) {
  const child = spawn('named', ['-g', '-n', '1', '-c', join(directory, 'named.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: searchPath(),
  });
  const lines: string[] = [];
  const waiting = new Map<RegExp, () => void>();
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line);
    for (const [words, told] of waiting) if (words.test(line)) told();
  });
  const said = (words: RegExp) =>
    new Promise<void>((resolve) => {
      const told = () => {
        waiting.delete(words);
        resolve();
      };
      waiting.set(words, told);
    });
  const ended = failure(child, lines);
  await Promise.race([said(/ running$/), ended]);
  // That it ends later is what its starter asks for.
  ended.catch(() => {});
  return { child, said };
}

function failure(child: ChildProcess, lines: readonly string[]): Promise<never> {
  return new Promise((_, reject) => {
    child.on('error', (cause) =>
      reject(new Error(`BIND could not be started; if it is missing, run: ${INSTALL}`, { cause })),
    );
    child.on('exit', (code) => reject(new Error(`BIND ended with code ${code}:\n${lines.slice(-20).join('\n')}`)));
  });
}

/** Debian keeps named where only root's search path leads. */
function searchPath(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/usr/local/sbin` };
}

async function freePort(address: Address): Promise<number> {
  const server = await startDnsServer({ address, port: 0, answer: zoneAnswerer(() => []) });
  await server.close();
  return server.port;
}

function zoneFile(directory: string, origin: string): string {
  return join(directory, `${origin}.zone`);
}
