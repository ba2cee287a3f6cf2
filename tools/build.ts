// `npm run build`: builds the portal's pages into .next when they are missing or older than their sources, and only then.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, globSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildShell } from './build-shell.ts';
import { setAsidePrevious } from './previous-release.ts';

const ROOT = join(import.meta.dirname, '..');
const STAMP = join(ROOT, '.next/foyer-stamp');
// Next empties .next, so the turn is kept elsewhere.
const TURN = join(ROOT, 'node_modules/.foyer-building');
const ASIDE = join(ROOT, 'node_modules/.foyer-previous-static');

/** What ends up in the bundles, or decides how they are made. */
const SOURCES = [
  'app/**/*',
  'public/**/*',
  'server/core/**/*.ts',
  'server/store/**/*.ts',
  'package-lock.json',
  'tsconfig.json',
  'next.config.*',
  'postcss.config.*',
  'instrumentation.ts',
  'tools/build*.ts',
];

const wanted = stampOfSources();
if (!isFresh()) {
  if (mayBuild()) await buildInTurn();
  else {
    const owner = `Run \`npm run build\` as the owner of ${ROOT}.`;
    process.stderr.write(`The portal’s pages are missing or older than their sources. ${owner}\n`);
    process.exitCode = 1;
  }
}

/** Whoever Foyer runs as need not be who installed it. */
function mayBuild(): boolean {
  const next = join(ROOT, '.next');
  try {
    for (const folder of [join(ROOT, 'node_modules'), existsSync(next) ? next : ROOT])
      accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function buildInTurn(): Promise<void> {
  await takeTurn();
  try {
    // Another one may have built the same in the meantime.
    if (!isFresh()) await build();
  } finally {
    rmSync(TURN, { force: true });
  }
}

/** One build at a time: tests and a demo may start together. A turn whose process is gone is free. */
async function takeTurn(): Promise<void> {
  const mine = `${TURN}-${process.pid}`;
  writeFileSync(mine, String(process.pid));
  for (;;) {
    try {
      // A link appears with its content, or not at all.
      linkSync(mine, TURN);
      rmSync(mine);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (!isAlive(Number(readTurn()))) rmSync(TURN, { force: true });
    else await delay(100);
  }
}

function readTurn(): string {
  try {
    return readFileSync(TURN, 'utf8');
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

function isFresh(): boolean {
  return existsSync(join(ROOT, '.next/BUILD_ID')) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted;
}

async function build(): Promise<void> {
  const startedAt = performance.now();
  process.stderr.write('Building the portal …\n');
  const previous = setAsidePrevious(join(ROOT, '.next'), ASIDE);
  const result = spawnSync(process.execPath, [join(ROOT, 'node_modules/next/dist/bin/next'), 'build'], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}\n`);
    process.stderr.write('The portal could not be built; Next’s own words are above.\n');
    process.exitCode = 1;
    return;
  }
  await buildShell();
  previous.putBack();
  writeFileSync(STAMP, wanted);
  process.stderr.write(`Built in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.\n`);
}

/** By content: times say nothing after a checkout. Tests are no part of a page. */
function stampOfSources(): string {
  const hash = createHash('sha256');
  const entries = globSync(SOURCES, { cwd: ROOT, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.filter((path) => !/\.(test|testing)\.tsx?$/.test(path)).sort()) {
    hash.update(`\0${file.slice(ROOT.length)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex');
}
