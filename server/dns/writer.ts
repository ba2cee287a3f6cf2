// Writes fields of a DNS message, compressing names, into a buffer that grows as needed.

import type { Name } from './name.ts';

/** A pointer has 14 bits (RFC 1035 §4.1.4). */
const MAX_POINTER = 0x3fff;

/** A name is compared with so many written before it, so that no message makes writing it slow (CVE-2024-8508). */
const MAX_KNOWN_NAMES = 32;

/** What most messages fit into. It belongs to one writer at a time, and writers never wait. */
const shared = Buffer.alloc(4096);

/** A name as it was written: `ownLabels` of it stand at `start`, a pointer behind them where that is not all. */
type Known = { name: Name; start: number; ownLabels: number };

export class Writer {
  at = 0;
  #bytes = shared;
  readonly #known: Known[] = [];

  u8(value: number): void {
    checkRange(value, 0xff);
    this.#reserve(1);
    this.#bytes[this.at++] = value;
  }

  u16(value: number): void {
    checkRange(value, 0xffff);
    this.#reserve(2);
    this.#bytes[this.at++] = value >>> 8;
    this.#bytes[this.at++] = value;
  }

  u32(value: number): void {
    checkRange(value, 0xffffffff);
    this.#reserve(4);
    this.#bytes[this.at++] = value >>> 24;
    this.#bytes[this.at++] = value >>> 16;
    this.#bytes[this.at++] = value >>> 8;
    this.#bytes[this.at++] = value;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** RFC 3597 §4: only the names of RFC 1035's own types may be written compressed. The case is kept: names survive byte for byte. */
  name(name: Name, compression: 'compressed' | 'plain'): void {
    const start = this.at;
    let ownLabels = name.length;
    let pointer = 0;
    if (compression === 'compressed') {
      for (const known of this.#known) {
        const shared = sharedLabels(name, known.name);
        if (name.length - shared >= ownLabels) continue;
        const target = placeOf(known, known.name.length - shared);
        if (target > MAX_POINTER) continue;
        ownLabels = name.length - shared;
        pointer = 0xc000 | target;
        if (ownLabels === 0) break;
      }
    }
    for (let index = 0; index < ownLabels; index++) this.#label(name[index] ?? '');
    if (pointer === 0) this.u8(0);
    else this.u16(pointer);
    if (ownLabels > 0 && start <= MAX_POINTER && this.#known.length < MAX_KNOWN_NAMES)
      this.#known.push({ name, start, ownLabels });
  }

  /** Leaves room for the 16-bit length of what follows, and gives the place for `endCounted` (RFC 1035 §4.1.3, RDLENGTH). */
  startCounted(): number {
    this.u16(0);
    return this.at;
  }

  endCounted(start: number): void {
    this.setU16(start - 2, this.at - start);
  }

  setU16(at: number, value: number): void {
    checkRange(value, 0xffff);
    this.#bytes[at] = value >>> 8;
    this.#bytes[at + 1] = value;
  }

  /** Forgets everything written from `at` on, names included. */
  rewind(at: number): void {
    this.at = at;
    while ((this.#known.at(-1)?.start ?? -1) >= at) this.#known.pop();
  }

  finish(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.at));
  }

  #label(label: string): void {
    const { length } = label;
    this.#reserve(length + 1);
    this.#bytes[this.at++] = length;
    for (let index = 0; index < length; index++) this.#bytes[this.at++] = label.charCodeAt(index);
  }

  #reserve(length: number): void {
    if (this.at + length <= this.#bytes.length) return;
    const grown = Buffer.alloc(Math.max(this.#bytes.length * 2, this.at + length));
    this.#bytes.copy(grown, 0, 0, this.at);
    this.#bytes = grown;
  }
}

/** How many labels from the top two names have in common, byte for byte. */
function sharedLabels(one: Name, other: Name): number {
  if (one === other) return one.length;
  const most = Math.min(one.length, other.length);
  let shared = 0;
  while (shared < most && one[one.length - 1 - shared] === other[other.length - 1 - shared]) shared++;
  return shared;
}

/** Where the label stands; beyond every pointer's reach where only a pointer to it does: what that leads to is known by itself. */
function placeOf({ name, start, ownLabels }: Known, label: number): number {
  if (label >= ownLabels) return Number.POSITIVE_INFINITY;
  let place = start;
  for (let index = 0; index < label; index++) place += 1 + (name[index]?.length ?? 0);
  return place;
}

function checkRange(value: number, max: number): void {
  if (!(value >= 0 && value <= max)) throw new RangeError(`${value} does not fit a field of at most ${max}`);
}
