// Writes fields of a DNS message, compressing names, into a buffer that grows as needed.

import type { Name } from './name.ts';
import { HEADER_OCTETS } from './reader.ts';

/** A pointer has 14 bits (RFC 1035 §4.1.4). */
const MAX_POINTER = 0x3fff;

export class Writer {
  at = 0;
  #bytes = Buffer.alloc(512);
  /** Where each written name tail starts; keys keep the case, so that names survive byte for byte. */
  readonly #tails = new Map<string, number>();

  u8(value: number): void {
    this.#reserve(1);
    this.at = this.#bytes.writeUInt8(value, this.at);
  }

  u16(value: number): void {
    this.#reserve(2);
    this.at = this.#bytes.writeUInt16BE(value, this.at);
  }

  u32(value: number): void {
    this.#reserve(4);
    this.at = this.#bytes.writeUInt32BE(value, this.at);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** RFC 3597 §4: only the names of RFC 1035's own types may be written compressed. */
  name(name: Name, compression: 'compressed' | 'plain'): void {
    for (let index = 0; index < name.length; index++) {
      const tail = name
        .slice(index)
        .map((label) => `${label.length} ${label}`)
        .join('');
      const known = this.#tails.get(tail);
      if (known !== undefined && compression === 'compressed') {
        this.u16(0xc000 | known);
        return;
      }
      if (known === undefined && this.at >= HEADER_OCTETS && this.at <= MAX_POINTER) this.#tails.set(tail, this.at);
      const label = name[index] ?? '';
      this.u8(label.length);
      this.raw(Buffer.from(label, 'latin1'));
    }
    this.u8(0);
  }

  /** Writes a 16-bit length before what `write` writes (RFC 1035 §4.1.3, RDLENGTH). */
  counted(write: () => void): void {
    const start = this.at;
    this.u16(0);
    write();
    this.#bytes.writeUInt16BE(this.at - start - 2, start);
  }

  setU16(at: number, value: number): void {
    this.#bytes.writeUInt16BE(value, at);
  }

  /** Forgets everything written from `at` on, name tails included. */
  rewind(at: number): void {
    this.at = at;
    for (const [tail, start] of this.#tails) if (start >= at) this.#tails.delete(tail);
  }

  finish(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.at));
  }

  #reserve(length: number): void {
    if (this.at + length <= this.#bytes.length) return;
    const grown = Buffer.alloc(Math.max(this.#bytes.length * 2, this.at + length));
    this.#bytes.copy(grown);
    this.#bytes = grown;
  }
}
