// Reads IP addresses and address ranges from text into one canonical form, strictly and without any IO.

declare const addressBrand: unique symbol;

/** An IPv4 address in dotted decimal or an IPv6 address in RFC 5952 form: equal addresses are equal strings. */
export type Address = string & { readonly [addressBrand]: true };

const DOT = 0x2e;
const ZERO = 0x30;

/** A CIDR block whose host bits are zero; `prefix` is within the family's 32 or 128 bits. */
export type AddressRange = { readonly address: Address; readonly prefix: number };

/** Reads dotted decimal or RFC 4291 text, nothing else: no zone id, no brackets, no blanks, no leading zeros in IPv4. */
export function parseAddress(text: string): Address | null {
  const bytes = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  return bytes === null ? null : addressOf(bytes);
}

/**
 * Reads every notation that inet_aton and browsers take for an IPv4 address (`127.1`, `0x7f.1`, `2130706433`, `0177.0.0.1`, a final dot),
 * and IPv6 with or without brackets, so that what looks like a number to any resolver is never treated as a host name.
 */
export function parseLegacyAddress(text: string): Address | null {
  if (text.startsWith('[') && text.endsWith(']')) {
    const inner = text.slice(1, -1);
    return inner.includes(':') ? parseAddress(inner) : null;
  }
  return parseAddress(text) ?? parseInetAton(text.endsWith('.') ? text.slice(0, -1) : text);
}

/** Reads `address/prefix`; a block with host bits set is refused rather than silently widened. */
export function parseRange(text: string): AddressRange | null {
  const slash = text.indexOf('/');
  const address = slash < 0 ? null : parseAddress(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  if (address === null || !/^(0|[1-9][0-9]{0,2})$/.test(digits)) return null;
  const bytes = addressBytes(address);
  const prefix = Number(digits);
  if (prefix > bytes.length * 8 || isMapped(bytes)) return null;
  const hostBitsAreZero = bytes.every((byte, at) => (byte & hostMask(prefix - at * 8)) === 0);
  return hostBitsAreZero ? { address, prefix } : null;
}

export function familyOf(address: Address): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}

/** The 4 or 16 bytes of an address, in network order. */
export function addressBytes(address: Address): Uint8Array {
  const bytes = address.includes(':') ? parseIpv6(address) : parseIpv4(address);
  if (bytes === null) throw new TypeError('An Address was made without parseAddress');
  return bytes;
}

/** The canonical text of 4 or 16 bytes in network order. */
export function addressOf(bytes: Uint8Array): Address {
  if (bytes.length === 4) return formatIpv4(bytes, 0) as Address;
  if (bytes.length === 16) return formatIpv6(bytes) as Address;
  throw new TypeError(`An address has 4 or 16 bytes, not ${bytes.length}`);
}

/** One IPv4 address; of IPv6 the /64 that one host has to itself. */
export function networkOf(address: Address): string {
  return familyOf(address) === 4 ? address : Buffer.from(addressBytes(address).subarray(0, 8)).toString('hex');
}

/** Reports whether these are the bytes of ::ffff:0:0/96, the same host as the IPv4 address within (RFC 4291 §2.5.5.2). */
export function isMapped(bytes: Uint8Array): boolean {
  return (
    bytes.length === 16 && bytes[10] === 0xff && bytes[11] === 0xff && bytes.subarray(0, 10).every((byte) => byte === 0)
  );
}

function hostMask(prefixInByte: number): number {
  if (prefixInByte >= 8) return 0;
  return prefixInByte <= 0 ? 0xff : 0xff >> prefixInByte;
}

function parseIpv4(text: string): Uint8Array | null {
  const bytes = new Uint8Array(4);
  let part = 0;
  let value = -1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (value < 0 || part === 3) return null;
      bytes[part++] = value;
      value = -1;
      continue;
    }
    const digit = code - ZERO;
    // A digit behind a leading zero is octal to some and decimal to others.
    if (digit < 0 || digit > 9 || value === 0) return null;
    value = value < 0 ? digit : value * 10 + digit;
    if (value > 255) return null;
  }
  if (part !== 3 || value < 0) return null;
  bytes[3] = value;
  return bytes;
}

function parseIpv6(text: string): Uint8Array | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '', true) : [];
  if (head === null || tail === null) return null;
  const length = head.length + tail.length;
  // RFC 4291 §2.2: `::` stands for one or more groups, so eight groups leave it no room.
  if (halves.length === 1 ? length !== 16 : length > 14) return null;
  const bytes = new Uint8Array(16);
  bytes.set(head, 0);
  bytes.set(tail, 16 - tail.length);
  return bytes;
}

function parseGroups(text: string, mayEndInIpv4: boolean): number[] | null {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [at, group] of groups.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
      continue;
    }
    const embedded = mayEndInIpv4 && at === groups.length - 1 ? parseIpv4(group) : null;
    if (embedded === null) return null;
    bytes.push(...embedded);
  }
  return bytes;
}

function formatIpv4(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

/** RFC 5952 §4 and §5: lower case, no leading zeros, the first longest run of two or more zero groups shortened, mapped addresses mixed. */
function formatIpv6(bytes: Uint8Array): string {
  if (isMapped(bytes)) return `::ffff:${formatIpv4(bytes, 12)}`;
  const groups = Array.from({ length: 8 }, (_, at) => ((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0));
  let runStart = -1;
  let runLength = 1;
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > runLength) {
      runStart = start;
      runLength = length;
    }
  }
  const hex = groups.map((group) => group.toString(16));
  if (runStart < 0) return hex.join(':');
  return `${hex.slice(0, runStart).join(':')}::${hex.slice(runStart + runLength).join(':')}`;
}

/** The notations of inet_aton(3): one to four parts, each decimal, octal or hexadecimal, the last filling the bytes that are left. */
function parseInetAton(text: string): Address | null {
  const parts = text.split('.');
  if (parts.length > 4) return null;
  const values = parts.map(parseInetAtonPart);
  const last = values.at(-1);
  if (last === undefined || last === null || last >= 256 ** (5 - parts.length)) return null;
  const bytes = new Uint8Array(4);
  for (const [at, value] of values.slice(0, -1).entries()) {
    if (value === null || value > 255) return null;
    bytes[at] = value;
  }
  for (let at = 3, rest = last; at >= parts.length - 1; at--, rest = Math.floor(rest / 256)) bytes[at] = rest % 256;
  return addressOf(bytes);
}

function parseInetAtonPart(part: string): number | null {
  if (/^0[xX][0-9a-fA-F]{0,16}$/.test(part)) return part.length === 2 ? 0 : Number.parseInt(part, 16);
  if (/^0[0-7]{1,20}$/.test(part)) return Number.parseInt(part, 8);
  return /^(0|[1-9][0-9]{0,15})$/.test(part) ? Number(part) : null;
}
