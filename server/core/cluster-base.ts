// The addresses of a cluster's nodes: a first address in its subnet, and one further for each number.
import { type Address, addressBytes, addressOf, familyOf, isMapped, parseAddress } from './address.ts';

/** The address of the first node, and the subnet that all of them lie in. */
export type Base = { first: Address; prefix: number };

/** `past`: behind the subnet's end. Neither the subnet's own address nor IPv4's broadcast is a machine's. */
export type CountedAddress =
  | { kind: 'address'; address: Address }
  | { kind: 'past'; subnet: string }
  | { kind: 'subnet' | 'broadcast'; address: Address; subnet: string };

/** Reads `192.168.1.100/24`: an address as an interface has it, so that the host bits stay. */
export function parseBase(text: string): Base | null {
  const [before = '', digits = '', ...rest] = text.trim().split('/');
  const first = parseAddress(before);
  if (first === null || rest.length > 0 || !/^[1-9][0-9]{0,2}$/.test(digits)) return null;
  const bytes = addressBytes(first);
  const prefix = Number(digits);
  return prefix <= bytes.length * 8 && !isMapped(bytes) ? { first, prefix } : null;
}

export function baseText({ first, prefix }: Base): string {
  return `${first}/${prefix}`;
}

/** The address `steps` after the first, with the carry over octets. */
export function countOn({ first, prefix }: Base, steps: number): CountedAddress {
  const octets = familyOf(first) === 4 ? 4 : 16;
  const hostBits = BigInt(octets * 8 - prefix);
  const start = toNumber(addressBytes(first));
  const counted = start + BigInt(steps);
  const lowest = (start >> hostBits) << hostBits;
  const highest = lowest + (1n << hostBits) - 1n;
  const subnet = `${addressOf(toBytes(lowest, octets))}/${prefix}`;
  if (counted > highest) return { kind: 'past', subnet };
  const address = addressOf(toBytes(counted, octets));
  // RFC 3021: a /31 has two machines; RFC 4291 §2.6.1: the first address of an IPv6 subnet is every router.
  if (hostBits > 1n && counted === lowest) return { kind: 'subnet', address, subnet };
  if (hostBits > 1n && octets === 4 && counted === highest) return { kind: 'broadcast', address, subnet };
  return { kind: 'address', address };
}

function toNumber(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function toBytes(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => Number((value >> BigInt(8 * (length - 1 - at))) & 0xffn));
}
