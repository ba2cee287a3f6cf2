// One HTTP/2 connection of a browser: reads its frames, keeps its streams, and writes what they have to say at once.
import type { TLSSocket } from 'node:tls';
import { Http2Budget, type Standing } from './http2-budget.ts';
import { Http2Intake } from './http2-intake.ts';
import { areTrailers, readHttp2Request } from './http2-request.ts';
import { type Blame, Http2Stream, type StreamOwner } from './http2-stream.ts';
import { lingeringClose } from './lingering-close.ts';
import type { Front } from './listen.ts';
import { ReadyStreams } from './ready-streams.ts';
import { frame, goaway, number, settings } from './wire/control-frame.ts';
import { FrameReader, type FrameSink } from './wire/frame-reader.ts';
import type { FrameWriter } from './wire/frame-writer.ts';
import { HpackDecoder, type ListLimits } from './wire/hpack-decoder.ts';
import { HpackEncoder } from './wire/hpack-encoder.ts';
import { ERROR, FLAG, FRAME, FRAME_HEAD_BYTES, SETTING } from './wire/http2-frame.ts';
import { parsePriority, UNSAID } from './wire/priority.ts';
import { readSettings } from './wire/settings.ts';

/** What its server tells a connection, and what it counts of it. */
export type Http2Host = {
  readonly front: Front;
  readonly writer: FrameWriter;
  /** Monotonic milliseconds as of the last sweep. */
  readonly nowMs: number;
  readonly isDraining: boolean;
  /** Calls `flush` when what arrived with the present read has been read. */
  soon(connection: Http2Connection): void;
  forget(connection: Http2Connection): void;
  /** Streams that are open now, one more or less. */
  streams: number;
  resets: number;
  floods: number;
};

/** Browsers send each cookie as a line of its own; the number that counts is taken when they are joined again. */
const MAX_COOKIE_LINES = 400;
/** RFC 9113 §6.9.2. */
const FIRST_WINDOW = 65_535;
const MAX_WINDOW = 2 ** 31 - 1;
const MAX_STREAM_ID = 2 ** 31 - 1;
/** Of the PING that tells when a client has heard that no more requests are taken. */
const NOTICE = Buffer.from('draining', 'latin1');
/** A client that does not answer it has had time enough. */
const NOTICE_MS = 5_000;
/** And one that connected while we drain, to say what it wants. */
const FIRST_REQUEST_MS = 1_000;
/** What a client has to take of a complete answer in the time in which it may take nothing. */
const MIN_TAKEN_BYTES = 1_024;
/** Frames that wait for a client which reads nothing. */
const MAX_WAITING_FRAMES = 1_000;

/** How far an end has come: `notice`: the client has been told, and what it sent before it heard is still taken (RFC 9113 §6.8). */
type Ending = 'no' | 'notice' | 'last' | 'gone';

export class Http2Connection implements FrameSink, StreamOwner {
  readonly #host: Http2Host;
  readonly #socket: TLSSocket;
  readonly #reader: FrameReader;
  readonly #decoder = new HpackDecoder();
  readonly #encoder = new HpackEncoder();
  readonly #listLimits: ListLimits;
  readonly #budget: Http2Budget;
  readonly #intake: Http2Intake;
  readonly #open = new Map<number, Http2Stream>();
  readonly #ready = new ReadyStreams();
  /** Whole frames that belong to no stream's answer. */
  #control: Buffer[] = [];
  #isDirty = false;
  #isFlushing = false;
  #sendWindow = FIRST_WINDOW;
  #streamSendWindow = FIRST_WINDOW;
  #receiveWindow: number;
  /** Of bodies, what came and the client was not told to have room for again; and what came and nobody took yet. */
  #untold = 0;
  #untaken = 0;
  #held = 0;
  #lastStream = 0;
  #hasSettings = false;
  #isCalmed = false;
  #ending: Ending = 'no';
  /** When the draining, and when the notice, began. */
  #drainingSince = Number.POSITIVE_INFINITY;
  #noticeAt = 0;
  #idleSince: number;
  /** Since when a frame has begun and not ended; -1: none has. */
  #insideSince = -1;

  constructor(host: Http2Host, socket: TLSSocket) {
    const { limits } = host.front;
    this.#host = host;
    this.#socket = socket;
    this.#reader = new FrameReader(this, { blockBytes: 2 * limits.headerBytes });
    this.#listLimits = { bytes: limits.headerBytes, fields: limits.headerLines + MAX_COOKIE_LINES };
    this.#budget = new Http2Budget(limits, performance.now());
    this.#intake = new Http2Intake(host.front, socket, this);
    this.#idleSince = host.nowMs;
    this.#receiveWindow = limits.connectionWindowBytes;
    socket.on('data', this.#onData);
    socket.on('drain', this.#onDrain);
    socket.once('end', this.#onGone);
    socket.once('close', this.#onGone);
    socket.on('error', this.#onGone);
    this.#control.push(
      settings([
        [SETTING.maxConcurrentStreams, limits.streams],
        [SETTING.initialWindowSize, limits.streamWindowBytes],
        [SETTING.maxHeaderListSize, limits.headerBytes],
        [SETTING.noOldPriorities, 1],
      ]),
      number(FRAME.windowUpdate, 0, limits.connectionWindowBytes - FIRST_WINDOW),
    );
    this.#soon();
    if (host.isDraining) this.drain();
  }

  get isIdle(): boolean {
    return this.#open.size === 0 && this.#lastStream > 0 && this.#ending === 'no';
  }

  /** Milliseconds since the last request. */
  idleMs(nowMs: number): number {
    return nowMs - this.#idleSince;
  }

  /** Closes it where it waits for a request; reports whether it did. */
  closeIdle(): boolean {
    if (!this.isIdle) return false;
    this.#end(ERROR.none);
    return true;
  }

  /**
   * Lets it go in two steps (RFC 9113 §6.8): the first GOAWAY stops the client from beginning more, and takes what it began before
   * it heard of it; when it has answered the PING behind it, nothing more is on its way, and the second one says what was taken.
   * A newcomer has a moment for its first request before: who is told so at once has connected for nothing.
   */
  drain(): void {
    this.#drainingSince = performance.now();
    if (this.#lastStream > 0) this.#giveNotice();
  }

  /** Called now and then. */
  sweep(nowMs: number): void {
    if (this.#ending === 'gone') return;
    const { headersTimeoutMs, keepAliveMs } = this.#host.front.limits;
    if (nowMs - this.#drainingSince >= FIRST_REQUEST_MS) this.#giveNotice();
    if (this.#ending === 'notice' && nowMs - this.#noticeAt >= NOTICE_MS) this.#takeNoMore(ERROR.none);
    for (const stream of this.#open.values()) this.#letGoOfUntaken(stream, nowMs);
    if (this.#insideSince !== -1 && nowMs - this.#insideSince >= headersTimeoutMs && this.#open.size === 0)
      return this.#end(ERROR.none);
    if (this.#open.size > 0) return;
    const waitedMs = nowMs - this.#idleSince;
    // PING frames, or a head that drips in byte by byte, are no request.
    if (this.#lastStream === 0 ? waitedMs >= headersTimeoutMs : waitedMs >= keepAliveMs) this.#end(ERROR.none);
  }

  // What comes: FrameSink.

  headers(id: number, block: Buffer, wireBytes: number, isEnd: boolean): boolean {
    if (id % 2 === 0 || !this.#hasSettings) return this.#fail(ERROR.protocol);
    const { limits } = this.#host.front;
    const read = this.#decoder.decode(block, this.#listLimits);
    if (read.kind === 'bad') return this.#fail(ERROR.compression);
    const isSound = read.kind === 'fields' && read.isSound;
    if (id <= this.#lastStream) return this.#trailers(id, isSound && areTrailers(read.fields), wireBytes, isEnd);
    // It was told that nobody will see this one.
    if (this.#ending === 'last') return this.#judge(this.#budget.bare(wireBytes, performance.now()));
    this.#lastStream = id;
    if (this.#host.isDraining) this.#giveNotice();
    const head = isSound ? readHttp2Request(read.fields) : null;
    const stream = new Http2Stream(this, {
      id,
      sendWindow: this.#streamSendWindow,
      receiveWindow: limits.streamWindowBytes,
      length: head?.kind === 'head' ? head.length : null,
      priority: head?.kind === 'head' ? head.priority : UNSAID,
      isEnd,
    });
    this.#open.set(id, stream);
    this.#host.streams += 1;
    if (read.kind === 'too-large') {
      this.#intake.refuse(stream, 'headers-too-large', false);
      return this.#judge(this.#budget.reset(performance.now()));
    }
    if (head?.kind !== 'head' || (isEnd && head.length !== null && head.length > 0))
      this.reset(stream, ERROR.protocol, 'client');
    // Nobody has seen it: the client may send it again (RFC 9113 §8.7).
    else if (this.#open.size > limits.streams || this.#held > limits.http2MemoryBytes)
      this.reset(stream, ERROR.refusedStream, 'client');
    else this.#intake.take(stream, head);
    return this.#goesOn;
  }

  data(id: number, piece: Buffer, flowBytes: number, isFirst: boolean, isEnd: boolean): boolean {
    if (!this.#hasSettings || (id > this.#lastStream && this.#ending !== 'last')) return this.#fail(ERROR.protocol);
    this.#receiveWindow -= flowBytes;
    if (this.#receiveWindow < 0) return this.#fail(ERROR.flowControl);
    this.#untold += flowBytes;
    this.#untaken += flowBytes;
    const wireBytes = flowBytes + (isFirst ? FRAME_HEAD_BYTES : 0);
    const stream = this.#open.get(id);
    if (!stream) {
      // It may have been on its way when the stream was closed.
      this.taken(flowBytes);
      return this.#judge(this.#budget.body(wireBytes, piece.length, performance.now()));
    }
    const error = stream.receive(piece, flowBytes, isEnd);
    if (error !== null) {
      this.taken(flowBytes);
      this.reset(stream, error, 'client');
      return this.#goesOn;
    }
    if (this.#hasRoomToTell) this.#soon();
    // The last frame of a body may be empty.
    if (isEnd) return true;
    return wireBytes <= piece.length * 3 || this.#judge(this.#budget.body(wireBytes, piece.length, performance.now()));
  }

  control(type: number, flags: number, id: number, payload: Buffer): boolean {
    const wireBytes = FRAME_HEAD_BYTES + payload.length;
    // RFC 9113 §3.4: the preface ends with SETTINGS.
    if (!this.#hasSettings && type !== FRAME.settings) return this.#fail(ERROR.protocol);
    const now = performance.now();
    switch (type) {
      case FRAME.settings:
        return this.#settings(flags, id, payload) && this.#judge(this.#budget.settings(wireBytes, now));
      case FRAME.ping:
        return this.#ping(flags, id, payload) && this.#judge(this.#budget.ping(wireBytes, now));
      case FRAME.windowUpdate:
        return this.#windowUpdate(id, payload) && this.#judge(this.#budget.bare(wireBytes, now));
      case FRAME.reset:
        return this.#wasReset(id, payload);
      case FRAME.priorityUpdate:
        if (id !== 0 || payload.length < 4) return this.#fail(id !== 0 ? ERROR.protocol : ERROR.frameSize);
        this.#prioritize(payload.readUInt32BE(0) & 0x7fffffff, payload.toString('latin1', 4));
        break;
      case FRAME.priority:
        if (id === 0 || payload.length !== 5) return this.#fail(id === 0 ? ERROR.protocol : ERROR.frameSize);
        break;
      case FRAME.goaway:
        if (id !== 0 || payload.length < 8) return this.#fail(id !== 0 ? ERROR.protocol : ERROR.frameSize);
        break;
      case FRAME.pushPromise:
        return this.#fail(ERROR.protocol);
    }
    return this.#judge(this.#budget.bare(wireBytes, now));
  }

  // What its streams ask for: StreamOwner.

  ready(stream: Http2Stream): void {
    this.#ready.add(stream);
    this.#soon();
  }

  push(): void {
    this.flush();
  }

  hold(bytes: number): void {
    this.#held += bytes;
  }

  taken(bytes: number): void {
    this.#untaken -= bytes;
    if (this.#hasRoomToTell) this.#soon();
  }

  reset(stream: Http2Stream, code: number, blame: Blame): void {
    if (stream.isClosed) return;
    this.#control.push(number(FRAME.reset, stream.id, code));
    this.#soon();
    this.#host.resets += 1;
    // What is cut with others is gone before any of them makes room for the next.
    stream.close(blame === 'ours' ? 'soon' : 'now');
    if (blame === 'client') this.#judge(this.#budget.reset(performance.now()));
  }

  /** With the next write: clients that get answer and reset in one piece take them for a failure (curl 7). */
  dismiss(stream: Http2Stream): void {
    this.#control.push(number(FRAME.reset, stream.id, ERROR.none));
    this.#soon();
  }

  left(stream: Http2Stream): void {
    this.#open.delete(stream.id);
    this.#ready.delete(stream);
    this.#host.streams -= 1;
    if (this.#open.size > 0) return;
    this.#idleSince = performance.now();
    if (this.#isOver) this.#soon();
  }

  /** Writes what there is to write, as far as windows and socket have room. */
  flush(): void {
    if (this.#isFlushing || this.#ending === 'gone') return;
    this.#isDirty = false;
    // In the middle of another connection's frames there is no place for ours.
    if (this.#host.writer.isBusy) return this.#soon();
    if (this.#isBlocked && !this.#isOver) {
      if (this.#control.length > MAX_WAITING_FRAMES) this.#fail(ERROR.enhanceYourCalm);
      return;
    }
    this.#isFlushing = true;
    this.#host.writer.begin(this.#socket);
    try {
      this.#write(this.#host.writer);
    } finally {
      this.#host.writer.finish();
      this.#isFlushing = false;
    }
    // Said while it was written.
    if (this.#control.length > 0 || this.#hasRoomToTell) this.#soon();
    else if (this.#isOver) this.#close();
  }

  #write(writer: FrameWriter): void {
    for (const bytes of this.#control) writer.bytes(bytes);
    this.#control = [];
    if (this.#hasRoomToTell) {
      const room = this.#roomToTell;
      writer.number(FRAME.windowUpdate, 0, room);
      this.#receiveWindow += room;
      this.#untold -= room;
    }
    for (let stream = this.#ready.next(); stream !== null; stream = this.#ready.next()) {
      if (this.#isBlocked) break;
      const sent = stream.send(writer, this.#encoder, this.#sendWindow);
      if (sent > 0) {
        this.#sendWindow -= sent;
        this.#budget.answered(sent);
      }
      if (stream.hasMore && this.#sendWindow > 0) this.#ready.tookTurn(stream);
      else this.#ready.delete(stream);
      stream.drain();
    }
  }

  /**
   * A body that its app does not take fills its stream's window, and is not to stop those to other apps: the connection's has room again at once for
   * what came, up to half of what it may hold in memory.
   */
  get #roomToTell(): number {
    return this.#untold - Math.max(0, this.#untaken - this.#host.front.limits.http2MemoryBytes / 2);
  }

  /** Telling less than half of the window would cost a frame for little. */
  get #hasRoomToTell(): boolean {
    return this.#roomToTell >= this.#host.front.limits.connectionWindowBytes / 2;
  }

  /** The client takes nothing more for now. */
  get #isBlocked(): boolean {
    return this.#socket.writableNeedDrain && this.#socket.writableLength > 0;
  }

  /** Nothing more will be said but what waits by now. */
  get #isOver(): boolean {
    return this.#ending === 'last' && this.#open.size === 0;
  }

  #onData = (bytes: Buffer): void => {
    const before = this.#reader.whole;
    const error = this.#reader.read(bytes);
    if (error !== null) this.#fail(error);
    if (!this.#reader.isInside) this.#insideSince = -1;
    else if (this.#insideSince === -1 || this.#reader.whole !== before) this.#insideSince = this.#host.nowMs;
  };

  #onDrain = (): void => this.flush();

  #onGone = (): void => {
    if (this.#ending === 'gone') return;
    this.#leave();
    this.#socket.destroy();
  };

  get #goesOn(): boolean {
    return this.#ending !== 'gone';
  }

  #soon(): void {
    if (this.#isDirty || this.#isFlushing || this.#ending === 'gone') return;
    this.#isDirty = true;
    this.#host.soon(this);
  }

  #trailers(id: number, areSound: boolean, wireBytes: number, isEnd: boolean): boolean {
    const stream = this.#open.get(id);
    // They may have been on their way when the stream was closed.
    if (!stream) return this.#judge(this.#budget.bare(wireBytes, performance.now()));
    if (stream.hasClientEnded) return this.#fail(ERROR.streamClosed);
    const error = areSound && isEnd ? stream.endBody() : ERROR.protocol;
    if (error !== null) this.reset(stream, error, 'client');
    return this.#goesOn;
  }

  #settings(flags: number, id: number, payload: Buffer): boolean {
    if (id !== 0) return this.#fail(ERROR.protocol);
    if ((flags & FLAG.ack) !== 0) return payload.length === 0 || this.#fail(ERROR.frameSize);
    const read = readSettings(payload);
    if (read.kind === 'bad') return this.#fail(read.code);
    this.#hasSettings = true;
    for (const bytes of read.headerTableBytes) this.#encoder.limitTable(bytes);
    this.#control.push(frame(FRAME.settings, FLAG.ack, 0));
    this.#soon();
    return read.initialWindow === null || this.#moveWindows(read.initialWindow);
  }

  /** RFC 9113 §6.9.2: a window may become negative, and none larger than the largest. */
  #moveWindows(initial: number): boolean {
    const change = initial - this.#streamSendWindow;
    this.#streamSendWindow = initial;
    for (const stream of this.#open.values()) {
      stream.sendWindow += change;
      if (stream.sendWindow > MAX_WINDOW) return this.#fail(ERROR.flowControl);
      if (stream.hasMore) this.ready(stream);
    }
    return true;
  }

  #ping(flags: number, id: number, payload: Buffer): boolean {
    if (id !== 0) return this.#fail(ERROR.protocol);
    if (payload.length !== 8) return this.#fail(ERROR.frameSize);
    if ((flags & FLAG.ack) === 0) {
      this.#control.push(frame(FRAME.ping, FLAG.ack, 0, payload));
      this.#soon();
    } else if (this.#ending === 'notice' && payload.equals(NOTICE)) this.#takeNoMore(ERROR.none);
    return this.#goesOn;
  }

  #windowUpdate(id: number, payload: Buffer): boolean {
    if (payload.length !== 4) return this.#fail(ERROR.frameSize);
    const more = payload.readUInt32BE(0) & 0x7fffffff;
    if (id === 0) {
      this.#sendWindow += more;
      if (more === 0) return this.#fail(ERROR.protocol);
      if (this.#sendWindow > MAX_WINDOW) return this.#fail(ERROR.flowControl);
      if (this.#sendWindow - more <= 0)
        for (const stream of this.#open.values()) if (stream.hasMore) this.ready(stream);
      return true;
    }
    if (id > this.#lastStream) return this.#ending === 'last' || this.#fail(ERROR.protocol);
    const stream = this.#open.get(id);
    if (!stream) return true;
    stream.sendWindow += more;
    if (more === 0 || stream.sendWindow > MAX_WINDOW) {
      this.reset(stream, more === 0 ? ERROR.protocol : ERROR.flowControl, 'client');
      return this.#goesOn;
    }
    if (stream.hasMore && this.#sendWindow > 0) this.ready(stream);
    return true;
  }

  /** RFC 9218 §7.1. What is said of a stream before it is there is passed over. */
  #prioritize(id: number, text: string): void {
    const stream = this.#open.get(id);
    if (!stream) return;
    const isReady = this.#ready.delete(stream);
    stream.priority = parsePriority(text);
    if (isReady) this.#ready.add(stream);
  }

  #wasReset(id: number, payload: Buffer): boolean {
    if (payload.length !== 4) return this.#fail(ERROR.frameSize);
    if (id === 0 || (id > this.#lastStream && this.#ending !== 'last')) return this.#fail(ERROR.protocol);
    const stream = this.#open.get(id);
    if (stream) {
      this.#host.resets += 1;
      stream.close();
    }
    return this.#judge(this.#budget.reset(performance.now()));
  }

  #letGoOfUntaken(stream: Http2Stream, nowMs: number): void {
    if (!stream.isUntaken) return;
    const { responseStallMs } = this.#host.front.limits;
    if (stream.untaken === -1) stream.untakenSince = nowMs;
    else if (nowMs - stream.untakenSince < responseStallMs) return;
    // Byte by byte is no reading.
    else if (stream.untaken - stream.queued < MIN_TAKEN_BYTES) return this.reset(stream, ERROR.cancel, 'ours');
    else stream.untakenSince = nowMs;
    stream.untaken = stream.queued;
  }

  /**
   * Asks for calm and takes nothing new, while what runs on the connection goes on: a person whose browser cancels much at once
   * notices nothing, since it asks again on another connection (RFC 9113 §6.8, §10.5). Reports whether reading goes on.
   */
  #judge(standing: Standing): boolean {
    if (standing === 'enough' || this.#ending === 'gone') return this.#goesOn;
    if (!this.#isCalmed) {
      this.#isCalmed = true;
      this.#host.floods += 1;
      this.#takeNoMore(ERROR.enhanceYourCalm);
    }
    if (standing === 'over') this.#end(ERROR.enhanceYourCalm);
    return this.#goesOn;
  }

  #giveNotice(): void {
    if (this.#ending !== 'no') return;
    this.#ending = 'notice';
    this.#noticeAt = performance.now();
    this.#control.push(goaway(MAX_STREAM_ID, ERROR.none), frame(FRAME.ping, 0, 0, NOTICE));
    this.#soon();
  }

  /** The last GOAWAY: what is above the last stream has been seen by nobody. It ends with the streams that are open. */
  #takeNoMore(code: number): void {
    this.#ending = 'last';
    this.#control.push(goaway(this.#lastStream, code));
    this.#soon();
  }

  /** An error of the whole connection (RFC 9113 §5.4.1). Gives what a sink says then. */
  #fail(code: number): false {
    if (code === ERROR.enhanceYourCalm && !this.#isCalmed) this.#host.floods += 1;
    this.#end(code);
    return false;
  }

  /** Ends it now: one GOAWAY, and nothing behind it. */
  #end(code: number): void {
    if (this.#ending === 'gone') return;
    for (const stream of [...this.#open.values()]) stream.close();
    this.#takeNoMore(code);
    this.flush();
  }

  /** Everything has been said: what the client still sends is read, for a moment, and thrown away. */
  #close(): void {
    this.#leave();
    this.#socket.end();
    lingeringClose(this.#socket);
  }

  /** From here on the socket is nobody's; only its error listener stays. */
  #leave(): void {
    this.#ending = 'gone';
    const socket = this.#socket;
    socket.off('data', this.#onData);
    socket.off('drain', this.#onDrain);
    for (const stream of [...this.#open.values()]) stream.close();
    this.#host.forget(this);
  }
}
