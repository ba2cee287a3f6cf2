// One stream of a browser's HTTP/2 connection (RFC 9113 §5): what it has still to bring, and what it has still to be sent.
import { BodyCutOff, RequestBody } from './request-body.ts';
import type { FrameWriter } from './wire/frame-writer.ts';
import { statedLength } from './wire/framing.ts';
import type { HpackEncoder } from './wire/hpack-encoder.ts';
import { ERROR, FRAME, MAX_FRAME_BYTES } from './wire/http2-frame.ts';
import { ownBytes } from './wire/own-bytes.ts';
import type { Priority } from './wire/priority.ts';

/** Whose doing a reset is. Clients have a budget of their own. */
export type Blame = 'client' | 'ours';

/** What a stream needs of its connection. */
export type StreamOwner = {
  /** It has something to send, or room to announce. */
  ready(stream: Http2Stream): void;
  /** Sends now what can be sent. */
  push(): void;
  /** Bytes that it holds in memory, more or fewer. */
  hold(bytes: number): void;
  /** Bytes of a body that have been taken, or are nobody's to take. */
  taken(bytes: number): void;
  reset(stream: Http2Stream, code: number, blame: Blame): void;
  /** Its answer has been written whole; what the client still brings is refused behind it (RFC 9113 §8.1). */
  dismiss(stream: Http2Stream): void;
  /** Both sides are done with it, or one of them gave it up. */
  left(stream: Http2Stream): void;
};

/** An answer waits for its client up to here; then its upstream does. */
const ENOUGH_BYTES = 64 * 1024;
/** From here on it is not worth waiting for what else comes in the same moment. */
const PUSHED_BYTES = 16 * 1024;
const SMALL_BYTES = 2 * 1024;

type Head = { status: number; headers: readonly string[] };

export class Http2Stream {
  readonly id: number;
  readonly body: RequestBody | null;
  priority: Priority;
  /** What may still be sent to the client, and what it may still send. */
  sendWindow: number;
  receiveWindow: number;
  isClosed = false;
  /** What was left of a complete answer when the sweep last wrote it down, and when that was; -1: it is not complete. */
  untaken = -1;
  untakenSince = 0;
  readonly #owner: StreamOwner;
  readonly #fullWindow: number;
  /** What Content-Length promised and has not come; null where it said nothing. */
  #expected: number | null;
  #hasClientEnded: boolean;
  /** Bytes of the body that nobody has taken yet, and that are to be announced as room. */
  #unread = 0;
  #roomToTell = 0;
  /** 1xx answers that have not left, and behind them the final one. */
  #heads: Head[] = [];
  #hasAnswer = false;
  /** Answers to HEAD, 204 and 304 have no body, whatever their head says of it. */
  #isBodiless = false;
  #promised: number | null = null;
  #pieces: Buffer[] = [];
  /** Of the first piece: what has been sent of it. */
  #offset = 0;
  #queued = 0;
  #isEnded = false;
  #trailers: readonly string[] | null = null;
  #hasSentEnd = false;
  #refusesRest = false;
  #isFull = false;
  #onDrain: (() => void) | null = null;
  #onClosed: (() => void)[] = [];

  constructor(
    owner: StreamOwner,
    given: {
      id: number;
      sendWindow: number;
      receiveWindow: number;
      length: number | null;
      priority: Priority;
      isEnd: boolean;
    },
  ) {
    this.#owner = owner;
    this.id = given.id;
    this.priority = given.priority;
    this.sendWindow = given.sendWindow;
    this.receiveWindow = given.receiveWindow;
    this.#fullWindow = given.receiveWindow;
    this.#expected = given.length;
    this.#hasClientEnded = given.isEnd;
    this.body = given.isEnd ? null : new RequestBody(() => this.#takeUnread());
  }

  // What comes.

  /** A part of the body. Gives the code of the error that it is, or null. */
  receive(piece: Buffer, flowBytes: number, isEnd: boolean): number | null {
    if (this.#hasClientEnded) return ERROR.streamClosed;
    this.receiveWindow -= flowBytes;
    if (this.receiveWindow < 0) return ERROR.flowControl;
    if (this.#expected !== null) {
      this.#expected -= piece.length;
      // RFC 9113 §8.1.1.
      if (this.#expected < 0 || (isEnd && this.#expected > 0)) return ERROR.protocol;
    }
    const { body } = this;
    if (!body || body.destroyed) this.#take(flowBytes);
    else {
      // Padding is nobody's to read.
      if (flowBytes > piece.length) this.#take(flowBytes - piece.length);
      if (piece.length > 0) this.#bring(body, piece);
    }
    if (isEnd) this.endBody();
    return null;
  }

  #bring(body: RequestBody, piece: Buffer): void {
    this.#unread += piece.length;
    this.#owner.hold(piece.length);
    // While nobody reads it, a small piece is not to keep the memory of all that it came with.
    const isPart = piece.length < SMALL_BYTES && piece.buffer.byteLength > 4 * piece.length;
    if (body.push(isPart ? ownBytes(piece) : piece)) this.#takeUnread();
  }

  /** The client has sent all that it will. Gives the code of the error that it is, or null. */
  endBody(): number | null {
    if (this.#hasClientEnded) return ERROR.streamClosed;
    if (this.#expected !== null && this.#expected > 0) return ERROR.protocol;
    this.#hasClientEnded = true;
    const { body } = this;
    if (body && !body.destroyed) body.push(null);
    if (this.#hasSentEnd) this.close();
    return null;
  }

  get hasClientEnded(): boolean {
    return this.#hasClientEnded;
  }

  // What goes.

  get hasAnswer(): boolean {
    return this.#hasAnswer;
  }

  /** Bytes of the answer that wait. */
  get queued(): number {
    return this.#queued;
  }

  /** Reports whether all of the answer is here, and some of it not taken. */
  get isUntaken(): boolean {
    return this.#isEnded && !this.#hasSentEnd;
  }

  inform(status: number, headers: readonly string[]): void {
    if (this.isClosed || this.#hasAnswer) return;
    this.#heads.push({ status, headers });
    this.#owner.ready(this);
  }

  respond(status: number, headers: readonly string[], isBodiless: boolean): void {
    if (this.isClosed || this.#hasAnswer) return;
    this.#hasAnswer = true;
    this.#isBodiless = isBodiless;
    this.#promised = isBodiless ? null : statedLength(headers);
    this.#heads.push({ status, headers });
    this.#owner.ready(this);
  }

  /** Takes the answer back as long as its head has not left; reports whether it could. */
  takeBack(): boolean {
    if (!this.#hasAnswer || this.#heads.length === 0) return false;
    this.#heads.pop();
    this.#hasAnswer = false;
    this.#isEnded = false;
    this.#dropQueue();
    return true;
  }

  /** Reports whether there is room for more. */
  write(piece: Buffer): boolean {
    if (this.isClosed || this.#isBodiless || piece.length === 0) return true;
    if (this.#promised !== null) {
      this.#promised -= piece.length;
      if (this.#promised < 0) {
        this.#owner.reset(this, ERROR.internal, 'ours');
        return true;
      }
    }
    this.#pieces.push(piece);
    this.#queued += piece.length;
    this.#owner.hold(piece.length);
    this.#owner.ready(this);
    if (this.#queued >= PUSHED_BYTES) this.#owner.push();
    this.#isFull = this.#queued >= ENOUGH_BYTES;
    return !this.#isFull;
  }

  end(trailers: readonly string[] | null): void {
    if (this.isClosed || this.#isEnded) return;
    if (this.#promised !== null && this.#promised > 0) {
      this.#owner.reset(this, ERROR.internal, 'ours');
      return;
    }
    this.#isEnded = true;
    this.#trailers = trailers;
    this.#owner.ready(this);
  }

  /** What is left of the body when the answer has been sent is refused with the stream (RFC 9113 §8.1). */
  refuseRest(): void {
    this.#refusesRest = true;
    if (this.#hasSentEnd) this.#afterEnd();
  }

  /**
   * Writes what is to be written now: heads, room, one frame of the body, the end. Gives how many bytes of the connection's
   * window that took, of `allowance`.
   */
  send(writer: FrameWriter, encoder: HpackEncoder, allowance: number): number {
    if (this.#roomToTell > 0) this.#tellRoom(writer);
    if (this.#heads.length > 0) this.#sendHeads(writer, encoder);
    if (!this.#hasAnswer || this.#hasSentEnd) return 0;
    const bytes = Math.max(0, Math.min(this.#queued, this.sendWindow, allowance, MAX_FRAME_BYTES));
    if (bytes > 0) this.#sendData(writer, bytes);
    if (this.#isEnded && this.#queued === 0 && !this.#hasSentEnd) {
      if (this.#trailers === null) writer.dataHead(this.id, 0, true);
      else writer.headers(encoder, this.id, null, this.#trailers, true);
      this.#hasSentEnd = true;
    }
    if (this.#hasSentEnd) this.#afterEnd();
    return bytes;
  }

  /** Reports whether another `send` would send something, the connection's window aside. */
  get hasMore(): boolean {
    return !this.isClosed && this.#queued > 0 && this.sendWindow > 0;
  }

  /** After `send`: whoever waited for room has it. */
  drain(): void {
    if (!this.#isFull || this.#queued >= ENOUGH_BYTES || this.isClosed) return;
    this.#isFull = false;
    this.#onDrain?.();
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener;
  }

  onClosed(listener: () => void): void {
    if (this.isClosed) listener();
    else this.#onClosed.push(listener);
  }

  /** Nothing more comes and nothing more goes. Whoever waits for its end hears of it at once, or in a moment. */
  close(when: 'now' | 'soon' = 'now'): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#heads = [];
    this.#dropQueue();
    if (!this.#hasClientEnded) this.body?.destroy(new BodyCutOff('The client broke off in the middle of its body.'));
    this.#takeUnread();
    this.#owner.left(this);
    if (when === 'now') this.#tellClosed();
    else process.nextTick(() => this.#tellClosed());
  }

  #tellClosed(): void {
    for (const listener of this.#onClosed) listener();
    this.#onClosed = [];
  }

  #takeUnread(): void {
    const bytes = this.#unread;
    if (bytes === 0) return;
    this.#unread = 0;
    this.#owner.hold(-bytes);
    this.#take(bytes);
  }

  /** There is room for as many bytes again. */
  #take(bytes: number): void {
    this.#owner.taken(bytes);
    if (this.isClosed || this.#hasClientEnded) return;
    this.#roomToTell += bytes;
    if (this.#roomToTell >= this.#fullWindow / 2) this.#owner.ready(this);
  }

  #tellRoom(writer: FrameWriter): void {
    if (!this.#hasClientEnded) {
      writer.number(FRAME.windowUpdate, this.id, this.#roomToTell);
      this.receiveWindow += this.#roomToTell;
    }
    this.#roomToTell = 0;
  }

  #sendHeads(writer: FrameWriter, encoder: HpackEncoder): void {
    const heads = this.#heads;
    this.#heads = [];
    for (let i = 0; i < heads.length; i += 1) {
      const { status, headers } = heads[i] as Head;
      const isFinal = this.#hasAnswer && i === heads.length - 1;
      const isEnd = isFinal && this.#isEnded && this.#queued === 0 && this.#trailers === null;
      writer.headers(encoder, this.id, status, headers, isEnd);
      if (isEnd) {
        this.#hasSentEnd = true;
        this.#afterEnd();
      }
    }
  }

  #sendData(writer: FrameWriter, bytes: number): void {
    const isEnd = this.#isEnded && bytes === this.#queued && this.#trailers === null;
    writer.dataHead(this.id, bytes, isEnd);
    let left = bytes;
    let spent = 0;
    while (left > 0) {
      const piece = this.#pieces[spent] as Buffer;
      const part = Math.min(left, piece.length - this.#offset);
      writer.append(piece, this.#offset, this.#offset + part);
      left -= part;
      this.#offset += part;
      if (this.#offset < piece.length) break;
      this.#offset = 0;
      spent += 1;
    }
    if (spent === this.#pieces.length) this.#pieces = [];
    else if (spent > 0) this.#pieces.splice(0, spent);
    this.#queued -= bytes;
    this.sendWindow -= bytes;
    this.#owner.hold(-bytes);
    if (isEnd) this.#hasSentEnd = true;
  }

  #afterEnd(): void {
    if (this.isClosed) return;
    if (!this.#hasClientEnded && this.#refusesRest) this.#owner.dismiss(this);
    if (this.#hasClientEnded || this.#refusesRest) this.close();
  }

  #dropQueue(): void {
    this.#owner.hold(-this.#queued);
    this.#queued = 0;
    this.#pieces = [];
    this.#offset = 0;
  }
}
