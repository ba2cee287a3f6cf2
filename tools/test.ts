// `npm test`: installs what the tests need, builds the portal, then check → unit → socket → browser, and one closing line.
// `npm test -- dns tls` runs only the test files with “dns” or “tls” in their path.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import process from 'node:process';
import { runBrowserTests } from './browser-tests.ts';
import { endLeftovers, RUN_MARK } from './leftovers.ts';
import { runNodeTests } from './node-tests.ts';
import { ensurePrograms } from './prerequisites.ts';
import { runStep, seconds } from './step.ts';
import { addCounts, closingLine, NO_COUNTS, type StageResult } from './test-counts.ts';
import { findTestFiles } from './test-files.ts';

const ROOT = join(import.meta.dirname, '..');

process.chdir(ROOT);
// A shell's own FOYER_ settings must not reach the systems under test.
for (const name of Object.keys(process.env)) if (name.startsWith('FOYER_')) delete process.env[name];
const mark = randomUUID();
process.env[RUN_MARK] = mark;

// Three hundred test files and every Foyer that they start would each compile the same code anew.
process.env.NODE_COMPILE_CACHE = join(ROOT, 'node_modules', '.cache', 'foyer-tests');

const startedAt = performance.now();
const parts = process.argv.slice(2);
const files = findTestFiles(ROOT, parts);
const isEmpty = Object.values(files).every((list) => list.length === 0);
const missing = isEmpty ? `No test file has “${parts.join('” or “')}” in its path.` : await ensurePrograms();
if (missing !== null) {
  console.error(missing);
  process.exit(1);
}

let total = NO_COUNTS;
const failures: string[] = [];
await prepare('build', 'tools/build.ts');
if (parts.length === 0) await prepare('check', 'tools/check.ts');
await stage('unit', files.unit, runNodeTests);
await stage('socket', files.socket, runNodeTests);
await stage('browser', files.browser, runBrowserTests);
// A log may reach its reader cut to its last lines, and what failed first stands far above them.
if (failures.length > 0) console.log(`\n── failed\n${failures.join('\n')}`);
console.log(`\nAll of it took ${seconds(performance.now() - startedAt)}.`);
console.log(closingLine(total));
process.exit(total.failed === 0 ? 0 : 1);

/** A step without tests of its own: it counts only when it fails. */
async function prepare(name: string, script: string): Promise<void> {
  console.log(`\n── ${name}`);
  const { code, durationMs } = await runStep({ command: process.execPath, args: [script], show: true });
  if (code !== 0) {
    total = addCounts(total, { ...NO_COUNTS, failed: 1 });
    failures.push(`✖ ${name}: what it says stands above`);
  }
  console.log(`── ${name}: ${code === 0 ? 'ok' : 'not ok'} (${seconds(durationMs)})`);
}

/** Runs one kind of tests; every process that they leave behind is one failure. */
async function stage(
  name: string,
  paths: readonly string[],
  run: (paths: readonly string[], mark: string) => Promise<StageResult>,
) {
  if (paths.length === 0) return;
  console.log(`\n── ${name}`);
  const stageStartedAt = performance.now();
  const own = await run(paths, mark);
  const leftovers = (await endLeftovers(mark)).map(
    ({ pid, command }) => `✖ a test left process ${pid} behind: ${command}`,
  );
  for (const line of leftovers) console.error(line);
  failures.push(...own.failures, ...leftovers);
  const counts = addCounts(own.counts, { ...NO_COUNTS, failed: leftovers.length });
  total = addCounts(total, counts);
  console.log(
    `── ${name}: ${closingLine(counts)} in ${paths.length} files (${seconds(performance.now() - stageStartedAt)})`,
  );
}
