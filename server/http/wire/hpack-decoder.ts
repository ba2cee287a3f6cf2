// Reads the header blocks of one HTTP/2 connection (RFC 7541 §3, §6): one table for all of them, so every block has to be read.
import { DynamicTable, FIELD_OVERHEAD, type Field, STATIC_FIELDS, TABLE_BYTES } from './hpack-table.ts';
import { decodedBytesAtMost, decodeHuffman } from './huffman.ts';
import { oneSpelling } from './one-spelling.ts';

/** Bytes, counted as RFC 9113 §6.5.2 does, and fields that a list may have. */
export type ListLimits = { bytes: number; fields: number };

export type BlockRead =
  /** `fields` is flat: names and values. `isSound`: each may stand in a message of HTTP/2. */
  | { kind: 'fields'; fields: string[]; isSound: boolean }
  /** Read to its end for the table's sake; the list itself was let go where it grew beyond the limits. */
  | { kind: 'too-large' }
  /** The table cannot be trusted any more: COMPRESSION_ERROR (RFC 9113 §4.3). */
  | { kind: 'bad' };

const BAD: BlockRead = { kind: 'bad' };
const TOO_LARGE: BlockRead = { kind: 'too-large' };

// RFC 9110 §5.6.2 in lower case, a colon in front of pseudo fields (RFC 9113 §8.2.1, §8.3).
const NAME = /^:?[!#$%&'*+\-.^_`|~0-9a-z]+$/;
// RFC 9110 §5.5, and no space at either end (RFC 9113 §8.2.1).
const VALUE = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;

export class HpackDecoder {
  readonly #table = new DynamicTable();
  /** Where reading goes on. */
  #at = 0;

  /** One whole block. Never throws. */
  decode(block: Buffer, limits: ListLimits): BlockRead {
    const fields: string[] = [];
    let bytes = 0;
    let count = 0;
    let isSound = true;
    this.#at = 0;
    while (this.#at < block.length) {
      const first = block[this.#at] as number;
      let field: Field | null;
      if (first >= 0x80) field = this.#field(this.#integer(block, 0x7f));
      else if (first >= 0x40) {
        field = this.#literal(block, 0x3f);
        if (field !== null) this.#table.add(field);
      } else if (first >= 0x20) {
        // A table's size may change in front of the fields alone (RFC 7541 §4.2).
        const maxBytes = this.#integer(block, 0x1f);
        if (count > 0 || maxBytes < 0 || maxBytes > TABLE_BYTES) return BAD;
        this.#table.resize(maxBytes);
        continue;
      } else field = this.#literal(block, 0x0f);
      if (field === null) return BAD;
      count += 1;
      bytes += field.size;
      isSound &&= field.isSound;
      if (count > limits.fields || bytes > limits.bytes) fields.length = 0;
      else fields.push(field.name, field.value);
    }
    return count > limits.fields || bytes > limits.bytes ? TOO_LARGE : { kind: 'fields', fields, isSound };
  }

  /** RFC 7541 §2.3.3: the static table first, the newest field behind it. */
  #field(index: number): Field | null {
    if (index < 1) return null;
    if (index <= STATIC_FIELDS.length) return STATIC_FIELDS[index - 1] as Field;
    return this.#table.at(index - STATIC_FIELDS.length - 1) ?? null;
  }

  /** RFC 7541 §6.2: a name by index or as a string, and a string as value. */
  #literal(block: Buffer, mask: number): Field | null {
    const index = this.#integer(block, mask);
    if (index < 0) return null;
    const name = index > 0 ? this.#field(index)?.name : this.#string(block);
    const value = name == null ? null : this.#string(block);
    if (name == null || value === null) return null;
    const size = name.length + value.length + FIELD_OVERHEAD;
    return { name: oneSpelling(name), value, size, isSound: NAME.test(name) && VALUE.test(value) };
  }

  /** RFC 7541 §5.2. Null where it does not end inside the block, or is coded wrongly. */
  #string(block: Buffer): string | null {
    const isHuffman = ((block[this.#at] ?? 0) & 0x80) !== 0;
    const length = this.#integer(block, 0x7f);
    if (length < 0) return null;
    const start = this.#at;
    const end = start + length;
    if (end > block.length) return null;
    this.#at = end;
    if (!isHuffman) return block.toString('latin1', start, end);
    const out = scratch(decodedBytesAtMost(length));
    const written = decodeHuffman(block, start, end, out);
    return written === -1 ? null : out.toString('latin1', 0, written);
  }

  /** RFC 7541 §5.1. Minus one where it does not end, or is larger than anything here may be. */
  #integer(block: Buffer, mask: number): number {
    const first = block[this.#at];
    if (first === undefined) return -1;
    this.#at += 1;
    let value = first & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = block[this.#at];
      if (byte === undefined) return -1;
      this.#at += 1;
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return -1;
  }
}

/** One for all connections: a string is taken out of it before the next one is decoded. */
let room = Buffer.allocUnsafeSlow(4_096);

function scratch(bytes: number): Buffer {
  if (room.length < bytes) room = Buffer.allocUnsafeSlow(bytes);
  return room;
}
