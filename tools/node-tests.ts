// Runs node:test files: nothing is shown of what passes, everything about what fails.
import { relative } from 'node:path';
import process from 'node:process';
import { run } from 'node:test';
import { inspect } from 'node:util';
import type { Counts } from './test-counts.ts';

const TEST_TIMEOUT_MS = 120_000;
/** Two cores: more files at once only make each other late. */
const CONCURRENCY = 2;

export async function runNodeTests(files: readonly string[]): Promise<Counts> {
  const printed = new Map<string, string>();
  let counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for await (const event of run({ files: [...files], concurrency: CONCURRENCY, timeout: TEST_TIMEOUT_MS })) {
    switch (event.type) {
      case 'test:stdout':
      case 'test:stderr':
        if (event.data.file) printed.set(event.data.file, (printed.get(event.data.file) ?? '') + event.data.message);
        break;
      case 'test:fail': {
        const { name, details, file, line } = event.data;
        if (isSumOfSubtests(details.error)) break;
        const place = file ? `${relative(process.cwd(), file)}:${line ?? 1} ` : '';
        console.log(`✖ ${place}${name}\n${indent(explain(details.error))}`);
        const output = file ? printed.get(file) : undefined;
        if (output) console.log(indent(`printed by this file until here:\n${output.slice(-4000)}`));
        break;
      }
      case 'test:summary':
        if (event.data.file === undefined) counts = countsOfRun(event.data.counts);
        break;
    }
  }
  return counts;
}

function countsOfRun(counts: Record<'passed' | 'cancelled' | 'skipped' | 'todo' | 'tests', number>): Counts {
  const { tests, passed, skipped, todo } = counts;
  return { passed, failed: tests - passed - skipped - todo, skipped: skipped + todo };
}

/** A test whose subtests failed says only so; the subtests have told it already. */
function isSumOfSubtests(error: Error & { failureType?: string }): boolean {
  return error.failureType === 'subtestsFailed';
}

function explain(error: Error): string {
  const cause = error.cause ?? error;
  return cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause);
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ');
}
