// The body of a request, of either protocol: readable, but not the connection itself.
import { Readable } from 'node:stream';

/** The client sent less than it announced. */
export class BodyCutOff extends Error {
  readonly code = 'ECONNRESET';
}

/**
 * Filled by its connection, with backpressure. Whoever reads it may destroy it at any time: the connection stays whole for the
 * answer, and what is left of the body runs into the void, since a client that is not read from does not read our answer either.
 */
export class RequestBody extends Readable {
  readonly #wantMore: () => void;

  constructor(wantMore: () => void) {
    super({ highWaterMark: 64 * 1024 });
    this.#wantMore = wantMore;
    // Who reads it hears of an error; when nobody does any more, it matters to nobody.
    this.on('error', () => {});
  }

  override _read(): void {
    this.#wantMore();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#wantMore();
    done(error);
  }
}
