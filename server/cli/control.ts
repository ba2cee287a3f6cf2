// The line between a running `foyer up` and the other commands: a Unix socket in the state folder, which only one process can hold.
import { existsSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../make-folder.ts';
import { inStateDir } from './state-files.ts';

/** What a running resolver says of itself. `heardAt`: the portal's last answer, epoch milliseconds; `problem`: why there is none now. */
export type UpState = {
  pid: number;
  name: string;
  address: string;
  zone: string;
  listen: string;
  machines: number;
  heardAt: number | null;
  problem: string | null;
};

const state = z.object({
  ...{ pid: z.int(), name: z.string(), address: z.string(), zone: z.string(), listen: z.string() },
  ...{ machines: z.int(), heardAt: z.number().nullable(), problem: z.string().nullable() },
});

const ended = z.object({ isTold: z.boolean() });
/** `isTold`: the portal heard the last word. */
export type Ended = z.output<typeof ended>;

export type Control = { close(): void };
export type Controlled = {
  state(): UpState;
  /** Ends in order; settles when the last word is said and the port is free. */
  down(): Promise<Ended>;
  /** Whoever asked for the end has been told of it. */
  ended(): void;
};

/** sockaddr_un has room for 104 bytes where it is smallest, macOS. */
const MAX_PATH_BYTES = 103;
const TIMEOUT_MS = 15_000;
const QUESTIONS = ['state', 'down'] as const;
type Question = (typeof QUESTIONS)[number];

/** A sentence where another process holds it, or nobody can. */
export async function holdControl(dir: string, controlled: Controlled): Promise<Control | string> {
  const path = pathOf(dir);
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    return `The folder ${dir} has too long a name for a socket in it. Choose a shorter one with --state-dir.`;
  }
  inStateDir(dir, () => makeFolder(dir));
  const running = await askUp(dir);
  if (running !== null) return `foyer up runs here already (process ${running.pid}). Run 'foyer down' first.`;
  // What is left of a process that was killed.
  rmSync(path, { force: true });
  let isClosed = false;
  // Once: by then another process may have made its own in the same place.
  const close = () => {
    if (isClosed) return;
    isClosed = true;
    server.close();
    rmSync(path, { force: true });
  };
  const server = createServer((socket) => answer(socket, controlled, close));
  const listening = await listen(server, path);
  return listening === null ? { close } : `The socket ${path} cannot be made (${listening}).`;
}

/** Null where nothing runs. */
export async function askUp(dir: string): Promise<UpState | null> {
  const said = await ask(dir, 'state');
  return said === null ? null : (state.safeParse(JSON.parse(said)).data ?? null);
}

/** Null where nothing runs; else it has ended in order. */
export async function askDown(dir: string): Promise<Ended | null> {
  const said = await ask(dir, 'down');
  return said === null ? null : (ended.safeParse(JSON.parse(said)).data ?? null);
}

/** Whoever asked for the end hears of it when everything is free for the next one, this socket included. */
function answer(socket: Socket, controlled: Controlled, close: () => void): void {
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.setEncoding('utf8').once('data', (text) => {
    const question = QUESTIONS.find((each) => each === String(text).trim());
    if (question === undefined) socket.destroy();
    else if (question === 'state') socket.end(`${JSON.stringify(controlled.state())}\n`);
    else {
      void controlled.down().then((end) => {
        close();
        socket.end(`${JSON.stringify(end)}\n`, () => controlled.ended());
      });
    }
  });
}

/** What the running process answers; null where there is none. */
function ask(dir: string, question: Question): Promise<string | null> {
  const path = pathOf(dir);
  if (!existsSync(path)) return Promise.resolve(null);
  return new Promise((resolve) => {
    const socket = createConnection(path);
    let said = '';
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
    socket.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
    socket.once('connect', () => socket.write(`${question}\n`));
    socket.once('error', () => resolve(null));
    socket.once('close', () => resolve(said.trim() === '' ? null : said));
  });
}

function listen(server: Server, path: string): Promise<string | null> {
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(path, () => resolve(null));
  });
}

function pathOf(dir: string): string {
  return join(dir, 'up.sock');
}
