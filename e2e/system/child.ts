// Starts one process of a test, waits for the line that says it is up, and ends it by its id.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A running process. `lines()` are all lines of both its outputs so far. */
export type Child = {
  pid: number;
  lines(): readonly string[];
  /** The first line that matches, past or future; rejects when the process ends without it. */
  line(pattern: RegExp, timeoutMs?: number): Promise<string>;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  stop(signal?: NodeJS.Signals): Promise<void>;
};

export type ChildOptions = {
  cwd?: string;
  env?: Record<string, string | undefined>;
  input?: string;
  /** As in a terminal, where Ctrl-C reaches every process of the command: `stop` signals all of them. */
  asTerminal?: boolean;
};

const KILL_AFTER_MS = 40_000;
const LINE_TIMEOUT_MS = 60_000;

export function startChild(command: readonly string[], options: ChildOptions = {}): Child {
  const [program = '', ...args] = command;
  const child: ChildProcess = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    detached: options.asTerminal ?? false,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(options.input);
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  const say = (line: string) => {
    lines.push(line);
    for (const listener of listeners) listener(line);
  };
  readLines(child.stdout, say);
  readLines(child.stderr, say);
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('error', (error) => {
      say(error.message);
      resolve({ code: 127, signal: null });
    });
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  return {
    pid: child.pid ?? -1,
    lines: () => lines,
    line: (pattern, timeoutMs = LINE_TIMEOUT_MS) => findLine(pattern, timeoutMs, { command, lines, listeners, exited }),
    exited,
    stop: (signal = 'SIGTERM') => stop(child, options.asTerminal ? 'group' : 'process', signal),
  };
}

/** Runs a command to its end and returns what it printed; throws with all of it when the command fails. */
export async function runCommand(command: readonly string[], options: ChildOptions = {}): Promise<string> {
  const child = startChild(command, options);
  const { code, signal } = await child.exited;
  const output = child.lines().join('\n');
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code ?? signal}:\n${output}`);
  return output;
}

type Watched = {
  command: readonly string[];
  lines: readonly string[];
  listeners: Set<(line: string) => void>;
  exited: Promise<unknown>;
};

function findLine(pattern: RegExp, timeoutMs: number, watched: Watched): Promise<string> {
  const { command, lines, listeners, exited } = watched;
  const said = lines.find((line) => pattern.test(line));
  if (said !== undefined) return Promise.resolve(said);
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      settle();
      reject(new Error(`${command.join(' ')} ${why} ${pattern}:\n${lines.slice(-60).join('\n')}`));
    };
    const timer = setTimeout(() => fail(`did not say within ${timeoutMs} ms`), timeoutMs);
    const listener = (line: string) => {
      if (!pattern.test(line)) return;
      settle();
      resolve(line);
    };
    const settle = () => {
      clearTimeout(timer);
      listeners.delete(listener);
    };
    listeners.add(listener);
    exited.then(() => listeners.has(listener) && fail('ended without saying'));
  });
}

async function stop(child: ChildProcess, whom: 'process' | 'group', signal: NodeJS.Signals): Promise<void> {
  const { pid } = child;
  if (child.exitCode !== null || child.signalCode !== null || pid === undefined) return;
  const ended = once(child, 'exit');
  const target = whom === 'group' ? -pid : pid;
  sendSignal(target, signal);
  const timer = setTimeout(sendSignal, KILL_AFTER_MS, target, 'SIGKILL');
  await ended;
  clearTimeout(timer);
}

/** A process that has just ended by itself is one whose end is not told yet: there is nobody to signal. */
function sendSignal(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readLines(stream: NodeJS.ReadableStream | null, say: (line: string) => void): void {
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) say(part);
  });
  stream?.on('end', () => {
    if (rest !== '') say(rest);
  });
}
