// Remembers whole replies by the bytes of their queries, so that what was asked before is answered without reading a message. Pure: time is an argument.
import { randomInt } from 'node:crypto';
import { OPCODE, TYPE } from './message.ts';
import { MAX_NAME_OCTETS } from './name.ts';
import type { Names } from './names.ts';
import { HEADER_OCTETS } from './reader.ts';

/** `fixed`: right for as long as the names are the same, with the TTLs as they are. `ages`: right for so long, while its TTLs count down. */
export type Life = { kind: 'fixed' } | { kind: 'ages'; ttlSeconds: number };

/** A reply depends on whether it may be cut short, and on nothing else of the way that it takes. */
export type Way = 'udp' | 'stream';

/**
 * A hit is a query that is, but for its id, the case of its name and a cookie, byte for byte one that was read and answered before: nothing that the
 * decoder would refuse is ever found. Cookies (RFC 7873) are ignored here as they are by the engine, which a server may; queries with other EDNS
 * options are not kept. It is the caller's to keep nothing that depends on who asks or changes from query to query. What was kept for other `names`
 * than those of the last `read` is forgotten.
 */
export type PacketCache = {
  /** A reply of one's own, ready to be sent. */
  read(packet: Uint8Array, way: Way, names: Names, now: number): Buffer | null;
  store(packet: Uint8Array, way: Way, names: Names, reply: Buffer, life: Life, now: number): void;
  /** How much of what is allowed is in use. */
  readonly bytes: number;
};

/** Longer replies are rare, and cost more to copy than to find out. */
const MAX_REPLY_OCTETS = 4096;
/** The OPT record without options (RFC 6891 §6.1.2). */
const OPT_OCTETS = 11;
/** An option's code and length (RFC 6891 §6.1.2), and the code of a cookie (RFC 7873 §4). */
const OPTION_HEAD_OCTETS = 4;
const COOKIE_OPTION = 10;
const MAX_KEY_OCTETS = HEADER_OCTETS + MAX_NAME_OCTETS + 4 + OPT_OCTETS;

/** An entry in the ring: hash, lengths of key and reply, count of TTLs, when it was stored and when it ends; then the places of the TTLs, key, reply. */
const HASH_AT = 0;
const KEY_LENGTH_AT = 4;
const REPLY_LENGTH_AT = 6;
const TTL_COUNT_AT = 8;
const STORED_AT = 10;
const EXPIRES_AT = 18;
const ENTRY_HEAD = 26;

/** A key may stand in any of so many slots, those that its hash leads to. */
const WAYS = 8;
/** A slot takes eight octets. So many of them are free that a key's own are hardly ever all taken: a small reply takes 130 octets with its key. */
const SLOT_OCTETS = 8;
const OCTETS_A_SLOT = 4 * SLOT_OCTETS;

/**
 * One ring of bytes and one table of places, made once: nothing for the collector to walk through or to free, and no more memory than was said. New
 * entries go over the oldest ones; one that is found in the older half goes to the front again, so what is in use stays.
 */
export function createPacketCache({ maxBytes }: { maxBytes: number }): PacketCache {
  const slots = new Float64Array(2 ** Math.floor(Math.log2(maxBytes / OCTETS_A_SLOT)));
  const ringOctets = maxBytes - slots.length * SLOT_OCTETS;
  const ring = Buffer.allocUnsafeSlow(ringOctets);
  const seed = randomInt(2 ** 32);
  let current: Names | null = null;
  /** All that was ever written: an entry's place is this count at its start, and it is there until the ring has come round. */
  let written = 0;

  const clear = () => {
    slots.fill(-1);
    written = 0;
  };

  /** The slot that holds the key in `scratch`; where none does, -1 less the one that it may have: a free one, or the oldest. */
  const slotOf = (hash: number, keyLength: number): number => {
    const first = (hash & (slots.length / WAYS - 1)) * WAYS;
    let free = first;
    for (let slot = first; slot < first + WAYS; slot++) {
      const place = slots[slot] ?? -1;
      if (place < 0 || written - place > ringOctets) {
        slots[slot] = -1;
      } else {
        const at = place % ringOctets;
        if (ring.readUInt32LE(at + HASH_AT) === hash && hasKey(ring, at, keyLength)) return slot;
      }
      if ((slots[slot] ?? -1) < (slots[free] ?? -1)) free = slot;
    }
    return -1 - free;
  };

  /** Room for so many bytes in one piece. */
  const advance = (octets: number): number => {
    const left = ringOctets - (written % ringOctets);
    if (octets > left) written += left;
    const place = written;
    written += octets;
    return place;
  };

  clear();
  return {
    read(packet, way, names, now) {
      if (names !== current) {
        clear();
        current = names;
      }
      const keyLength = writeKey(packet, way);
      if (keyLength === 0) return null;
      const slot = slotOf(hashKey(seed, keyLength), keyLength);
      if (slot < 0) return null;
      const place = slots[slot] ?? 0;
      const at = place % ringOctets;
      const storedAt = ring.readDoubleLE(at + STORED_AT);
      // A clock that was set back makes an entry of the future; it is not trusted.
      if (now >= ring.readDoubleLE(at + EXPIRES_AT) || now < storedAt) {
        slots[slot] = -1;
        return null;
      }
      const reply = replyAt(ring, at, packet, now - storedAt);
      if (written - place > ringOctets / 2) {
        const octets = octetsAt(ring, at);
        const front = advance(octets);
        // What it is copied from is older than half a ring, so that it is still whole.
        ring.copyWithin(front % ringOctets, at, at + octets);
        slots[slot] = front;
      }
      return reply;
    },
    store(packet, way, names, reply, life, now) {
      if (names !== current || reply.length > MAX_REPLY_OCTETS) return;
      const keyLength = writeKey(packet, way);
      if (keyLength === 0 || !repeatsQuestion(reply, packet)) return;
      const ages = life.kind === 'ages';
      const ttlPlaces = ages ? ttlPlacesOf(reply) : [];
      const octets = ENTRY_HEAD + ttlPlaces.length * 2 + keyLength + reply.length;
      if (octets > ringOctets / 2) return;
      const hash = hashKey(seed, keyLength);
      const found = slotOf(hash, keyLength);
      const place = advance(octets);
      const at = place % ringOctets;
      ring.writeUInt32LE(hash, at + HASH_AT);
      ring.writeUInt16LE(keyLength, at + KEY_LENGTH_AT);
      ring.writeUInt16LE(reply.length, at + REPLY_LENGTH_AT);
      ring.writeUInt16LE(ttlPlaces.length, at + TTL_COUNT_AT);
      ring.writeDoubleLE(now, at + STORED_AT);
      ring.writeDoubleLE(ages ? now + life.ttlSeconds * 1000 : Number.POSITIVE_INFINITY, at + EXPIRES_AT);
      for (const [index, ttlPlace] of ttlPlaces.entries()) ring.writeUInt16LE(ttlPlace, at + ENTRY_HEAD + index * 2);
      const keyAt = at + ENTRY_HEAD + ttlPlaces.length * 2;
      scratch.copy(ring, keyAt, 0, keyLength);
      reply.copy(ring, keyAt + keyLength);
      slots[found < 0 ? -1 - found : found] = place;
    },
    get bytes() {
      return Math.min(written, ringOctets);
    },
  };
}

function octetsAt(ring: Buffer, at: number): number {
  const lengths = ring.readUInt16LE(at + KEY_LENGTH_AT) + ring.readUInt16LE(at + REPLY_LENGTH_AT);
  return ENTRY_HEAD + ring.readUInt16LE(at + TTL_COUNT_AT) * 2 + lengths;
}

/** Reports whether the entry's key is the one in `scratch`. */
function hasKey(ring: Buffer, at: number, keyLength: number): boolean {
  if (ring.readUInt16LE(at + KEY_LENGTH_AT) !== keyLength) return false;
  const keyAt = at + ENTRY_HEAD + ring.readUInt16LE(at + TTL_COUNT_AT) * 2;
  for (let index = 0; index < keyLength; index++) if (ring[keyAt + index] !== scratch[index]) return false;
  return true;
}

/** The entry's reply with the id of this query and the case of its name, which some clients check (draft-vixie-dnsext-dns0x20). */
function replyAt(ring: Buffer, at: number, packet: Uint8Array, ageMs: number): Buffer {
  const ttlCount = ring.readUInt16LE(at + TTL_COUNT_AT);
  const keyLength = ring.readUInt16LE(at + KEY_LENGTH_AT);
  const replyAt = at + ENTRY_HEAD + ttlCount * 2 + keyLength;
  const length = ring.readUInt16LE(at + REPLY_LENGTH_AT);
  const bytes = Buffer.allocUnsafe(length);
  ring.copy(bytes, 0, replyAt, replyAt + length);
  bytes[0] = packet[0] ?? 0;
  bytes[1] = packet[1] ?? 0;
  const questionEnd = questionEndOf(packet);
  for (let index = HEADER_OCTETS; index < questionEnd; index++) bytes[index] = packet[index] ?? 0;
  const ageSeconds = Math.floor(ageMs / 1000);
  if (ageSeconds === 0) return bytes;
  for (let index = 0; index < ttlCount; index++) {
    const ttlAt = ring.readUInt16LE(at + ENTRY_HEAD + index * 2);
    bytes.writeUInt32BE(Math.max(0, bytes.readUInt32BE(ttlAt) - ageSeconds), ttlAt);
  }
  return bytes;
}

const scratch = Buffer.alloc(MAX_KEY_OCTETS);

/**
 * Writes the key of a query into `scratch`: the way and the bytes behind the id, the name in lower case. Gives its length; 0 where replies to such a
 * message are not kept.
 */
function writeKey(packet: Uint8Array, way: Way): number {
  const questionEnd = questionEndOf(packet);
  if (questionEnd < 0) return 0;
  const opts = packet[11] ?? 0;
  // A cookie is as if it were not there.
  const length = questionEnd + opts * OPT_OCTETS;
  if (opts > 1 || length > MAX_KEY_OCTETS) return 0;
  const cookieOctets = packet.length - length;
  if (opts === 0 ? cookieOctets !== 0 : !isPlainOpt(packet, questionEnd, cookieOctets)) return 0;
  const nameEnd = questionEnd - 4;
  scratch[0] = way === 'udp' ? 0 : 1;
  for (let at = 2; at < HEADER_OCTETS; at++) scratch[at - 1] = packet[at] ?? 0;
  // Length octets are below 64, and so no letters.
  for (let at = HEADER_OCTETS; at < nameEnd; at++) scratch[at - 1] = lowerCase[packet[at] ?? 0] ?? 0;
  for (let at = nameEnd; at < length; at++) scratch[at - 1] = packet[at] ?? 0;
  if (cookieOctets > 0) scratch[length - 2] = 0;
  return length - 1;
}

/** FNV-1a from a start that nobody outside knows, so that nobody can choose names that push each other out. */
function hashKey(seed: number, length: number): number {
  let hash = seed;
  for (let at = 0; at < length; at++) hash = Math.imul(hash ^ (scratch[at] ?? 0), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

const lowerCase = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));

/** Where the one question of a plain query ends; -1 for every other message. */
function questionEndOf(packet: Uint8Array): number {
  if (packet.length < HEADER_OCTETS) return -1;
  const isQuery = ((packet[2] ?? 0) & 0xf8) === OPCODE.QUERY << 3;
  const hasOneQuestion = packet[4] === 0 && packet[5] === 1;
  const hasNoRecords = packet[6] === 0 && packet[7] === 0 && packet[8] === 0 && packet[9] === 0 && packet[10] === 0;
  if (!isQuery || !hasOneQuestion || !hasNoRecords) return -1;
  let at = HEADER_OCTETS;
  for (let label = packet[at] ?? 0xff; label !== 0; label = packet[at] ?? 0xff) {
    if (label > 63) return -1;
    at += label + 1;
  }
  return at + 5 <= packet.length ? at + 5 : -1;
}

/** The root's name, the type, and `octets` of data: none, or one cookie. */
function isPlainOpt(packet: Uint8Array, at: number, octets: number): boolean {
  const hasLength = packet[at + 9] === 0 && packet[at + 10] === octets;
  const isOpt = packet[at] === 0 && packet[at + 1] === 0 && packet[at + 2] === TYPE.OPT && hasLength;
  return isOpt && (octets === 0 || isCookie(packet, at + OPT_OCTETS, octets - OPTION_HEAD_OCTETS));
}

/** RFC 7873 §4: a client's part of 8 octets, and a server's of 8 to 32 or none. */
function isCookie(packet: Uint8Array, at: number, octets: number): boolean {
  const isWhole = octets === 8 || (octets >= 16 && octets <= 40);
  const hasCode = packet[at] === 0 && packet[at + 1] === COOKIE_OPTION;
  return isWhole && hasCode && packet[at + 2] === 0 && packet[at + 3] === octets;
}

/** Reports whether a reply's question stands where the query's does, byte for byte: only there can another one's case be put in. */
function repeatsQuestion(reply: Buffer, packet: Uint8Array): boolean {
  const end = questionEndOf(packet);
  if (reply.length < end || reply[4] !== 0 || reply[5] !== 1) return false;
  return reply.compare(packet, HEADER_OCTETS, end, HEADER_OCTETS, end) === 0;
}

/** Where the TTLs of all records stand in a message that we wrote ourselves; an OPT record has none. */
function ttlPlacesOf(reply: Buffer): number[] {
  const places: number[] = [];
  const count = reply.readUInt16BE(6) + reply.readUInt16BE(8) + reply.readUInt16BE(10);
  let at = nameEndOf(reply, HEADER_OCTETS) + 4;
  for (let record = 0; record < count; record++) {
    at = nameEndOf(reply, at);
    if (reply.readUInt16BE(at) !== TYPE.OPT) places.push(at + 4);
    at += 10 + reply.readUInt16BE(at + 8);
  }
  return places;
}

function nameEndOf(reply: Buffer, start: number): number {
  let at = start;
  for (let label = reply.readUInt8(at); label !== 0; label = reply.readUInt8(at)) {
    if (label >= 0xc0) return at + 2;
    at += label + 1;
  }
  return at + 1;
}
