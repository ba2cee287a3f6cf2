// Reads whole HTTP/1.1 messages with the codec, as a listener and a pool do, from bytes that come in any pieces.
import { ChunkedReader } from './chunked.ts';
import { type Framing, requestFraming, responseFraming } from './framing.ts';
import { type HeaderList, readRequestHead, readResponseHead } from './head.ts';

export type Message = {
  /** The request line without its version, or the status. */
  first: string;
  minor: 0 | 1;
  headers: HeaderList;
  body: string;
  trailers: HeaderList;
  /** How many bytes it took. */
  length: number;
};

/** `bad`: no continuation makes the rest valid. `more`: it ends inside a message, or where one may begin. */
export type Messages = { whole: Message[]; rest: 'bad' | 'more' };

type Head = { first: string; minor: 0 | 1; headers: HeaderList; end: number; framing: Framing };
type HeadRead = ({ kind: 'head' } & Head) | { kind: 'more' } | { kind: 'bad' };

export const LIMITS = { headerBytes: 16 * 1024, headerLines: 100 };

export function readRequests(pieces: readonly Buffer[]): Messages {
  return readAll(pieces, (bytes, start) => {
    const head = readRequestHead(bytes, start, LIMITS);
    if (head.kind !== 'head') return head;
    const { method, target, minor, headers } = head;
    return { ...head, first: `${method} ${target}`, framing: requestFraming(minor, headers) };
  });
}

/** Answers to requests with this method; interim ones (1xx) count as messages. */
export function readResponses(method: string, pieces: readonly Buffer[]): Messages {
  return readAll(pieces, (bytes, start) => {
    const head = readResponseHead(bytes, start, LIMITS);
    if (head.kind !== 'head') return head;
    const { status, minor, headers } = head;
    return { ...head, first: String(status), framing: responseFraming(method, status, minor, headers) };
  });
}

/** The last piece is followed by the end of the connection. */
function readAll(pieces: readonly Buffer[], readHead: (bytes: Buffer, start: number) => HeadRead): Messages {
  const whole: Message[] = [];
  let kept: Buffer = Buffer.alloc(0);
  let under: (Message & { framing: Framing; chunked: ChunkedReader }) | null = null;
  for (const piece of pieces) {
    kept = Buffer.concat([kept, piece]);
    for (;;) {
      if (under === null) {
        const head: HeadRead = readHead(kept, 0);
        if (head.kind === 'bad') return { whole, rest: 'bad' };
        if (head.kind === 'more') break;
        if (head.framing.kind === 'bad') return { whole, rest: 'bad' };
        const { first, minor, headers, end, framing } = head;
        under = { first, minor, headers, framing, body: '', trailers: [], length: end, chunked: new ChunkedReader() };
        kept = kept.subarray(end);
      }
      const taken = takeBody(under, kept);
      kept = kept.subarray(taken);
      under.length += taken;
      if (under.chunked.bad) return { whole, rest: 'bad' };
      if (!isWhole(under)) break;
      whole.push(messageOf(under));
      under = null;
    }
  }
  if (under?.framing.kind === 'until-close') whole.push(messageOf(under));
  return { whole, rest: 'more' };
}

function takeBody(message: Message & { framing: Framing; chunked: ChunkedReader }, bytes: Buffer): number {
  const { framing, chunked } = message;
  if (framing.kind === 'chunked') {
    const taken = chunked.read(bytes, 0, (data) => {
      message.body += data.toString('latin1');
    });
    message.trailers = chunked.trailers ?? [];
    return taken;
  }
  const wanted =
    framing.kind === 'length'
      ? framing.bytes - message.body.length
      : framing.kind === 'until-close'
        ? Number.POSITIVE_INFINITY
        : 0;
  const data = bytes.subarray(0, Math.min(wanted, bytes.length));
  message.body += data.toString('latin1');
  return data.length;
}

function isWhole({ framing, body, chunked }: Message & { framing: Framing; chunked: ChunkedReader }): boolean {
  if (framing.kind === 'chunked') return chunked.done;
  return framing.kind === 'none' || (framing.kind === 'length' && body.length === framing.bytes);
}

function messageOf({ first, minor, headers, body, trailers, length }: Message): Message {
  return { first, minor, headers, body, trailers, length };
}
