// Reads the head of an HTTP/1.1 message (RFC 9112 §2–§5): strictly, with one meaning or none.
import { oneSpelling } from './one-spelling.ts';

/** Bytes and header lines that a head may have. */
export type HeadLimits = { headerBytes: number; headerLines: number };

/** Flat list of names and values as they came, values without the white space around them. */
export type HeaderList = string[];

export type RequestHeadRead =
  | { kind: 'head'; method: string; target: string; minor: 0 | 1; headers: HeaderList; end: number }
  | Unfinished;

export type ResponseHeadRead =
  | { kind: 'head'; status: number; minor: 0 | 1; headers: HeaderList; end: number }
  | Unfinished;

/** `more`: a valid beginning. `bad`: no continuation can make it valid. */
export type Unfinished = { kind: 'more' } | { kind: 'bad'; problem: HeadProblem };

export type HeadProblem = 'malformed' | 'too-large' | 'version';

// RFC 3986 (a target is ASCII), RFC 9110 §5.6.2 (token) and §5.5 (field values: visible characters, SP, HTAB and obs-text; never CR, LF, NUL or another control).
// One space at most is taken in front of a value: two classes that share a byte and may both repeat cost their product when they fail.
const HEADER_LINE = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+): ?([\t\x20-\x7e\x80-\xff]*)\r\n/y;
const REQUEST_LINE = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e]+) HTTP\/1\.([01])\r\n/y;
const OTHER_VERSION = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+ [\x21-\x7e]+( HTTP\/[0-9]+(\.[0-9]+)?)?\r\n/;
const STATUS_LINE = /HTTP\/1\.([01]) ([1-9][0-9][0-9])(?: [\t\x20-\x7e\x80-\xff]*)?\r\n/y;
const NEVER_IN_A_HEAD = /[^\t\r\n\x20-\x7e\x80-\xff]|\r[^\n]|(?:^|[^\r])\n/;

const CR = 0x0d;
const LF = 0x0a;

const MORE: Unfinished = { kind: 'more' };

/**
 * The request head that starts at `start`. One empty line before it is passed over (RFC 9112 §2.2). `end` is the place of
 * the first byte behind it.
 */
export function readRequestHead(bytes: Buffer, start: number, limits: HeadLimits): RequestHeadRead {
  const from = bytes[start] === CR && bytes[start + 1] === LF ? start + 2 : start;
  const end = endOfHead(bytes, from);
  if (end === -1) return unfinished(bytes, from, limits, REQUEST_LINE, OTHER_VERSION);
  if (end - from > limits.headerBytes) return bad('too-large');
  const text = bytes.toString('latin1', from, end - 2);
  REQUEST_LINE.lastIndex = 0;
  const line = REQUEST_LINE.exec(text);
  if (line === null) return bad(OTHER_VERSION.test(text) ? 'version' : 'malformed');
  const headers = readHeaders(text, REQUEST_LINE.lastIndex);
  if (headers === null) return bad('malformed');
  if (headers.length > limits.headerLines * 2) return bad('too-large');
  return {
    kind: 'head',
    method: line[1] as string,
    target: line[2] as string,
    minor: line[3] === '0' ? 0 : 1,
    headers,
    end,
  };
}

/** The response head that starts at `start`. */
export function readResponseHead(bytes: Buffer, start: number, limits: HeadLimits): ResponseHeadRead {
  const end = endOfHead(bytes, start);
  if (end === -1) return unfinished(bytes, start, limits, STATUS_LINE, null);
  if (end - start > limits.headerBytes) return bad('too-large');
  const text = bytes.toString('latin1', start, end - 2);
  STATUS_LINE.lastIndex = 0;
  const line = STATUS_LINE.exec(text);
  const headers = line && readHeaders(text, STATUS_LINE.lastIndex);
  if (!headers) return bad('malformed');
  if (headers.length > limits.headerLines * 2) return bad('too-large');
  return { kind: 'head', status: Number(line[2]), minor: line[1] === '0' ? 0 : 1, headers, end };
}

/** Header lines from `at` to the end of `text`, each with its line end; null when one of them is none. */
export function readHeaders(text: string, at: number): HeaderList | null {
  const headers: HeaderList = [];
  HEADER_LINE.lastIndex = at;
  let read = at;
  while (read < text.length) {
    const line = HEADER_LINE.exec(text);
    if (line === null) return null;
    read = HEADER_LINE.lastIndex;
    headers.push(oneSpelling(line[1] as string), withoutSpaceAround(line[2] as string));
  }
  return headers;
}

/** The place behind the empty line, or -1. */
function endOfHead(bytes: Buffer, start: number): number {
  const at = bytes.indexOf('\r\n\r\n', start, 'latin1');
  return at === -1 ? -1 : at + 4;
}

/** No whole head yet: what can never become one is refused now, so that nobody waits for the rest of it. */
function unfinished(bytes: Buffer, start: number, limits: HeadLimits, first: RegExp, other: RegExp | null): Unfinished {
  if (bytes.length - start > limits.headerBytes) return bad('too-large');
  const text = bytes.toString('latin1', start, bytes.length);
  if (NEVER_IN_A_HEAD.test(text)) return bad('malformed');
  if (!text.includes('\r\n')) return MORE;
  first.lastIndex = 0;
  if (first.test(text)) return MORE;
  return bad(other?.test(text) ? 'version' : 'malformed');
}

function withoutSpaceAround(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isSpace(value.charCodeAt(start))) start += 1;
  while (end > start && isSpace(value.charCodeAt(end - 1))) end -= 1;
  return end - start === value.length ? value : value.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function bad(problem: HeadProblem): Unfinished {
  return { kind: 'bad', problem };
}
