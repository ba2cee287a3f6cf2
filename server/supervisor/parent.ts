// A child process's side of the channel to its supervisor: what it is given, what it is asked, and what it says.
import type { TlsTexts } from '#server/certificates.ts';
import type { Listener } from './listeners.ts';

/**
 * The first message down. `fd`s are the child's own: `server.listen({ fd })`. The portal is given no listeners and no number.
 * `number` is the gateway's own, from 1, and stays when its process is replaced; `generation` is how many reloads came before.
 */
export type StartMessage = {
  kind: 'start';
  listeners: readonly Listener[];
  tls: TlsTexts;
  number: number;
  generation: number;
};

/** Down: the certificate files were read again, or session tickets have another key. */
export type TlsMessage = { kind: 'tls'; tls: TlsTexts };

/** A question, down or up, and its answer back. What is asked and answered is JSON; `about` says of what, where there are several. */
export type AskMessage = { kind: 'ask'; id: number; topic: string; about?: string };
export type AnswerMessage =
  | { kind: 'answer'; id: number; value: unknown }
  /** There is no answer, and this is why. */
  | { kind: 'answer'; id: number; problem: string };

/** Down: another process has taken its place. It takes nothing new; what is long, like a WebSocket, has `graceMs` to end. */
export type RetireMessage = { kind: 'retire'; graceMs: number };

/** Down: log files may have been moved away. */
export type ReopenMessage = { kind: 'reopen' };

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
export function answerQuestions(answers: Readonly<Record<string, (about: string) => unknown>>): void {
  process.on('message', (message: unknown) => {
    if (isKind<AskMessage>(message, 'ask')) void answerOne(message, answers[message.topic]);
  });
}

/** Resolves when the supervisor has it, or is gone. */
export function tell(topic: string, value: unknown): Promise<void> {
  const message: TellMessage = { kind: 'tell', topic, value };
  return send(message);
}

export function onTls(use: (tls: TlsTexts) => void): void {
  process.on('message', (message: unknown) => {
    if (isKind<TlsMessage>(message, 'tls')) use(message.tls);
  });
}

export function onReopen(reopen: () => void): void {
  process.on('message', (message: unknown) => {
    if (isKind<ReopenMessage>(message, 'reopen')) reopen();
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

let questions = 0;

/** Asks the supervisor. Rejects with a sentence: no answer in time, one that failed, or nobody there. */
export function askSupervisor(topic: string, about: string, timeoutMs: number): Promise<unknown> {
  if (!process.send || !process.connected) return Promise.reject(new Error('There is no supervisor.'));
  const id = ++questions;
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const hear = (message: unknown) => {
    if (!isKind<AnswerMessage>(message, 'answer') || message.id !== id) return;
    if ('problem' in message) reject(new Error(message.problem));
    else resolve(message.value);
  };
  const late = setTimeout(
    () => reject(new Error(`The supervisor gave no answer to ${topic} in ${timeoutMs} ms.`)),
    timeoutMs,
  );
  process.on('message', hear);
  void send({ kind: 'ask', id, topic, about });
  return promise.finally(() => {
    clearTimeout(late);
    process.off('message', hear);
  });
}

async function answerOne(question: AskMessage, answer: ((about: string) => unknown) | undefined): Promise<void> {
  await send(await answerTo('This process', question, answer));
}

/** What the answer throws becomes its problem. */
export async function answerTo(
  who: string,
  { about = '', id, topic }: AskMessage,
  answer: ((about: string) => unknown) | undefined,
): Promise<AnswerMessage> {
  try {
    if (!answer) throw new Error(`${who} knows no ${JSON.stringify(topic)}.`);
    return { kind: 'answer', id, value: (await answer(about)) ?? null };
  } catch (error) {
    return { kind: 'answer', id, problem: error instanceof Error ? error.message : String(error) };
  }
}

function send(message: AnswerMessage | AskMessage | TellMessage | LeavingMessage): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (process.send && process.connected) process.send(message, undefined, undefined, () => resolve());
  else resolve();
  return promise;
}

function isKind<Message extends { kind: string }>(message: unknown, kind: Message['kind']): message is Message {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === kind;
}
