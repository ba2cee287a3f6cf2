// Reloads a real Foyer again and again while newcomers keep coming, and counts what failed, what leaked, and how soon a new certificate is shown.
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';
import { type BenchCertificate, makeCertificate } from '../../bench/certificate.ts';
import { APP_HOST, type BenchFoyer, PORTAL_HOST, startBenchFoyer } from '../../bench/foyer-side.ts';
import type { NewcomersLoad, NewcomersResult } from './newcomers.ts';
import { startUpstream } from './upstream.ts';

export type ReloadUnderLoad = {
  /** HTTP/1.1 in clear, or HTTP/2 over TLS. */
  protocol: 'http1' | 'h2';
  reloads: number;
  /** At most: as many as the machine can begin beside Foyer. */
  connectionsPerSecond: number;
  gateways?: number;
};

/** Open files are counted without load, before it and after it. */
export type ReloadResult = NewcomersResult & {
  reloads: number;
  /** The slowest of all reloads: from SIGHUP to the word that every gateway is replaced. */
  reloadMs: number;
  /** The slowest, from SIGHUP to the first connection that gets the new certificate. Null in clear. */
  certificateMs: number | null;
  files: Record<'supervisor' | 'gateway', { before: number; after: number }>;
  /** Gateway processes that are there when all is over. */
  gatewaysLeft: number;
  /** The last few warnings and errors of Foyer itself. */
  complaints: string[];
};

const RELOAD_TIMEOUT_MS = 60_000;
const UPSTREAM_IDLE_MS = 2_500;
const LOOK_MS = 20;
const SETTLE_MS = 500;
/** Connections that stay beside the newcomers. */
const RESIDENTS = 10;
const MOST_COMPLAINTS = 8;
const LOG_PIECE_BYTES = 256 * 1024;
/** Everybody is one person here, from one address: what one person may have at once is given to all of them. */
const FOR_ALL = { FOYER_LIMIT_UPSTREAM_REQUESTS_PER_PERSON: '4000', FOYER_LIMIT_CONNECTIONS_PER_ADDRESS: '20000' };
const KILOBYTE = 'x'.repeat(1_024);
const HOSTS = [APP_HOST, PORTAL_HOST];

export async function reloadUnderLoad(options: ReloadUnderLoad): Promise<ReloadResult> {
  const { protocol, reloads, connectionsPerSecond, gateways = 2 } = options;
  const dir = mkdtempSync(join(tmpdir(), 'foyer-reload-'));
  const upstream = await startUpstream('127.0.0.1', (_request, response) => response.end(KILOBYTE));
  let foyer: BenchFoyer | null = null;
  let log: GrowingLog | null = null;
  let load: ReturnType<typeof startNewcomers> | null = null;
  try {
    const certificate = protocol === 'h2' ? await makeCertificate(dir, HOSTS) : null;
    foyer = await startBenchFoyer({
      originPort: upstream.port,
      gateways,
      certificate,
      isPinned: false,
      env: { FOYER_LIMIT_UPSTREAM_KEEP_ALIVE: '1s', ...FOR_ALL },
    });
    log = new GrowingLog(foyer.logFile);
    const before = openFiles(foyer);
    load = startNewcomers({ protocol, connectionsPerSecond, port: foyer.port, cookie: foyer.cookie });
    await load.started;
    await delay(SETTLE_MS);
    const times = { reloadMs: 0, certificateMs: 0 };
    for (let generation = 1; generation <= reloads; generation += 1) {
      const took = await reloadOnce({ foyer, log }, generation, certificate, dir);
      times.reloadMs = Math.max(times.reloadMs, took.reloadMs);
      times.certificateMs = Math.max(times.certificateMs, took.certificateMs ?? 0);
    }
    await delay(SETTLE_MS);
    const counted = await load.end();
    await untilRetiredAreGone(foyer, gateways);
    // Kept connections to the app are let go too.
    await delay(UPSTREAM_IDLE_MS);
    const after = openFiles(foyer);
    log.readOn();
    return {
      ...counted,
      reloads,
      reloadMs: Math.round(times.reloadMs),
      certificateMs: certificate ? Math.round(times.certificateMs) : null,
      files: {
        supervisor: { before: before.supervisor, after: after.supervisor },
        gateway: { before: before.gateway, after: after.gateway },
      },
      gatewaysLeft: foyer.pids('gateway').length,
      complaints: log.complaints,
    };
  } finally {
    load?.kill();
    log?.close();
    await foyer?.stop();
    await upstream.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** SIGHUP, and the words of the supervisor; over TLS, with a certificate that nobody has seen yet. */
async function reloadOnce(
  { foyer, log }: { foyer: BenchFoyer; log: GrowingLog },
  generation: number,
  certificate: BenchCertificate | null,
  dir: string,
): Promise<{ reloadMs: number; certificateMs: number | null }> {
  let shown: Promise<number> | null = null;
  if (certificate) {
    const { certFile, keyFile } = await makeCertificate(mkdtempSync(join(dir, 'next-')), HOSTS);
    copyFileSync(certFile, certificate.certFile);
    copyFileSync(keyFile, certificate.keyFile);
    shown = untilShown(foyer, readFileSync(certFile));
  }
  const startedAt = performance.now();
  process.kill(foyer.pid, 'SIGHUP');
  await untilSaid(log, generation);
  return { reloadMs: performance.now() - startedAt, certificateMs: await shown };
}

/** Milliseconds until a new connection gets this certificate. */
async function untilShown({ port }: BenchFoyer, pem: Buffer): Promise<number> {
  const startedAt = performance.now();
  const wanted = new X509Certificate(pem).fingerprint256;
  while (performance.now() - startedAt < RELOAD_TIMEOUT_MS) {
    if ((await shownFingerprint(port)) === wanted) return performance.now() - startedAt;
    await delay(LOOK_MS);
  }
  throw new Error('The new certificate is not shown.');
}

function shownFingerprint(port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ port, host: '127.0.0.1', servername: APP_HOST, rejectUnauthorized: false }, () => {
    resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
    socket.destroy();
  });
  socket.once('error', reject);
  return promise;
}

async function untilSaid(log: GrowingLog, generation: number): Promise<void> {
  const until = performance.now() + RELOAD_TIMEOUT_MS;
  while (performance.now() < until) {
    log.readOn();
    if (log.failed) throw new Error(log.complaints.join('\n'));
    if (log.generation >= generation) return;
    await delay(LOOK_MS);
  }
  throw new Error(`Reload ${generation} does not end:\n${log.complaints.join('\n')}`);
}

/** What the supervisor says, picked out of a log that gets a line with every request: each byte is read once. */
class GrowingLog {
  /** Of the last reload that is done. */
  generation = 0;
  failed = false;
  /** The last few warnings and errors, and what no logger wrote. */
  complaints: string[] = [];
  readonly #fd: number;
  #at: number;
  #rest = '';

  constructor(file: string) {
    this.#fd = openSync(file, 'r');
    this.#at = fstatSync(this.#fd).size;
  }

  readOn(): void {
    const buffer = Buffer.allocUnsafe(LOG_PIECE_BYTES);
    for (;;) {
      const length = readSync(this.#fd, buffer, 0, buffer.length, this.#at);
      if (length === 0) return;
      this.#at += length;
      const lines = (this.#rest + buffer.toString('latin1', 0, length)).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) if (!line.includes('"access":')) this.#understand(line);
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  #understand(line: string): void {
    if (!/"level":"(info|debug)"/.test(line)) this.complaints = [...this.complaints, line].slice(-MOST_COMPLAINTS);
    if (line.includes('reload: given up')) this.failed = true;
    if (line.includes('reload: done')) this.generation = Number(/"generation":(\d+)/.exec(line)?.[1]);
  }
}

function startNewcomers(load: Pick<NewcomersLoad, 'protocol' | 'port' | 'cookie' | 'connectionsPerSecond'>) {
  const whole: NewcomersLoad = { ...load, host: APP_HOST, path: '/', residents: RESIDENTS };
  const program = join(import.meta.dirname, 'newcomers.ts');
  const child = spawn(process.execPath, [program, JSON.stringify(whole)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => {
    const { value } = await lines.next();
    if (value === undefined) throw new Error('The newcomers ended without a word.');
    return value;
  };
  return {
    started: line(),
    end: async (): Promise<NewcomersResult> => {
      child.stdin.end();
      return JSON.parse(await line());
    },
    kill: () => child.kill('SIGKILL'),
  };
}

async function untilRetiredAreGone(foyer: BenchFoyer, gateways: number): Promise<void> {
  const until = performance.now() + RELOAD_TIMEOUT_MS;
  while (foyer.pids('gateway').length > gateways && performance.now() < until) await delay(LOOK_MS);
}

function openFiles(foyer: BenchFoyer): { supervisor: number; gateway: number } {
  const count = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;
  return { supervisor: count(foyer.pid), gateway: Math.max(...foyer.pids('gateway').map(count)) };
}
