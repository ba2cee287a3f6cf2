// Decides whether the gateway may connect to an address at all: the site's ranges in, everything that is nobody's private app out.
import { BlockList } from 'node:net';
import { type Address, addressBytes, addressOf, familyOf, isMapped, parseRange } from './address.ts';
import type { Endpoint, Site } from './app.ts';

/** Why an address is refused; the same word in faults, logs and the catalogue editor. */
export type AddressRefusal =
  | 'loopback'
  | 'unspecified'
  | 'link-local'
  | 'metadata'
  | 'shared-address-space'
  | 'multicast'
  | 'broadcast'
  | 'reserved'
  | 'own-listener'
  | 'own-host'
  | 'outside-site';

/** What a site allows. No ranges means that nothing but the named endpoints is allowed. */
export type SiteReach = Pick<Site, 'ranges' | 'endpoints'>;

/** This machine: where Foyer itself listens (never reachable; an unspecified address means every own one), and its interfaces' addresses. */
export type OwnHost = { listeners: readonly Endpoint[]; addresses: readonly Address[] };

/** Returns null when the address may be connected to, else why not. Addresses embedded in the address have to pass too. */
export function checkAddress(address: Address, port: number, site: SiteReach, own: OwnHost): AddressRefusal | null {
  const outer = unmapped(address);
  const all = [outer, ...embedded(outer)];
  if (all.some((each) => isOwnListener(each, port, own))) return 'own-listener';
  const named = site.endpoints.some((each) => each.port === port && unmapped(each.address) === outer);
  for (const each of all) {
    const refusal = specialUse(each) ?? (isOwnAddress(each, own) ? 'own-host' : null);
    if (refusal !== null && !(named && (refusal === 'loopback' || refusal === 'own-host'))) return refusal;
  }
  if (named) return null;
  const ranges = rangesOf(site);
  return all.every((each) => ranges.check(each)) ? null : 'outside-site';
}

/** Nobody's service stands there, whatever an administrator wrote. */
const NEVER_A_SERVICE: ReadonlySet<AddressRefusal> = new Set([
  'metadata',
  'unspecified',
  'link-local',
  'multicast',
  'broadcast',
]);

/**
 * The same for a service that an administrator names by its URL, such as a sign-in provider: no site contains it, and it may be private or on this
 * machine. Returns null when it may be asked.
 */
export function checkService(address: Address, port: number, own: OwnHost): AddressRefusal | null {
  const outer = unmapped(address);
  const all = [outer, ...embedded(outer)];
  if (all.some((each) => isOwnListener(each, port, own))) return 'own-listener';
  const uses = all.map(specialUse);
  return uses.find((use) => use !== null && NEVER_A_SERVICE.has(use)) ?? null;
}

function isOwnListener(address: Address, port: number, own: OwnHost): boolean {
  return own.listeners.some((listener) => {
    if (listener.port !== port) return false;
    const at = unmapped(listener.address);
    if (at === address) return true;
    return (at === '0.0.0.0' || at === '::') && isThisMachine(address, own);
  });
}

function isThisMachine(address: Address, own: OwnHost): boolean {
  const use = specialUse(address);
  return use === 'loopback' || use === 'unspecified' || isOwnAddress(address, own);
}

function isOwnAddress(address: Address, own: OwnHost): boolean {
  return own.addresses.some((each) => unmapped(each) === address);
}

/** The IANA special-purpose registries (RFC 6890 and updates), with the link-local metadata services of the large clouds named apart. */
const specialUses: readonly (readonly [AddressRefusal, readonly string[]])[] = [
  ['metadata', ['169.254.169.254/32', '169.254.170.2/32', '168.63.129.16/32', '192.0.0.192/32', '100.100.100.200/32']],
  ['metadata', ['fd00:ec2::254/128', 'fd00:ec2::23/128', 'fd20:ce::254/128']],
  ['loopback', ['127.0.0.0/8', '::1/128']],
  ['unspecified', ['0.0.0.0/8', '::/128']],
  ['link-local', ['169.254.0.0/16', 'fe80::/10']],
  ['shared-address-space', ['100.64.0.0/10']],
  ['multicast', ['224.0.0.0/4', 'ff00::/8']],
  ['broadcast', ['255.255.255.255/32']],
  [
    'reserved',
    [
      '240.0.0.0/4',
      '192.0.0.0/24',
      '192.0.2.0/24',
      '192.88.99.0/24',
      '198.18.0.0/15',
      '198.51.100.0/24',
      '203.0.113.0/24',
    ],
  ],
  [
    'reserved',
    ['100::/64', '100:0:0:1::/64', '2001:2::/48', '2001:10::/28', '2001:20::/28', '2001:30::/28', '2001:db8::/32'],
  ],
  ['reserved', ['3fff::/20', '5f00::/16', 'fec0::/10', '::ffff:0:0:0/96']],
];

/** A set of blocks of both families. BlockList also matches IPv4 rules through mapped addresses, so each family has its own list. */
type RangeSet = { check: (address: Address) => boolean };

const compiledSpecialUses = specialUses.map(([refusal, ranges]) => [refusal, compileRanges(ranges)] as const);

function specialUse(address: Address): AddressRefusal | null {
  return compiledSpecialUses.find(([, ranges]) => ranges.check(address))?.[0] ?? null;
}

const compiledSites = new WeakMap<readonly string[], RangeSet>();

function rangesOf(site: SiteReach): RangeSet {
  const known = compiledSites.get(site.ranges);
  if (known !== undefined) return known;
  const compiled = compileRanges(site.ranges);
  compiledSites.set(site.ranges, compiled);
  return compiled;
}

function compileRanges(texts: readonly string[]): RangeSet {
  const ipv4 = new BlockList();
  const ipv6 = new BlockList();
  for (const text of texts) {
    const range = parseRange(text);
    // A range that cannot be read allows nothing.
    if (range === null) continue;
    if (familyOf(range.address) === 4) ipv4.addSubnet(range.address, range.prefix, 'ipv4');
    else ipv6.addSubnet(range.address, range.prefix, 'ipv6');
  }
  return { check: (address) => (familyOf(address) === 4 ? ipv4.check(address, 'ipv4') : ipv6.check(address, 'ipv6')) };
}

/** A mapped address names the same host as the IPv4 address within; every other address is left alone. */
function unmapped(address: Address): Address {
  if (!address.startsWith('::ffff:')) return address;
  const bytes = addressBytes(address);
  return isMapped(bytes) ? addressOf(bytes.subarray(12)) : address;
}

/** IPv4 addresses that a translator or tunnel would take out of this IPv6 address. */
export function embedded(address: Address): Address[] {
  if (familyOf(address) === 4 || address === '::' || address === '::1') return [];
  const bytes = addressBytes(address);
  const at = (start: number): Address => addressOf(bytes.subarray(start, start + 4));
  if (bytes.subarray(0, 12).every((byte) => byte === 0)) return [at(12)]; // IPv4-compatible, RFC 4291 §2.5.5.1
  if (startsWith(bytes, [0x20, 0x02])) return [at(2)]; // 6to4, RFC 3056 §2
  if (startsWith(bytes, [0x20, 0x01, 0, 0])) return [at(4), addressOf(bytes.slice(12).map((byte) => byte ^ 0xff))]; // Teredo, RFC 4380 §4
  if (startsWith(bytes, [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0])) return [at(12)]; // NAT64, RFC 6052 §2.1
  if (startsWith(bytes, [0, 0x64, 0xff, 0x9b, 0, 1])) return localNat64(bytes);
  return [];
}

/** RFC 8215 leaves the prefix length open, so every layout of RFC 6052 §2.2 is read; octet 8 is skipped as it says there. */
function localNat64(bytes: Uint8Array): Address[] {
  const layouts = [
    [6, 7, 9, 10],
    [7, 9, 10, 11],
    [9, 10, 11, 12],
  ].map((octets) => octets.map((octet) => bytes[octet] ?? 0));
  // A layout that is not the one in use reads mostly zeros; only a reading that is an address of its own counts.
  const plausible = layouts.filter(([first]) => first !== 0).map((octets) => addressOf(Uint8Array.from(octets)));
  return [...plausible, addressOf(bytes.subarray(12))];
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, at) => bytes[at] === byte);
}

/** Reports whether an address means nothing, or something of our own, on the Internet (RFC 6890), mapped, translated and tunnelled ones unwrapped. */
export function isPrivate(address: Address): boolean {
  const bytes = addressBytes(address);
  if (familyOf(address) === 4) return isPrivate4(bytes);
  const [first = 0, second = 0] = bytes;
  if (first === 0xfc || first === 0xfd || first === 0xff) return true;
  if (first === 0xfe && second >= 0x80) return true;
  const zeros = bytes.findIndex((byte) => byte !== 0);
  // ::, ::1, IPv4-compatible; ::ffff:0:0/96 and ::ffff:0:0:0/96.
  if (zeros === -1 || zeros >= 12) return true;
  const isMapped = zeros === 10 && bytes[10] === 0xff && bytes[11] === 0xff;
  const isTranslated = zeros === 8 && bytes[8] === 0xff && bytes[9] === 0xff && bytes[10] === 0 && bytes[11] === 0;
  if (isMapped || isTranslated) return isPrivate4(bytes.subarray(12));
  return embedded(address).some((each) => isPrivate4(addressBytes(each)));
}

function isPrivate4([a = 0, b = 0]: Uint8Array): boolean {
  if (a === 0 || a === 10 || a === 127 || a >= 224) return true;
  if (a === 100) return b >= 64 && b < 128;
  if (a === 169) return b === 254;
  if (a === 172) return b >= 16 && b < 32;
  return a === 192 && b === 168;
}
