// Reads fields of a DNS message out of hostile bytes: it never throws and never reads past the end.
import { MAX_NAME_OCTETS, type Name, ROOT } from './name.ts';

/** RFC 1035 §4.1.1: names can only start behind the header, so no pointer may lead into it. */
export const HEADER_OCTETS = 12;

/** One per label of the longest name is the most that an encoder needs; it bounds the work that one name can cause. */
const MAX_POINTERS = 127;

/** A cursor that remembers its first failure; from then on every read gives nothing, so only the end has to be checked. */
export class Reader {
  readonly bytes: Uint8Array;
  at: number;
  end: number;
  failure: string | null = null;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
    this.end = bytes.length;
  }

  fail(reason: string): void {
    this.failure ??= reason;
    this.at = this.end;
  }

  u8(): number {
    return this.#has(1) ? (this.bytes[this.at++] ?? 0) : 0;
  }

  u16(): number {
    if (!this.#has(2)) return 0;
    const { bytes, at } = this;
    this.at = at + 2;
    return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  }

  u32(): number {
    if (!this.#has(4)) return 0;
    const { bytes, at } = this;
    this.at = at + 4;
    const high = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    return high * 0x10000 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
  }

  take(length: number): Uint8Array {
    if (!this.#has(length)) return new Uint8Array(0);
    this.at += length;
    // A copy: a view would keep the whole packet alive as long as one record.
    return new Uint8Array(this.bytes.subarray(this.at - length, this.at));
  }

  /** RFC 1035 §4.1.4. A pointer leads to an earlier place than any before it in this name, so reading always ends. */
  name(pointers: 'allowed' | 'refused'): Name {
    const { bytes } = this;
    const labels: string[] = [];
    let octets = 1;
    let hops = 0;
    let at = this.at;
    let limit = this.end;
    let earliest = this.at;
    let next = -1;
    for (;;) {
      const length = at < limit ? (bytes[at] ?? 0) : -1;
      if (length < 0) return this.#noName('name runs past the end');
      if (length === 0) break;
      if (length >= 0xc0) {
        if (at + 1 >= limit) return this.#noName('name runs past the end');
        const target = (length & 0x3f) * 256 + (bytes[at + 1] ?? 0);
        if (pointers === 'refused') return this.#noName('compressed name where none may be');
        if (target < HEADER_OCTETS || target >= earliest)
          return this.#noName('compression pointer does not lead backwards');
        if (++hops > MAX_POINTERS) return this.#noName('too many compression pointers');
        if (next < 0) next = at + 2;
        at = target;
        earliest = target;
        limit = bytes.length;
        continue;
      }
      // RFC 6891 §5 and RFC 2673: 01 and 10 are label types that are no longer in use.
      if (length > 63) return this.#noName('unknown label type');
      if (at + 1 + length > limit) return this.#noName('name runs past the end');
      octets += length + 1;
      if (octets > MAX_NAME_OCTETS) return this.#noName('name is longer than 255 octets');
      labels.push(textOf(bytes, at + 1, at + 1 + length));
      at += length + 1;
    }
    this.at = next < 0 ? at + 1 : next;
    return labels as readonly string[] as Name;
  }

  #noName(reason: string): Name {
    this.fail(reason);
    return ROOT;
  }

  #has(length: number): boolean {
    if (this.at + length <= this.end) return true;
    this.fail('message ends too early');
    return false;
  }
}

/** One character per byte; four at a time, which costs a third of a spread or of a Buffer's decoder for labels as they are. */
function textOf(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  let at = start;
  for (; at + 4 <= end; at += 4)
    text += String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0);
  for (; at < end; at++) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}
