// Wires the operator's listener to the supervisor: who is asked for metrics and readiness, before, while and after Foyer runs.
import { formatListen } from '#server/config/listen-address.ts';
import type { Config, Environment } from '#server/config.ts';
import type { Logger } from '#server/log.ts';
import type { Answer, Supervisor } from '#server/supervisor/supervise.ts';
import { readVersion } from '#server/version.ts';
import { byLabel, counter, type Family, gauge, METRICS, one } from './family.ts';
import { createGatherer, shared } from './gather.ts';
import { watchLoop } from './loop-watch.ts';
import { clashes, isLocal } from './metrics-listen.ts';
import { type OpenedOperator, type Operator, openOperator } from './operator.ts';
import { processFamilies } from './process-families.ts';
import { type Phase, readiness, STATE } from './readiness.ts';

export type Observer = {
  /** Where it listens, `http://127.0.0.1:9464`; null where there is none. */
  origin: string | null;
  /** What the children's environment says of the listener: where it really is, so that no app has its upstream there. */
  env: Environment;
  /** What a child said unasked. */
  told(topic: string, value: unknown): void;
  /** The children are ready: they are asked from here on. */
  watch(supervisor: Watched): void;
  /** Nobody new is to be sent here any more. */
  drain(): void;
  close(): Promise<void>;
};

type Watched = Pick<Supervisor, 'ask' | 'restarts'>;

export type Observed = { kind: 'observed'; observer: Observer } | { kind: 'refused'; sentence: string };

/** So often a load balancer may ask without the gateways hearing of it. */
const READINESS_FRESH_MS = 250;

export async function observe(
  config: Pick<Config, 'metricsListen' | 'listen' | 'gateways'>,
  log: Logger,
): Promise<Observed> {
  const { metricsListen, gateways } = config;
  let phase: Phase = 'starting';
  let supervisor: Watched | null = null;
  const ask = async (topic: string): Promise<readonly Answer[]> => (supervisor ? supervisor.ask(topic) : []);
  const loop = watchLoop(log);
  const now = () => performance.now();
  const gatherer = createGatherer({
    ask: () => ask(METRICS),
    own: async () => [...(await processFamilies('supervisor', loop)), ...ownFamilies(supervisor)],
    now,
  });
  const answers = shared(() => ask(STATE), READINESS_FRESH_MS, now);
  const opened = await open(config, log, {
    readiness: async () => readiness(phase, gateways, phase === 'starting' ? [] : await answers()),
    metrics: gatherer.text,
  });
  if (opened.kind === 'refused') {
    loop.stop();
    return opened;
  }
  const { operator } = opened;
  const bound = operator && metricsListen.kind === 'listen' ? { ...metricsListen.at, port: operator.port } : null;
  const origin = bound && formatListen(bound);
  return {
    kind: 'observed',
    observer: {
      origin,
      env: { FOYER_METRICS_LISTEN: origin ?? 'off' },
      told: (topic, value) => {
        if (topic === METRICS) gatherer.told(value);
      },
      watch: (running) => {
        supervisor = running;
        phase = 'running';
      },
      drain: () => {
        phase = 'draining';
      },
      close: async () => {
        loop.stop();
        await operator?.close();
      },
    },
  };
}

/** What the listener is asked for. */
type Asked = { readiness: Parameters<typeof openOperator>[0]['readiness']; metrics(): Promise<Buffer> };

/** A default that cannot be had is said and done without; what was asked for by name has to be there. */
async function open(
  { metricsListen, listen }: Pick<Config, 'metricsListen' | 'listen'>,
  log: Logger,
  asked: Asked,
): Promise<{ kind: 'open'; operator: Operator | null } | { kind: 'refused'; sentence: string }> {
  if (metricsListen.kind === 'off') return { kind: 'open', operator: null };
  const { at, isDefault } = metricsListen;
  const opened: OpenedOperator = clashes(at, listen)
    ? { kind: 'refused', code: 'taken', sentence: `FOYER_LISTEN has ${formatListen(at)}, where metrics would be.` }
    : await openOperator({ at, log, ...asked });
  if (opened.kind === 'open') {
    if (!isLocal(at))
      log.warn({ metrics: formatListen(at) }, 'metrics can be read from other machines, without signing in');
    return opened;
  }
  if (!isDefault) return opened;
  log.warn(`${opened.sentence} Foyer runs without metrics.`);
  return { kind: 'open', operator: null };
}

function ownFamilies(supervisor: Watched | null): Family[] {
  return [
    gauge('foyer_build_info', 'What runs here; always 1.', one(1, { version: VERSION, node: process.version }), 'max'),
    counter(
      'foyer_process_restarts_total',
      'Processes that ended by themselves, so that another one was started.',
      byLabel('program', Object.entries(supervisor?.restarts() ?? {})),
    ),
  ];
}

const VERSION = readVersion();
