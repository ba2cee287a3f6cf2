// What happens when the nameserver's files change: read again one after the other, used as a whole, or left as it was with one line that says why.
import { nameText } from '#server/dns/name.ts';
import type { LocalZone, Names } from '#server/dns/names.ts';
import type { Logger } from '#server/log.ts';
import { machineAddresses } from '#server/machine-addresses.ts';
import type { NameserverFile } from './file.ts';
import type { DnsListeners } from './listeners.ts';
import type { NameserverMetrics } from './metrics.ts';
import type { ResolvedFollower, ResolvedLink } from './resolved.ts';
import { filesOf, listsOf, type NameserverSetup, readSetup, wantedListeners } from './setup.ts';
import type { NameserverSources } from './sources.ts';
import type { FileWatch } from './watch-files.ts';

export type NameserverReload = {
  /** For the first time; a sentence where we cannot listen. */
  begin(): Promise<string | null>;
  /** Everything is read again, by an operator's own word. Returns at once; one runs after the other. */
  ask(): void;
  /** What others know has changed; it counts at once. */
  followed(): void;
  /** Settles when what was asked for is done; nothing is done by itself any more. */
  end(): Promise<void>;
};

export type ReloadParts = {
  /** The configuration file; null where there is none. */
  path: string | null;
  sources: NameserverSources;
  listeners: DnsListeners;
  resolved: ResolvedFollower;
  metrics: Pick<NameserverMetrics, 'use'>;
  watch: FileWatch;
  log: Logger;
};

/** Addresses and links of the machine come and go, and the file may say: all of them. */
const LOOK_MS = 60_000;
const RESOLV_CONF = '/etc/resolv.conf';

export function createNameserverReload({
  path,
  sources,
  listeners,
  resolved,
  metrics,
  watch,
  log,
}: ReloadParts): NameserverReload {
  let turn: Promise<void> = Promise.resolve();
  let hasEnded = false;
  let looking: NodeJS.Timeout | undefined;

  const listen = (setup: NameserverSetup) => listeners.use(wantedListeners(setup, machineAddresses()));

  const open = async (setup: NameserverSetup) => (await metrics.use(setup.file.metrics)) ?? (await listen(setup));

  /** Watched before they are read, so that no change is missed. */
  const watchAll = (isRead?: (file: string) => boolean) =>
    watch.use([...filesOf(path, sources.setup()), ...listsOf(sources.setup()), RESOLV_CONF], isRead);

  const readLists = async (isChanged: (file: string) => boolean, isAsked: boolean) => {
    await watchAll();
    await sources.readLists(isChanged, { isAsked });
  };

  /** Reports whether it could be used. */
  const readFile = async (): Promise<boolean> => {
    const read = readSetup(path, log);
    const problem = read.kind === 'invalid' ? read.problems.join(' ') : await open(read.setup);
    if (problem !== null) {
      await metrics.use(sources.setup().file.metrics);
      log.error({ alarm: true }, `reload: the last good configuration stays. ${problem}`);
    } else if (read.kind === 'setup') sources.takeSetup(read.setup);
    return problem === null;
  };

  const takeEffect = async () => {
    sources.takeOwn(listeners.plain());
    sources.swap();
    await pointResolved({ isLook: false });
  };

  const pointResolved = (options: { isLook: boolean }) =>
    resolved.use(resolvedLink(sources.setup().file, sources.names()), listeners.plain()[0] ?? null, options);

  const reload = async (isChanged: (file: string) => boolean, isAsked: boolean) => {
    await watchAll(isChanged);
    const isUsed = filesOf(path, sources.setup()).some(isChanged) ? await readFile() : true;
    await readLists(isChanged, isAsked);
    await takeEffect();
    const { block, local, routes } = sources.names();
    const known = { blocked: block.size, local: local.length, zones: routes.length };
    log.info(known, isUsed ? 'reload: done' : 'reload: done, with the configuration of before');
  };

  const lookAgain = async () => {
    const problem = await listen(sources.setup());
    if (problem !== null) log.error({ alarm: true }, `an address of this machine cannot be listened on: ${problem}`);
    // The link may have come since.
    await pointResolved({ isLook: true });
  };

  const inTurn = (work: () => Promise<void>) => {
    if (!hasEnded) turn = turn.then(work);
  };

  return {
    async begin() {
      await readLists(() => true, false);
      sources.swap();
      const problem = await open(sources.setup());
      if (problem !== null) return problem;
      inTurn(takeEffect);
      await turn;
      looking = setInterval(() => inTurn(lookAgain), LOOK_MS);
      watch.start((files) => inTurn(() => reload((file) => files.includes(file), false)));
      return null;
    },
    ask: () => inTurn(() => reload(() => true, true)),
    followed() {
      sources.swap();
      inTurn(() => pointResolved({ isLook: true }));
    },
    async end() {
      hasEnded = true;
      clearInterval(looking);
      watch.stop();
      await turn;
    },
  };
}

/** Everything, where we know everything; else what we know. Null where that is nothing: a link without domains would be asked for all. */
function resolvedLink({ resolved }: NameserverFile, { hosted, local, routes, upstreams }: Names): ResolvedLink | null {
  if (resolved === null || resolved.domains.length > 0) return resolved;
  const known = [
    ...routes.map(({ zone }) => zone),
    ...local.filter((each) => !isOfAddresses(each)).flatMap(({ search, zone }) => [zone.origin, ...search]),
    ...hosted.map(({ origin }) => origin),
  ];
  const domains = upstreams === null ? [...new Set(known.map((name) => `~${nameText(name)}`))] : ['~.'];
  return domains.length === 0 ? null : { link: resolved.link, domains };
}

/** The names of our own addresses: their neighbours' are somebody else's, whom resolved could not ask any more. */
function isOfAddresses({ covers, zone }: LocalZone): boolean {
  return covers === 'exact' && zone.origin.at(-1) === 'arpa';
}
