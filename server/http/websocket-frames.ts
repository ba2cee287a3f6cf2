// Counts WebSocket frame headers in a byte stream (RFC 6455 §5.2), so that a frame of ours can be put between two of theirs.

/** RFC 6455 §5.2: opcodes from here on are control frames. */
const FIRST_CONTROL_OPCODE = 0x8;

/** Follows one direction. Payload is never copied or looked at; memory is 14 bytes. */
export class FrameCounter {
  readonly #header = Buffer.alloc(14);
  #headerBytes = 0;
  #payloadLeft = 0;
  #dataFrames = 0;

  /** How many frames with data began so far; Ping, Pong and Close are none (RFC 6455 §5.5). */
  get dataFrames(): number {
    return this.#dataFrames;
  }

  /** Reports whether the stream stands between two frames. */
  get atBoundary(): boolean {
    return this.#headerBytes === 0 && this.#payloadLeft === 0;
  }

  /** Takes what was passed on. Returns the first offset in it where a frame has ended, or -1 when none did. */
  push(chunk: Buffer): number {
    let offset = 0;
    let boundary = -1;
    while (offset < chunk.length) {
      if (this.#payloadLeft > 0) {
        const taken = Math.min(this.#payloadLeft, chunk.length - offset);
        this.#payloadLeft -= taken;
        offset += taken;
      } else {
        this.#header[this.#headerBytes] = chunk[offset] ?? 0;
        this.#headerBytes += 1;
        offset += 1;
        if (this.#headerBytes < 2 || this.#headerBytes < headerLength(this.#header)) continue;
        this.#payloadLeft = payloadLength(this.#header);
        this.#headerBytes = 0;
        if (((this.#header[0] ?? 0) & 0x0f) < FIRST_CONTROL_OPCODE) this.#dataFrames += 1;
      }
      if (boundary === -1 && this.atBoundary) boundary = offset;
    }
    return boundary;
  }
}

/** A Close frame (RFC 6455 §5.5.1). From the client's side it is masked, with the given key. */
export function closeFrame(code: number, reason: string, maskKey: Buffer | null): Buffer {
  const payload = Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason, 'utf8')]).subarray(0, 125);
  return controlFrame(0x8, payload, maskKey);
}

/** An empty Ping frame of a server (RFC 6455 §5.5.2). */
export function pingFrame(): Buffer {
  return controlFrame(0x9, Buffer.alloc(0), null);
}

function controlFrame(opcode: number, payload: Buffer, maskKey: Buffer | null): Buffer {
  if (!maskKey) return Buffer.concat([Buffer.from([0x80 | opcode, payload.length]), payload]);
  const masked = payload.map((byte, i) => byte ^ (maskKey[i % 4] ?? 0));
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length]), maskKey, masked]);
}

function headerLength(header: Buffer): number {
  const second = header[1] ?? 0;
  const short = second & 0x7f;
  return 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + ((second & 0x80) === 0 ? 0 : 4);
}

function payloadLength(header: Buffer): number {
  const short = (header[1] ?? 0) & 0x7f;
  if (short === 126) return header.readUInt16BE(2);
  return short === 127 ? Number(header.readBigUInt64BE(2)) : short;
}
