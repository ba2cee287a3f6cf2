// One HTTP/1.1 connection to an upstream (RFC 9112): one request at a time, and never another one after anything unclear.
import type { Duplex } from 'node:stream';
import { Fault, type FaultCode } from '#server/core/fault.ts';
import { requestHead, writeChunk } from '../wire/write.ts';
import { type AnswerEvents, type AnswerHead, AnswerReader } from './answer-reader.ts';
import { type Connection, type ConnectionOwner, declaredLength, isEventStream } from './connection.ts';
import { readOn } from './read-on.ts';
import { BodySender, type BodySink } from './send-body.ts';
import type { UpstreamHandler, UpstreamRequest, UpstreamStream } from './upstream.ts';

/** What one read of a client's socket brings, with a head before it: more in one call wins little. */
const PUSHED_BYTES = 80 * 1024;

export class UpstreamHttp1Connection implements Connection {
  isListed = false;
  below: Connection | null = null;
  idleSince = 0;
  keptMs = Number.POSITIVE_INFINITY;
  readonly #stream: Duplex;
  readonly #owner: ConnectionOwner;
  readonly #reader = new AnswerReader();
  #exchange: Exchange | null = null;
  isGone = false;
  /** Nothing was asked of it or said on it that forbids another request. */
  #isReusable = true;
  #hasAnswered = false;
  /** Bodies were sent on it, and a write of theirs may fail while an answer is on its way. */
  #readsOn = false;
  /** Why nothing can be written any more; null: it can. */
  #lost: string | null = null;
  /** Something moved since the last sweep. */
  #hasMoved = false;
  #deadline = 0;
  /** What the deadline is moved on by; null: there is none. */
  #patience: number | null = null;

  /** Takes over a connected stream. */
  constructor(stream: Duplex, owner: ConnectionOwner) {
    this.#stream = stream;
    this.#owner = owner;
    stream.on('data', this.#onData);
    stream.on('end', () => this.#onEnd());
    stream.on('error', (error: NodeJS.ErrnoException) => this.#broke(error.code ?? error.message));
    stream.on('close', () => this.#broke('closed'));
    stream.on('drain', () => this.#exchange?.sender?.drained());
    if (stream.destroyed) this.#end();
  }

  get room(): number {
    return this.#exchange === null && !this.isGone ? 1 : 0;
  }

  get running(): number {
    return this.#exchange === null ? 0 : 1;
  }

  run(request: UpstreamRequest, handler: UpstreamHandler, now: number): void {
    const exchange = new Exchange(this, request, handler);
    this.#exchange = exchange;
    handler.carried(exchange);
    // Ended before a byte of it was written: the connection is as good as it was.
    if (this.#exchange !== exchange) return;
    const length = declaredLength(request.headers);
    if (length === -1 || (request.body === null && length !== null && length > 0)) {
      this.#release();
      handler.failed({ fault: new Fault('bad-request', { detail: 'The framing contradicts itself.' }), again: false });
      return;
    }
    this.#reader.expect(request.method);
    this.#patience = request.timeouts.headers;
    this.#deadline = now + (this.#patience ?? 0);
    this.#hasMoved = false;
    exchange.isWritten = true;
    const head = requestHead(request.method, request.target, request.headers);
    if (request.body === null) this.#stream.write(`${head}\r\n`, 'latin1');
    else this.#writeBody(exchange, request.body, head, length);
  }

  sweep(now: number): void {
    const exchange = this.#exchange;
    if (exchange === null || this.#patience === null) return;
    if (this.#hasMoved || exchange.waitsForClient(this.#reader.awaitsHead, this.#stream.isPaused())) {
      this.#hasMoved = false;
      this.#deadline = now + this.#patience;
    } else if (now >= this.#deadline) {
      this.#fail('upstream-timeout', this.#reader.awaitsHead ? 'No answer came in time.' : 'The answer stood still.');
    }
  }

  retire(): void {
    if (this.#exchange === null) this.#end();
    else this.#isReusable = false;
  }

  destroy(): void {
    if (this.#exchange === null) this.#end();
    else this.#fail('upstream-closed', 'The gateway let go of the connection.');
  }

  pause(exchange: Exchange): void {
    if (this.#exchange === exchange) this.#stream.pause();
  }

  resume(exchange: Exchange): void {
    if (this.#exchange !== exchange) return;
    this.#hasMoved = true;
    this.#stream.resume();
  }

  abort(exchange: Exchange): void {
    if (this.#exchange !== exchange) return;
    if (exchange.isWritten) this.#end();
    else this.#release();
  }

  answered(exchange: Exchange, head: AnswerHead): void {
    this.keptMs = head.keptMs;
    if (head.keptMs === 0) this.#isReusable = false;
    this.#patience = isEventStream(head.headers) ? null : exchange.request.timeouts.idle;
    this.#hasMoved = true;
    exchange.handler.answered(head.status, head.headers, head.length);
  }

  bad(problem: string): void {
    this.#fail('upstream-protocol', problem);
  }

  /** Head and pieces wait until all that has come by now has been read, so that they take one system call. */
  #writeBody(
    exchange: Exchange,
    body: NonNullable<UpstreamRequest['body']>,
    head: string,
    length: number | null,
  ): void {
    const stream = this.#stream;
    if (!this.#readsOn) readOn(stream, this.#onLost);
    this.#readsOn = true;
    let isCorked = false;
    const uncork = (): void => {
      if (isCorked) stream.uncork();
      isCorked = false;
    };
    const cork = (): void => {
      if (isCorked) return;
      isCorked = true;
      stream.cork();
      setImmediate(uncork);
    };
    const sink: BodySink = {
      write: (chunk) => {
        this.#hasMoved = true;
        cork();
        if (length === null) writeChunk(stream, '', chunk);
        else stream.write(chunk);
        if (stream.writableLength >= PUSHED_BYTES) uncork();
        return isCorked || stream.writableLength < stream.writableHighWaterMark;
      },
      end: () => {
        this.#hasMoved = true;
        if (length !== null) return;
        cork();
        stream.write('0\r\n\r\n', 'latin1');
      },
    };
    cork();
    stream.write(length === null ? `${head}Transfer-Encoding: chunked\r\n\r\n` : `${head}\r\n`, 'latin1');
    exchange.sender = new BodySender(body, length, sink, (fault) => {
      if (this.#exchange === exchange) this.#failWith(fault, false);
    });
    exchange.sender.start();
  }

  /** The upstream takes no more of the body. It may have said why before it closed. */
  readonly #onLost = (code: string): boolean => {
    const sender = this.#exchange?.sender;
    if (!sender) return false;
    sender.stop();
    this.#lost = code;
    this.#isReusable = false;
    return true;
  };

  readonly #onData = (bytes: Buffer): void => {
    const exchange = this.#exchange;
    // RFC 9112 §9.2: an answer to nothing. Whoever is next on this connection must not take it for theirs.
    if (exchange === null) return this.#end();
    if (!this.#reader.awaitsHead) this.#hasMoved = true;
    const end = this.#reader.read(bytes, 0, exchange);
    if (exchange.isComplete) this.#finish(exchange, end === bytes.length);
  };

  /** The answer is complete. `isClean`: no byte came behind it. */
  #finish(exchange: Exchange, isClean: boolean): void {
    const isSent = exchange.sender === null || exchange.sender.done;
    exchange.sender?.stop();
    this.#hasAnswered = true;
    const { writable, readableLength } = this.#stream;
    if (this.#isReusable && isClean && isSent && writable && readableLength === 0) this.#release();
    else this.#end();
    exchange.handler.ended(exchange.trailers);
  }

  #release(): void {
    this.#exchange = null;
    this.#patience = null;
    this.idleSince = 0;
    if (this.#stream.isPaused()) this.#stream.resume();
    this.#owner.freed(this);
  }

  #onEnd(): void {
    const exchange = this.#exchange;
    // Over TLS it may lack the close_notify that says so (RFC 8446 §6.1), and Node tells no difference: docs/decisions/0006.
    // Behind a reset, nobody knows whether this is all of it.
    if (exchange !== null && this.#reader.endsWithConnection && this.#lost === null) this.#finish(exchange, true);
    else this.#broke(this.#lost ?? 'closed');
  }

  #broke(why: string): void {
    if (this.isGone) return;
    if (this.#exchange === null) return this.#end();
    const { hasBegun } = this.#reader;
    const detail = `${why} ${hasBegun ? 'in the middle of the answer' : 'before the answer'}`;
    // RFC 9112 §9.3.1: the upstream may have ended an idle connection just as we wrote.
    this.#failWith(new Fault('upstream-closed', { detail }), this.#hasAnswered && !hasBegun);
  }

  #fail(code: FaultCode, detail: string): void {
    this.#failWith(new Fault(code, { detail }), false);
  }

  #failWith(fault: Fault, again: boolean): void {
    const exchange = this.#exchange;
    this.#end();
    // A reused connection that was closed is nobody's fault.
    exchange?.handler.failed({ fault, again, isBlameless: again });
  }

  /** Nothing is heard of it any more. */
  #end(): void {
    if (this.isGone) return;
    this.isGone = true;
    this.#reader.stop();
    this.#exchange?.sender?.stop();
    this.#exchange = null;
    this.#stream.destroy();
    this.#owner.gone(this);
  }
}

/** One request and its answer; worth nothing any more once the connection has gone on to another one. */
class Exchange implements UpstreamStream, AnswerEvents {
  readonly request: UpstreamRequest;
  readonly handler: UpstreamHandler;
  readonly #connection: UpstreamHttp1Connection;
  sender: BodySender | null = null;
  isWritten = false;
  isComplete = false;
  trailers: string[] | null = null;

  constructor(connection: UpstreamHttp1Connection, request: UpstreamRequest, handler: UpstreamHandler) {
    this.#connection = connection;
    this.request = request;
    this.handler = handler;
  }

  /** Before the head it is the rest of the request that we may wait for, after it the room for the answer. */
  waitsForClient(awaitsHead: boolean, isPaused: boolean): boolean {
    const { sender } = this;
    return awaitsHead ? sender !== null && !sender.over && !sender.blocked : isPaused;
  }

  pause(): void {
    this.#connection.pause(this);
  }

  resume(): void {
    this.#connection.resume(this);
  }

  abort(): void {
    this.#connection.abort(this);
  }

  interim(status: number, headers: string[]): void {
    this.handler.informed(status, headers);
  }

  head(head: AnswerHead): void {
    this.#connection.answered(this, head);
  }

  data(piece: Buffer): void {
    this.handler.data(piece);
  }

  complete(trailers: string[] | null): void {
    this.isComplete = true;
    this.trailers = trailers;
  }

  bad(problem: string): void {
    this.#connection.bad(problem);
  }
}
