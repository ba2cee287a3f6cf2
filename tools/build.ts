// `npm run build`: builds the portal's pages into .next when they are missing or older than their sources, and only then.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const STAMP = join(ROOT, '.next/foyer-stamp');

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
  'proxy.ts',
];

const wanted = stampOfSources();
if (!isFresh()) build();

function isFresh(): boolean {
  return existsSync(join(ROOT, '.next/BUILD_ID')) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted;
}

function build(): void {
  const startedAt = performance.now();
  process.stderr.write('Building the portal …\n');
  const result = spawnSync(process.execPath, [join(ROOT, 'node_modules/next/dist/bin/next'), 'build'], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}\n`);
    process.stderr.write('The portal could not be built; Next’s own words are above.\n');
    process.exit(1);
  }
  writeFileSync(STAMP, wanted);
  process.stderr.write(`Built in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.\n`);
}

/** By content: times say nothing after a checkout. Tests are no part of a page. */
function stampOfSources(): string {
  const hash = createHash('sha256').update(process.version);
  const entries = globSync(SOURCES, { cwd: ROOT, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.filter((path) => !/\.(test|testing)\.tsx?$/.test(path)).sort()) {
    hash.update(`\0${file.slice(ROOT.length)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex');
}
