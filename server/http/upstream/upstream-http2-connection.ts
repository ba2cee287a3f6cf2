// One HTTP/2 connection to an upstream (RFC 9113): many requests at once, each with its own window and its own end.
import { type ClientHttp2Session, connect } from 'node:http2';
import type { Duplex } from 'node:stream';
import { Fault, type FaultCode } from '#server/core/fault.ts';
import { ANSWER_HEAD_LIMITS, type Connection, type ConnectionOwner } from './connection.ts';
import type { UpstreamHandler, UpstreamRequest } from './upstream.ts';
import { UpstreamHttp2Exchange } from './upstream-http2-exchange.ts';

/** What a peer is taken to allow until it has said so. */
export const STREAMS_AT_FIRST = 100;
/** More streams than this on one TCP connection wait for each other's lost packets: then another connection is opened. */
const MAX_STREAMS = 128;
/** What a stream's sender may have on its way to us, and all streams together: memory while browsers are slow. */
const STREAM_WINDOW = 256 * 1024;
const SESSION_WINDOW = 16 * 1024 * 1024;
/** MB, of one connection: above it new streams are refused. */
const MAX_SESSION_MEMORY = 64;
/** RFC 9113 §5.1.1: stream numbers are odd, and end at 2^31. */
const MAX_REQUESTS = 2 ** 30 - 1;
const PING_TIMEOUT_MS = 5_000;
/** One that said something within this time lives, whatever it does with a single request. */
const QUIET_MS = 500;

/** A socket counts what it reads. */
type Counted = Duplex & { readonly bytesRead?: number };

export class UpstreamHttp2Connection implements Connection {
  isListed = false;
  below: Connection | null = null;
  isGone = false;
  idleSince = 0;
  readonly keptMs = Number.POSITIVE_INFINITY;
  hasAnswered = false;
  readonly #session: ClientHttp2Session;
  readonly #stream: Counted;
  readonly #owner: ConnectionOwner;
  readonly #streams = new Set<UpstreamHttp2Exchange>();
  #limit = 0;
  #isEndTold = false;
  #started = 0;
  /** As far as it was looked at, and when that was found. */
  #bytesRead: number | undefined = 0;
  #heardAt = 0;
  /** Since when it may be dead: until it says something, it is asked nothing new. Null: it is not doubted. */
  #doubtedSince: number | null = null;

  private constructor(session: ClientHttp2Session, stream: Duplex, owner: ConnectionOwner) {
    this.#session = session;
    this.#stream = stream;
    this.#owner = owner;
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
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<UpstreamHttp2Connection> {
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
        // Which fields a message repeats is between the browser and the app. (The types know this of servers alone.)
        ...{ strictSingleValueFields: false },
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
      let hasSpoken = false;
      const closed = (): void =>
        hasSpoken
          ? lose('upstream-closed', 'The upstream went away before it took a request (GOAWAY).')
          : lose('upstream-protocol', 'The upstream does not speak HTTP/2: it closed the connection.');
      const deadline = setTimeout(
        () => lose('upstream-connect-timeout', `no HTTP/2 settings in the ${timeoutMs} ms that were left to connect`),
        timeoutMs,
      );
      session.once('connect', () => session.setLocalWindowSize(SESSION_WINDOW));
      session.once('remoteSettings', () => {
        // RFC 9113 §6.8: a server that is being stopped may greet with SETTINGS and GOAWAY, which are read one after the other.
        hasSpoken = true;
        setImmediate(() => {
          if (session.closed || session.destroyed) return closed();
          settle();
          resolve(new UpstreamHttp2Connection(session, stream, owner));
        });
      });
      // Also what breaks later: the session’s end is what counts then, and the promise is settled.
      session.on('error', (error) =>
        lose('upstream-protocol', `The upstream does not speak HTTP/2: ${error.message}`, error),
      );
      // node:http2 does not hear of a TLS alert, and would wait for ever.
      stream.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code?.startsWith('ERR_SSL')) lose('upstream-tls-failed', error.message, error);
      });
      session.on('close', closed);
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted) abort();
    });
  }

  get room(): number {
    const { closed, destroyed } = this.#session;
    return this.isGone || this.#doubtedSince !== null || closed || destroyed
      ? 0
      : Math.max(0, this.#limit - this.#streams.size);
  }

  get isLost(): boolean {
    return this.#session.destroyed;
  }

  get running(): number {
    return this.#streams.size;
  }

  run(request: UpstreamRequest, handler: UpstreamHandler, now: number): void {
    const exchange = new UpstreamHttp2Exchange(this, request, handler);
    this.#streams.add(exchange);
    this.#started += 1;
    exchange.start(this.#session, now);
    if (this.#started >= MAX_REQUESTS) this.retire();
  }

  sweep(now: number): void {
    const { bytesRead } = this.#stream;
    if (bytesRead !== this.#bytesRead) this.#heardAt = now;
    this.#bytesRead = bytesRead;
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

  /**
   * A request was in vain. The app may be slow with this one and serve others; where nothing else was heard either, it is asked
   * whether it is there (RFC 9113 §6.7), since TCP would notice after minutes that it is not. Any byte is an answer.
   */
  timedOut(now: number): void {
    if (this.#doubtedSince !== null || this.#session.destroyed || now - this.#heardAt < QUIET_MS) return;
    this.#doubtedSince = now;
    const { bytesRead } = this.#stream;
    const trust = (): void => {
      clearTimeout(deadline);
      this.#doubtedSince = null;
      if (this.room > 0) this.#owner.freed(this);
    };
    const deadline = setTimeout(() => {
      if (this.#stream.bytesRead === bytesRead) this.destroy();
      else trust();
    }, PING_TIMEOUT_MS).unref();
    this.#session.ping((error: Error | null) => {
      if (error === null) trust();
    });
  }

  left(exchange: UpstreamHttp2Exchange): void {
    if (!this.#streams.delete(exchange)) return;
    // 0: whoever hears that it is free says since when. Of one that is doubted nobody hears.
    if (this.#streams.size === 0) this.idleSince = this.#doubtedSince ?? 0;
    if (this.room > 0) this.#owner.freed(this);
  }

  tellsOfEnd(): boolean {
    if (!this.#session.destroyed && !this.#session.closed) return true;
    const isFirst = !this.#isEndTold;
    this.#isEndTold = true;
    return isFirst;
  }

  #end(): void {
    if (!this.isGone) {
      this.isGone = true;
      this.#owner.gone(this);
    }
    for (const exchange of [...this.#streams]) exchange.broke('The connection ended.');
  }
}

function streamLimit(session: ClientHttp2Session): number {
  return Math.min(session.remoteSettings.maxConcurrentStreams ?? STREAMS_AT_FIRST, MAX_STREAMS);
}
