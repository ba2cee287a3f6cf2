// The doctor looks at the machine: Node's version, the clock, the data directory, the secret, the listening ports.
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { formatListen } from '../config/listen-address.ts';
import type { Config, Environment } from '../config.ts';
import { isDataDirLocked } from '../store/lock.ts';
import { loadSecret } from '../store/secret.ts';
import { bindListeners } from '../supervisor/listeners.ts';
import { error, type Finding, ok, warning } from './finding.ts';

/** The first versions without the known weaknesses in TLS resumption and HTTP/2 memory. */
const SAFE_VERSIONS: readonly (readonly [number, number, number])[] = [
  [24, 22, 3],
  [26, 13, 1],
];

export function checkNode(version: string): Finding {
  const parts = version.replace(/^v/, '').split('.').map(Number);
  const [major = 0, minor = 0, patch = 0] = parts;
  const floor = SAFE_VERSIONS.find(([line]) => line === major);
  const isSafe = floor
    ? minor > floor[1] || (minor === floor[1] && patch >= floor[2])
    : major > (SAFE_VERSIONS.at(-1)?.[0] ?? 0);
  if (isSafe) return ok('node', `Node ${version} is new enough.`);
  const advice = SAFE_VERSIONS.map((safe) => safe.join('.')).join(' or ');
  return warning(
    'node',
    `Node ${version} has known weaknesses in TLS and HTTP/2: install ${advice}, or newer, and Foyer will take it.`,
  );
}

/** `newestFileAt`: when something was last written here, which cannot be in the future. */
export function checkClock(now: number, newestFileAt: number | null, isSynchronized: boolean | null): Finding {
  if (newestFileAt !== null && newestFileAt > now + 60_000)
    return error(
      'clock',
      `The clock says ${new Date(now).toISOString()}, but the data directory was written later than that: set the clock, sessions and certificates depend on it.`,
    );
  if (isSynchronized === false)
    return warning(
      'clock',
      'The clock is not synchronised: turn on time synchronisation (timedatectl set-ntp true), sessions and certificates depend on it.',
    );
  return ok('clock', `The clock says ${new Date(now).toISOString()}${isSynchronized ? ' and is synchronised' : ''}.`);
}

/** Null where the system does not say. */
export function clockIsSynchronized(): boolean | null {
  try {
    const args = ['show', '--property=NTPSynchronized', '--value'];
    const said = execFileSync('timedatectl', args, {
      encoding: 'utf8',
      timeout: 2_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return said.trim() === 'yes' ? true : said.trim() === 'no' ? false : null;
  } catch {
    return null;
  }
}

export function newestFile(folder: string): number | null {
  if (!existsSync(folder)) return null;
  const times = readdirSync(folder).map(
    (name) => statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  );
  return times.length === 0 ? null : Math.max(...times);
}

export function checkDataDir(dataDir: string): Finding {
  let stat: Stats | undefined;
  try {
    stat = statSync(dataDir, { throwIfNoEntry: false });
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    return error(
      'data-directory',
      `${dataDir} may not be looked at (${code}): run foyer as the user that Foyer runs as.`,
    );
  }
  if (!stat) return warning('data-directory', `${dataDir} does not exist yet: foyer start makes it.`);
  if (!stat.isDirectory())
    return error('data-directory', `${dataDir} is not a directory: name another one in FOYER_DATA_DIR.`);
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return error('data-directory', `This user may not write to ${dataDir}: give it to the user that Foyer runs as.`);
  }
  if ((stat.mode & 0o077) !== 0 && process.platform !== 'win32')
    return warning(
      'data-directory',
      `Other users of this machine may look into ${dataDir}, where sessions and keys live: chmod 700 ${dataDir}`,
    );
  if (stat.uid !== (process.getuid?.() ?? stat.uid))
    return warning(
      'data-directory',
      `${dataDir} belongs to another user of this machine (${stat.uid}): run foyer as the one that Foyer runs as.`,
    );
  return ok('data-directory', `${dataDir} is there and nobody else’s.`);
}

/** Looks only: a secret that is not there is made by `foyer start`. */
export function checkSecret(env: Environment, dataDir: string): Finding {
  const isGiven = env.FOYER_SECRET_KEY !== undefined || env.FOYER_SECRET_KEY_FILE !== undefined;
  if (!isGiven && !existsSync(join(dataDir, 'secret.key'))) {
    if (existsSync(join(dataDir, 'foyer.db')))
      return error(
        'secret',
        `There is a store in ${dataDir} but its secret.key is gone: bring it back from a backup, or name it in FOYER_SECRET_KEY_FILE.`,
      );
    return warning('secret', 'There is no secret key yet: foyer start makes one in the data directory.');
  }
  const loaded = loadSecret({ env, dataDir });
  return loaded.kind === 'secret' ? ok('secret', 'The secret key is good.') : error('secret', loaded.sentence);
}

/** A port that is taken is right when Foyer has it. */
export function checkPorts(config: Config): Finding[] {
  const isRunning = isDataDirLocked(config.dataDir);
  const findings = config.listen.map((address): Finding => {
    const bound = bindListeners([address]);
    const where = formatListen(address);
    if (bound.kind === 'bound') {
      bound.close();
      return isRunning
        ? error('port', `Foyer runs, but not on ${where}: start it again with this configuration.`)
        : ok('port', `${where} is free for Foyer.`);
    }
    if (isRunning && bound.code === 'EADDRINUSE') return ok('port', `${where} is taken, and Foyer runs.`);
    return error('port', bound.sentence);
  });
  const { portal, listen, trustedProxies } = config;
  const isReached = listen.some(({ port, tls }) => port === portal.port && tls === (portal.scheme === 'https'));
  if (!isReached && trustedProxies.length === 0)
    findings.push(
      warning(
        'port',
        `Browsers look for the portal on port ${portal.port}, and Foyer does not listen there: forward that port to ${listen.map(formatListen).join(' or ')}, or change FOYER_LISTEN.`,
      ),
    );
  return findings;
}
