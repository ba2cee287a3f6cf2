// `foyer nameserver`: wires the engine to its sockets, its files and this machine's Foyer.
import type { Config, Environment } from './config.ts';
import type { Endpoint } from './core/app.ts';
import { createEngine } from './dns/engine.ts';
import { createLog, type Logger } from './log.ts';
import { followExchange } from './nameserver/exchange.ts';
import { type PortalOptions, portalSource } from './nameserver/follow-portal.ts';
import { createDnsListeners } from './nameserver/listeners.ts';
import { createNameserverMetrics } from './nameserver/metrics.ts';
import type { FollowNames } from './nameserver/names.ts';
import { createNameserverReload } from './nameserver/reload.ts';
import { followResolved } from './nameserver/resolved.ts';
import { type NameserverSettings, readNameserverSettings, warnOfSettings } from './nameserver/settings.ts';
import { readSetup } from './nameserver/setup.ts';
import { createSources } from './nameserver/sources.ts';
import { watchFiles } from './nameserver/watch-files.ts';
import { endOnBug, endOnSignals } from './signals.ts';

/** Returns the problems, one sentence each; an empty list once it answers. */
export async function nameserver(
  options: { config?: string } & PortalOptions,
  env: Environment,
): Promise<readonly string[]> {
  // Until it answers, everything is read for the first time anyway.
  process.on('SIGHUP', () => {});
  const read = readNameserverSettings(env, options);
  if (read.kind === 'invalid') return read.problems;
  const log = createLog({ level: read.settings.logLevel, program: 'nameserver' });
  const elsewhere = portalSource(options, env, log);
  if (elsewhere.kind === 'invalid') return [elsewhere.sentence];
  warnOfSettings(env, elsewhere.follow !== null, log);
  const started = await startNameserver(read.settings, env, log, elsewhere.follow ?? undefined);
  if (started.kind === 'refused') return started.problems;
  const { nameserver } = started;
  endOnSignals({ stop: nameserver.stop, kill: () => {}, reload: nameserver.reload });
  endOnBug(nameserver, log);
  return [];
}

export type Nameserver = {
  /** Where queries are taken by UDP and TCP: the real ports. */
  listening(): readonly Endpoint[];
  /** Everything is read again; what cannot be used stays as it was. */
  reload(): void;
  stop(): Promise<void>;
};

/** `stateDir` is where it may keep files of its own: the Foyer's data directory unless another one is given. */
export type NameserverPlace = Pick<NameserverSettings, 'file' | 'foyer'> & { stateDir?: string | null };

export type StartedNameserver =
  | { kind: 'running'; nameserver: Nameserver }
  | { kind: 'refused'; problems: readonly string[] };

export async function startNameserver(
  { file: path, foyer, stateDir = foyer?.dataDir ?? null }: NameserverPlace,
  env: Environment,
  log: Logger,
  follow: FollowNames | null = foyer && followStore(foyer, env, log),
): Promise<StartedNameserver> {
  const watch = watchFiles();
  await watch.use(path === null ? [] : [path]);
  const read = readSetup(path, log);
  if (read.kind === 'invalid') {
    watch.stop();
    return { kind: 'refused', problems: read.problems };
  }
  const sources = createSources(read.setup, stateDir, log);
  const { exchange, close: closeExchange } = followExchange(() => sources.setup().upstreamCa);
  const engine = createEngine({
    names: sources.names,
    exchange,
    now: Date.now,
    log,
    mayAsk: (client) => sources.setup().mayAsk(client),
    perSecond: () => sources.setup().file.queriesPerSecond,
  });
  const listeners = createDnsListeners(engine, log);
  const resolved = followResolved(log);
  const metrics = createNameserverMetrics({ view: engine.view, isReady: () => listeners.plain().length > 0 }, log);
  const reload = createNameserverReload({ path, sources, listeners, resolved, metrics, watch, log });
  const followed = (await follow?.(reload.followed)) ?? null;
  sources.follow(followed);
  if (followed === null && sources.setup().file.gateway?.names.length === 0)
    log.warn(
      'no name is known that leads to the gateway, so none is answered with its inside address: name the portal with --portal and --token-file, or list names under "gateway" in the file',
    );
  const stop = async () => {
    await reload.end();
    await resolved.stop();
    await listeners.close();
    await followed?.stop();
    await metrics.close();
    engine.close();
    closeExchange();
  };
  const refused = await reload.begin();
  if (refused !== null) {
    await stop();
    return { kind: 'refused', problems: [refused] };
  }
  const reloadAll = () => {
    log.info('reload: every file is read again');
    reload.ask();
  };
  return { kind: 'running', nameserver: { listening: listeners.plain, reload: reloadAll, stop } };
}

/** What reads the store is loaded where there is one to follow: it takes 10 MB. */
function followStore(foyer: Config, env: Environment, log: Logger): FollowNames {
  return async (onChange) => {
    const { followStoreNames } = await import('./nameserver/follow-store.ts');
    return followStoreNames(foyer, env, log, onChange);
  };
}
