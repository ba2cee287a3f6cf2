// The supervisor: owns the sockets, runs one portal and the gateways, starts again what dies, and ends everything in order.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeTicketKeys, readCertificates, TICKET_KEYS_MS, type TlsTexts, watchDates } from '#server/certificates.ts';
import type { Config, Environment } from '#server/config.ts';
import { heapOptions } from '#server/gateway/memory.ts';
import type { Logger } from '#server/log.ts';
import { gatherHeldNames, HELD_NAMES } from '#server/path/held-names.ts';
import { type Child, type ChildOptions, type ChildProgram, keepRunning } from './child.ts';
import { bindListeners, type Listener } from './listeners.ts';
import { createReload } from './reload.ts';

export type Supervisor = {
  listeners: readonly Listener[];
  pids(): readonly number[];
  /** Reports whether newcomers are served: the portal and a gateway are ready, and nobody said stop. */
  isReady(): boolean;
  /** How many gateways serve newcomers: none while `isReady` is false. */
  gatewaysReady(): number;
  /** How often a process of each program ended by itself, so that another one was started. */
  restarts(): { portal: number; gateway: number };
  /** Asks every child for the same, also those that another has replaced and that still serve what they began. Never rejects. */
  ask(topic: string, timeoutMs?: number, about?: string): Promise<readonly Answer[]>;
  /** Log files are opened again, certificates are read again, and every gateway process is replaced, one after the other. */
  reload(): void;
  /** Gateways drain first, while the portal still answers for them; the portal follows. Settles when all are gone. */
  stop(): Promise<void>;
  /** At once. */
  kill(): void;
};

/** `number` is a gateway's own, from 1; the portal's is 0. `isRetired`: another process has taken its place. */
export type Answer = { name: string; number: number; pid: number; generation: number; isRetired: boolean } & (
  | { kind: 'value'; value: unknown }
  | { kind: 'problem'; problem: string }
);

export type Supervised =
  | { kind: 'running'; supervisor: Supervisor }
  | { kind: 'refused'; code: string; sentence: string };

export type SuperviseOptions = {
  config: Config;
  /** What the children's environment is made from; names of the configuration are passed on as they are. */
  env: Environment;
  log: Logger;
  output?: number | 'inherit';
  programs?: { portal: string; gateway: string };
  drainMs?: number;
  /** What a replaced gateway has for what is long: WebSockets, event streams, downloads. */
  retireMs?: number;
  /** How long one key of session tickets is used. */
  ticketKeysMs?: number;
  /** What a child said unasked, by its topic. */
  onTold?(topic: string, value: unknown): void;
};

/** What a gateway that uses its whole drain time needs to say goodbye. */
const LAST_WORDS_MS = 2_000;
const PORTAL_GRACE_MS = 5_000;
const ASK_TIMEOUT_MS = 1_000;
/** The portal waits a little longer for all of them. */
const HELD_NAMES_TIMEOUT_MS = 700;
const NO_TLS: TlsTexts = { certificates: [], ticketKeys: '' };

/** Pages are rendered now and then: the portal keeps 40 MB less for objects that live a moment. */
const SMALL_NURSERY = ['--max-semi-space-size=2'];

const PROGRAMS = {
  portal: join(import.meta.dirname, '../portal.ts'),
  gateway: join(import.meta.dirname, '../gateway.ts'),
};

/** Resolves when the portal and every gateway are ready. The data directory is locked, and the store migrated, by then. */
export async function supervise(options: SuperviseOptions): Promise<Supervised> {
  const { config, log, output = 'inherit', programs = PROGRAMS } = options;
  const { drainMs = config.limits.drainMs, retireMs = config.limits.reloadDrainMs } = options;
  const { ticketKeysMs = TICKET_KEYS_MS } = options;
  if (process.platform === 'win32')
    return {
      kind: 'refused',
      code: 'windows',
      sentence:
        'Foyer hands its sockets from process to process, which Windows cannot do: run it in WSL or a container.',
    };
  const read = readCertificates(config.certificates, log);
  if (read.kind === 'invalid') return { kind: 'refused', code: 'certificates', sentence: read.sentence };
  let tls: TlsTexts = { certificates: read.texts, ticketKeys: makeTicketKeys() };
  const bound = bindListeners(config.listen);
  if (bound.kind === 'refused') return bound;
  if (config.unknownVariables.length > 0)
    log.warn({ variables: config.unknownVariables }, 'these variables mean nothing to Foyer: check their spelling');

  const env = childEnvironment(options.env, config);
  const run = (program: Omit<ChildProgram, 'env' | 'output'>, { retireMs = 0, answers = {} }: Partial<ChildOptions>) =>
    keepRunning(
      { ...program, env, output },
      {
        log,
        retireMs,
        lastWordsMs: LAST_WORDS_MS,
        hurryMs: drainMs + LAST_WORDS_MS,
        onTold: options.onTold,
        answers,
      },
    );
  const portal = run(
    {
      name: 'portal',
      number: 0,
      file: programs.portal,
      listeners: [],
      tls: () => NO_TLS,
      execArgv: SMALL_NURSERY,
    },
    {
      answers: {
        [HELD_NAMES]: async (appId) => gatherHeldNames(await supervisor.ask(HELD_NAMES, HELD_NAMES_TIMEOUT_MS, appId)),
      },
    },
  );
  const execArgv = heapOptions(config.gatewayMemory);
  const gateways = Array.from({ length: config.gateways }, (_, at) => {
    const number = at + 1;
    const { listeners } = bound;
    return run(
      { name: `gateway ${number}`, number, file: programs.gateway, listeners, tls: () => tls, execArgv },
      { retireMs },
    );
  });
  const children: readonly Child[] = [portal, ...gateways];
  const reloading = createReload({
    gateways,
    readCertificates: () => readCertificates(config.certificates, log),
    setCertificates: (newer) => {
      tls = { ...tls, certificates: newer };
    },
    log,
  });
  const watchingDates = watchDates(() => tls.certificates, log);
  const changingKeys = setInterval(() => {
    tls = { ...tls, ticketKeys: makeTicketKeys() };
    for (const gateway of gateways) gateway.refreshTls();
  }, ticketKeysMs).unref();
  let isStopping = false;

  const supervisor: Supervisor = {
    listeners: bound.listeners,
    pids: () => children.map((child) => child.pid()).filter((pid) => pid !== null),
    isReady: () => !isStopping && portal.isReady() && gateways.some((gateway) => gateway.isReady()),
    gatewaysReady: () => (supervisor.isReady() ? gateways.filter((gateway) => gateway.isReady()).length : 0),
    restarts: () => ({
      portal: portal.restarts(),
      gateway: gateways.reduce((sum, gateway) => sum + gateway.restarts(), 0),
    }),
    ask: async (topic, timeoutMs, about) =>
      (await Promise.all(children.map((child) => askAll(child, { topic, timeoutMs, about })))).flat(),
    reload: reloading.ask,
    stop: async () => {
      const wasReady = supervisor.isReady();
      isStopping = true;
      clearInterval(watchingDates);
      clearInterval(changingKeys);
      if (wasReady) await delay(config.limits.drainDelayMs);
      // The kernel answers for a socket as long as anybody holds it: newcomers are to be refused, not left waiting.
      bound.close();
      await Promise.all(gateways.map((gateway) => gateway.stop(drainMs + LAST_WORDS_MS)));
      await portal.stop(PORTAL_GRACE_MS);
    },
    kill: () => children.forEach((child) => void child.kill()),
  };
  const starts = await Promise.all(children.map((child) => child.ready));
  const failed = starts.find((start) => start.kind === 'failed');
  if (!failed) return { kind: 'running', supervisor };
  await supervisor.stop();
  return { kind: 'refused', code: 'not-ready', sentence: failed.sentence };
}

type Question = { topic: string; timeoutMs?: number | undefined; about?: string | undefined };

function askAll(child: Child, { topic, timeoutMs = ASK_TIMEOUT_MS, about }: Question): Promise<Answer[]> {
  return Promise.all(
    child.processes().map(async ({ ask, ...who }): Promise<Answer> => {
      const from = { name: child.name, number: child.number, ...who };
      try {
        return { ...from, kind: 'value', value: await ask(topic, timeoutMs, about) };
      } catch (error) {
        return { ...from, kind: 'problem', problem: error instanceof Error ? error.message : String(error) };
      }
    }),
  );
}

/** The supervisor's own environment, with the data directory made absolute and Node's own settings for every Foyer process. */
function childEnvironment(env: Environment, config: Config): Environment {
  return {
    ...env,
    FOYER_DATA_DIR: config.dataDir,
    NODE_ENV: 'production',
    NODE_COMPILE_CACHE: env.NODE_COMPILE_CACHE || join(config.dataDir, 'compile-cache'),
    NODE_USE_SYSTEM_CA: env.NODE_USE_SYSTEM_CA ?? '1',
    ...(config.upstreamCaFile ? { NODE_EXTRA_CA_CERTS: config.upstreamCaFile } : {}),
  };
}
