// Writes HTTP/2 frames behind each other into one piece of memory, so that a connection's frames of a moment are one write.
import type { HpackEncoder } from './hpack-encoder.ts';
import { blockBytesAtMost } from './hpack-encoder.ts';
import { FLAG, FRAME, FRAME_HEAD_BYTES, MAX_FRAME_BYTES } from './http2-frame.ts';
import { ownBytes } from './own-bytes.ts';

/** Where the frames go; a socket. `writableLength`: bytes that were written and still need their memory. */
export type FrameTarget = { write(bytes: Buffer): boolean; readonly writableLength: number };

/** A read of an upstream's socket, 64 KB, in frames of its own, and what else is said meanwhile. */
const SLAB_BYTES = 80 * 1_024;
/** Less is not worth going on with. */
const SCRAP_BYTES = 4 * 1_024;

/** One for all connections: between `begin` and `finish` it is one connection's. */
export class FrameWriter {
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  #start = 0;
  #at = 0;
  #target: FrameTarget | null = null;

  /** Between `begin` and `finish`. */
  get isBusy(): boolean {
    return this.#target !== null;
  }

  begin(target: FrameTarget): void {
    this.#target = target;
  }

  finish(): void {
    this.#handOver();
    this.#target = null;
  }

  /** A header block, in as many frames as it takes (RFC 9113 §6.10). `status` is null in trailers. */
  headers(
    encoder: HpackEncoder,
    stream: number,
    status: number | null,
    headers: readonly string[],
    isEnd: boolean,
  ): void {
    const flags = isEnd ? FLAG.endStream : 0;
    const most = blockBytesAtMost(headers);
    if (most <= MAX_FRAME_BYTES) {
      this.#makeRoom(FRAME_HEAD_BYTES + most);
      const start = this.#at + FRAME_HEAD_BYTES;
      const end = encoder.encode(this.#slab, start, status, headers);
      this.#head(end - start, FRAME.headers, flags | FLAG.endHeaders, stream);
      this.#at = end;
      return;
    }
    const block = Buffer.allocUnsafe(most);
    const length = encoder.encode(block, 0, status, headers);
    for (let at = 0; at < length; at += MAX_FRAME_BYTES) {
      const part = block.subarray(at, Math.min(length, at + MAX_FRAME_BYTES));
      const isLast = at + part.length === length;
      const type = at === 0 ? FRAME.headers : FRAME.continuation;
      this.frame(type, (at === 0 ? flags : 0) | (isLast ? FLAG.endHeaders : 0), stream, part);
    }
  }

  /** The head of a DATA frame; exactly `bytes` follow by `append`. */
  dataHead(stream: number, bytes: number, isEnd: boolean): void {
    this.#makeRoom(FRAME_HEAD_BYTES + bytes);
    this.#head(bytes, FRAME.data, isEnd ? FLAG.endStream : 0, stream);
  }

  append(bytes: Buffer, from: number, to: number): void {
    bytes.copy(this.#slab, this.#at, from, to);
    this.#at += to - from;
  }

  /** Whole frames. */
  bytes(frames: Buffer): void {
    this.#makeRoom(frames.length);
    this.append(frames, 0, frames.length);
  }

  frame(type: number, flags: number, stream: number, payload: Buffer): void {
    this.#makeRoom(FRAME_HEAD_BYTES + payload.length);
    this.#head(payload.length, type, flags, stream);
    this.append(payload, 0, payload.length);
  }

  /** RST_STREAM and WINDOW_UPDATE: one number. */
  number(type: number, stream: number, value: number): void {
    this.#makeRoom(FRAME_HEAD_BYTES + 4);
    this.#head(4, type, 0, stream);
    this.#at = this.#slab.writeUInt32BE(value, this.#at);
  }

  #head(length: number, type: number, flags: number, stream: number): void {
    const slab = this.#slab;
    const at = this.#at;
    slab[at] = length >> 16;
    slab[at + 1] = length >> 8;
    slab[at + 2] = length;
    slab[at + 3] = type;
    slab[at + 4] = flags;
    slab[at + 5] = stream >> 24;
    slab[at + 6] = stream >> 16;
    slab[at + 7] = stream >> 8;
    slab[at + 8] = stream;
    this.#at = at + FRAME_HEAD_BYTES;
  }

  #makeRoom(bytes: number): void {
    if (this.#at + bytes <= this.#slab.length) return;
    this.#handOver();
    if (this.#at + bytes > this.#slab.length) this.#replaceSlab();
  }

  #handOver(): void {
    const target = this.#target;
    if (target === null || this.#at === this.#start) return;
    const part = this.#slab.subarray(this.#start, this.#at);
    // What has to wait behind other bytes keeps its memory meanwhile, and is not to keep all of this.
    if (target.writableLength > 0 && part.length < SLAB_BYTES / 2) {
      target.write(ownBytes(part));
      this.#at = this.#start;
      return;
    }
    target.write(part);
    // What was taken at once needs its memory no more, so the next frames may stand there.
    if (target.writableLength === 0) this.#at = this.#start;
    else this.#start = this.#at;
    if (this.#slab.length - this.#at < SCRAP_BYTES) this.#replaceSlab();
  }

  #replaceSlab(): void {
    this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    this.#start = 0;
    this.#at = 0;
  }
}
