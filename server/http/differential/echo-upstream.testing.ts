// The upstream of a differential run: it keeps the exact bytes of each request, and answers with the bytes that the case scripted.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Ends } from '../gateway.testing.ts';
import { type Message, readMessage, requestBody, valuesOf } from './message.testing.ts';

/** Bytes of an answer, written when the request's head or its whole body is there. */
export type AnswerStep = { after: 'head' | 'body'; bytes: string; close?: 'end' | 'reset' };
export type Answer = readonly AnswerStep[];

export type EchoUpstream = {
  port: number;
  /** What requests with this X-Case are answered, until the next `taken`. */
  script(id: string, answer: Answer): void;
  /** Every request since the last call. Waits until each is whole or its connection over. */
  taken(): Promise<Message[]>;
};

/** What a request without a script gets. `X-Up` tells an upstream's answer from a proxy's own. */
export const PLAIN_ANSWER: Answer = [
  { after: 'body', bytes: 'HTTP/1.1 200 OK\r\nX-Up: 1\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nplain' },
];

/** Said on a connection of the run's own; its answer comes after all that was sent to the upstream before it. */
const BARRIER = 'BARRIER\r\n\r\n';

/** A request on its way in. `over` when it is whole or its connection is gone. */
type Incoming = { message: Message; stepsDone: number; over: boolean };

export async function startEchoUpstream(t: Ends): Promise<EchoUpstream> {
  const scripts = new Map<string, Answer>();
  const sockets = new Set<Socket>();
  let log: Incoming[] = [];
  let changed = () => {};

  function serve(socket: Socket): void {
    let text = '';
    let current: Incoming | null = null;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text === BARRIER) socket.end('!');
      else {
        read();
        changed();
      }
    });
    socket.once('close', () => {
      sockets.delete(socket);
      if (current) current.over = true;
      changed();
    });

    function read(): void {
      for (;;) {
        const message = readMessage(text, false, requestBody);
        if (!message) return;
        if (current) current.message = message;
        else {
          current = { message, stepsDone: 0, over: false };
          log.push(current);
        }
        answer(current, socket);
        if (!message.complete) return;
        current.over = true;
        current = null;
        text = text.slice(message.length);
      }
    }
  }

  function answer(request: Incoming, socket: Socket): void {
    const { message } = request;
    const steps = scripts.get(valuesOf(message.headers, 'x-case')[0] ?? '') ?? PLAIN_ANSWER;
    for (const step of steps.slice(request.stepsDone)) {
      if (step.after === 'body' && !message.complete) return;
      request.stepsDone += 1;
      if (step.bytes !== '') socket.write(step.bytes, 'latin1');
      if (step.close === 'end') socket.end();
      if (step.close === 'reset') socket.resetAndDestroy();
    }
  }

  const server = createServer({ noDelay: true }, serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    port,
    script: (id, steps) => void scripts.set(id, steps),
    taken: async () => {
      await barrier(port);
      await new Promise<void>((resolve) => {
        changed = () => {
          if (log.every((request) => request.over)) resolve();
        };
        changed();
      });
      changed = () => {};
      const taken = log.map(({ message }) => message);
      log = [];
      scripts.clear();
      return taken;
    },
  };
}

async function barrier(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.end(BARRIER);
  socket.resume();
  await once(socket, 'close');
}
