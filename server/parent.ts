// A child process's side of the channel to its supervisor: what it is given, and what it answers.
import type { Listener } from './listeners.ts';

/** The first and only message down. `fd`s are the child's own: `server.listen({ fd })`. The portal is given no listeners. */
export type StartMessage = { kind: 'start'; listeners: readonly Listener[] };

/** The only message up: connections are accepted now. */
export type ReadyMessage = { kind: 'ready' };

/** Waits for the supervisor's word. Call it once, early: a message that nobody waits for is lost. */
export function startMessage(): Promise<StartMessage> {
  return new Promise((resolve, reject) => {
    if (!process.send) {
      reject(new Error('This program is started by `foyer start`, not by hand.'));
      return;
    }
    const onMessage = (message: unknown) => {
      if (!isStart(message)) return;
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

/** Calls `end` once, on SIGTERM or when the supervisor is gone: a child never outlives it. */
export function onEnd(end: () => void): void {
  let ended = false;
  const once = () => {
    if (ended) return;
    ended = true;
    end();
  };
  process.on('SIGTERM', once);
  process.on('disconnect', once);
  // False, not undefined: there was a supervisor, and it is gone already.
  if (process.connected === false) once();
}

function isStart(message: unknown): message is StartMessage {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'start';
}
