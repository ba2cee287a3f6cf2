// One HTTP/2 stream of a browser, as an exchange.
import type { Readable } from 'node:stream';
import type { Exchange } from './exchange.ts';
import type { Http2Stream } from './http2-stream.ts';
import { type AdmittedHead, RequestParts } from './request-parts.ts';

export class Http2Exchange extends RequestParts implements Exchange {
  readonly body: Readable | null;
  readonly takesTrailers = true;
  readonly #stream: Http2Stream;
  readonly #cut: () => void;
  #expectsContinue: boolean;

  /** `cut` resets the stream: nothing the client did. */
  constructor(stream: Http2Stream, expectsContinue: boolean, head: AdmittedHead, cut: () => void) {
    super('HTTP/2', head);
    this.body = stream.body;
    this.#stream = stream;
    this.#expectsContinue = expectsContinue;
    this.#cut = cut;
  }

  get responded(): boolean {
    return this.#stream.hasAnswer;
  }

  get closed(): boolean {
    return this.#stream.isClosed;
  }

  allowBody(): void {
    if (!this.#expectsContinue) return;
    this.#expectsContinue = false;
    this.#stream.inform(100, []);
  }

  inform(status: number, headers: readonly string[]): void {
    this.#stream.inform(status, headers);
  }

  respond(status: number, headers: readonly string[], isWhole = false): void {
    const isBodiless = this.method === 'HEAD' || status === 204 || status === 304;
    this.#stream.respond(status, headers, isBodiless);
    if (isWhole) this.#stream.end(null);
  }

  write(piece: Buffer): boolean {
    return this.#stream.write(piece);
  }

  /** What a stream has to say leaves in the same moment. */
  flush(): void {}

  end(trailers?: readonly string[]): void {
    this.#stream.end(trailers !== undefined && trailers.length > 0 ? trailers : null);
  }

  takeBack(): boolean {
    return this.#stream.takeBack();
  }

  abort(): void {
    this.#cut();
  }

  onDrain(listener: () => void): void {
    this.#stream.onDrain(listener);
  }

  onClosed(listener: () => void): void {
    this.#stream.onClosed(listener);
  }

  /** Streams are independent: what is left of a body is refused with the stream, not with the connection. */
  closeAfter(): void {
    this.#stream.refuseRest();
  }
}
