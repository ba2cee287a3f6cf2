// One place among the supervisor's children: a process that is kept running, started again when it dies, and replaced without a gap.

import type { Logger } from '#server/log.ts';
import { nextWaitMs } from './backoff.ts';
import {
  type Answers,
  type ChildProgram,
  type Ended,
  READY_TIMEOUT_MS,
  type RunningProcess,
  runProcess,
} from './child-process.ts';

export type { ChildProgram } from './child-process.ts';

export type Child = {
  name: string;
  number: number;
  /** Settles once: when it is ready for the first time, or when it failed too often before that. */
  ready: Promise<FirstStart>;
  pid(): number | null;
  /** Reports whether the process that serves now has said that it does. */
  isReady(): boolean;
  /** How often a process ended by itself, so that another one was started. */
  restarts(): number;
  /** Ends every process of it at once; what was started again would be started again. */
  kill(): void;
  /** Every process of it uses the program's present certificates and ticket keys from its next connection on. */
  refreshTls(): void;
  /** Every process of it opens its log files again. */
  reopenLogs(): void;
  /** The process that serves now, and those that another has replaced and that still end what they began. */
  processes(): readonly { pid: number; generation: number; isRetired: boolean; ask: RunningProcess['ask'] }[];
  /** Starts another process beside the present one, which is retired when the other is ready, and goes on when it is not. */
  replace(generation: number): Promise<Replaced>;
  /** SIGTERM, and SIGKILL after the grace. Settles when every process of it is gone; none is started again. */
  stop(graceMs: number): Promise<void>;
};

export type ChildOptions = {
  log: Logger;
  /** What a retired process has for its long streams, before and after it is told that the time is over. */
  retireMs?: number;
  lastWordsMs?: number;
  /** What a retired process has when too many are retired already. */
  hurryMs?: number;
  /** What a child said unasked. */
  onTold?(topic: string, value: unknown): void;
  /** What it may ask, by topic. */
  answers?: Answers;
};

export type FirstStart = { kind: 'ready' } | { kind: 'failed'; sentence: string };
export type Replaced = { kind: 'replaced' } | { kind: 'failed'; sentence: string };

const ATTEMPTS_BEFORE_FIRST_READY = 5;
/** Reload upon reload, each with a stream that does not end, must not fill the machine with old processes. */
const MOST_RETIRED = 2;

export function keepRunning(program: ChildProgram, options: ChildOptions): Child {
  const { log, retireMs = 0, lastWordsMs = 0, hurryMs = 0, onTold = () => {}, answers = {} } = options;
  const first = Promise.withResolvers<FirstStart>();
  const retired = new Set<RunningProcess>();
  let current: RunningProcess | null = null;
  let next: RunningProcess | null = null;
  let restart: NodeJS.Timeout | undefined;
  let startedAt = 0;
  let waitMs = 0;
  let restarts = 0;
  let crashesBeforeReady = 0;
  let generation = 0;
  let stopping = false;

  const run = (ofGeneration: number) => {
    const started: RunningProcess = runProcess(
      program,
      { generation: ofGeneration, leaveMs: hurryMs },
      {
        onTold,
        answers,
        onLeaving: () => leaves(started),
        onError: (err) => log.error({ child: program.name, err }, 'a child failed'),
        onKilled: (why) => {
          if (why === 'not-ready')
            log.error({ child: program.name, timeoutMs: READY_TIMEOUT_MS }, 'a child did not get ready and is ended');
          else log.warn({ child: program.name }, 'a child did not end in time and is killed');
        },
      },
    );
    return started;
  };

  const serveWith = (started: RunningProcess) => {
    startedAt = performance.now();
    current = started;
    void started.ready.then((ready) => {
      if (ready) first.resolve({ kind: 'ready' });
    });
    void started.ended.then((how) => {
      if (current !== started) return;
      current = null;
      if (!stopping) crashed(how);
    });
  };

  const crashed = ({ code, signal }: Ended) => {
    const livedMs = nextWait();
    crashesBeforeReady++;
    log.error(
      { alarm: true, child: program.name, exitCode: code, signal, livedMs, waitMs },
      'a child ended and is started again',
    );
    if (crashesBeforeReady >= ATTEMPTS_BEFORE_FIRST_READY) {
      const sentence = `The ${program.name} process ended ${crashesBeforeReady} times before it was ready (last: ${inWords({ code, signal })}): its own words are in the log above.`;
      first.resolve({ kind: 'failed', sentence });
    }
    restartLater();
  };

  /** As after a crash, but what it began is not lost: it ends that by itself. */
  const leaves = (old: RunningProcess) => {
    if (current !== old || stopping) return;
    current = null;
    const livedMs = nextWait();
    log.error(
      { alarm: true, child: program.name, livedMs, waitMs },
      'a child ends by itself and another one is started',
    );
    keepRetired(old);
    restartLater();
  };

  const nextWait = () => {
    const livedMs = Math.round(performance.now() - startedAt);
    waitMs = nextWaitMs(waitMs, livedMs);
    restarts++;
    return livedMs;
  };

  const restartLater = () => {
    // The process that is being started in its place will do.
    if (!next) restart = setTimeout(() => serveWith(run(generation)), waitMs);
  };

  const retire = (old: RunningProcess) => {
    for (const each of [...retired].slice(0, 1 - MOST_RETIRED)) void each.end(hurryMs);
    keepRetired(old);
    if (old.isReady()) old.retire(retireMs, lastWordsMs);
    else void old.end(hurryMs);
  };

  const keepRetired = (old: RunningProcess) => {
    retired.add(old);
    void old.ended.then((how) => {
      retired.delete(old);
      if (how.code !== 0 && !stopping)
        log.error(
          { child: program.name, exitCode: how.code, signal: how.signal },
          'a replaced child did not end in order',
        );
    });
  };

  serveWith(run(generation));

  return {
    name: program.name,
    number: program.number,
    ready: first.promise,
    pid: () => current?.pid ?? null,
    isReady: () => current?.isReady() ?? false,
    restarts: () => restarts,
    kill: () => {
      for (const each of [current, next, ...retired]) each?.signal('SIGKILL');
    },
    refreshTls: () => {
      for (const each of [current, next, ...retired]) each?.refreshTls();
    },
    reopenLogs: () => {
      for (const each of [current, next, ...retired]) each?.reopenLogs();
    },
    processes: () =>
      [...(current ? [current] : []), ...retired].flatMap((each) =>
        each.pid === null
          ? []
          : [{ pid: each.pid, generation: each.generation, isRetired: each !== current, ask: each.ask }],
      ),
    replace: async (toGeneration) => {
      if (stopping) return { kind: 'failed', sentence: 'Foyer is stopping.' };
      if (next) throw new Error(`The ${program.name} process is being replaced already.`);
      clearTimeout(restart);
      const started = run(toGeneration);
      next = started;
      const ready = await started.ready;
      next = null;
      if (!ready || stopping) {
        if (!current && !stopping) restartLater();
        const sentence = `The new ${program.name} process did not get ready (${inWords(await started.ended)}): its own words are in the log above.`;
        return { kind: 'failed', sentence };
      }
      const old = current;
      generation = toGeneration;
      waitMs = 0;
      serveWith(started);
      if (old) retire(old);
      return { kind: 'replaced' };
    },
    stop: async (graceMs) => {
      stopping = true;
      clearTimeout(restart);
      await Promise.all([current, next, ...retired].map((each) => each?.end(graceMs)));
    },
  };
}

function inWords({ code, signal, error }: Ended): string {
  return signal ?? error?.message ?? `exit code ${code}`;
}
