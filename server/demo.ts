// `foyer demo`: Foyer with a sample private network on this machine, filled, started and ended as one.
import { existsSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';
import { type Config, type Environment, readConfig } from './config.ts';
import { parseHostname } from './core/hostname.ts';
import { keepDemoCertificates } from './demo/certificates.ts';
import { PORTAL_HOST, publicNames } from './demo/names.ts';
import { startSampleNetwork } from './demo/network.ts';
import { seedDemo } from './demo/seed.ts';
import { readyText } from './demo/text.ts';
import { createLog } from './log.ts';
import { buildPortal } from './portal/build.ts';
import { prepare, withStore } from './prepare.ts';
import { endOnBug, endOnSignals } from './signals.ts';
import { lockDataDir } from './store/lock.ts';
import { bindListeners } from './supervisor/listeners.ts';
import { supervise } from './supervisor/supervise.ts';

export type DemoOptions = { port: string; https: boolean; reset: boolean; dataDir: string };

/** A chat that is open in some tab is no reason to wait half a minute for a Ctrl-C. */
const DRAIN_MS = 1_000;

/** Says that a directory is the demo's, to be wiped at will, and that its store was filled. */
const MARK = 'demo.json';

/** Returns the problems, one sentence each; an empty list once the demo runs. */
export async function demo(options: DemoOptions, env: Environment): Promise<readonly string[]> {
  const read = await demoConfig(options, env);
  if (read.kind === 'invalid') return read.problems;
  const { config, env: demoEnv, caFile } = read;
  const { portal, dataDir } = config;
  const notBuilt = buildPortal();
  if (notBuilt) return [notBuilt];
  const prepared = await prepare(config, demoEnv);
  if (prepared.kind === 'refused') return [inOptions(prepared.sentence)];

  const logFile = join(dataDir, 'foyer.log');
  const output = openSync(logFile, 'w', 0o600);
  const log = createLog({ level: config.logLevel, program: 'demo', fd: output });
  const network = await startSampleNetwork({
    portal,
    gatewayPort: portal.port,
    caFile,
    output,
    onLost: (part, how) =>
      process.stderr.write(`The sample network lost its ${part} (${how}); the rest goes on. See ${logFile}\n`),
  });
  if (network.kind === 'failed') return [`${network.sentence} See ${logFile}`];
  const mark = join(dataDir, MARK);
  await withStore(config, prepared.secret, (store) => seedDemo(store, network, existsSync(mark)));
  writeFileSync(mark, '{"made":"by foyer demo; --reset deletes this directory"}\n');

  const supervised = await supervise({ config, env: demoEnv, log, output, drainMs: DRAIN_MS });
  if (supervised.kind === 'refused') {
    await network.stop();
    return [`${supervised.sentence} See ${logFile}`];
  }
  const { supervisor } = supervised;
  const actions = {
    stop: async () => {
      await supervisor.stop();
      await network.stop();
    },
    kill: () => {
      supervisor.kill();
      network.kill();
    },
    reload: () => supervisor.reload(),
  };
  endOnSignals(actions);
  endOnBug(actions, log);
  process.stdout.write(readyText({ portal, network, caFile, logFile, env }));
  return [];
}

type DemoConfig =
  | { kind: 'config'; config: Config; env: Environment; caFile: string | null }
  | { kind: 'invalid'; problems: readonly string[] };

/** Nothing of a real set-up's environment is taken over but how much is logged, how many gateways run and whether there is a service worker. */
async function demoConfig(options: DemoOptions, env: Environment): Promise<DemoConfig> {
  const { https, reset } = options;
  const port = /^\d{1,5}$/.test(options.port) ? Number(options.port) : 0;
  if (port < 1 || port > 65535)
    return invalid(
      `--port is no port: ${JSON.stringify(options.port)}. Write a number from 1 to 65535, for example --port 9000.`,
    );
  const dataDir = resolve(options.dataDir);
  const scheme = https ? 'https' : 'http';
  const addresses = [`127.0.0.1:${port}`, ...(hasIpv6Loopback() ? [`[::1]:${port}`] : [])];
  const basics = {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('FOYER_'))),
    FOYER_PORTAL_URL: `${scheme}://${PORTAL_HOST}:${port}`,
    FOYER_LISTEN: addresses.map((address) => `${scheme}://${address}`).join(','),
    FOYER_DATA_DIR: dataDir,
    FOYER_GATEWAYS: env.FOYER_GATEWAYS ?? String(Math.min(2, availableParallelism())),
    FOYER_METRICS_LISTEN: 'off',
    FOYER_LOG_LEVEL: env.FOYER_LOG_LEVEL ?? 'info',
    FOYER_SERVICE_WORKER: env.FOYER_SERVICE_WORKER ?? 'on',
  };
  const problem =
    checkPort(readConfig(https ? { ...basics, FOYER_TLS_CERTS: 'a:b' } : basics), port) ??
    (reset ? wipe(dataDir) : null);
  if (problem) return invalid(problem);
  if (!https) return withEnvironment(basics, null);
  const [first, ...rest] = publicNames();
  const parent = parseHostname('localhost');
  if (!first || !parent) throw new Error('The demo has no names.');
  const { caFile, certFile, keyFile } = await keepDemoCertificates(dataDir, parent, [first, ...rest], Date.now());
  return withEnvironment({ ...basics, FOYER_TLS_CERTS: `${certFile}:${keyFile}` }, caFile);
}

function withEnvironment(env: Environment, caFile: string | null): DemoConfig {
  const read = readConfig(env);
  if (read.kind === 'config') return { ...read, env, caFile };
  return { kind: 'invalid', problems: read.problems.map(inOptions) };
}

function invalid(problem: string): DemoConfig {
  return { kind: 'invalid', problems: [problem] };
}

/** Tried before anything is installed, built or filled: a taken port is the usual mistake. */
function checkPort(read: ReturnType<typeof readConfig>, port: number): string | null {
  if (read.kind === 'invalid') return null;
  const bound = bindListeners(read.config.listen);
  if (bound.kind === 'bound') {
    bound.close();
    return null;
  }
  if (bound.code !== 'EADDRINUSE') return inOptions(bound.sentence);
  const other = port < 65000 ? port + 1 : 9000;
  return `Port ${port} is taken by another program: end that one, or choose another port with npm run demo -- --port ${other}`;
}

/** Sentences of `foyer start`, which is told by variables what the demo is told by options. */
function inOptions(sentence: string): string {
  return sentence
    .replace('in FOYER_LISTEN', 'with --port')
    .replace('in FOYER_DATA_DIR', 'with --data-dir')
    .replace('FOYER_DATA_DIR', '--data-dir');
}

/** Only a directory that is the demo's, or that is empty, and that no running demo has. */
function wipe(dataDir: string): string | null {
  if (!existsSync(dataDir)) return null;
  if (!existsSync(join(dataDir, MARK)) && readdirSync(dataDir).length > 0)
    return `${dataDir} was not made by the demo, so --reset leaves it alone: name another one with --data-dir.`;
  const lock = lockDataDir(dataDir);
  if (lock.kind === 'refused') return inOptions(lock.sentence);
  lock.release();
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  return null;
}

function hasIpv6Loopback(): boolean {
  return Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));
}
