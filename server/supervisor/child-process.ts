// One child process from its start to its end: given its sockets, asked by topic, told to go, killed when it stays too long.
import { type ChildProcess, fork } from 'node:child_process';
import type { TlsTexts } from '#server/certificates.ts';
import type { Environment } from '#server/config.ts';
import type { Listener } from './listeners.ts';
import {
  type AnswerMessage,
  type AskMessage,
  answerTo,
  type LeavingMessage,
  type ReadyMessage,
  type ReopenMessage,
  type RetireMessage,
  type StartMessage,
  type TellMessage,
  type TlsMessage,
} from './parent.ts';

export type ChildProgram = {
  /** As the log names it: `portal`, `gateway 2`. */
  name: string;
  /** A gateway's own, from 1; 0 for the portal. */
  number: number;
  file: string;
  args?: readonly string[];
  /** Node's own options. */
  execArgv?: readonly string[];
  env: Environment;
  /** By the supervisor's own file descriptors. */
  listeners: readonly Listener[];
  /** The present ones, asked for with every start. The same object while nothing changes. */
  tls(): TlsTexts;
  /** A file descriptor for what it prints, or the supervisor's own. */
  output: number | 'inherit';
};

/** `error` is there when it could not be spawned at all. */
export type Ended = { code: number | null; signal: NodeJS.Signals | null; error?: Error };

export type RunningProcess = {
  pid: number | null;
  generation: number;
  /** False when it ended, or was ended for taking too long, before it said so. */
  ready: Promise<boolean>;
  ended: Promise<Ended>;
  isReady(): boolean;
  signal(name: NodeJS.Signals): void;
  /** Gives it the program's present certificates and ticket keys, when it can take them. */
  refreshTls(): void;
  /** It opens its log files again, now or when it is ready. */
  reopenLogs(): void;
  /** Rejects with a sentence: no answer in time, an answer that failed, or a process that is gone. */
  ask(topic: string, timeoutMs: number, about?: string): Promise<unknown>;
  /** Another process takes its place: it takes nothing new, and what is long has `graceMs` to end. SIGKILL comes `lastWordsMs` after it. */
  retire(graceMs: number, lastWordsMs: number): void;
  /** SIGTERM now and SIGKILL after the grace. Settles when it is gone. */
  end(graceMs: number): Promise<void>;
};

export type Answers = Readonly<Record<string, (about: string) => unknown>>;

export type ProcessEvents = {
  onTold(topic: string, value: unknown): void;
  /** What it may ask, by topic. */
  answers: Answers;
  /** It ends by itself and serves nobody new. It is killed when `leaveMs` are over. */
  onLeaving(): void;
  /** It was ended by SIGKILL: it did not get ready, or did not go in time. */
  onKilled(why: 'not-ready' | 'not-gone'): void;
  /** It could not be spawned, signalled or messaged. */
  onError(err: Error): void;
};

type Question = { resolve(value: unknown): void; reject(error: Error): void };

export const READY_TIMEOUT_MS = 60_000;
/** After stdin, stdout, stderr and the channel. */
const FIRST_LISTENER_FD = 4;

export function runProcess(
  program: ChildProgram,
  { generation, leaveMs }: { generation: number; leaveMs: number },
  events: ProcessEvents,
): RunningProcess {
  let given = program.tls();
  const child = spawnChild(program, generation, given);
  const ready = Promise.withResolvers<boolean>();
  const ended = Promise.withResolvers<Ended>();
  const questions = new Map<number, Question>();
  let lastId = 0;
  let isUp = false;
  let isOver = false;
  let isReopenDue = false;
  let deadline: NodeJS.Timeout | undefined;
  let goneBy = Number.POSITIVE_INFINITY;

  /** Whoever is to be gone by some time is not given a later one. */
  const killIn = (ms: number, why: 'not-ready' | 'not-gone') => {
    const at = performance.now() + ms;
    if (why === 'not-gone' && goneBy <= at) return;
    if (why === 'not-gone') goneBy = at;
    clearTimeout(deadline);
    deadline = setTimeout(() => {
      events.onKilled(why);
      child.kill('SIGKILL');
    }, ms);
  };
  const over = (how: Ended) => {
    if (isOver) return;
    isOver = true;
    clearTimeout(deadline);
    for (const { reject } of questions.values()) reject(new Error(`The ${program.name} process is gone.`));
    questions.clear();
    ready.resolve(false);
    ended.resolve(how);
  };
  const refreshTls = () => {
    const tls = program.tls();
    if (!isUp || isOver || tls === given) return;
    given = tls;
    send(child, { kind: 'tls', tls });
  };
  const reopenLogs = () => {
    isReopenDue = !isUp;
    if (isUp && !isOver) send(child, { kind: 'reopen' });
  };
  killIn(READY_TIMEOUT_MS, 'not-ready');
  child.on('message', (message: ReadyMessage | AnswerMessage | AskMessage | LeavingMessage | TellMessage) => {
    switch (message.kind) {
      case 'ready':
        clearTimeout(deadline);
        isUp = true;
        // They may have changed since it was started.
        refreshTls();
        if (isReopenDue) reopenLogs();
        ready.resolve(true);
        return;
      case 'leaving':
        killIn(leaveMs, 'not-gone');
        events.onLeaving();
        return;
      case 'tell':
        events.onTold(message.topic, message.value);
        return;
      case 'ask':
        void answerTo('The supervisor', message, events.answers[message.topic]).then((answer) => send(child, answer));
        return;
      case 'answer': {
        const question = questions.get(message.id);
        questions.delete(message.id);
        if ('problem' in message) question?.reject(new Error(message.problem));
        else question?.resolve(message.value);
      }
    }
  });
  // A process that cannot be spawned has no 'exit'; one that cannot be signalled or messaged has one later.
  child.on('error', (error) => {
    events.onError(error);
    if (child.pid === undefined) over({ code: null, signal: null, error });
  });
  child.on('exit', (code, signal) => over({ code, signal }));

  return {
    pid: child.pid ?? null,
    generation,
    ready: ready.promise,
    ended: ended.promise,
    isReady: () => isUp && !isOver,
    signal: (name) => void child.kill(name),
    refreshTls,
    reopenLogs,
    ask: (topic, timeoutMs, about) => {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      if (isOver || !child.connected) return Promise.reject(new Error(`The ${program.name} process is gone.`));
      const id = ++lastId;
      questions.set(id, { resolve, reject });
      const late = setTimeout(() => {
        questions.delete(id);
        reject(new Error(`The ${program.name} process gave no answer to ${topic} in ${timeoutMs} ms.`));
      }, timeoutMs);
      send(child, { kind: 'ask', id, topic, ...(about === undefined ? {} : { about }) });
      return promise.finally(() => clearTimeout(late));
    },
    retire: (graceMs, lastWordsMs) => {
      if (isOver) return;
      send(child, { kind: 'retire', graceMs });
      killIn(graceMs + lastWordsMs, 'not-gone');
    },
    end: async (graceMs) => {
      if (isOver) return;
      killIn(graceMs, 'not-gone');
      child.kill('SIGTERM');
      await ended.promise;
    },
  };
}

/** In a process group of its own: a Ctrl-C in the terminal is the supervisor's to hear, and its children drain in order. */
function spawnChild(program: ChildProgram, generation: number, tls: TlsTexts): ChildProcess {
  const { file, args = [], execArgv = [], env, listeners, number, output } = program;
  const child = fork(file, args, {
    env: { NODE_ENV: 'production', ...env },
    execArgv: [...execArgv],
    detached: true,
    stdio: ['ignore', output, output, 'ipc', ...listeners.map((listener) => listener.fd)],
  });
  const given = listeners.map((listener, at) => ({ ...listener, fd: FIRST_LISTENER_FD + at }));
  send(child, { kind: 'start', listeners: given, tls, number, generation });
  return child;
}

/** A child that is gone is reported by its exit. */
function send(
  child: ChildProcess,
  message: StartMessage | AnswerMessage | AskMessage | RetireMessage | ReopenMessage | TlsMessage,
): void {
  child.send(message, () => {});
}
