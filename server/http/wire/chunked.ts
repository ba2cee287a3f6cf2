// Reads a chunked body (RFC 9112 §7.1) as it comes in, byte by byte where it must, and bounds what its framing may cost.
import { type HeaderList, readHeaders } from './head.ts';

/** Chunk extensions mean nothing to anybody here; this many bytes of them in one message are passed over (CVE-2024-22019). */
const MAX_EXTENSION_BYTES = 4 * 1024;
/** Trailers are headers in their size. */
const MAX_TRAILER_BYTES = 16 * 1024;
/** A request of many chunks has to bring something in them: framing must not cost more than its content is worth. */
const MANY_CHUNKS = 10_000;
const MIN_AVERAGE_CHUNK_BYTES = 8;
/** 2^52 bytes. */
const MAX_SIZE_DIGITS = 13;

// RFC 9112 §7.1.1 without the white space that it calls bad: names, and values as tokens or in quotes.
const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const QUOTED = '"(?:[\\t\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\[\\t\\x20-\\x7e])*"';
const EXTENSION = `${TOKEN}(?:=(?:${TOKEN}|${QUOTED}))?`;
const EXTENSIONS = new RegExp(`^${EXTENSION}(?:;${EXTENSION})*$`);
const CR = 0x0d;
const LF = 0x0a;
const SEMICOLON = 0x3b;

type State = 'size' | 'extension' | 'size-lf' | 'data' | 'data-cr' | 'data-lf' | 'trailers' | 'done' | 'bad';

export class ChunkedReader {
  #state: State = 'size';
  #digits = 0;
  #left = 0;
  #chunks = 0;
  #bytes = 0;
  #extensionBytes = 0;
  #extensions = '';
  #trailerText = '';
  #trailers: HeaderList | null = null;
  readonly #minAverageBytes: number;

  /** The chunks of an answer may be as small as its app likes, which may tell its news a word at a time for hours. */
  constructor(of: 'request' | 'answer' = 'request') {
    this.#minAverageBytes = of === 'answer' ? 0 : MIN_AVERAGE_CHUNK_BYTES;
  }

  get done(): boolean {
    return this.#state === 'done';
  }

  /** True once these bytes can be no chunked body. Nothing is read any more. */
  get bad(): boolean {
    return this.#state === 'bad';
  }

  /** What stood behind the last chunk; null without any. */
  get trailers(): HeaderList | null {
    return this.#trailers;
  }

  /** Reads from `at`, gives every piece of content to `onData`, and returns the place behind what it took. */
  read(bytes: Buffer, at: number, onData: (piece: Buffer) => void): number {
    let i = at;
    while (i < bytes.length && this.#state !== 'done' && this.#state !== 'bad') {
      switch (this.#state) {
        case 'data':
          i = this.#readData(bytes, i, onData);
          break;
        case 'trailers':
          i = this.#readTrailers(bytes, i);
          break;
        case 'extension':
          i = this.#readExtension(bytes, i);
          break;
        default:
          this.#readFraming(bytes[i] as number);
          i += 1;
      }
    }
    return i;
  }

  #readFraming(byte: number): void {
    switch (this.#state) {
      case 'size':
        this.#readSize(byte);
        return;
      case 'size-lf':
        this.#state = byte === LF ? this.#beginChunk() : 'bad';
        return;
      case 'data-cr':
        this.#state = byte === CR ? 'data-lf' : 'bad';
        return;
      case 'data-lf':
        this.#state = byte === LF ? 'size' : 'bad';
        this.#digits = 0;
        this.#left = 0;
        return;
    }
  }

  #readSize(byte: number): void {
    const digit = hexDigit(byte);
    if (digit !== -1) {
      this.#digits += 1;
      this.#left = this.#left * 16 + digit;
      if (this.#digits > MAX_SIZE_DIGITS) this.#state = 'bad';
      return;
    }
    if (this.#digits === 0) this.#state = 'bad';
    else if (byte === CR) this.#state = 'size-lf';
    else this.#state = byte === SEMICOLON ? 'extension' : 'bad';
  }

  #readExtension(bytes: Buffer, at: number): number {
    const cr = bytes.indexOf(CR, at);
    const end = cr === -1 ? bytes.length : cr;
    this.#extensionBytes += end - at;
    if (this.#extensionBytes > MAX_EXTENSION_BYTES) {
      this.#state = 'bad';
      return end;
    }
    this.#extensions += bytes.toString('latin1', at, end);
    if (cr === -1) return end;
    this.#state = EXTENSIONS.test(this.#extensions) ? 'size-lf' : 'bad';
    this.#extensions = '';
    return cr + 1;
  }

  #beginChunk(): State {
    if (this.#left === 0) return 'trailers';
    this.#chunks += 1;
    this.#bytes += this.#left;
    if (this.#chunks > MANY_CHUNKS && this.#bytes < this.#chunks * this.#minAverageBytes) return 'bad';
    return 'data';
  }

  #readData(bytes: Buffer, at: number, onData: (piece: Buffer) => void): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    if (this.#left === 0) this.#state = 'data-cr';
    onData(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    return end;
  }

  /** The text so far ends inside the trailers; it is complete when it is, or ends with, an empty line. */
  #readTrailers(bytes: Buffer, at: number): number {
    const before = this.#trailerText.length;
    const room = MAX_TRAILER_BYTES + 4 - before;
    const text = this.#trailerText + bytes.toString('latin1', at, Math.min(bytes.length, at + room));
    const end = text.startsWith('\r\n') ? 2 : text.indexOf('\r\n\r\n') + 4;
    if (end === 3) {
      const isHopeless = text.length > MAX_TRAILER_BYTES || /^\r[^\n]|\r[^\n]|(?:^|[^\r])\n/.test(text);
      this.#trailerText = text;
      if (isHopeless) this.#state = 'bad';
      return bytes.length;
    }
    const trailers = end === 2 ? [] : readHeaders(text.slice(0, end - 2), 0);
    this.#state = trailers === null || hasFraming(trailers) ? 'bad' : 'done';
    this.#trailers = trailers && trailers.length > 0 ? trailers : null;
    return at + end - before;
  }
}

/** RFC 9110 §6.5.1: behind its body, nothing says how long a message is. */
function hasFraming(trailers: HeaderList): boolean {
  return trailers.some((name, at) => at % 2 === 0 && /^(?:content-length|transfer-encoding)$/i.test(name));
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
