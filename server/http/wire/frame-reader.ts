// Reads the frames of one HTTP/2 connection (RFC 9113 §4, §6): header blocks whole, bodies as they come, everything bounded.
import { ERROR, FLAG, FRAME, FRAME_HEAD_BYTES, MAX_FRAME_BYTES, PREFACE } from './http2-frame.ts';

/** A header block may come in this many frames; nobody needs more than one or two. */
const MAX_BLOCK_FRAMES = 64;

/** Each may be called while `read` runs. `false` ends the reading: the connection is over. */
export type FrameSink = {
  /**
   * A part of a DATA frame's payload, or all of it. `flowBytes` is what it takes of the windows, padding included (RFC 9113
   * §6.9.1); `isFirst` and `isEnd`: of its frame, and of its stream.
   */
  data(stream: number, piece: Buffer, flowBytes: number, isFirst: boolean, isEnd: boolean): boolean;
  /** A whole header block, and how many bytes its frames had. */
  headers(stream: number, block: Buffer, wireBytes: number, isEnd: boolean): boolean;
  /** Every other frame, also one of an unknown type (RFC 9113 §5.5). */
  control(type: number, flags: number, stream: number, payload: Buffer): boolean;
};

export type FrameLimits = { blockBytes: number };

const NOTHING = Buffer.alloc(0);

/** `left`, and in it `prefix`, the byte that tells the padding, and `padding`, the last bytes. */
type DataFrame = { stream: number; left: number; prefix: number; padding: number; isEnd: boolean; isFirst: boolean };

export class FrameReader {
  readonly #sink: FrameSink;
  readonly #limits: FrameLimits;
  /** The beginning of what has not come whole. */
  #held: Buffer = NOTHING;
  #hasPreface = false;
  /** Header blocks, and frames of another kind, that have come whole. */
  whole = 0;
  /** The DATA frame that is under way. */
  #data: DataFrame | null = null;
  /** The header block that is under way; nothing may come between its frames (RFC 9113 §4.3). */
  #block: { stream: number; parts: Buffer[]; bytes: number; wireBytes: number; isEnd: boolean } | null = null;

  constructor(sink: FrameSink, limits: FrameLimits) {
    this.#sink = sink;
    this.#limits = limits;
  }

  /** Reports whether a frame, or a header block, has begun and not ended. */
  get isInside(): boolean {
    return this.#held.length > 0 || this.#block !== null || this.#data !== null;
  }

  /** Gives the error code that ends the connection, or null: go on. */
  read(chunk: Buffer): number | null {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = NOTHING;
    let at = 0;
    if (!this.#hasPreface) {
      const known = Math.min(bytes.length, PREFACE.length);
      if (PREFACE.compare(bytes, 0, known, 0, known) !== 0) return ERROR.protocol;
      if (known === PREFACE.length) {
        this.#hasPreface = true;
        at = known;
      }
    }
    while (this.#hasPreface) {
      if (this.#data !== null) {
        at = this.#readData(bytes, at, this.#data);
        if (at === -1) return null;
        if (this.#data !== null) break;
      }
      if (bytes.length - at < FRAME_HEAD_BYTES) break;
      const length = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
      const type = bytes[at + 3] as number;
      const flags = bytes[at + 4] as number;
      const stream = bytes.readUInt32BE(at + 5) & 0x7fffffff;
      if (length > MAX_FRAME_BYTES) return ERROR.frameSize;
      if (this.#block !== null && (type !== FRAME.continuation || stream !== this.#block.stream)) return ERROR.protocol;
      const start = at + FRAME_HEAD_BYTES;
      if (type === FRAME.data) {
        const isEnd = (flags & FLAG.endStream) !== 0;
        let [prefix, padding] = [0, 0];
        if ((flags & FLAG.padded) !== 0) {
          if (bytes.length === start) break;
          [prefix, padding] = [1, bytes[start] as number];
        }
        if (stream === 0 || prefix + padding > length) return ERROR.protocol;
        this.#data = { stream, left: length, prefix, padding, isEnd, isFirst: true };
        at = start;
        continue;
      }
      const end = start + length;
      if (bytes.length < end) break;
      const payload = bytes.subarray(start, end);
      at = end;
      if (type === FRAME.headers || type === FRAME.continuation) {
        const error =
          type === FRAME.headers ? this.#beginBlock(flags, stream, payload) : this.#addToBlock(flags, payload);
        if (error !== null) return error === -1 ? null : error;
      } else {
        this.whole += 1;
        if (!this.#sink.control(type, flags, stream, payload)) return null;
      }
    }
    if (at < bytes.length) this.#held = at === 0 ? bytes : bytes.subarray(at);
    return null;
  }

  /** Gives the place behind what it took, or -1: the connection is over. */
  #readData(bytes: Buffer, start: number, frame: DataFrame): number {
    const taken = Math.min(frame.left, bytes.length - start);
    if (taken === 0 && frame.left > 0) return start;
    const from = start + frame.prefix;
    const to = Math.max(from, start + Math.min(taken, frame.left - frame.padding));
    const { isEnd, isFirst, stream } = frame;
    frame.left -= taken;
    frame.prefix = 0;
    frame.isFirst = false;
    const isLast = frame.left === 0;
    if (isLast) {
      this.#data = null;
      this.whole += 1;
    }
    const goesOn = this.#sink.data(stream, bytes.subarray(from, to), taken, isFirst, isLast && isEnd);
    return goesOn ? start + taken : -1;
  }

  #beginBlock(flags: number, stream: number, payload: Buffer): number | null {
    let start = 0;
    let end = payload.length;
    if ((flags & FLAG.padded) !== 0) {
      start = 1;
      end -= payload[0] ?? 0;
    }
    if ((flags & FLAG.priority) !== 0) start += 5;
    if (stream === 0 || start > end) return ERROR.protocol;
    const isEnd = (flags & FLAG.endStream) !== 0;
    const block = payload.subarray(start, end);
    const wireBytes = FRAME_HEAD_BYTES + payload.length;
    if ((flags & FLAG.endHeaders) !== 0) return this.#endBlock(stream, block, wireBytes, isEnd);
    this.#block = { stream, parts: [block], bytes: block.length, wireBytes, isEnd };
    return null;
  }

  #addToBlock(flags: number, payload: Buffer): number | null {
    const block = this.#block;
    if (block === null) return ERROR.protocol;
    block.parts.push(payload);
    block.bytes += payload.length;
    block.wireBytes += FRAME_HEAD_BYTES + payload.length;
    if (block.parts.length > MAX_BLOCK_FRAMES || block.bytes > this.#limits.blockBytes) return ERROR.enhanceYourCalm;
    if ((flags & FLAG.endHeaders) === 0) return null;
    this.#block = null;
    return this.#endBlock(block.stream, Buffer.concat(block.parts), block.wireBytes, block.isEnd);
  }

  #endBlock(stream: number, block: Buffer, wireBytes: number, isEnd: boolean): number | null {
    this.whole += 1;
    return this.#sink.headers(stream, block, wireBytes, isEnd) ? null : -1;
  }
}
