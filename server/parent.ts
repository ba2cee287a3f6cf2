// A child process's side of the channel to its supervisor: what it is given, what it is asked, and what it says.
import type { CertificateTexts } from './certs/files.ts';
import type { Listener } from './listeners.ts';

/**
 * The first message down. `fd`s are the child's own: `server.listen({ fd })`. The portal is given no listeners and no number.
 * `number` is the gateway's own, from 1, and stays when its process is replaced; `generation` is how many reloads came before.
 */
export type StartMessage = {
  kind: 'start';
  listeners: readonly Listener[];
  certificates: readonly CertificateTexts[];
  number: number;
  generation: number;
};

/** Down: the files were read again. */
export type CertificatesMessage = { kind: 'certificates'; certificates: readonly CertificateTexts[] };

/** A question down, and its answer up. What is asked and answered is JSON. */
export type AskMessage = { kind: 'ask'; id: number; topic: string };
export type AnswerMessage =
  | { kind: 'answer'; id: number; value: unknown }
  /** The child has no answer, and says why. */
  | { kind: 'answer'; id: number; problem: string };

/** Down: another process has taken its place. It takes nothing new; what is long, like a WebSocket, has `graceMs` to end. */
export type RetireMessage = { kind: 'retire'; graceMs: number };

/** Up, once: connections are accepted now. */
export type ReadyMessage = { kind: 'ready' };

/** Up: this process ends by itself, in order, and takes nothing new; another one is wanted in its place. */
export type LeavingMessage = { kind: 'leaving' };

/** Up, unasked: for instance the last counters of a process that ends. */
export type TellMessage = { kind: 'tell'; topic: string; value: unknown };

/** Waits for the supervisor's word. Call it once, early: a message that nobody waits for is lost. */
export function startMessage(): Promise<StartMessage> {
  return new Promise((resolve, reject) => {
    if (!process.send) {
      reject(new Error('This program is started by `foyer start`, not by hand.'));
      return;
    }
    const onMessage = (message: unknown) => {
      if (!isKind<StartMessage>(message, 'start')) return;
      process.off('message', onMessage);
      resolve(message);
    };
    process.on('message', onMessage);
  });
}

export function sayReady(): void {
  const ready: ReadyMessage = { kind: 'ready' };
  process.send?.(ready);
}

/** The supervisor starts another process without waiting for the end of this one. */
export function sayLeaving(): void {
  const leaving: LeavingMessage = { kind: 'leaving' };
  void send(leaving);
}

/** Answers the supervisor's questions, by topic. Call it once, before `sayReady`. What an answer throws is told as it is. */
export function answerQuestions(answers: Readonly<Record<string, () => unknown>>): void {
  process.on('message', (message: unknown) => {
    if (isKind<AskMessage>(message, 'ask')) void answerOne(message, answers[message.topic]);
  });
}

/** Resolves when the supervisor has it, or is gone. */
export function tell(topic: string, value: unknown): Promise<void> {
  const message: TellMessage = { kind: 'tell', topic, value };
  return send(message);
}

export function onCertificates(use: (certificates: readonly CertificateTexts[]) => void): void {
  process.on('message', (message: unknown) => {
    if (isKind<CertificatesMessage>(message, 'certificates')) use(message.certificates);
  });
}

/** Calls `retire` when another process has taken this one's place. `onEnd` may follow, with less time. */
export function onRetire(retire: (graceMs: number) => void): void {
  process.on('message', (message: unknown) => {
    if (isKind<RetireMessage>(message, 'retire')) retire(message.graceMs);
  });
}

/** Calls `end` once, on SIGTERM or when the supervisor is gone: a child never outlives it. */
export function onEnd(end: () => void): void {
  let ended = false;
  const once = () => {
    if (ended) return;
    ended = true;
    end();
  };
  process.on('SIGTERM', once);
  // A reload is the supervisor's to hear; by itself a hang-up would end the process.
  process.on('SIGHUP', () => {});
  process.on('disconnect', once);
  // False, not undefined: there was a supervisor, and it is gone already.
  if (process.connected === false) once();
}

async function answerOne({ id, topic }: AskMessage, answer: (() => unknown) | undefined): Promise<void> {
  let message: AnswerMessage;
  try {
    if (!answer) throw new Error(`This process knows no ${JSON.stringify(topic)}.`);
    message = { kind: 'answer', id, value: (await answer()) ?? null };
  } catch (error) {
    message = { kind: 'answer', id, problem: error instanceof Error ? error.message : String(error) };
  }
  await send(message);
}

function send(message: AnswerMessage | TellMessage | LeavingMessage): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (process.send && process.connected) process.send(message, undefined, undefined, () => resolve());
  else resolve();
  return promise;
}

function isKind<Message extends { kind: string }>(message: unknown, kind: Message['kind']): message is Message {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === kind;
}
