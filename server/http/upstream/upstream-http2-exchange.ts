// One request on an HTTP/2 connection to an upstream, and its answer: a stream of its own (RFC 9113 §8.1).
import { type ClientHttp2Session, type ClientHttp2Stream, constants, type IncomingHttpHeaders } from 'node:http2';
import { Fault } from '#server/core/fault.ts';
import { declaredLength, isEventStream, MAX_INTERIM_ANSWERS } from './connection.ts';
import { http2Headers } from './http2-headers.ts';
import { BodySender } from './send-body.ts';
import type { UpstreamHandler, UpstreamRequest, UpstreamStream } from './upstream.ts';

/** Its connection. */
export type Http2ExchangeOwner = {
  /** An answer has come on it. */
  hasAnswered: boolean;
  /** Nothing of it is left: what broke on it did not break alone. */
  readonly isLost: boolean;
  /**
   * Reports whether a request that broke counts against the endpoint: of those that the end of a connection takes with it, or
   * the time after its GOAWAY, only the first one does.
   */
  tellsOfEnd(): boolean;
  /** Its time is over. */
  timedOut(now: number): void;
  /** Its stream is free again. Called once. */
  left(exchange: UpstreamHttp2Exchange): void;
};

/** One request and its answer. */
export class UpstreamHttp2Exchange implements UpstreamStream {
  readonly #connection: Http2ExchangeOwner;
  readonly #request: UpstreamRequest;
  readonly #handler: UpstreamHandler;
  #stream: ClientHttp2Stream | null = null;
  #sender: BodySender | null = null;
  #isOver = false;
  #hasAnswer = false;
  #hasBegun = false;
  /** The upstream has said END_STREAM. */
  #isWhole = false;
  #interim = 0;
  #trailers: string[] | null = null;
  #hasMoved = false;
  #deadline = 0;
  #patience: number | null = null;

  constructor(connection: Http2ExchangeOwner, request: UpstreamRequest, handler: UpstreamHandler) {
    this.#connection = connection;
    this.#request = request;
    this.#handler = handler;
  }

  start(session: ClientHttp2Session, now: number): void {
    const { body, headers, method, target, timeouts } = this.#request;
    this.#handler.carried(this);
    if (this.#isOver) return;
    const length = declaredLength(headers);
    if (length === -1 || (body === null && length !== null && length > 0))
      return this.#fail(new Fault('bad-request', { detail: 'The framing contradicts itself.' }), false);
    this.#patience = timeouts.headers;
    this.#deadline = now + (this.#patience ?? 0);
    let stream: ClientHttp2Stream;
    try {
      const fields = http2Headers(session.encrypted ? 'https' : 'http', method, target, headers);
      stream = session.request(fields, { endStream: body === null });
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      return this.#fail(new Fault('bad-request', { detail, cause }), false);
    }
    this.#stream = stream;
    stream.on('headers', (_headers, _flags, raw) => this.#informed(raw as unknown as string[]));
    stream.on('response', (head, flags, raw) =>
      this.#answered(head, raw as unknown as string[], (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0),
    );
    stream.on('trailers', (_headers, _flags, raw) => {
      this.#trailers = withoutPseudo(raw as unknown as string[]);
    });
    stream.on('data', (chunk: Buffer) => {
      this.#hasMoved = true;
      this.#handler.data(chunk);
    });
    stream.on('end', () => this.#ended());
    // RST_STREAM with NO_ERROR ends the reading as END_STREAM does. Only one of them finds the stream open.
    const push = stream.push;
    stream.push = (chunk, encoding) => {
      if (chunk === null && !stream.closed) this.#isWhole = true;
      return push.call(stream, chunk, encoding);
    };
    stream.on('error', (error: NodeJS.ErrnoException) => this.broke(error.message, error.code === 'ERR_HTTP2_ERROR'));
    stream.on('close', () => this.broke('closed'));
    if (body !== null) this.#send(stream, body, length);
  }

  sweep(now: number): void {
    if (this.#patience === null || this.#isOver) return;
    const sender = this.#sender;
    const waitsForClient = this.#hasAnswer
      ? this.#stream?.isPaused()
      : sender !== null && !sender.done && !sender.blocked;
    if (this.#hasMoved || waitsForClient) {
      this.#hasMoved = false;
      this.#deadline = now + this.#patience;
    } else if (now >= this.#deadline) {
      const detail = this.#hasAnswer ? 'The answer stood still.' : 'No answer came in time.';
      this.#connection.timedOut(now);
      this.#fail(new Fault('upstream-timeout', { detail }), false);
    }
  }

  pause(): void {
    if (!this.#isOver) this.#stream?.pause();
  }

  resume(): void {
    if (this.#isOver) return;
    this.#hasMoved = true;
    this.#stream?.resume();
  }

  abort(): void {
    if (!this.#isOver) this.#leave(constants.NGHTTP2_CANCEL);
  }

  /** It ended without its answer being complete. `isNoise`: since the upstream sent what is no HTTP/2. */
  broke(why: string, isNoise = false): void {
    if (this.#isOver) return;
    const code = this.#stream?.rstCode ?? 0;
    // RFC 9113 §8.7: nothing of it was processed.
    const isRefused = code === constants.NGHTTP2_REFUSED_STREAM && !this.#hasBegun;
    const isProtocol = isNoise || PROTOCOL_ERRORS.has(code);
    const { hasAnswered, isLost } = this.#connection;
    // As over HTTP/1.1, the upstream may have ended an idle connection just as we wrote.
    const isReused = isLost && hasAnswered && !this.#hasBegun && !isProtocol;
    const detail = `${why} (RST_STREAM ${code}) ${this.#hasAnswer ? 'in the middle of the answer' : 'before the answer'}`;
    const again = isRefused || isReused;
    const isBlameless = !this.#hasAnswer && ((again && hasAnswered) || !this.#connection.tellsOfEnd());
    this.#fail(new Fault(isProtocol ? 'upstream-protocol' : 'upstream-closed', { detail }), again, isBlameless);
  }

  #send(stream: ClientHttp2Stream, body: NonNullable<UpstreamRequest['body']>, length: number | null): void {
    const sender = new BodySender(
      body,
      length,
      {
        write: (chunk) => {
          this.#hasMoved = true;
          return stream.write(chunk);
        },
        end: () => {
          this.#hasMoved = true;
          stream.end();
        },
      },
      (fault) => this.#fail(fault, false),
    );
    this.#sender = sender;
    stream.on('drain', () => sender.drained());
    sender.start();
  }

  #informed(raw: readonly string[]): void {
    if (this.#isOver) return;
    this.#hasBegun = true;
    this.#interim += 1;
    const status = statusOf(raw);
    if (status === 101 || this.#interim > MAX_INTERIM_ANSWERS)
      this.#fail(new Fault('upstream-protocol', { detail: `Interim answer ${this.#interim} is ${status}.` }), false);
    else if (status !== 100) this.#handler.informed(status, withoutPseudo(raw) ?? []);
  }

  #answered(head: IncomingHttpHeaders & { ':status'?: number }, raw: readonly string[], isWhole: boolean): void {
    if (this.#isOver) return;
    const status = Number(head[':status']);
    if (!(status >= 200 && status <= 599))
      return this.#fail(new Fault('upstream-protocol', { detail: `Status ${status}.` }), false);
    this.#hasBegun = true;
    this.#hasAnswer = true;
    this.#connection.hasAnswered = true;
    const headers = withoutPseudo(raw) ?? [];
    const length = declaredLength(headers);
    if (length === -1)
      return this.#fail(new Fault('upstream-protocol', { detail: 'Content-Length is no number.' }), false);
    this.#patience = isEventStream(headers) ? null : this.#request.timeouts.idle;
    this.#hasMoved = true;
    const isBodiless = this.#request.method === 'HEAD' || status === 204 || status === 304;
    // Without a body it is whole when it has ended: until then it may be cut, and be asked on.
    const remaining = isBodiless || length === 0 ? null : length;
    this.#handler.answered(status, headers, isWhole ? 0 : remaining);
  }

  #ended(): void {
    if (this.#isOver) return;
    if (!this.#hasAnswer || !this.#isWhole) return this.broke('reset');
    const trailers = this.#trailers;
    const isSent = this.#sender === null || this.#sender.done;
    this.#leave(isSent ? null : constants.NGHTTP2_NO_ERROR);
    this.#handler.ended(trailers);
  }

  #fail(fault: Fault, again: boolean, isBlameless = false): void {
    this.#leave(constants.NGHTTP2_CANCEL);
    this.#handler.failed({ fault, again, isBlameless });
  }

  /** Nothing is heard of it any more. `reset` null: it has ended by itself. */
  #leave(reset: number | null): void {
    this.#isOver = true;
    this.#sender?.stop();
    if (reset !== null && this.#stream && !this.#stream.closed) this.#stream.close(reset);
    this.#stream?.resume();
    this.#connection.left(this);
  }
}

const PROTOCOL_ERRORS = new Set<number>([
  constants.NGHTTP2_PROTOCOL_ERROR,
  constants.NGHTTP2_FRAME_SIZE_ERROR,
  constants.NGHTTP2_COMPRESSION_ERROR,
  constants.NGHTTP2_FLOW_CONTROL_ERROR,
]);

function statusOf(raw: readonly string[]): number {
  for (let i = 0; i < raw.length; i += 2) if (raw[i] === ':status') return Number(raw[i + 1]);
  return 0;
}

/** Null when nothing is left. */
function withoutPseudo(raw: readonly string[]): string[] | null {
  const headers: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string;
    if (name.charCodeAt(0) !== 0x3a) headers.push(name, raw[i + 1] as string);
  }
  return headers.length > 0 ? headers : null;
}
