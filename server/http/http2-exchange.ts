// One HTTP/2 stream of a browser, as an exchange.
import { constants, type ServerHttp2Stream } from 'node:http2';
import type { Readable } from 'node:stream';
import type { Exchange } from './exchange.ts';
import type { Closing, Http2Connection } from './http2-watch.ts';
import { RequestBody } from './request-body.ts';
import { type AdmittedHead, RequestParts } from './request-parts.ts';

export class Http2Exchange extends RequestParts implements Exchange {
  readonly body: Readable | null;
  readonly takesTrailers = true;
  readonly #connection: Http2Connection;
  readonly #stream: ServerHttp2Stream;
  readonly #closing: Closing;
  #expectsContinue: boolean;
  #trailers: readonly string[] | null = null;

  constructor(
    connection: Http2Connection,
    stream: ServerHttp2Stream,
    closing: Closing,
    expectsContinue: boolean,
    head: AdmittedHead,
  ) {
    super('HTTP/2', head);
    this.body = stream.endAfterHeaders ? null : new RequestBody(stream, (bytes) => connection.received(bytes));
    this.#connection = connection;
    this.#stream = stream;
    this.#closing = closing;
    this.#expectsContinue = expectsContinue;
  }

  get responded(): boolean {
    return this.#stream.headersSent;
  }

  get closed(): boolean {
    return this.#stream.closed || this.#stream.destroyed;
  }

  allowBody(): void {
    if (!this.#expectsContinue || this.closed) return;
    this.#expectsContinue = false;
    this.#stream.additionalHeaders({ ':status': 100 });
  }

  inform(status: number, headers: readonly string[]): void {
    if (this.closed || this.responded) return;
    const list: Record<string, string | string[]> = { ':status': String(status) };
    for (const [name, values] of byName(headers)) list[name] = values;
    try {
      this.#stream.additionalHeaders(list);
    } catch {
      // node:http2 throws at what HTTP/2 cannot say, such as a second Content-Type. A hint may be left out.
    }
  }

  respond(status: number, headers: readonly string[], isWhole = false): void {
    const list = [':status', String(status)];
    let saysLength = false;
    for (let i = 0; i < headers.length; i += 2) {
      // Names of HTTP/2 are lower case (RFC 9113 §8.2.1).
      const name = (headers[i] as string).toLowerCase();
      saysLength ||= name === 'content-length';
      list.push(name, headers[i + 1] as string);
    }
    // What says its length has no trailers; waiting for them costs an empty frame.
    if (saysLength || isWhole) {
      this.#stream.respond(list, { endStream: isWhole });
      return;
    }
    this.#stream.respond(list, { waitForTrailers: true });
    this.#stream.once('wantTrailers', () => this.#sendTrailers());
  }

  write(piece: Buffer): boolean {
    return this.closed || this.#stream.write(piece);
  }

  /** The head of a stream leaves at once. */
  flush(): void {}

  end(trailers?: readonly string[]): void {
    if (this.closed || this.#stream.writableEnded) return;
    this.#trailers = trailers ?? null;
    this.#stream.end();
  }

  onDrain(listener: () => void): void {
    this.#stream.on('drain', listener);
  }

  /** A head of HTTP/2 has left as soon as it is said. */
  takeBack(): boolean {
    return false;
  }

  abort(): void {
    this.#connection.cut(this.#stream);
  }

  onClosed(listener: () => void): void {
    if (this.closed) listener();
    else this.#closing.push(listener);
  }

  #sendTrailers(): void {
    if (this.closed) return;
    const trailers: Record<string, string | string[]> = {};
    for (const [name, values] of byName(this.#trailers ?? [])) trailers[name] = values;
    try {
      // Without any, this ends the stream with an empty DATA frame.
      this.#stream.sendTrailers(trailers);
    } catch {
      // As with a head, but here the answer has begun: without its trailers it is not whole.
      this.abort();
    }
  }

  /** Streams are independent: what is left of a body is refused with the stream, not with the connection. */
  closeAfter(): void {
    const refuseRest = () => {
      if (!this.#stream.readableEnded) this.#stream.close(constants.NGHTTP2_NO_ERROR);
    };
    if (this.#stream.writableFinished) refuseRest();
    else this.#stream.once('finish', refuseRest);
  }
}

function byName(headers: readonly string[]): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (let i = 0; i < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase();
    names.set(name, [...(names.get(name) ?? []), headers[i + 1] as string]);
  }
  return names;
}
