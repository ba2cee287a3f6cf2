// The names that this machine's Foyer knows: followed in its store, which may come later than the nameserver.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ClusterWatch, watchCluster } from '#server/cluster/watch.ts';
import type { Config, Environment } from '#server/config.ts';
import { FEED_MAX_AGE_MS } from '#server/core/authorize.ts';
import { aliasZone } from '#server/dns/alias-zone.ts';
import { type Name, nameFromHostname, nameText, parseName, sameName } from '#server/dns/name.ts';
import type { LocalZone } from '#server/dns/names.ts';
import { type FollowedSnapshot, followSnapshot } from '#server/follow-snapshot.ts';
import type { Logger } from '#server/log.ts';
import { openStore, type Store } from '#server/store/handle.ts';
import { readNames } from '#server/store/names.ts';
import { loadSecret } from '#server/store/secret.ts';
import { machineZone } from './machine-zone.ts';
import { type FollowedNames, type FoyerNames, gatewayHosts, NO_FOYER } from './names.ts';

const RETRY_MS = 5_000;
/** Machines that were not seen for long leave the list by the clock. */
const MACHINES_MS = 60_000;

/** Resolves when the store was opened or could not be; then it is tried again. `onChange` is told when the names may be others. */
export async function followStoreNames(
  config: Config,
  env: Environment,
  log: Logger,
  onChange: () => void,
): Promise<FollowedNames> {
  const kept = keptZones(config.dataDir, log);
  let opened: Opened | null = null;
  let timer: NodeJS.Timeout | undefined;
  let said = '';
  let isStopped = false;

  /** The same trouble again is no news. */
  const say = (sentence: string) => {
    if (sentence !== said) log.warn(`the names of this machine’s Foyer are not known yet: ${sentence}`);
    said = sentence;
  };

  const changed = () => {
    if (opened !== null) kept.write(opened.current());
    onChange();
  };

  const open = async (): Promise<void> => {
    const tried = await openNames(config, env, log, changed);
    if (tried.kind === 'opened') {
      opened = tried;
      kept.write(opened.current());
      log.info('the names of this machine’s Foyer are followed');
      return;
    }
    say(tried.sentence);
    if (isStopped) return;
    timer = setTimeout(() => {
      opening = open().then(() => (opened === null ? undefined : onChange()));
    }, RETRY_MS);
  };

  // What was ours is asked for nowhere else meanwhile: SERVFAIL is asked again, an absence would be remembered (F7).
  const notYet: FoyerNames = {
    ...NO_FOYER,
    gatewayHosts: gatewayHosts({ portal: config.portal, appsById: new Map() }, config.gatewayName),
    hosted: kept.read().map((zone) => ({ ...zone, zoneFor: () => null })),
  };
  let opening: Promise<void> = open();
  await opening;
  return {
    current: () => opened?.current() ?? notYet,
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await opening;
      await opened?.stop();
    },
  };
}

type KeptZone = { origin: Name; isEnding: boolean };

/** The zones that were answered for last, and the endings that stand for them (`*.ztna`), for a start before the store can be read. */
function keptZones(dataDir: string, log: Logger): { read(): readonly KeptZone[]; write(names: FoyerNames): void } {
  const path = join(dataDir, 'nameserver-zones');
  let written: string | null = null;
  return {
    read() {
      try {
        return readFileSync(path, 'utf8')
          .split('\n')
          .flatMap((line): KeptZone[] => {
            const isEnding = line.startsWith('*.');
            const origin = parseName(isEnding ? line.slice(2) : line);
            return origin === null || origin.length === 0 ? [] : [{ origin, isEnding }];
          });
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
          log.warn({ err: error }, `the zones of before cannot be read from ${path}`);
        return [];
      }
    },
    write({ hosted, machines }) {
      const origins = [...hosted.map(({ origin }) => origin), ...machines.map(({ zone }) => zone.origin)].map(nameText);
      const endings = machines.flatMap(({ search }) => search.map((ending) => `*.${nameText(ending)}`));
      const text = [...origins, ...endings].map((line) => `${line}\n`).join('');
      if (text === written) return;
      written = text;
      try {
        writeFileSync(`${path}.new`, text, { mode: 0o600 });
        renameSync(`${path}.new`, path);
      } catch (error) {
        log.warn({ err: error }, `the zones cannot be kept for the next start, in ${path}`);
      }
    },
  };
}

type Opened = { kind: 'opened'; current(): FoyerNames; stop(): Promise<void> };

async function openNames(
  config: Config,
  env: Environment,
  log: Logger,
  onChange: () => void,
): Promise<Opened | { kind: 'refused'; sentence: string }> {
  // Without a store there is no secret either, and asking for one would make it.
  if (!existsSync(join(config.dataDir, 'foyer.db')))
    return { kind: 'refused', sentence: `There is no store in ${config.dataDir}. Run foyer start, which makes it.` };
  const loaded = loadSecret({ env, dataDir: config.dataDir });
  if (loaded.kind === 'invalid') return { kind: 'refused', sentence: loaded.sentence };
  let store: Store | null = null;
  try {
    store = await openStore({
      dataDir: config.dataDir,
      secret: loaded.secret,
      portal: config.portal,
      now: Date.now,
      onProblem: (problem) => log.error({ err: problem, alarm: true }, 'the store reports a problem'),
    });
    return await follow(store, config, log, onChange);
  } catch (error) {
    await store?.close();
    return { kind: 'refused', sentence: error instanceof Error ? error.message : String(error) };
  }
}

async function follow(store: Store, config: Config, log: Logger, onChange: () => void): Promise<Opened> {
  let machines: readonly LocalZone[] = await readMachines(store, log);
  let reading: Promise<void> = Promise.resolve();
  const readAgain = () => {
    reading = reading.then(async () => {
      machines = await readMachines(store, log, machines);
      onChange();
    });
  };
  const snapshot = await followSnapshot(store, log, readAgain);
  const cluster = await watchCluster({ store, log, node: config.clusterNode, onZones: onChange });
  const timer = setInterval(readAgain, MACHINES_MS);
  return {
    kind: 'opened',
    current: () => namesOf(snapshot, { machines, cluster, config }),
    async stop() {
      clearInterval(timer);
      snapshot.stop();
      await cluster.stop();
      await reading;
      await store.close();
    },
  };
}

/** What cannot be read leaves the machines of before. */
async function readMachines(
  store: Store,
  log: Logger,
  before: readonly LocalZone[] = [],
): Promise<readonly LocalZone[]> {
  try {
    const read = machineZone(await readNames(store));
    if (read.kind === 'zone') return [read.zone];
    log.error({ alarm: true }, `the machines’ names cannot be answered: ${read.problem}.`);
  } catch (error) {
    log.error({ err: error, alarm: true }, 'the machines’ names could not be read; those of before stay');
  }
  return before;
}

/** Aliases are an authority's word: what may have changed long since is not said (SERVFAIL). */
function namesOf(
  followed: FollowedSnapshot,
  { machines, cluster, config }: { machines: readonly LocalZone[]; cluster: ClusterWatch; config: Config },
): FoyerNames {
  const snapshot = followed.current();
  const { gatewayName } = config;
  const isCurrent = () => Date.now() - followed.confirmedAt() < FEED_MAX_AGE_MS;
  const own = gatewayName === null ? null : nameFromHostname(gatewayName);
  const gateway = own ? cluster.zones().find(({ origin }) => sameName(origin, own)) : undefined;
  const aliases = aliasZone(snapshot, isCurrent, gateway);
  return {
    gatewayHosts: gatewayHosts(snapshot, config.gatewayName),
    gateway: own,
    machines,
    hosted: [...cluster.zones(), ...(aliases === null ? [] : [aliases])],
  };
}
