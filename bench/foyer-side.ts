// A real Foyer for a bench: one app, one signed-in session, its access log in a file, its gateway alone on a core.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { grantKey, sealGrant } from '#server/core/grant.ts';
import { type Hostname, parseHostname } from '#server/core/hostname.ts';
import type { Session } from '#server/core/identity.ts';
import { NONCE_BYTES } from '#server/core/seal.ts';
import { parsePortal } from '#server/core/snapshot.ts';
import { verifyPassword } from '#server/store/accounts.ts';
import { migrateStore, openStore, type Store } from '#server/store/handle.ts';
import { loadSecret } from '#server/store/secret.ts';
import { createSession } from '#server/store/sessions.ts';
import { addToCatalogue } from '../e2e/system/catalogue.ts';
import { type Child, startChild } from '../e2e/system/child.ts';
import { foyerCommand } from '../e2e/system/foyer.ts';
import { freePort } from '../e2e/system/free-port.ts';
import type { BenchCertificate } from './certificate.ts';
import { commandLine, processTree } from './cpu.ts';
import { LOAD_CORE, PROXY_CORE, pin, pinned, roomy } from './machine.ts';

export const APP_HOST = 'bench.corp.localhost';
export const PORTAL_HOST = 'portal.localhost';
export const PERSON = { email: 'bench@corp.example', password: 'bench-password-1' };
const READY_TIMEOUT_MS = 120_000;
const LOOK_AGAIN_MS = 50;

export type BenchFoyer = {
  port: number;
  scheme: 'http' | 'https';
  portalUrl: string;
  dataDir: string;
  /** The access log among it. */
  logFile: string;
  appId: string;
  /** The Cookie header of the signed-in session. */
  cookie: string;
  /** The supervisor's. */
  pid: number;
  pids(program: 'gateway' | 'portal'): number[];
  exited: Child['exited'];
  stop(): Promise<void>;
};

export type BenchFoyerOptions = {
  originPort: number;
  gateways?: number;
  /** Null: in clear. */
  certificate?: BenchCertificate | null;
  env?: Record<string, string>;
  /** The gateway on a core of its own, everything else on the other; else wherever the kernel likes. */
  isPinned?: boolean;
};

export async function startBenchFoyer(options: BenchFoyerOptions): Promise<BenchFoyer> {
  const { originPort, gateways = 1, certificate = null, env = {}, isPinned = true } = options;
  const port = await freePort();
  const scheme = certificate ? 'https' : 'http';
  const portalUrl = `${scheme}://${PORTAL_HOST}:${port}`;
  const dataDir = mkdtempSync(join(tmpdir(), 'foyer-bench-'));
  const logFile = join(dataDir, 'bench.log');
  // Before it starts, so that every gateway's first catalogue has the app.
  await migrateStore({ dataDir, now: Date.now });
  const appId = await addBenchApp(dataDir, portalUrl, originPort);
  const cookie = await inStore({ dataDir, portalUrl }, async (store) =>
    grantCookie(store, await signIn(store), appId, hostname(APP_HOST)),
  );
  const logging = ['sh', '-c', 'log=$1; shift; exec "$@" > "$log" 2>&1', 'sh', logFile, ...foyerCommand('start')];
  const child = startChild(isPinned ? pinned(LOAD_CORE, logging) : roomy(logging), {
    env: {
      FOYER_PORTAL_URL: portalUrl,
      FOYER_DATA_DIR: dataDir,
      FOYER_LISTEN: `${scheme}://127.0.0.1:${port}`,
      FOYER_GATEWAYS: String(gateways),
      ...(certificate ? { FOYER_TLS_CERTS: `${certificate.certFile}:${certificate.keyFile}` } : {}),
      ...env,
    },
  });
  const stop = async () => {
    await child.stop('SIGTERM');
    rmSync(dataDir, { recursive: true, force: true });
  };
  const pids = (program: string) =>
    processTree(child.pid).filter((pid) => commandLine(pid).includes(`server/${program}.ts`));
  try {
    await untilReady(child, logFile);
    if (isPinned) for (const pid of pids('gateway')) await pin(PROXY_CORE, pid);
    return {
      port,
      scheme,
      portalUrl,
      dataDir,
      logFile,
      appId,
      cookie,
      pid: child.pid,
      pids,
      exited: child.exited,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Opens the store that a running Foyer has, as an operator at the machine does. */
export async function inStore<T>(
  { dataDir, portalUrl }: { dataDir: string; portalUrl: string },
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const portal = parsePortal(portalUrl, parseHostname);
  const loaded = loadSecret({ env: {}, dataDir });
  if (!portal || loaded.kind === 'invalid') throw new Error('The bench’s own Foyer has no portal or no secret.');
  const store = await openStore({ dataDir, secret: loaded.secret, portal, now: Date.now });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** The Cookie header that proves this session at one host of an app. */
function grantCookie(
  { secret }: Pick<Store, 'secret'>,
  session: Pick<Session, 'id' | 'expiresAt'>,
  appId: string,
  host: Hostname,
): string {
  const grant = { sessionId: session.id, appId, host, issuedAt: Date.now(), expiresAt: session.expiresAt };
  return `__Host-foyer-grant=${sealGrant(grantKey(secret, appId, host), randomBytes(NONCE_BYTES), grant)}`;
}

export function hostname(text: string): Hostname {
  const host = parseHostname(text);
  if (!host) throw new Error(`${text} is no host name.`);
  return host;
}

async function untilReady(child: Child, logFile: string): Promise<void> {
  const until = Date.now() + READY_TIMEOUT_MS;
  let ended = false;
  void child.exited.then(() => {
    ended = true;
  });
  for (;;) {
    const said = readLog(logFile);
    if (said.includes('Foyer is ready')) return;
    if (ended || Date.now() > until) throw new Error(`The bench’s own Foyer does not start:\n${said.slice(-4_000)}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

function readLog(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // The shell has not made it yet.
    return '';
  }
}

async function addBenchApp(dataDir: string, portalUrl: string, originPort: number): Promise<string> {
  const seeded = await addToCatalogue(
    { dataDir, portalUrl },
    {
      users: [{ ...PERSON, name: 'Bench' }],
      sites: [{ name: 'Bench', endpoints: [{ address: '127.0.0.1', port: originPort }] }],
      apps: [
        {
          name: 'Bench app',
          hosts: [APP_HOST],
          site: 'Bench',
          upstream: { scheme: 'http', host: '127.0.0.1', port: originPort },
          access: ['everyone'],
        },
      ],
    },
  );
  return seeded.ids['Bench app'] ?? '';
}

async function signIn(store: Store): Promise<Session> {
  const verdict = await verifyPassword(store, { ...PERSON, address: null });
  if (verdict.kind !== 'ok') throw new Error('The bench’s own person is refused.');
  const { userId, passwordHash } = verdict;
  const verified = { kind: 'password', passwordHash } as const;
  const session = await createSession(store, { userId, verified, kind: 'standard', address: null, userAgent: null });
  if (!session) throw new Error('The bench’s own person cannot sign in.');
  return session;
}
