// A request's body as an upstream may have it: readable, but not the connection itself.
import { Readable } from 'node:stream';

/**
 * Reads `source` with backpressure. Whoever sends the body may destroy it, at any time and for any reason, and the client's
 * stream stays whole for the answer: an HTTP/2 stream and an HTTP/1 message would both take their connection along. What
 * is left of the source then runs into the void, since a client that is not read from does not read our answer either.
 */
export class RequestBody extends Readable {
  readonly #source: Readable;
  readonly #onBytes: (bytes: number) => void;
  #attached = false;

  constructor(source: Readable, onBytes: (bytes: number) => void) {
    super({ highWaterMark: source.readableHighWaterMark });
    this.#source = source;
    this.#onBytes = onBytes;
    // Who reads it hears of an error; when nobody does any more, it matters to nobody.
    this.on('error', () => {});
  }

  override _read(): void {
    if (!this.#attached) this.#attach();
    this.#source.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#source.resume();
    done(error);
  }

  #attach(): void {
    this.#attached = true;
    const source = this.#source;
    source.on('data', (chunk: Buffer) => {
      this.#onBytes(chunk.length);
      if (!this.destroyed && !this.push(chunk)) source.pause();
    });
    source.once('end', () => this.push(null));
    source.once('close', () => {
      if (!source.readableEnded) this.destroy(new BodyCutOff('The client broke off in the middle of its body.'));
    });
  }
}

/** The client sent less than it announced. */
export class BodyCutOff extends Error {
  readonly code = 'ECONNRESET';
}
