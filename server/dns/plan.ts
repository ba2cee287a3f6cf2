// Decides what to do with one question: out of the names alone, with no cache, no clock and no sockets.
import { type Address, addressOf } from '#server/core/address.ts';
import { CLASS, type Question, RCODE, TYPE } from './message.ts';
import { ancestor, isAtOrUnder, type Name, nameFromLabels, nameKey, nameKeys } from './name.ts';
import type { ForwardRoute, HostedZone, LocalZone, Names, Upstreams } from './names.ts';
import { nodeFor } from './zone.ts';
import { covering, type ZoneIndex, zoneIndex } from './zone-index.ts';

/**
 * The steps in their order, and the first that has something to say decides:
 * limits → what is for nobody → block list (unless allowed) → localhost → leases → local records and hosted zones by longest suffix → special names → private zones by longest suffix → upstreams.
 * What is forwarded is looked for in the cache first (forward.ts).
 */
export type Plan =
  /** For nobody: not our class, a transfer, a question that is none. */
  | { kind: 'refuse'; rcode: number }
  /** RFC 8482: what is there is not listed. */
  | { kind: 'minimal-any' }
  /** `rule` is the entry that covers the name. */
  | { kind: 'block'; rule: string }
  /** An app on an agent's device; null where only other data was asked for. */
  | { kind: 'lease'; address: Address | null }
  | { kind: 'lease-name'; name: Name }
  /** `name` is the one asked for, as the zone writes it. */
  | { kind: 'local'; local: LocalZone; name: Name }
  | { kind: 'hosted'; hosted: HostedZone }
  /** The machine itself (RFC 6761 §6.3). */
  | { kind: 'loopback' }
  /** Names that exist nowhere beyond this network: asking for them would only tell them. See `SPECIAL`. */
  | { kind: 'nowhere'; apex: Name }
  /** `beside`: our own zone has the name, though nothing of this type; so the name exists, and no alias takes its place. */
  | { kind: 'private-zone'; to: ForwardRoute; beside?: LocalZone }
  | { kind: 'upstream'; to: Upstreams; beside?: LocalZone }
  /** Nobody is asked for such names. */
  | { kind: 'nobody' };

type LocalPlan = Extract<Plan, { kind: 'local' }>;

/** QTYPEs that are no data of any name: TKEY to MAILA (RFC 6895 §3.1), but for ANY. */
const FIRST_META_TYPE = 249;
const LAST_META_TYPE = 254;

const DS = 43;
/** What says how zones hang together: NS, SOA, DS, RRSIG, NSEC, DNSKEY, NSEC3 and NSEC3PARAM. */
const ZONE_TYPES: ReadonlySet<number> = new Set([TYPE.NS, TYPE.SOA, DS, 46, 47, 48, 50, 51]);

/** What leads to a host, and so past the gateway where it comes from outside: ANY may be answered with all of it. */
const LEADING_TYPES: ReadonlySet<number> = new Set([TYPE.A, TYPE.AAAA, TYPE.CNAME, TYPE.HTTPS, TYPE.SVCB, TYPE.ANY]);

/** `isAllowed`: a name on the allow list leads to this one, so that no rule blocks it. */
export function planFor(question: Question, names: Names, recursionDesired: boolean, isAllowed = false): Plan {
  const { name, type } = question;
  const isMeta = type === TYPE.OPT || type === 0 || (type >= FIRST_META_TYPE && type <= LAST_META_TYPE);
  if (question.class !== CLASS.IN || isMeta) return { kind: 'refuse', rcode: RCODE.REFUSED };
  const rule = isAllowed ? null : blockedBy(name, names);
  if (rule !== null) return { kind: 'block', rule };
  if (name.at(-1)?.toLowerCase() === 'localhost') return { kind: 'loopback' };
  const index = zoneIndex(names);
  const keys = nameKeys(name);
  const ours = planLease(question, names) ?? planOurs(question, keys, index);
  const isBeside =
    ours?.kind === 'local' &&
    ours.local.covers === 'addresses' &&
    !LEADING_TYPES.has(type) &&
    !isOursAlone(keys, index);
  if (ours !== null && !isBeside) return ours;
  const others = planSpecial(question, keys, index) ?? planForward(type, keys, index, names, recursionDesired);
  if (!isBeside) return others;
  // Where nobody else is asked for it the name has no such data; that it does not exist would not be true.
  const isAsked = others.kind === 'private-zone' || others.kind === 'upstream';
  return isAsked ? { ...others, beside: ours.local } : ours;
}

/** The rule that blocks a name; null where none does, or a rule allows it. */
export function blockedBy(name: Name, { allow, block }: Names): string | null {
  if (block.size === 0) return null;
  const rule = block.match(name);
  return rule === null || allow.match(name) !== null ? null : rule;
}

function planLease({ name, type }: Question, { leases }: Names): Plan | null {
  const address = leases.addressOf(name);
  if (address !== null) return { kind: 'lease', address: type === TYPE.A ? address : null };
  const reverse = type === TYPE.PTR ? reverseAddress(name) : null;
  const leased = reverse === null ? null : leases.nameOf(reverse);
  return leased === null ? null : { kind: 'lease-name', name: leased };
}

/** The longest zone that has the name, local records before a hosted zone of the same name; then zones that the name lies in once it is completed. */
function planOurs({ name, type }: Question, keys: readonly string[], index: ZoneIndex): Plan | null {
  const [hosted] = covering(index.hosted, keys);
  for (const local of covering(index.local, keys)) {
    if (hosted !== undefined && hosted.origin.length > local.zone.origin.length) break;
    if (nameInLocal(name, local) !== null && !isRouted(keys, local, index)) return { kind: 'local', local, name };
  }
  if (hosted !== undefined) {
    const written = hosted.isEnding === true ? completions(name, index.completing).find(isWrittenOut) : undefined;
    return written ?? { kind: 'hosted', hosted };
  }
  // A validating resolver behind us asks for the DS and NS of `com` as well: those are the world's, and all else of a name alone is ours (F7).
  const isPlain = name.length > 1 || !ZONE_TYPES.has(type);
  return isPlain ? planCompleted(name, index.completing) : null;
}

/** Reports whether a private zone lies between the name and the wildcard that has it: there a wildcard ends, as at a delegation (RFC 4592 §4.2). */
function isRouted(keys: readonly string[], { covers, zone }: LocalZone, index: ZoneIndex): boolean {
  if (covers === 'whole' || index.routes.size === 0) return false;
  const nearest = keys.find((key) => zone.nodes.has(key) || index.routes.has(key));
  // Within a zone of ours that has every name its servers are never asked.
  return nearest !== undefined && !zone.nodes.has(nearest) && !isOursAlone(keys, index);
}

/** Reports whether a zone of ours has every name below its own, so that nobody else is asked for this one. */
function isOursAlone(keys: readonly string[], { hosted, local }: ZoneIndex): boolean {
  return [...covering(hosted, keys)].length > 0 || [...covering(local, keys)].some(({ covers }) => covers === 'whole');
}

/** Of several zones that complete a name, the first that has it, written out or by its wildcard; that it does not exist is said where none has. */
function planCompleted(name: Name, completing: readonly LocalZone[]): Plan | null {
  const plans = completions(name, completing);
  if (plans.length < 2) return plans[0] ?? null;
  const isThere = ({ local, name: written }: LocalPlan) => nodeFor(local.zone, written) !== null;
  return plans.find(isWrittenOut) ?? plans.find(isThere) ?? plans[0] ?? null;
}

/** Zones that the name lies in as it is have been asked before. */
function completions(name: Name, completing: readonly LocalZone[]): LocalPlan[] {
  return completing.flatMap((local) => {
    const written = isAtOrUnder(name, local.zone.origin) ? null : nameInLocal(name, local);
    return written === null ? [] : [{ kind: 'local', local, name: written }];
  });
}

function isWrittenOut({ local, name }: LocalPlan): boolean {
  return (local.zone.nodes.get(nameKey(name))?.length ?? 0) > 0;
}

/** A name as the zone writes it: as it is, or with a search domain, or nothing at all, in place of the zone's own. Null where it is not the zone's. */
export function nameInLocal(name: Name, local: LocalZone): Name | null {
  const written = isAtOrUnder(name, local.zone.origin) ? name : completed(name, local);
  if (written === null) return null;
  if (local.covers === 'whole') return written;
  const isOurs = nodeFor(local.zone, written)?.some(({ data }) => data.kind !== 'soa') ?? false;
  return isOurs ? written : null;
}

function completed(name: Name, { zone, search, answersSingleLabels }: LocalZone): Name | null {
  if (name.length === 1 && answersSingleLabels) return nameFromLabels([...name, ...zone.origin]);
  const ending = search.find((each) => name.length > each.length && isAtOrUnder(name, each));
  return ending ? nameFromLabels([...name.slice(0, name.length - ending.length), ...zone.origin]) : null;
}

function planSpecial({ name, type }: Question, keys: readonly string[], { routes }: ZoneIndex): Plan | null {
  const at = keys.findIndex((key) => SPECIAL.has(key));
  if (at === -1) return null;
  // RFC 8375 §4: that `home.arpa` is unsigned is the world's to say; a validating resolver behind us needs the proof.
  if (type === DS && keys[0] === 'home.arpa') return null;
  // Whoever names servers for a zone knows that they have it.
  const isRouted = keys.some((key) => key !== '.' && routes.has(key));
  return isRouted ? null : { kind: 'nowhere', apex: ancestor(name, name.length - at) };
}

function planForward(
  type: number,
  keys: readonly string[],
  index: ZoneIndex,
  { upstreams }: Names,
  recursionDesired: boolean,
): Plan {
  const [to = null] = covering(index.routes, keys);
  if (type === TYPE.ANY && (to !== null || upstreams !== null)) return { kind: 'minimal-any' };
  if (to !== null) return { kind: 'private-zone', to };
  // Without RD a client only wants to know what others have asked for.
  return upstreams === null || !recursionDesired ? { kind: 'nobody' } : { kind: 'upstream', to: upstreams };
}

/** The address that `d.c.b.a.in-addr.arpa` stands for (RFC 1035 §3.5). */
function reverseAddress(name: Name): Address | null {
  if (name.length !== 6 || !isAtOrUnder(name, IN_ADDR_ARPA)) return null;
  const octets = name
    .slice(0, 4)
    .reverse()
    .map((label) => (/^(0|[1-9][0-9]{0,2})$/.test(label) ? Number(label) : 256));
  return octets.every((octet) => octet <= 255) ? addressOf(Uint8Array.from(octets)) : null;
}

const IN_ADDR_ARPA = ['in-addr', 'arpa'] as readonly string[] as Name;

/** RFC 6303 §4 and RFC 7793: reverse zones of addresses that mean nothing elsewhere; and names that the public DNS does not have, each with its reason. */
const SPECIAL: ReadonlySet<string> = new Set([
  // RFC 6761 §6.2 and §6.4.
  'test',
  'invalid',
  // RFC 6762 §22.1: multicast on the link, and nothing that a server knows.
  'local',
  // RFC 7686 and RFC 9476: for other systems than DNS.
  'onion',
  'alt',
  // RFC 8375: whatever a home calls its own.
  'home.arpa',
  // Reserved by ICANN in 2024 for private use.
  'internal',
  // Firefox asks for it, and leaves DNS to us where it does not exist; its own DNS over HTTPS would know none of our names.
  'use-application-dns.net',
  // RFC 9462 §6.4: an upstream would name itself, and devices would go past us.
  'resolver.arpa',
  '10.in-addr.arpa',
  ...Array.from({ length: 16 }, (_, at) => `${16 + at}.172.in-addr.arpa`),
  '168.192.in-addr.arpa',
  ...Array.from({ length: 64 }, (_, at) => `${64 + at}.100.in-addr.arpa`),
  '0.in-addr.arpa',
  '127.in-addr.arpa',
  '254.169.in-addr.arpa',
  '2.0.192.in-addr.arpa',
  '100.51.198.in-addr.arpa',
  '113.0.203.in-addr.arpa',
  '255.255.255.255.in-addr.arpa',
  `${'0.'.repeat(32)}ip6.arpa`,
  `1.${'0.'.repeat(31)}ip6.arpa`,
  'd.f.ip6.arpa',
  '8.e.f.ip6.arpa',
  '9.e.f.ip6.arpa',
  'a.e.f.ip6.arpa',
  'b.e.f.ip6.arpa',
  '8.b.d.0.1.0.0.2.ip6.arpa',
]);
