// Installs the packages of a fresh clone, or of one whose lock file has moved on; plain JavaScript that Node 20.9 can read.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fail, ROOT } from './runtime.js';

/** `tools` says that the packages of tests and tools are needed too; without it, a production install is left as it is. */
export function ensureInstalled({ tools }) {
  if (isInstalled({ tools })) return;
  process.stderr.write('Installing packages: once, about a minute …\n');
  const npm = npmCommand(['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  const result = spawnSync(npm.command, npm.args, {
    cwd: ROOT,
    encoding: 'utf8',
    shell: npm.shell,
    maxBuffer: 1 << 26,
  });
  if (result.status === 0) return;
  process.stderr.write(
    `${result.stdout ?? ''}${result.stderr ?? ''}${result.error ? `${result.error.message}\n` : ''}`,
  );
  fail('The packages could not be installed; npm’s own words are above. Check the connection, then try again.');
}

/** Compares what npm noted about node_modules with the lock file, package by package: times lie after a checkout. */
function isInstalled({ tools }) {
  const wanted = packagesOf('package-lock.json');
  const present = packagesOf('node_modules/.package-lock.json');
  if (!wanted) return true;
  if (!present) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || entry.link) return true;
    const found = present[path];
    if (!found) return Boolean(entry.optional || entry.devOptional || entry.peer || (entry.dev && !tools));
    return found.version === entry.version;
  });
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(join(ROOT, file), 'utf8')).packages;
  } catch {
    return null;
  }
}

/** Under `npm run` the npm that is running; otherwise the one on the PATH. */
function npmCommand(args) {
  const script = process.env.npm_execpath;
  if (script?.endsWith('npm-cli.js')) return { command: process.execPath, args: [script, ...args], shell: false };
  return { command: 'npm', args, shell: process.platform === 'win32' };
}
