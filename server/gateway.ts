// The gateway program: wires the rooms of the data plane to the store, the dialer and the listening sockets.

import { startCertificates, type TlsTexts } from './certificates.ts';
import { type Config, portalSocket, readConfig } from './config.ts';
import type { Endpoint } from './core/app.ts';
import { attemptKey } from './core/attempt.ts';
import { parseHostname } from './core/hostname.ts';
import { viaPseudonym } from './core/via.ts';
import { createDialer, type Dialer, type Held } from './dial.ts';
import { type FollowedSnapshot, followSnapshot } from './follow-snapshot.ts';
import { type AuditQueue, startAuditQueue } from './gateway/audit-queue.ts';
import { createDrain, type DrainKind } from './gateway/drain.ts';
import { gatewayHealth, startedAt } from './gateway/health.ts';
import { heapBytes } from './gateway/memory.ts';
import { startPresence } from './gateway/presence.ts';
import { createGatewayReport, type GatewayReport } from './gateway/report.ts';
import { startUsageQueue } from './gateway/usage-queue.ts';
import { accessText } from './http/access-log.ts';
import { AssertionSigner } from './http/assertion.ts';
import { trustedProxies } from './http/client-address.ts';
import { Counters } from './http/counters.ts';
import type { GatewayContext } from './http/gateway-context.ts';
import { Grants } from './http/grants.ts';
import { handle } from './http/handle.ts';
import { KEEP_CHECKING_MS, keepChecking } from './http/keep-checking.ts';
import { type Listener, type Listening, listen } from './http/listen.ts';
import { LiveRegistry } from './http/live.ts';
import { sampleOverload } from './http/overload-facts.ts';
import { type Overload, watchOverload } from './http/overload-watch.ts';
import { applyChanges, sweep } from './http/redecide.ts';
import { SessionCache } from './http/sessions.ts';
import { handleUpgrade } from './http/upgrade.ts';
import { UpstreamPools } from './http/upstream/pools.ts';
import { UsageCounter } from './http/usage.ts';
import { createLineLog, type LineLog } from './log/access-lines.ts';
import { createRefusalLog } from './log/refusal-log.ts';
import { createLog, type Logger } from './log.ts';
import { METRICS } from './metrics/family.ts';
import type { LastWords } from './metrics/gather.ts';
import { watchLoop } from './metrics/loop-watch.ts';
import { metricsEndpoints } from './metrics/metrics-listen.ts';
import { STATE } from './metrics/readiness.ts';
import { HELD_NAMES, tellHeldNames } from './path/held-names.ts';
import { endOnBug } from './signals.ts';
import { redeemCode } from './store/codes.ts';
import type { Change } from './store/feed.ts';
import { openStore, type Store } from './store/handle.ts';
import { loadSecret } from './store/secret.ts';
import { loadSession, signOutOfApp, touchSessions } from './store/sessions.ts';
import { currentSigningKeys } from './store/signing-keys.ts';
import {
  answerQuestions,
  onEnd,
  onReopen,
  onRetire,
  onTls,
  sayLeaving,
  sayReady,
  startMessage,
  tell,
} from './supervisor/parent.ts';

const SWEEP_MS = 250;
const TOUCH_MS = 5_000;
/** A new signing key is published for a day before it signs, so every gateway knows it in time. */
const KEYS_MS = 60 * 60_000;

export type RunningGateway = {
  addresses: Listening['addresses'];
  report: GatewayReport;
  heldNames(appId: string): Held;
  useTls(texts: TlsTexts): void;
  /** Its access log may have been moved away. */
  reopenLogs(): void;
  /** Takes nothing new, lets what runs end, cuts the rest after the grace, and closes everything. Called again, it can only be sooner. */
  drain(kind?: DrainKind, graceMs?: number): Promise<void>;
};

/** Starts one gateway on the given sockets. Resolves when it accepts connections. */
export async function startGateway(
  config: Config,
  secret: Buffer,
  given: {
    listeners: readonly (Listener & Partial<Endpoint>)[];
    tls: TlsTexts;
    /** Its own among the gateways, from 1. */
    number: number;
  },
  log: Logger,
): Promise<RunningGateway> {
  const { listeners, number } = given;
  const own = [
    ...listeners.flatMap(({ address, port }) => (address && port ? [{ address, port }] : [])),
    ...metricsEndpoints(config.metricsListen),
  ];
  const counters = new Counters();
  const usage = new UsageCounter();
  const loop = watchLoop(log);
  const { gatewayMemory, limits } = config;
  const overload = watchOverload({
    limits,
    sampler: sampleOverload({
      memoryBytes: gatewayMemory,
      heapBytes: heapBytes(gatewayMemory),
      connectionLimit: limits.connections,
    }),
    log,
    now: () => performance.now(),
  });
  const store = await openStore({
    dataDir: config.dataDir,
    secret,
    portal: config.portal,
    listeners: own,
    now: Date.now,
    onProblem: (problem) => log.error({ err: problem, alarm: true }, 'the store reports a problem'),
  });
  const certificates = startCertificates(given.tls);
  const audit = startAuditQueue(store, log);
  const live = new LiveRegistry();
  const sessions = new SessionCache((id) => loadSession(store, id));
  const upstreams = new UpstreamPools(config.limits);
  const lines = createLineLog(log, config.accessLog);
  // A change that comes before there is a context finds nothing open and nothing remembered.
  let apply = (_changes: readonly Change[]): void => {};
  const followed = await followSnapshot(store, log, (changes) => apply(changes), 'opened');
  const dialer = createDialer({
    site: (app) => followed.current().sitesById.get(app.siteId) ?? null,
    own: () => own,
    now: Date.now,
    log,
    counts: counters,
  });
  const context = await createContext({
    config,
    secret,
    store,
    log,
    audit,
    live,
    sessions,
    upstreams,
    followed,
    dialer,
    lines,
    counters,
    usage,
    overload,
  });
  apply = (changes) => {
    const { appsById, sitesById } = context.snapshot();
    dialer.sites.retain((id) => sitesById.has(id));
    upstreams.retain(
      (owner, route) => owner === 'portal' || (appsById.get(owner)?.traffic.routes.length ?? -1) > route,
    );
    upstreams.adopt(appsById);
    keepChecking(context);
    void applyChanges(context, changes);
  };
  const refusals = createRefusalLog(log);
  const listening = await listen(listeners, {
    limits: config.limits,
    overload,
    proxies: trustedProxies(config.trustedProxies),
    publicPort: () => config.portal,
    certificates: certificates.current,
    now: Date.now,
    onExchange: (exchange) => handle(context, exchange),
    onUpgrade: (request) => void handleUpgrade(context, request),
    onRefused: (code, ...who) => {
      counters.refused(code);
      usage.refused(code);
      refusals.add(code, ...who);
    },
  });
  overload.start(listening);
  const recording = startUsageQueue(store, usage, log, gatewayHealth({ number, loop, listening, live, counters }));
  // What it has open is believed while it says how it is.
  void recording.flush();
  const presence = startPresence(store, live, log, { gateway: number, startedAt: startedAt() });
  const sweeping = setInterval(() => sweep(context), SWEEP_MS);
  const touching = setInterval(() => void touch(context, store), TOUCH_MS);
  keepChecking(context);
  const checking = setInterval(() => keepChecking(context), KEEP_CHECKING_MS);
  const rotating = setInterval(() => void useCurrentKeys(context, store), KEYS_MS);
  return {
    addresses: listening.addresses,
    report: createGatewayReport({
      number,
      counters,
      loop,
      live,
      sessions,
      followed,
      listening,
      certificates,
      audit,
      upstreams,
      dial: dialer,
      shed: overload.shed,
      now: Date.now,
    }),
    heldNames: (appId) => tellHeldNames(dialer, context.snapshot().appsById, appId),
    useTls: (texts) => {
      certificates.use(texts);
      listening.reload();
    },
    reopenLogs: lines.reopen,
    drain: createDrain({
      listening,
      live,
      limits: config.limits,
      close: async () => {
        clearInterval(sweeping);
        clearInterval(touching);
        clearInterval(checking);
        clearInterval(rotating);
        refusals.stop();
        loop.stop();
        overload.stop();
        lines.flush();
        followed.stop();
        await touch(context, store);
        await recording.stop();
        await presence.stop();
        await audit.stop();
        upstreams.destroy();
        dialer.close();
        await store.close();
      },
    }),
  };
}

async function createContext(parts: {
  config: Config;
  secret: Buffer;
  store: Store;
  log: Logger;
  audit: AuditQueue;
  live: LiveRegistry;
  sessions: SessionCache;
  upstreams: UpstreamPools;
  followed: FollowedSnapshot;
  dialer: Dialer;
  lines: LineLog;
  counters: Counters;
  usage: UsageCounter;
  overload: Overload;
}): Promise<GatewayContext> {
  const { config, secret, store, log, audit, live, sessions, upstreams, followed, dialer, lines } = parts;
  const { counters, usage, overload } = parts;
  return {
    snapshot: followed.current,
    facts: () => ({ feedConfirmedAt: followed.confirmedAt() }),
    now: Date.now,
    log,
    access: (line) => {
      counters.finished(line);
      usage.finished(line);
      lines.write(accessText(line));
    },
    counters,
    usage,
    limits: config.limits,
    overload,
    via: viaPseudonym(secret),
    attemptKey: attemptKey(secret),
    grants: new Grants(secret),
    sessions,
    live,
    signer: new AssertionSigner(config.portal.origin, await currentSigningKeys(store)),
    dial: dialer,
    upstreams,
    portalSocketPath: portalSocket(config),
    redeemCode: (proof) => {
      const host = parseHostname(proof.host);
      if (!host) throw new Error('An admitted host is always a host name.');
      return redeemCode(store, { ...proof, host });
    },
    signOutOfApp: (sessionId, appId) => signOutOfApp(store, sessionId, appId),
    audit: (event) => {
      if (event.level === 'alarm') counters.alarm(event.action);
      audit.add(event);
    },
  };
}

async function useCurrentKeys(context: GatewayContext, store: Store): Promise<void> {
  try {
    context.signer.use(await currentSigningKeys(store));
  } catch (error) {
    context.log.error({ err: error, alarm: true }, 'the signing keys could not be read; the present ones go on');
  }
}

async function touch(context: GatewayContext, store: Store): Promise<void> {
  const seen = context.sessions.takeTouched();
  if (seen.length === 0) return;
  try {
    await touchSessions(store, seen);
  } catch (error) {
    context.sessions.giveBack(seen);
    context.log.warn({ err: error }, 'last-seen times could not be written; they are tried again');
  }
}

async function main(): Promise<void> {
  const started = startMessage();
  const read = readConfig(process.env);
  if (read.kind === 'invalid') throw new Error(read.problems.join(' '));
  const { config } = read;
  const log = createLog({ level: config.logLevel, program: 'gateway' });
  const loaded = loadSecret({ env: process.env, dataDir: config.dataDir });
  if (loaded.kind === 'invalid') throw new Error(loaded.sentence);
  const gateway = await startGateway(config, loaded.secret, await started, log);
  onTls(gateway.useTls);
  onReopen(gateway.reopenLogs);
  const { report } = gateway;
  answerQuestions({ [METRICS]: report.metrics, [STATE]: report.state, [HELD_NAMES]: gateway.heldNames });
  const drain = async (kind: DrainKind, graceMs?: number) => {
    await gateway.drain(kind, graceMs);
    await sayLastWords(report, log);
  };
  const leave = (kind: DrainKind, graceMs?: number) => void drain(kind, graceMs).then(() => process.exit(0));
  endOnBug(
    {
      stop: () => {
        sayLeaving();
        return drain('stop');
      },
    },
    log,
  );
  onEnd(() => {
    sayLeaving();
    leave('stop');
  });
  onRetire((graceMs) => leave('replaced', graceMs));
  sayReady();
}

/** What was counted since the last scrape is not to end with this process. */
async function sayLastWords(report: GatewayReport, log: Logger): Promise<void> {
  try {
    await tell(METRICS, { pid: process.pid, families: await report.metrics() } satisfies LastWords);
  } catch (err) {
    log.error({ err }, 'the last counts could not be told');
  }
}

if (import.meta.main) {
  main().catch((error) => {
    process.stderr.write(`gateway: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
    process.exit(1);
  });
}
