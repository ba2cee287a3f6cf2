// Reads the answers on an HTTP/1.1 connection to an upstream (RFC 9112), one after the other, and says exactly where each one ends.
import { ChunkedReader } from '../wire/chunked.ts';
import { responseFraming } from '../wire/framing.ts';
import { readResponseHead } from '../wire/head.ts';
import { ANSWER_HEAD_LIMITS, MAX_INTERIM_ANSWERS } from './connection.ts';

export type AnswerHead = {
  status: number;
  headers: string[];
  /** Of the body; null when only its end tells. */
  length: number | null;
  /** Milliseconds that the connection may wait for another request once this answer is complete; 0: it takes none. */
  keptMs: number;
};

/** `complete` or `bad` is the last call of an answer. */
export type AnswerEvents = {
  interim(status: number, headers: string[]): void;
  head(head: AnswerHead): void;
  data(piece: Buffer): void;
  complete(trailers: string[] | null): void;
  /** `problem` is for the log. */
  bad(problem: string): void;
};

type State = 'over' | 'head' | 'length' | 'chunked' | 'until-close';

export class AnswerReader {
  #state: State = 'over';
  #method = '';
  #partialHead: Buffer | null = null;
  #interim = 0;
  #left = 0;
  #chunks: ChunkedReader | null = null;

  /** True until the final head was read. */
  get awaitsHead(): boolean {
    return this.#state === 'head';
  }

  /** True once a byte of the answer came. */
  get hasBegun(): boolean {
    return this.#state !== 'head' || this.#partialHead !== null || this.#interim > 0;
  }

  /** True when the end of the connection is what completes the answer. */
  get endsWithConnection(): boolean {
    return this.#state === 'until-close';
  }

  /** The next bytes answer a request of this method. */
  expect(method: string): void {
    this.#state = 'head';
    this.#method = method;
    this.#interim = 0;
  }

  /** Reads no more of this answer, and makes no more calls. */
  stop(): void {
    this.#state = 'over';
    this.#partialHead = null;
    this.#chunks = null;
  }

  /** Reads from `at` to the end of the bytes or of the answer, and returns the place behind what it took. */
  read(bytes: Buffer, at: number, events: AnswerEvents): number {
    let i = at;
    while (i < bytes.length && this.#state !== 'over') i = this.#readPart(bytes, i, events);
    return i;
  }

  #readPart(bytes: Buffer, at: number, events: AnswerEvents): number {
    switch (this.#state) {
      case 'head':
        return this.#readHead(bytes, at, events);
      case 'length':
        return this.#readLength(bytes, at, events);
      case 'chunked':
        return this.#readChunks(bytes, at, events);
      default:
        events.data(at === 0 ? bytes : bytes.subarray(at));
        return bytes.length;
    }
  }

  #readHead(bytes: Buffer, at: number, events: AnswerEvents): number {
    const before = this.#partialHead;
    const whole = before === null ? bytes : Buffer.concat([before, at === 0 ? bytes : bytes.subarray(at)]);
    const head = readResponseHead(whole, before === null ? at : 0, ANSWER_HEAD_LIMITS);
    if (head.kind === 'bad') {
      this.#refuse(events, `The head of the answer is ${head.problem}.`);
      return bytes.length;
    }
    if (head.kind === 'more') {
      this.#partialHead = before === null && at > 0 ? bytes.subarray(at) : whole;
      return bytes.length;
    }
    this.#partialHead = null;
    if (head.status < 200) this.#readInterim(head.status, head.headers, events);
    else this.#readFinal(head.status, head.minor, head.headers, events);
    return before === null ? head.end : at + head.end - before.length;
  }

  #readInterim(status: number, headers: string[], events: AnswerEvents): void {
    this.#interim += 1;
    if (status === 101) this.#refuse(events, 'It switches protocols, and nobody asked for that.');
    else if (this.#interim > MAX_INTERIM_ANSWERS) this.#refuse(events, 'Interim answers without end.');
    else if (status !== 100) events.interim(status, headers);
  }

  #readFinal(status: number, minor: 0 | 1, headers: string[], events: AnswerEvents): void {
    const framing = responseFraming(this.#method, status, minor, headers);
    if (status > 599) return this.#refuse(events, `Status ${status}.`);
    if (framing.kind === 'bad') return this.#refuse(events, framing.problem);
    const isEmpty = framing.kind === 'none' || (framing.kind === 'length' && framing.bytes === 0);
    this.#left = framing.kind === 'length' ? framing.bytes : 0;
    this.#chunks = framing.kind === 'chunked' ? new ChunkedReader('answer') : null;
    if (framing.kind !== 'none') this.#state = framing.kind;
    const length = isEmpty ? 0 : framing.kind === 'length' ? framing.bytes : null;
    const keptMs = framing.kind === 'until-close' ? 0 : keptFor(minor, headers);
    events.head({ status, headers, length, keptMs });
    if (isEmpty) this.#complete(events, null);
  }

  #readLength(bytes: Buffer, at: number, events: AnswerEvents): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    events.data(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    if (this.#left === 0) this.#complete(events, null);
    return end;
  }

  #readChunks(bytes: Buffer, at: number, events: AnswerEvents): number {
    const chunks = this.#chunks as ChunkedReader;
    const end = chunks.read(bytes, at, (piece) => {
      if (this.#state === 'chunked') events.data(piece);
    });
    if (chunks.bad) this.#refuse(events, 'The chunks of the answer are malformed.');
    else if (chunks.done) this.#complete(events, chunks.trailers);
    return end;
  }

  /** Nothing is said any more when one of the calls has stopped it. */
  #complete(events: AnswerEvents, trailers: string[] | null): void {
    if (this.#state === 'over') return;
    this.stop();
    events.complete(trailers);
  }

  #refuse(events: AnswerEvents, problem: string): void {
    if (this.#state === 'over') return;
    this.stop();
    events.bad(problem);
  }
}

/** RFC 9112 §9.3, and the time of `Keep-Alive: timeout=N` (RFC 2068 §19.7.1.1) less a second for the way. Infinity: none is said. */
function keptFor(minor: 0 | 1, headers: readonly string[]): number {
  let keepsAlive = minor === 1;
  let keptMs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length !== 10) continue;
    const value = headers[i + 1] as string;
    const known = name.toLowerCase();
    if (known === 'keep-alive') {
      const seconds = TIMEOUT.exec(value)?.[1];
      if (seconds !== undefined) keptMs = Math.min(keptMs, Math.max(0, Number(seconds) - 1) * 1_000);
    } else if (known === 'connection') {
      if (hasToken(value, 'close')) return 0;
      if (minor === 0 && hasToken(value, 'keep-alive')) keepsAlive = true;
    }
  }
  return keepsAlive ? keptMs : 0;
}

const TIMEOUT = /(?:^|[\s,;])timeout\s*=\s*"?([0-9]{1,9})/i;

/** RFC 9110 §5.6.1: reports whether a comma-separated list names a token. `token` is lower-case. */
function hasToken(list: string, token: string): boolean {
  if (!list.includes(',')) return list.length === token.length && list.toLowerCase() === token;
  return list.split(',').some((each) => each.trim().toLowerCase() === token);
}
