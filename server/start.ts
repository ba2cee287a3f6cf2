// `foyer start`: from the environment to a running, supervised Foyer, or to the sentences that say why not.

import { upstreamCaProblem } from './certificates.ts';
import { openHeartbeat } from './cluster/beat.ts';
import { formatListen } from './config/listen-address.ts';
import { type Environment, readConfig } from './config.ts';
import { tryLog } from './log/log-file.ts';
import { createLog } from './log.ts';
import { observe } from './metrics/observe.ts';
import { buildPortal } from './portal/build.ts';
import { firstAdminLink, prepare, withStore } from './prepare.ts';
import { endOnBug, endOnSignals } from './signals.ts';
import { supervise } from './supervisor/supervise.ts';

/** Returns the problems, one sentence each; an empty list once Foyer runs. */
export async function start(env: Environment): Promise<readonly string[]> {
  // Until there is something to reload, a reload has nothing to do: everything is read for the first time.
  process.on('SIGHUP', () => {});
  const read = readConfig(env);
  if (read.kind === 'invalid') return read.problems;
  const { config } = read;
  const log = createLog({ level: config.logLevel, program: 'supervisor' });
  const untrusted = config.upstreamCaFile === null ? null : upstreamCaProblem(config.upstreamCaFile);
  if (untrusted) return [untrusted];
  const notBuilt = buildPortal();
  if (notBuilt) return [notBuilt];
  const prepared = await prepare(config, env);
  if (prepared.kind === 'refused') return [prepared.sentence];
  const unusable = config.accessLog.kind === 'file' ? tryLog(config.accessLog.path) : null;
  if (unusable) return [`FOYER_ACCESS_LOG: ${unusable} Make its directory for this user, or name another file.`];
  if (prepared.madeSecretFile)
    log.info({ file: prepared.madeSecretFile }, 'a secret key was made: back it up with the data directory');
  if (prepared.restored) log.warn({ alarm: true }, prepared.restored);
  const link = await withStore(config, prepared.secret, firstAdminLink);
  const observed = await observe(config, log);
  if (observed.kind === 'refused') return [observed.sentence];
  const { observer } = observed;
  const heartbeat = await openHeartbeat(config, prepared.secret, log);
  const supervised = await supervise({ config, env: { ...env, ...observer.env }, log, onTold: observer.told });
  if (supervised.kind === 'refused') {
    await heartbeat.stop();
    await observer.close();
    return [supervised.sentence];
  }

  const { supervisor } = supervised;
  observer.watch(supervisor);
  heartbeat.start(supervisor);
  const actions = {
    ...supervisor,
    stop: async () => {
      observer.drain();
      await heartbeat.stop();
      await supervisor.stop();
      await observer.close();
    },
  };
  endOnSignals(actions);
  endOnBug(actions, log);
  log.info(
    {
      portal: config.portal.origin,
      listen: supervisor.listeners.map(formatListen),
      gateways: config.gateways,
      metrics: observer.origin,
    },
    'Foyer is ready',
  );
  // For a person, and a secret: stdout has lines of JSON alone, and is often kept.
  if (link)
    process.stderr.write(
      `\nNobody administers Foyer yet. Open this link within the hour; it works once:\n\n  ${link}\n\n(foyer admin link makes another.)\n\n`,
    );
  return [];
}
