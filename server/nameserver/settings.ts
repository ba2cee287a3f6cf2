// What `foyer nameserver` is told by its environment: the file, how much to log, and where this machine's Foyer is, if there is one.
import { resolve } from 'node:path';
import { type Config, type Environment, type LogLevel, readConfig, readLogLevel } from '#server/config.ts';

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
