// The tables of HPACK (RFC 7541 §2.3): the static one, and the dynamic one of one direction of one connection.

/** A header field as it stands in a table. */
export type Field = {
  readonly name: string;
  readonly value: string;
  /** What it counts for in a dynamic table and in a header list: its bytes and 32 (RFC 7541 §4.1). */
  readonly size: number;
  /** Reports whether HTTP/2 allows it in a message (RFC 9113 §8.2.1). */
  readonly isSound: boolean;
};

export const FIELD_OVERHEAD = 32;

// RFC 7541 Appendix A: the place in the list is the index, from 1 on.
// biome-ignore format: as in the RFC, name and value
const STATIC: readonly (readonly [string, string?])[] = [
  [':authority'], [':method', 'GET'], [':method', 'POST'], [':path', '/'], [':path', '/index.html'], [':scheme', 'http'],
  [':scheme', 'https'], [':status', '200'], [':status', '204'], [':status', '206'], [':status', '304'], [':status', '400'],
  [':status', '404'], [':status', '500'], ['accept-charset'], ['accept-encoding', 'gzip, deflate'], ['accept-language'],
  ['accept-ranges'], ['accept'], ['access-control-allow-origin'], ['age'], ['allow'], ['authorization'], ['cache-control'],
  ['content-disposition'], ['content-encoding'], ['content-language'], ['content-length'], ['content-location'],
  ['content-range'], ['content-type'], ['cookie'], ['date'], ['etag'], ['expect'], ['expires'], ['from'], ['host'],
  ['if-match'], ['if-modified-since'], ['if-none-match'], ['if-range'], ['if-unmodified-since'], ['last-modified'], ['link'],
  ['location'], ['max-forwards'], ['proxy-authenticate'], ['proxy-authorization'], ['range'], ['referer'], ['refresh'],
  ['retry-after'], ['server'], ['set-cookie'], ['strict-transport-security'], ['transfer-encoding'], ['user-agent'], ['vary'],
  ['via'], ['www-authenticate'],
];

export const STATIC_FIELDS: readonly Field[] = STATIC.map(([name, value = '']) => ({
  name,
  value,
  size: name.length + value.length + FIELD_OVERHEAD,
  isSound: true,
}));

/** The index of the first static field of each name. */
export const STATIC_NAMES: ReadonlyMap<string, number> = new Map(
  STATIC_FIELDS.map(({ name }, at) => [name, at + 1] as const).reverse(),
);

/** What both sides assume before one says otherwise, and the most that we hold (RFC 9113 §6.5.2). */
export const TABLE_BYTES = 4_096;

/** The newest field has the lowest index; the oldest goes when there is no room (RFC 7541 §4). */
export class DynamicTable {
  /** Fields that were ever added: the number of the newest. */
  added = 0;
  #maxBytes = TABLE_BYTES;
  #bytes = 0;
  /** A ring, whose place for the field number n is n modulo its length. */
  readonly #ring: (Field | undefined)[] = new Array(TABLE_BYTES / FIELD_OVERHEAD);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** Never above TABLE_BYTES. */
  resize(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#makeRoom(0);
  }

  /** The field that was added as number `added - age`; undefined when it is gone or never was. */
  at(age: number): Field | undefined {
    if (age >= this.#length) return undefined;
    return this.#ring[(this.added - age) % this.#ring.length];
  }

  /** Reports whether it was added: one that is larger than the whole table empties it, and that is no error (RFC 7541 §4.4). */
  add(field: Field): boolean {
    this.#makeRoom(field.size);
    if (field.size > this.#maxBytes) return false;
    this.added += 1;
    this.#ring[this.added % this.#ring.length] = field;
    this.#length += 1;
    this.#bytes += field.size;
    return true;
  }

  #makeRoom(bytes: number): void {
    while (this.#length > 0 && this.#bytes + bytes > this.#maxBytes) {
      const place = (this.added - this.#length + 1) % this.#ring.length;
      this.#bytes -= this.#ring[place]?.size ?? 0;
      this.#ring[place] = undefined;
      this.#length -= 1;
    }
  }
}
