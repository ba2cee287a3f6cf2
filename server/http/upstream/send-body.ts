// Sends a request's body: counted where its length was announced, held back while the connection is full.
import type { Readable } from 'node:stream';
import { Fault } from '#server/core/fault.ts';

/** What a body is written to. `write` says whether there is room for more. */
export type BodySink = { write(chunk: Buffer): boolean; end(): void };

export class BodySender {
  readonly #body: Readable;
  readonly #length: number | null;
  readonly #sink: BodySink;
  readonly #fail: (fault: Fault) => void;
  #sent = 0;
  #isBlocked = false;
  #isOver = false;
  #isDone = false;

  /** `fail` is called at most once: what came is not what was announced. */
  constructor(body: Readable, length: number | null, sink: BodySink, fail: (fault: Fault) => void) {
    this.#body = body;
    this.#length = length;
    this.#sink = sink;
    this.#fail = fail;
  }

  /** True once all of it was given to the sink. */
  get done(): boolean {
    return this.#isDone;
  }

  /** True once nothing of it is sent any more, whether that was all of it or not. */
  get over(): boolean {
    return this.#isOver;
  }

  /** True while the sink takes nothing more; else it is the client who keeps us waiting. */
  get blocked(): boolean {
    return this.#isBlocked;
  }

  get sent(): number {
    return this.#sent;
  }

  start(): void {
    const body = this.#body;
    // The listener for errors stays: a client that leaves later harms nobody.
    body.on('error', this.#broke);
    body.on('data', this.#onData);
    body.on('end', this.#onEnd);
    body.on('close', this.#broke);
    if (body.readableEnded) this.#onEnd();
    else if (body.destroyed) this.#broke();
    else body.resume();
  }

  /** The sink takes more. */
  drained(): void {
    if (!this.#isBlocked || this.#isOver) return;
    this.#isBlocked = false;
    this.#body.resume();
  }

  /** Reads no more of it. */
  stop(): void {
    if (this.#isOver) return;
    this.#detach();
    if (!this.#body.destroyed && !this.#body.readableEnded) this.#body.pause();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#isOver || chunk.length === 0) return;
    this.#sent += chunk.length;
    if (this.#length !== null && this.#sent > this.#length) {
      this.#refuse('The request body is longer than its Content-Length.');
      return;
    }
    if (this.#sink.write(chunk) || this.#isOver) return;
    this.#isBlocked = true;
    this.#body.pause();
  };

  readonly #onEnd = (): void => {
    if (this.#isOver) return;
    if (this.#length !== null && this.#sent < this.#length) {
      this.#refuse('The request body is shorter than its Content-Length.');
      return;
    }
    this.#detach();
    this.#isDone = true;
    this.#sink.end();
  };

  readonly #broke = (): void => {
    if (!this.#isOver) this.#refuse('The request body broke off.');
  };

  #refuse(detail: string): void {
    this.stop();
    this.#fail(new Fault('bad-request', { detail }));
  }

  #detach(): void {
    this.#isOver = true;
    this.#isBlocked = false;
    this.#body.off('data', this.#onData);
    this.#body.off('end', this.#onEnd);
    this.#body.off('close', this.#broke);
  }
}
