// Watches HTTP/2 connections: those that ask for nothing are closed, those that only make work are told to calm down, and ended.
import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { BARE_BYTES_AT_ONCE, Bucket, debtAfter } from './http2-budget.ts';
import type { Limits } from './limits.ts';
import { lingeringClose } from './lingering-close.ts';

/** PING frames are clients' to send, now and then; each costs an answer. */
const PING_BURST = 1_000;
const PINGS_PER_SECOND = 100;
/** SETTINGS may change a table or every window, and none changes often. */
const PINGS_PER_SETTINGS = 10;
const MAX_SWEEP_MS = 1_000;

/** Every HTTP/2 connection of a listener, and the one clock that looks at them. */
export class Http2Watch {
  readonly limits: Limits;
  /** Monotonic milliseconds as of the last sweep. */
  nowMs = performance.now();
  /** Streams that are open now; streams that ended in a reset, and connections that were told to calm down, since the start. */
  streams = 0;
  resets = 0;
  floods = 0;
  readonly #connections = new Set<Http2Connection>();
  readonly #sweeping: NodeJS.Timeout;

  constructor(limits: Limits) {
    this.limits = limits;
    const everyMs = Math.min(MAX_SWEEP_MS, limits.headersTimeoutMs / 4, limits.keepAliveMs / 4);
    // After what has arrived was read: a request that is here already is not to meet a closing connection.
    this.#sweeping = setInterval(() => setImmediate(() => this.#sweep()), everyMs);
    this.#sweeping.unref();
  }

  add(session: ServerHttp2Session, socket: TLSSocket): Http2Connection {
    const connection = new Http2Connection(this, session, socket);
    this.#connections.add(connection);
    session.once('close', () => this.#connections.delete(connection));
    return connection;
  }

  /** Connections that wait for a request. */
  idle(): Http2Connection[] {
    return [...this.#connections].filter((connection) => connection.isIdle);
  }

  stop(): void {
    clearInterval(this.#sweeping);
  }

  #sweep(): void {
    this.nowMs = performance.now();
    for (const connection of this.#connections) connection.sweep(this.nowMs);
  }
}

/** What happens when a stream is closed, in order. */
export type Closing = (() => void)[];

/** One connection: the streams that are open, the work that outlives them, and what it may cost. */
export class Http2Connection {
  readonly #watch: Http2Watch;
  readonly #session: ServerHttp2Session;
  readonly #socket: TLSSocket;
  readonly #open = new Set<ServerHttp2Stream>();
  /** Answers that are complete and not taken: how much was left at the last look, and since when. */
  readonly #untaken = new WeakMap<ServerHttp2Stream, { left: number; since: number }>();
  readonly #cut = new WeakSet<ServerHttp2Stream>();
  readonly #resets: Bucket;
  readonly #pings: Bucket;
  #work = 0;
  #idleSince: number;
  #hasAsked = false;
  #isCalmed = false;
  #looked: { at: number; read: number; written: number };
  #used = 0;
  #announced = 0;
  #unread = 0;
  #debt = 0;

  constructor(watch: Http2Watch, session: ServerHttp2Session, socket: TLSSocket) {
    this.#watch = watch;
    this.#session = session;
    this.#socket = socket;
    const now = performance.now();
    this.#idleSince = now;
    this.#looked = { at: now, read: socket.bytesRead, written: socket.bytesWritten };
    const { streamResetBurst, streamResetsPerSecond } = watch.limits;
    this.#resets = new Bucket(streamResetBurst, streamResetsPerSecond, now);
    this.#pings = new Bucket(PING_BURST, PINGS_PER_SECOND, now);
    callFloodsByTheirName(session);
    session.on('ping', () => this.#spend(this.#pings, 1));
    session.on('remoteSettings', () => this.#spend(this.#pings, PINGS_PER_SETTINGS));
  }

  get isIdle(): boolean {
    return this.#open.size === 0 && this.#hasAsked && !this.#session.closed;
  }

  /** Milliseconds since the last request. */
  idleMs(nowMs: number): number {
    return nowMs - this.#idleSince;
  }

  /** A stream that asks for something. It may be one that is refused. Returns what is called when it is closed. */
  opened(stream: ServerHttp2Stream, headBytes: number): Closing {
    const closing: Closing = [];
    this.#hasAsked = true;
    this.#used += headBytes;
    this.#open.add(stream);
    this.#watch.streams += 1;
    const announced = stream.endAfterHeaders ? 0 : this.#watch.limits.streamWindowBytes;
    this.#announced += announced;
    // The one listener of a stream: each costs more than all that is done in it.
    stream.on('close', () => {
      this.#announced -= announced;
      this.#unread += announced;
      this.#open.delete(stream);
      this.#watch.streams -= 1;
      // Whoever sent the reset: a client can make us send it (CVE-2025-8671).
      if (stream.rstCode !== constants.NGHTTP2_NO_ERROR || stream.aborted) {
        this.#watch.resets += 1;
        if (!this.#cut.has(stream)) this.#spend(this.#resets, 1);
      }
      if (this.#open.size === 0) this.#rest();
      for (const listener of closing) listener();
    });
    return closing;
  }

  /** Resets a stream that the client did nothing about. */
  cut(stream: ServerHttp2Stream): void {
    this.#cut.add(stream);
    // `close(code)` would end the stream first, and half a body would arrive as a whole one; this resets it.
    stream.destroy(new Error('The answer was cut.'));
  }

  received(bytes: number): void {
    this.#used += bytes;
  }

  /**
   * Counts work for an app in, or says that there is too much of it: what a client resets may still be looked up or dialled
   * for, so streams alone say too little (CVE-2023-44487, CVE-2025-8671).
   */
  takeWork(): boolean {
    if (this.#work >= this.#watch.limits.streams) return false;
    this.#work += 1;
    return true;
  }

  endWork(): void {
    this.#work -= 1;
  }

  /** Closes it where it waits for a request; reports whether it did. */
  closeIdle(): boolean {
    if (!this.isIdle) return false;
    this.#session.close();
    lingeringClose(this.#socket);
    return true;
  }

  sweep(nowMs: number): void {
    if (this.#session.destroyed) return;
    this.#settle(nowMs);
    for (const stream of this.#open) this.#letGoOfUntaken(stream, nowMs);
    if (this.#open.size > 0) return;
    const { headersTimeoutMs, keepAliveMs } = this.#watch.limits;
    const waitedMs = nowMs - this.#idleSince;
    // PING frames, or a head that drips in byte by byte, are no request.
    if (!this.#hasAsked && waitedMs >= headersTimeoutMs) this.#session.destroy();
    else if (waitedMs >= keepAliveMs) this.closeIdle();
  }

  #rest(): void {
    this.#idleSince = performance.now();
    if (this.#isCalmed) this.#end();
  }

  /** What came since the last look, beside what it was good for. */
  #settle(nowMs: number): void {
    const { at, read, written } = this.#looked;
    const { bytesRead, bytesWritten } = this.#socket;
    const traffic = { read: bytesRead - read, written: bytesWritten - written, used: this.#used, unread: this.#unread };
    this.#looked = { at: nowMs, read: bytesRead, written: bytesWritten };
    this.#used = 0;
    this.#unread = 0;
    this.#debt = debtAfter(this.#debt, traffic, (nowMs - at) / 1_000, this.#announced);
    if (this.#debt > 2 * BARE_BYTES_AT_ONCE) this.#end();
    else if (this.#debt > BARE_BYTES_AT_ONCE) this.#calm();
  }

  #letGoOfUntaken(stream: ServerHttp2Stream, nowMs: number): void {
    if (!stream.writableEnded) return;
    const left = stream.writableLength;
    const known = this.#untaken.get(stream);
    if (!known || known.left !== left) this.#untaken.set(stream, { left, since: nowMs });
    else if (nowMs - known.since >= this.#watch.limits.keepAliveMs) stream.close(constants.NGHTTP2_CANCEL);
  }

  #spend(bucket: Bucket, count: number): void {
    const standing = bucket.take(count, performance.now());
    if (standing === 'over') this.#end();
    else if (standing === 'short') this.#calm();
  }

  /**
   * Asks for calm and takes nothing new, while what runs on the connection goes on: a person whose browser cancels much at once
   * notices nothing, since it asks again on another connection (RFC 9113 §6.8, §10.5).
   */
  #calm(): void {
    if (this.#isCalmed || this.#session.destroyed) return;
    this.#isCalmed = true;
    this.#watch.floods += 1;
    this.#session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    if (this.#open.size === 0) this.#end();
  }

  #end(): void {
    if (this.#session.destroyed) return;
    if (!this.#isCalmed) this.#watch.floods += 1;
    this.#isCalmed = true;
    this.#session.destroy(new Error('The connection only makes work.'), constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }
}

/** NGHTTP2_ERR_TOO_MANY_CONTINUATIONS. */
const TOO_MANY_CONTINUATIONS = -905;

/** What node:http2 itself ends as a flood, it ends with INTERNAL_ERROR; RFC 9113 §10.5 has a code for it. */
function callFloodsByTheirName(session: ServerHttp2Session): void {
  const destroy = session.destroy.bind(session);
  session.destroy = (error?: Error & { code?: string; errno?: number }, code?: number) => {
    const isFlood = error?.errno === TOO_MANY_CONTINUATIONS || error?.code === 'ERR_HTTP2_TOO_MANY_INVALID_FRAMES';
    destroy(error, isFlood ? constants.NGHTTP2_ENHANCE_YOUR_CALM : code);
  };
}
