// Writes the header blocks of one HTTP/2 connection (RFC 7541 §6): what was said before on it is a byte or two.
import { ownText } from '#server/core/own-text.ts';
import { DynamicTable, FIELD_OVERHEAD, type Field, STATIC_NAMES, TABLE_BYTES } from './hpack-table.ts';

/** How a name's fields are written: into the table, past it, or never in any table, also not in one behind us (RFC 7541 §7.1.3). */
type Indexing = 'table' | 'once' | 'never';

/** What is known of a name, on every connection. */
type Name = { lower: string; staticIndex: number; indexing: Indexing };

/** Other in each answer: they would only push others out. */
const ONCE = new Set([
  ...['age', 'content-length', 'content-range', 'date', 'etag', 'expires', 'last-modified', 'location', 'retry-after'],
  ...['foyer-support-id', 'x-request-id', 'server-timing', 'traceparent'],
]);
const NEVER = new Set(['authorization', 'set-cookie', 'foyer-sign-in']);
/** Of one connection (RFC 9113 §8.2.2): HTTP/2 has no place for them. */
const UNSAYABLE = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'http2-settings'],
]);
/** Longer ones are seldom said twice, and would empty the table. */
const MAX_TABLED_BYTES = 1_024;

const STATUS_INDEX: Readonly<Record<number, number>> = { 200: 8, 204: 9, 206: 10, 304: 11, 400: 12, 404: 13, 500: 14 };
const STATUS_NAME = 8;
const STATIC_COUNT = 61;

const names = new Map<string, Name>();
/** Upstreams choose names, so what is remembered has an end. */
const MAX_NAMES = 2_000;

export class HpackEncoder {
  readonly #table = new DynamicTable();
  /** The last field of each name that went into the table, and its number there. */
  readonly #said = new Map<Name, { value: string; number: number }>();
  /** The table's size as it has to be told in front of the next block, smallest first; null when it is known. */
  #resized: { least: number; last: number } | null = null;

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. */
  limitTable(bytes: number): void {
    const last = Math.min(bytes, TABLE_BYTES);
    this.#resized = { least: Math.min(this.#resized?.least ?? this.#table.maxBytes, last), last };
  }

  /** Writes a block at `at` into `out`, which has room for `blockBytesAtMost`. `status` is null in trailers. Returns its end. */
  encode(out: Buffer, start: number, status: number | null, headers: readonly string[]): number {
    let at = this.#resized === null ? start : this.#writeSize(out, start, this.#resized);
    if (status !== null) at = writeStatus(out, at, status);
    for (let i = 0; i < headers.length; i += 2) {
      const name = nameOf(headers[i] as string);
      if (name !== null) at = this.#write(out, at, name, headers[i + 1] as string);
    }
    return at;
  }

  #write(out: Buffer, start: number, name: Name, value: string): number {
    const { indexing, staticIndex } = name;
    if (indexing !== 'table' || value.length > MAX_TABLED_BYTES) {
      const at = writeInteger(out, start, indexing === 'never' ? 0x10 : 0, 0x0f, staticIndex);
      return writeString(out, staticIndex === 0 ? writeString(out, at, name.lower) : at, value);
    }
    const said = this.#said.get(name);
    const age = said === undefined ? -1 : this.#table.added - said.number;
    const isThere = said !== undefined && age < this.#table.length;
    if (isThere && said.value === value) return writeInteger(out, start, 0x80, 0x7f, STATIC_COUNT + 1 + age);
    // Before it is added: the index is counted in the table as the reader has it by then (RFC 7541 §2.3.3).
    const index = staticIndex !== 0 ? staticIndex : isThere ? STATIC_COUNT + 1 + age : 0;
    const at = writeInteger(out, start, 0x40, 0x3f, index);
    const field: Field = {
      name: name.lower,
      // What is remembered is not to keep the head that it was cut from.
      value: ownText(value),
      size: name.lower.length + value.length + FIELD_OVERHEAD,
      isSound: true,
    };
    if (this.#table.add(field)) this.#remember(name, field.value);
    return writeString(out, index === 0 ? writeString(out, at, name.lower) : at, value);
  }

  #remember(name: Name, value: string): void {
    // More names than the table has places are mostly gone from it.
    if (this.#said.size >= 4 * (TABLE_BYTES / FIELD_OVERHEAD)) this.#said.clear();
    this.#said.set(name, { value, number: this.#table.added });
  }

  /** RFC 7541 §4.2: the smallest size that it had since the last block, then the present one. */
  #writeSize(out: Buffer, start: number, { least, last }: { least: number; last: number }): number {
    this.#resized = null;
    let at = start;
    if (least < last) {
      this.#table.resize(least);
      at = writeInteger(out, at, 0x20, 0x1f, least);
    }
    this.#table.resize(last);
    return writeInteger(out, at, 0x20, 0x1f, last);
  }
}

/** Room for a status and two sizes of the table; and for the lengths of a name and a value. */
const BLOCK_EXTRA = 24;
const FIELD_EXTRA = 12;

export function blockBytesAtMost(headers: readonly string[]): number {
  let bytes = BLOCK_EXTRA + (headers.length / 2) * FIELD_EXTRA;
  for (let i = 0; i < headers.length; i += 1) bytes += (headers[i] as string).length;
  return bytes;
}

/** Null for what HTTP/2 cannot say. */
function nameOf(spelling: string): Name | null {
  const known = names.get(spelling);
  if (known !== undefined) return known;
  const lower = spelling.toLowerCase();
  if (UNSAYABLE.has(lower)) return null;
  const indexing = NEVER.has(lower) ? 'never' : ONCE.has(lower) ? 'once' : 'table';
  // One object for all spellings, since connections find what they said by it.
  const name = names.get(lower) ?? { lower, staticIndex: STATIC_NAMES.get(lower) ?? 0, indexing };
  if (names.size < MAX_NAMES) {
    names.set(lower, name);
    names.set(spelling, name);
  }
  return name;
}

function writeStatus(out: Buffer, at: number, status: number): number {
  const index = STATUS_INDEX[status];
  if (index !== undefined) {
    out[at] = 0x80 | index;
    return at + 1;
  }
  out[at] = STATUS_NAME;
  return writeString(out, at + 1, String(status));
}

/** RFC 7541 §5.1: `flags` beside a prefix of as many bits as `mask` has. */
function writeInteger(out: Buffer, start: number, flags: number, mask: number, value: number): number {
  if (value < mask) {
    out[start] = flags | value;
    return start + 1;
  }
  out[start] = flags | mask;
  let at = start + 1;
  let left = value - mask;
  for (; left >= 0x80; left = Math.floor(left / 128)) {
    out[at] = 0x80 | (left & 0x7f);
    at += 1;
  }
  out[at] = left;
  return at + 1;
}

/** Up to here a loop is faster than a call into the engine. */
const SHORT = 24;

/** RFC 7541 §5.2, as it is: what is said again is an index, and what is said once is not worth Huffman's time. */
function writeString(out: Buffer, start: number, text: string): number {
  const { length } = text;
  const at = writeInteger(out, start, 0, 0x7f, length);
  if (length > SHORT) out.write(text, at, 'latin1');
  else for (let i = 0; i < length; i += 1) out[at + i] = text.charCodeAt(i);
  return at + length;
}
