// A request's body as an upstream may have it: readable, but not the connection itself.
import type { ServerHttp2Stream } from 'node:http2';
import { Readable } from 'node:stream';

/**
 * Reads `source` with backpressure. Whoever sends the body may destroy it, at any time and for any reason, and the client's
 * stream stays whole for the answer: an HTTP/2 stream and an HTTP/1 message would both take their connection along. What
 * is left of the source then runs into the void, since a client that is not read from does not read our answer either.
 */
export class RequestBody extends Readable {
  readonly #source: ServerHttp2Stream;
  readonly #onBytes: (bytes: number) => void;
  #attached = false;

  constructor(source: ServerHttp2Stream, onBytes: (bytes: number) => void) {
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
    const breakOff = () => this.destroy(new BodyCutOff('The client broke off in the middle of its body.'));
    source.once('end', () => {
      // RST_STREAM with NO_ERROR ends the reading as END_STREAM does.
      if (source.aborted) breakOff();
      else this.push(null);
    });
    source.once('close', () => {
      if (!source.readableEnded) breakOff();
    });
  }
}

/** The client sent less than it announced. */
export class BodyCutOff extends Error {
  readonly code = 'ECONNRESET';
}
