// Asks every process for its metrics and adds them up: once for all who ask at the same time, and at most once a second.

import type { Answer } from '../supervisor/supervise.ts';
import { type Family, gauge, isFamilies, type Sample } from './family.ts';
import { createLedger } from './ledger.ts';
import { processName } from './readiness.ts';

export type Gatherer = {
  /** Prometheus' text format. Whoever asks at the same time gets the same buffer. */
  text(): Promise<Buffer>;
  /** What a process told unasked, at its end. */
  told(value: unknown): void;
};

/** What a process says unasked when it ends: its last counts. */
export type LastWords = { pid: number; families: readonly Family[] };

const FRESH_MS = 1_000;

export function createGatherer(parts: {
  ask: () => Promise<readonly Answer[]>;
  /** The supervisor's own. */
  own: () => Promise<readonly Family[]>;
  now: () => number;
}): Gatherer {
  const { ask, own, now } = parts;
  const ledger = createLedger();

  const gather = async (): Promise<Buffer> => {
    const answers = await ask();
    const answered = new Set<number>();
    for (const answer of answers) {
      if (answer.kind !== 'value' || !isFamilies(answer.value)) continue;
      ledger.told(answer.pid, answer.value);
      answered.add(answer.pid);
    }
    await ledger.keep(new Set(answers.map(({ pid }) => pid)), now());
    const text = await ledger.text(answered, [...(await own()), ...answerFamilies(answers, answered)]);
    return Buffer.from(text);
  };
  return {
    text: shared(gather, FRESH_MS, now),
    told: (value) => {
      if (isLastWords(value)) ledger.told(value.pid, value.families);
    },
  };
}

/** A flood of questions costs as much as one a second. */
export function shared<T>(work: () => Promise<T>, freshMs: number, now: () => number): () => Promise<T> {
  let latest: Promise<T> | null = null;
  let doneAt = Number.NEGATIVE_INFINITY;
  let isRunning = false;
  return () => {
    if (latest && (isRunning || now() - doneAt < freshMs)) return latest;
    isRunning = true;
    const run = work();
    latest = run;
    const done = () => {
      isRunning = false;
      doneAt = now();
    };
    run.then(done, () => {
      done();
      // What failed is tried again by the next who asks.
      latest = null;
    });
    return run;
  };
}

function answerFamilies(answers: readonly Answer[], answered: ReadonlySet<number>): Family[] {
  const silent = new Map<string, Sample>();
  const running = new Map<string, Sample>();
  for (const answer of answers) {
    const process = processName(answer);
    silent.set(process, { labels: { process }, value: answered.has(answer.pid) ? 0 : 1 });
    const labels = {
      program: answer.number === 0 ? 'portal' : 'gateway',
      state: answer.isRetired ? 'replaced' : 'current',
    };
    const key = `${labels.program} ${labels.state}`;
    running.set(key, { labels, value: (running.get(key)?.value ?? 0) + 1 });
  }
  return [
    gauge(
      'foyer_scrape_missing',
      '1 where a process gave no answer within a second; its counts are those of before.',
      silent.values(),
      'max',
    ),
    gauge('foyer_processes', 'Processes that run, those included that another has replaced.', running.values()),
  ];
}

function isLastWords(value: unknown): value is LastWords {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    'families' in value &&
    isFamilies(value.families)
  );
}
