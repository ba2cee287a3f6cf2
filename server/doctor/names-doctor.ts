// The DNS doctor in the portal: looks once an hour and when somebody asks, one look at a time, and keeps what it finds.
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '#server/config.ts';
import { checkNames, type NamesCheck } from '#server/doctor/names/check.ts';
import type { NamesContext } from '#server/doctor/names/gather.ts';
import { shownCertificates } from '#server/doctor/names/shown-certificates.ts';
import type { FollowedSnapshot } from '#server/follow-snapshot.ts';
import type { Logger } from '#server/log.ts';
import { insideAddresses } from '#server/machine-addresses.ts';
import { readNameserverFile } from '#server/nameserver/file.ts';
import { machineServers } from '#server/path/public-lookup.ts';
import type { Store } from '#server/store/handle.ts';
import { beginNamesCheck, endNamesCheck, giveUpNamesCheck } from '#server/store/name-findings.ts';

export type NamesDoctor = {
  /** Looks now, or waits for the look that is under way. Resolves when there is nothing newer to wait for. */
  checkNames(): Promise<void>;
  /** Of the names of a look that is under way here; null when none is. */
  namesProgress(): { done: number; total: number } | null;
  stop(): void;
};

const HOUR_MS = 60 * 60_000;
/** After the start, when gateways and portal have their own work behind them. */
const FIRST_MS = 3 * 60_000;
/** Whoever asks twice in a moment gets what was found a moment ago. */
const ASKED_LEAST_AGE_MS = 5_000;

/** `random`: from 0 to 1, so that many installations do not ask the same servers in the same second. */
export function startNamesDoctor(
  context: () => NamesContext,
  { store, log, random = Math.random }: { store: Store; log: Logger; random?: () => number },
): NamesDoctor {
  const stopped = new AbortController();
  let progress: { done: number; total: number } | null = null;
  // A program that begins anew begins with the first name: that is no more often than it is started.
  let startAt: string | null = null;
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout;

  const look = async (leastAgeMs: number): Promise<void> => {
    if (!(await beginNamesCheck(store, leastAgeMs))) return;
    let found: NamesCheck | null = null;
    try {
      found = await checkNames(context(), {
        signal: stopped.signal,
        startAt,
        onProgress: (done, total) => {
          progress = { done, total };
        },
      });
    } finally {
      if (found === null || stopped.signal.aborted) await giveUpNamesCheck(store);
    }
    if (stopped.signal.aborted) return;
    startAt = found.endedAt;
    await endNamesCheck(store, found);
    const errors = found.findings.filter(({ level }) => level === 'error').length;
    const warnings = found.findings.length - errors;
    log.info({ names: found.names.length, errors, warnings, complete: found.isComplete }, 'names were looked at');
  };
  const lookOnce = async (leastAgeMs: number): Promise<void> => {
    try {
      await look(leastAgeMs);
    } catch (error) {
      // The store of a program that ends may be closed by now.
      if (!stopped.signal.aborted) log.warn({ err: error }, 'names could not be looked at');
    } finally {
      progress = null;
      running = null;
    }
  };
  const start = (leastAgeMs: number): Promise<void> => {
    running ??= lookOnce(leastAgeMs);
    return running;
  };
  const schedule = (inMs: number): void => {
    timer = setTimeout(() => {
      // A little less than the hour, or a look on time would count as one too many.
      void start(HOUR_MS * 0.8);
      schedule(HOUR_MS * (0.9 + 0.2 * random()));
    }, inMs);
    timer.unref();
  };
  schedule(FIRST_MS * (1 + random()));
  return {
    checkNames: () => start(ASKED_LEAST_AGE_MS),
    namesProgress: () => progress,
    stop() {
      stopped.abort();
      clearTimeout(timer);
    },
  };
}

/** Certificates are read anew for each look: they may have been renewed. */
export function namesContext(
  config: Config,
  followed: Pick<FollowedSnapshot, 'current'>,
  kept: Pick<NamesContext, 'cluster' | 'deletedApps'>,
  log: Logger,
): NamesContext {
  return {
    ...kept,
    portal: config.portal,
    gatewayName: config.gatewayName,
    publicDns: config.publicDns,
    insideDns: () => (config.insideDns.length > 0 ? config.insideDns : machineServers()),
    caFile: config.upstreamCaFile,
    ownAddresses: [...insideAddresses(config.listen), ...answeredInside(config.nameserverFile, log)],
    certificateOf: shownCertificates(config, Date.now()),
    snapshot: followed.current,
    now: Date.now,
    log,
  };
}

/** Where the nameserver of this machine leads people inside; what is wrong in its file is said where it is used. */
function answeredInside(path: string | null, log: Logger): readonly string[] {
  if (path === null || !existsSync(path)) return [];
  try {
    const read = readNameserverFile(readFileSync(path, 'utf8'), dirname(path));
    return read.kind === 'invalid' ? [] : (read.file.gateway?.inside ?? []);
  } catch (error) {
    log.warn({ err: error }, 'FOYER_NAMESERVER_FILE cannot be read: names are looked at without its inside addresses');
    return [];
  }
}
