// `npm run check`: format and lint, types, the shape of the house, and what npm brings in.
import { join } from 'node:path';
import process from 'node:process';
import { findViolations } from './arrows.ts';
import { findPackageProblems } from './packages.ts';
import { readSourceFiles } from './source-file.ts';
import { runStep, seconds } from './step.ts';

const ROOT = join(import.meta.dirname, '..');
process.chdir(ROOT);

/** The name of one check, and what it complains about: empty when all is well. */
type Check = { name: string; complaints: Promise<string> };

const checks: Check[] = [
  { name: 'biome', complaints: complaintsOf('@biomejs/biome/bin/biome', ['check', '--error-on-warnings']) },
  { name: 'types', complaints: complaintsOf('typescript/bin/tsc', ['--noEmit', '--pretty', 'false', '-p', '.']) },
  {
    name: 'arrows',
    complaints: Promise.resolve(
      findViolations(readSourceFiles(ROOT))
        .map(({ path, line, sentence }) => `${path}:${line}: ${sentence}`)
        .join('\n'),
    ),
  },
  { name: 'packages', complaints: Promise.resolve(findPackageProblems(ROOT).join('\n')) },
];

const startedAt = performance.now();
for (const { name, complaints } of checks) {
  const text = await complaints;
  if (text !== '') {
    process.exitCode = 1;
    console.error(`${name}: not ok\n${text}`);
  }
}
console.log(
  `check: ${process.exitCode ? 'not ok' : 'ok'} (${checks.map((check) => check.name).join(', ')}; ${seconds(performance.now() - startedAt)})`,
);

async function complaintsOf(script: string, args: readonly string[]): Promise<string> {
  const { code, output } = await runStep({ command: process.execPath, args: [join('node_modules', script), ...args] });
  return code === 0 ? '' : output.trim() || `${script} ended with ${code}`;
}
