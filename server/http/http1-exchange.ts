// One HTTP/1.1 request and its answer: framing, connection headers, and one write for head and body where they fit together.
import type { Readable } from 'node:stream';
import type { Exchange } from './exchange.ts';
import type { Http1Connection } from './http1-connection.ts';
import { type AdmittedHead, RequestParts } from './request-parts.ts';
import { statedLength } from './wire/framing.ts';
import { LAST_CHUNK, lastChunk, responseHead, writeChunk, writeHeadAndBody } from './wire/write.ts';

/** How the end of an answer's body is told (RFC 9112 §6.3). */
type AnswerFraming = 'none' | 'length' | 'chunked' | 'until-close';

/** What the head of a request says about its connection. */
export type ConnectionFacts = { minor: 0 | 1; expectsContinue: boolean; takesTrailers: boolean };

export class Http1Exchange extends RequestParts implements Exchange {
  readonly body: Readable | null;
  readonly takesTrailers: boolean;
  readonly #connection: Http1Connection;
  readonly #minor: 0 | 1;
  #expectsContinue: boolean;
  /** The final head while it waits for the first byte; without its last lines. */
  #head = '';
  #framing: AnswerFraming = 'none';
  /** Bytes of the body that Content-Length still promises. */
  #promised = 0;
  #state: 'waiting' | 'responded' | 'ended' | 'closed' = 'waiting';
  #hearsOfLast = false;
  #isTaken = false;
  #onClosed: (() => void)[] = [];
  #onDrain: (() => void) | null = null;

  constructor(connection: Http1Connection, head: AdmittedHead, body: Readable | null, facts: ConnectionFacts) {
    super('HTTP/1.1', head);
    this.body = body;
    this.takesTrailers = facts.takesTrailers;
    this.#connection = connection;
    this.#minor = facts.minor;
    this.#expectsContinue = facts.expectsContinue;
  }

  get responded(): boolean {
    return this.#state !== 'waiting';
  }

  get closed(): boolean {
    return this.#state === 'closed' || this.#connection.isGone;
  }

  /** True while the answer is complete, and its client has yet to take the rest. */
  get isEnded(): boolean {
    return this.#state === 'ended';
  }

  /** Bytes of the answer that the client has not taken yet. */
  get pending(): number {
    return this.#connection.socket.writableLength;
  }

  allowBody(): void {
    if (!this.#expectsContinue) return;
    this.#expectsContinue = false;
    this.#connection.socket.write('HTTP/1.1 100 Continue\r\n\r\n', 'latin1');
  }

  inform(status: number, headers: readonly string[]): void {
    if (this.#minor === 0 || this.responded || this.closed) return;
    this.#connection.socket.write(`${responseHead(status, headers)}\r\n`, 'latin1');
  }

  respond(status: number, headers: readonly string[]): void {
    // A body that broke has had its answer.
    if (this.#state === 'closed') return;
    this.#state = 'responded';
    // Without our 100 the client may or may not send its body: this connection cannot be read on.
    if (this.#expectsContinue) this.#connection.ending = true;
    this.#head = responseHead(status, headers);
    const length = statedLength(headers);
    if (this.method === 'HEAD' || status === 204 || status === 304) this.#framing = 'none';
    else if (length !== null) {
      this.#framing = 'length';
      this.#promised = length;
    } else if (this.#minor === 1) this.#framing = 'chunked';
    else {
      this.#framing = 'until-close';
      this.#connection.ending = true;
    }
  }

  write(piece: Buffer): boolean {
    if (this.#framing === 'none' || this.closed || piece.length === 0) return true;
    const { socket } = this.#connection;
    if (this.#framing === 'chunked') {
      const head = this.#head === '' ? '' : this.#takeHead('Transfer-Encoding: chunked\r\n');
      return writeChunk(socket, head, piece);
    }
    if (this.#framing === 'length') {
      this.#promised -= piece.length;
      if (this.#promised < 0) {
        this.abort();
        return true;
      }
    }
    const done = this.#framing === 'length' && this.#promised === 0 ? this.#lastDone() : undefined;
    return this.#head === '' ? socket.write(piece, done) : writeHeadAndBody(socket, this.#takeHead(''), piece, done);
  }

  flush(): void {
    if (this.#head === '' || this.closed) return;
    const framing = this.#framing === 'chunked' ? 'Transfer-Encoding: chunked\r\n' : '';
    this.#connection.socket.write(this.#takeHead(framing), 'latin1');
  }

  end(trailers?: readonly string[]): void {
    if (this.#state === 'ended' || this.closed) return;
    if (this.#framing === 'length' && this.#promised > 0) {
      this.abort();
      return;
    }
    this.#state = 'ended';
    const { socket } = this.#connection;
    const withTrailers = trailers !== undefined && trailers.length > 0 && this.takesTrailers;
    if (this.#framing === 'chunked' && withTrailers) {
      this.flush();
      socket.write(lastChunk(trailers), 'latin1', this.#lastDone());
    } else if (this.#framing === 'chunked' && this.#head === '') socket.write(LAST_CHUNK, this.#lastDone());
    else if (this.#head !== '') {
      const framing = this.#framing === 'chunked' ? 'Content-Length: 0\r\n' : '';
      socket.write(this.#takeHead(framing), 'latin1', this.#lastDone());
    }
    if (socket.writableLength === 0 || this.#isTaken) this.#connection.finished(this);
    // What was written last did not know that it was.
    else if (!this.#hearsOfLast) socket.write('', 'latin1', () => this.#connection.finished(this));
  }

  /**
   * For the last write over TLS, which tells later that the kernel has it; asking with another, empty one costs a system call.
   * In clear text it is told at once.
   */
  #lastDone(): ((error?: Error | null) => void) | undefined {
    if (!this.#connection.isOverTls) return undefined;
    this.#hearsOfLast = true;
    return (error) => {
      // The connection says so itself.
      if (error) return;
      this.#isTaken = true;
      if (this.#state === 'ended') this.#connection.finished(this);
    };
  }

  takeBack(): boolean {
    if (this.#state !== 'responded' || this.#head === '') return false;
    this.#head = '';
    this.#state = 'waiting';
    return true;
  }

  abort(): void {
    this.#connection.cut();
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener;
  }

  onClosed(listener: () => void): void {
    if (this.closed) listener();
    else this.#onClosed.push(listener);
  }

  closeAfter(): void {
    this.#connection.ending = true;
  }

  /** The connection says that there is room again. */
  drained(): void {
    this.#onDrain?.();
  }

  /** The connection says that the answer is taken, or that the client is gone. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    for (const listener of this.#onClosed) listener();
    this.#onClosed = [];
  }

  #takeHead(framing: string): string {
    const { ending, draining } = this.#connection;
    if (draining) this.#connection.ending = true;
    let connection = ending || draining ? 'Connection: close\r\n' : '';
    if (connection === '' && this.#minor === 0) connection = 'Connection: keep-alive\r\n';
    const head = `${this.#head}${framing}${connection}\r\n`;
    this.#head = '';
    return head;
  }
}
