// What `foyer nameserver` is told by its environment: the file, how much to log, and where this machine's Foyer is, if there is one.
import { resolve } from 'node:path';
import {
  type Config,
  type Environment,
  type LogLevel,
  readConfig,
  readLogLevel,
  unknownVariables,
} from '#server/config.ts';
import type { Logger } from '#server/log.ts';

export type NameserverSettings = {
  /** Null: everything is at its default. */
  file: string | null;
  logLevel: LogLevel;
  /** Null where nothing says which Foyer this is: then the file alone counts. */
  foyer: Config | null;
};

export type ReadSettings =
  | { kind: 'settings'; settings: NameserverSettings }
  | { kind: 'invalid'; problems: readonly string[] };

/** Null where none is named. `config` is the file of the command line; it goes before the environment's. */
export function nameserverPath(env: Environment, { config }: { config?: string }): string | null {
  const named = config ?? env.FOYER_NAMESERVER_FILE?.trim() ?? '';
  return named === '' ? null : resolve(named);
}

export function readNameserverSettings(env: Environment, options: { config?: string }): ReadSettings {
  const file = nameserverPath(env, options);
  if (env.FOYER_PORTAL_URL?.trim()) {
    const read = readConfig(env, { takesBrowsers: false });
    if (read.kind === 'invalid') return read;
    return { kind: 'settings', settings: { file, logLevel: read.config.logLevel, foyer: read.config } };
  }
  const problems: string[] = [];
  const logLevel = readLogLevel(env.FOYER_LOG_LEVEL?.trim() || null, problems);
  return problems.length > 0
    ? { kind: 'invalid', problems }
    : { kind: 'settings', settings: { file, logLevel, foyer: null } };
}

/** What is set and does nothing, which is probably not what was meant. `isElsewhere`: a portal is followed that runs on another machine. */
export function warnOfSettings(env: Environment, isElsewhere: boolean, log: Logger): void {
  const variables = unknownVariables(env);
  if (variables.length > 0) log.warn({ variables }, 'these variables mean nothing to Foyer: check their spelling');
  if (env.FOYER_DATA_DIR?.trim() && !env.FOYER_PORTAL_URL?.trim() && !isElsewhere)
    log.warn('FOYER_DATA_DIR alone names no Foyer, so none is followed: set FOYER_PORTAL_URL as for foyer start');
}
