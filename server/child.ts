// One child process that is kept running: started, given its sockets, started again when it dies, and ended in order.
import { type ChildProcess, fork } from 'node:child_process';
import { nextWaitMs } from './backoff.ts';
import type { Environment } from './config.ts';
import type { Listener } from './listeners.ts';
import type { Logger } from './log.ts';
import type { StartMessage } from './parent.ts';

export type ChildProgram = {
  /** As the log names it: `portal`, `gateway 2`. */
  name: string;
  file: string;
  args?: readonly string[];
  /** Node's own options. */
  execArgv?: readonly string[];
  env: Environment;
  /** By the supervisor's own file descriptors. */
  listeners: readonly Listener[];
  /** A file descriptor for what it prints, or the supervisor's own. */
  output: number | 'inherit';
};

export type Child = {
  /** Settles once: when it is ready for the first time, or when it failed too often before that. */
  ready: Promise<FirstStart>;
  pid(): number | null;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL after the grace. Settles when the process is gone; it is not started again. */
  stop(graceMs: number): Promise<void>;
};

export type FirstStart = { kind: 'ready' } | { kind: 'failed'; sentence: string };

const READY_TIMEOUT_MS = 60_000;
const ATTEMPTS_BEFORE_FIRST_READY = 5;
/** After stdin, stdout, stderr and the channel. */
const FIRST_LISTENER_FD = 4;

export function keepRunning(program: ChildProgram, log: Logger): Child {
  const first = Promise.withResolvers<FirstStart>();
  let current: ChildProcess | null = null;
  let restart: NodeJS.Timeout | undefined;
  let waitMs = 0;
  let crashesBeforeReady = 0;
  let stopping = false;

  const start = () => {
    const startedAt = performance.now();
    const child = spawnChild(program);
    current = child;
    const tooLate = setTimeout(() => {
      log.error({ child: program.name, timeoutMs: READY_TIMEOUT_MS }, 'a child did not get ready and is ended');
      child.kill('SIGKILL');
    }, READY_TIMEOUT_MS);
    child.on('message', (message) => {
      if (!isReady(message)) return;
      clearTimeout(tooLate);
      first.resolve({ kind: 'ready' });
    });
    // A process that cannot be spawned has no 'exit'; one that cannot be signalled or messaged has one later.
    child.on('error', (err) => {
      log.error({ child: program.name, err }, 'a child failed');
      if (child.pid === undefined) ended(null, null);
    });
    child.on('exit', (code, signal) => ended(code, signal));

    const ended = (code: number | null, signal: NodeJS.Signals | null) => {
      if (current !== child) return;
      current = null;
      clearTimeout(tooLate);
      if (stopping) return;
      const livedMs = Math.round(performance.now() - startedAt);
      waitMs = nextWaitMs(waitMs, livedMs);
      crashesBeforeReady++;
      log.error({ child: program.name, exitCode: code, signal, livedMs, waitMs }, 'a child ended and is started again');
      if (crashesBeforeReady >= ATTEMPTS_BEFORE_FIRST_READY) {
        const sentence = `The ${program.name} process ended ${crashesBeforeReady} times before it was ready (last: ${signal ?? `exit code ${code}`}): its own words are in the log above.`;
        first.resolve({ kind: 'failed', sentence });
      }
      restart = setTimeout(start, waitMs);
    };
  };
  start();

  return {
    ready: first.promise,
    pid: () => current?.pid ?? null,
    signal: (name) => void current?.kill(name),
    stop: async (graceMs) => {
      stopping = true;
      clearTimeout(restart);
      if (current)
        await endProcess(current, graceMs, () =>
          log.warn({ child: program.name }, 'a child did not end in time and is killed'),
        );
    },
  };
}

/** In a process group of its own: a Ctrl-C in the terminal is the supervisor's to hear, and its children drain in order. */
function spawnChild({ file, args = [], execArgv = [], env, listeners, output }: ChildProgram): ChildProcess {
  const child = fork(file, args, {
    env: { NODE_ENV: 'production', ...env },
    execArgv: [...execArgv],
    detached: true,
    stdio: ['ignore', output, output, 'ipc', ...listeners.map((listener) => listener.fd)],
  });
  const given = listeners.map((listener, at) => ({ ...listener, fd: FIRST_LISTENER_FD + at }));
  const message: StartMessage = { kind: 'start', listeners: given };
  // A child that died at once is reported by its exit.
  child.send(message, () => {});
  return child;
}

async function endProcess(child: ChildProcess, graceMs: number, onKill: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const timer = setTimeout(() => {
    onKill();
    child.kill('SIGKILL');
  }, graceMs);
  child.kill('SIGTERM');
  await exit;
  clearTimeout(timer);
}

function isReady(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'ready';
}
