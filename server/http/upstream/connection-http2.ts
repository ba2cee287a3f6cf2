// One HTTP/2 connection to an upstream (RFC 9113): many requests at once, each with its own window and its own end.
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import type { Duplex } from 'node:stream';
import { Fault, type FaultCode } from '#server/core/fault.ts';
import {
  ANSWER_HEAD_LIMITS,
  type Connection,
  type ConnectionOwner,
  declaredLength,
  isEventStream,
  MAX_INTERIM_ANSWERS,
} from './connection.ts';
import { http2Headers } from './http2-headers.ts';
import { BodySender } from './send-body.ts';
import type { UpstreamHandler, UpstreamRequest, UpstreamStream } from './upstream.ts';

/** What a peer is taken to allow until it has said so. */
export const STREAMS_AT_FIRST = 100;
/** More streams than this on one TCP connection wait for each other's lost packets: then another connection is opened. */
const MAX_STREAMS = 128;
/** What a stream's sender may have on its way to us, and all streams together: memory while browsers are slow. */
const STREAM_WINDOW = 256 * 1024;
const SESSION_WINDOW = 16 * 1024 * 1024;
/** MB, of one connection: above it new streams are refused. */
const MAX_SESSION_MEMORY = 64;
const SETTINGS_TIMEOUT_MS = 5_000;

export class Http2Connection implements Connection {
  isListed = false;
  isGone = false;
  idleSince: number;
  readonly clock: () => number;
  readonly #session: ClientHttp2Session;
  readonly #owner: ConnectionOwner;
  readonly #streams = new Set<Http2Exchange>();
  #limit = 0;

  private constructor(session: ClientHttp2Session, owner: ConnectionOwner, clock: () => number) {
    this.#session = session;
    this.#owner = owner;
    this.clock = clock;
    this.idleSince = clock();
    this.#limit = streamLimit(session);
    session.on('remoteSettings', () => {
      if (session.closed) return;
      this.#limit = streamLimit(session);
      if (this.room > 0) owner.freed(this);
    });
    // RFC 9113 §6.8: the streams that it still serves go on.
    session.on('goaway', () => this.retire());
    session.on('close', () => this.#end());
    session.on('error', () => this.#end());
  }

  /** Takes over a connected stream. Resolves when the far end has shown that it speaks HTTP/2; rejects with a Fault. */
  static open(
    stream: Duplex,
    owner: ConnectionOwner,
    clock: () => number,
    signal?: AbortSignal,
  ): Promise<Http2Connection> {
    return new Promise((resolve, reject) => {
      const session = connect('http://upstream.invalid', {
        createConnection: () => stream,
        settings: {
          enablePush: false,
          initialWindowSize: STREAM_WINDOW,
          maxHeaderListSize: ANSWER_HEAD_LIMITS.headerBytes,
        },
        maxSessionMemory: MAX_SESSION_MEMORY,
        maxHeaderListPairs: ANSWER_HEAD_LIMITS.headerLines,
      });
      const settle = (): void => {
        clearTimeout(deadline);
        signal?.removeEventListener('abort', abort);
        session.off('close', closed);
      };
      const lose = (code: FaultCode, detail: string, cause?: unknown): void => {
        settle();
        session.destroy();
        stream.destroy();
        reject(new Fault(code, { detail, cause }));
      };
      const abort = (): void => lose('upstream-closed', 'the caller went away');
      const closed = (): void =>
        lose('upstream-protocol', 'The upstream does not speak HTTP/2: it closed the connection.');
      const deadline = setTimeout(
        () => lose('upstream-connect-timeout', `no HTTP/2 settings within ${SETTINGS_TIMEOUT_MS} ms`),
        SETTINGS_TIMEOUT_MS,
      );
      session.once('connect', () => session.setLocalWindowSize(SESSION_WINDOW));
      session.once('remoteSettings', () => {
        settle();
        resolve(new Http2Connection(session, owner, clock));
      });
      // Also what breaks later: the session’s end is what counts then, and the promise is settled.
      session.on('error', (error) =>
        lose('upstream-protocol', `The upstream does not speak HTTP/2: ${error.message}`, error),
      );
      session.on('close', closed);
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted) abort();
    });
  }

  get room(): number {
    return this.isGone ? 0 : Math.max(0, this.#limit - this.#streams.size);
  }

  get running(): number {
    return this.#streams.size;
  }

  run(request: UpstreamRequest, handler: UpstreamHandler, now: number): void {
    const exchange = new Http2Exchange(this, request, handler);
    this.#streams.add(exchange);
    exchange.start(this.#session, now);
  }

  sweep(now: number): void {
    for (const exchange of this.#streams) exchange.sweep(now);
  }

  retire(): void {
    this.#limit = 0;
    if (!this.#session.closed) this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
    this.#end();
  }

  left(exchange: Http2Exchange): void {
    if (!this.#streams.delete(exchange)) return;
    if (this.#streams.size === 0) this.idleSince = this.clock();
    if (this.room > 0) this.#owner.freed(this);
  }

  #end(): void {
    if (!this.isGone) {
      this.isGone = true;
      this.#owner.gone(this);
    }
    for (const exchange of [...this.#streams]) exchange.broke('The connection ended.');
  }
}

/** One request and its answer. */
class Http2Exchange implements UpstreamStream {
  readonly #connection: Http2Connection;
  readonly #request: UpstreamRequest;
  readonly #handler: UpstreamHandler;
  #stream: ClientHttp2Stream | null = null;
  #sender: BodySender | null = null;
  #isOver = false;
  #hasAnswer = false;
  #hasBegun = false;
  #interim = 0;
  #trailers: string[] | null = null;
  #hasMoved = false;
  #deadline = 0;
  #patience: number | null = null;

  constructor(connection: Http2Connection, request: UpstreamRequest, handler: UpstreamHandler) {
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
    this.#wait(timeouts.headers, now);
    const stream = session.request(http2Headers(method, target, headers), { endStream: body === null });
    this.#stream = stream;
    stream.on('headers', (_headers, _flags, raw) => this.#informed(raw as unknown as string[]));
    stream.on('response', (head, _flags, raw) => this.#answered(head, raw as unknown as string[]));
    stream.on('trailers', (_headers, _flags, raw) => {
      this.#trailers = withoutPseudo(raw as unknown as string[]);
    });
    stream.on('data', (chunk: Buffer) => {
      this.#hasMoved = true;
      this.#handler.data(chunk);
    });
    stream.on('end', () => this.#ended());
    stream.on('error', (error) => this.broke(error.message));
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

  /** It ended without its answer being complete. */
  broke(why: string): void {
    if (this.#isOver) return;
    const code = this.#stream?.rstCode ?? 0;
    // RFC 9113 §8.7: nothing of it was processed.
    const isRefused = code === constants.NGHTTP2_REFUSED_STREAM && !this.#hasBegun;
    const isProtocol = PROTOCOL_ERRORS.has(code);
    const detail = `${why} (RST_STREAM ${code}) ${this.#hasAnswer ? 'in the middle of the answer' : 'before the answer'}`;
    this.#fail(new Fault(isProtocol ? 'upstream-protocol' : 'upstream-closed', { detail }), isRefused);
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

  #answered(head: IncomingHttpHeaders & { ':status'?: number }, raw: readonly string[]): void {
    if (this.#isOver) return;
    const status = Number(head[':status']);
    if (!(status >= 200 && status <= 599))
      return this.#fail(new Fault('upstream-protocol', { detail: `Status ${status}.` }), false);
    this.#hasBegun = true;
    this.#hasAnswer = true;
    const headers = withoutPseudo(raw) ?? [];
    const length = declaredLength(headers);
    if (length === -1)
      return this.#fail(new Fault('upstream-protocol', { detail: 'Content-Length is no number.' }), false);
    this.#wait(isEventStream(headers) ? null : this.#request.timeouts.idle, this.#connection.clock());
    const isBodiless = this.#request.method === 'HEAD' || status === 204 || status === 304;
    this.#handler.answered(status, headers, isBodiless ? 0 : length);
  }

  #ended(): void {
    if (this.#isOver) return;
    // A stream that was reset says its end too: only a whole one is an answer.
    if (!this.#hasAnswer || this.#stream?.rstCode !== constants.NGHTTP2_NO_ERROR) return this.broke('reset');
    const trailers = this.#trailers;
    const isSent = this.#sender === null || this.#sender.done;
    this.#leave(isSent ? null : constants.NGHTTP2_NO_ERROR);
    this.#handler.ended(trailers);
  }

  #fail(fault: Fault, again: boolean): void {
    this.#leave(constants.NGHTTP2_CANCEL);
    this.#handler.failed({ fault, again });
  }

  /** Nothing is heard of it any more. `reset` null: it has ended by itself. */
  #leave(reset: number | null): void {
    this.#isOver = true;
    this.#sender?.stop();
    if (reset !== null && this.#stream && !this.#stream.closed) this.#stream.close(reset);
    this.#stream?.resume();
    this.#connection.left(this);
  }

  #wait(patience: number | null, now: number): void {
    this.#patience = patience;
    this.#hasMoved = false;
    this.#deadline = now + (patience ?? 0);
  }
}

const PROTOCOL_ERRORS = new Set<number>([
  constants.NGHTTP2_PROTOCOL_ERROR,
  constants.NGHTTP2_FRAME_SIZE_ERROR,
  constants.NGHTTP2_COMPRESSION_ERROR,
  constants.NGHTTP2_FLOW_CONTROL_ERROR,
]);

function streamLimit(session: ClientHttp2Session): number {
  return Math.min(session.remoteSettings.maxConcurrentStreams ?? STREAMS_AT_FIRST, MAX_STREAMS);
}

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
