// One connection of a load process: sends a request that was made before, and reads just enough of the answer to know that it is right.
import { connect, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const GOOD = Buffer.from('HTTP/1.1 200 ');

/** `onAnswer` is called when the last byte of an answer is here; `onFailure` once, and nothing after it. */
export type LoadEvents = {
  onAnswer(connection: LoadConnection): void;
  onFailure(why: string): void;
};

/** Takes one request at a time. Every answer has to be 200 with a Content-Length of `bodyBytes`. */
export class LoadConnection {
  readonly #socket: Socket;
  readonly #bodyBytes: number;
  readonly #events: LoadEvents;
  /** The beginning of an answer whose head is not whole. */
  #head: Buffer | null = null;
  /** Bytes of the body that are still to come; -1 while the head is. */
  #left = -1;
  #isOver = false;

  constructor(port: number, bodyBytes: number, events: LoadEvents, onConnected: (connection: LoadConnection) => void) {
    this.#bodyBytes = bodyBytes;
    this.#events = events;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('connect', () => onConnected(this));
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#socket.on('error', (error) => this.#fail(error.message));
    this.#socket.on('close', () => this.#fail('closed by the other side'));
  }

  send(request: Buffer): void {
    this.#socket.write(request);
  }

  close(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    if (this.#isOver) return;
    if (this.#left >= 0) return this.#take(chunk.length);
    const head = this.#head ? Buffer.concat([this.#head, chunk]) : chunk;
    const end = head.indexOf(HEAD_END);
    if (end === -1) {
      this.#head = head;
      return;
    }
    this.#head = null;
    const text = head.toString('latin1', 0, end);
    if (head.compare(GOOD, 0, GOOD.length, 0, GOOD.length) !== 0) return this.#fail(text.split('\r\n', 1)[0] ?? '');
    const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
    if (Number(length) !== this.#bodyBytes)
      return this.#fail(`an answer of ${length ?? 'unsaid'} bytes in place of ${this.#bodyBytes}`);
    this.#left = this.#bodyBytes;
    this.#take(head.length - end - HEAD_END.length);
  }

  #take(bytes: number): void {
    this.#left -= bytes;
    if (this.#left > 0) return;
    if (this.#left < 0) return this.#fail('more bytes than the answer has');
    this.#left = -1;
    this.#events.onAnswer(this);
  }

  #fail(why: string): void {
    if (this.#isOver) return;
    this.close();
    this.#events.onFailure(why);
  }
}

/** A GET whose every byte is known before the load begins. */
export function getRequest(path: string, host: string, cookie: string): Buffer {
  return Buffer.from(
    `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nuser-agent: bench\r\ncookie: ${cookie}\r\n\r\n`,
    'latin1',
  );
}
