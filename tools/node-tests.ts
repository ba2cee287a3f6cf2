// Runs node:test files: nothing is shown of what passes, everything about what fails.
import { relative } from 'node:path';
import process from 'node:process';
import { run } from 'node:test';
import type { TestEvent } from 'node:test/reporters';

import { inspect } from 'node:util';
import { endLeftovers } from './leftovers.ts';
import { seconds } from './step.ts';
import type { Counts, StageResult } from './test-counts.ts';

const TEST_TIMEOUT_MS = 120_000;
/** A test that hangs is told of after its timeout; a hook or a process that hangs is not, and would hold the run for ever. */
const SILENCE_MS = TEST_TIMEOUT_MS + 60_000;
/** Two cores: more files at once only make each other late. */
const CONCURRENCY = 2;
const SHOWN_SLOW = 8;
/** Characters of what a file had printed before a test of it failed. */
const SHOWN_OUTPUT = 4000;

/** `mark` is in the environment of every process of this run (`RUN_MARK`). */
export async function runNodeTests(files: readonly string[], mark: string): Promise<StageResult> {
  const failures: string[] = [];
  const printed = new Map<string, string>();
  const times: Times = new Map();
  let counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  const watchdog = setTimeout(async () => {
    console.log(`✖ nothing was heard of the tests for ${SILENCE_MS / 1000} s: what still runs is ended`);
    for (const { command } of await endLeftovers(mark, 0)) console.log(indent(`ended: ${command}`));
    watchdog.refresh();
  }, SILENCE_MS);
  for await (const event of run({ files: [...files], concurrency: CONCURRENCY, timeout: TEST_TIMEOUT_MS })) {
    watchdog.refresh();
    noteTime(times, event);
    switch (event.type) {
      case 'test:stdout':
      case 'test:stderr':
        if (event.data.file) printed.set(event.data.file, (printed.get(event.data.file) ?? '') + event.data.message);
        break;
      case 'test:fail': {
        const { name, details, file, line } = event.data;
        if (isSumOfSubtests(details.error)) break;
        const place = file ? `${relative(process.cwd(), file)}:${line ?? 1} ` : '';
        const failure = `✖ ${place}${name}\n${indent(explain(details.error))}`;
        failures.push(failure);
        console.log(failure);
        const output = file ? printed.get(file) : undefined;
        if (output) console.log(indent(`printed by this file until here:\n${output.slice(-SHOWN_OUTPUT)}`));
        break;
      }
      case 'test:summary':
        if (event.data.file === undefined) counts = countsOfRun(event.data.counts);
        break;
    }
  }
  clearTimeout(watchdog);
  console.log(slowest(times));
  return { counts, failures };
}

/** By file, what its tests took together. When they are told of says nothing: a file's news wait for those of the files before it. */
type Times = Map<string, number>;

function noteTime(times: Times, { type, data }: TestEvent): void {
  if ((type !== 'test:pass' && type !== 'test:fail') || data.nesting !== 0 || !data.file) return;
  times.set(data.file, (times.get(data.file) ?? 0) + data.details.duration_ms);
}

/** Where a run's time goes, for whoever wants it shorter. */
function slowest(times: Times): string {
  const all = [...times].map(([file, ms]) => ({ file: relative(process.cwd(), file), ms }));
  const most = all.sort((one, other) => other.ms - one.ms).slice(0, SHOWN_SLOW);
  return `the slowest: ${most.map(({ file, ms }) => `${file} ${seconds(ms)}`).join(', ')}`;
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
