// Reads what a reply says about the addresses of one name, and believes only the records that answer the question.
import type { Address } from '#server/core/address.ts';
import { clampNegativeTtl } from './cache.ts';
import { CLASS, type Message, RCODE, type ResourceRecord } from './message.ts';
import { isAtOrUnder, type Name, nameKey, sameName } from './name.ts';

/** `aliases` are the names that were led through, the one asked for left out. TTLs are as on the wire, the negative one clamped. */
export type Reading =
  | { kind: 'addresses'; addresses: readonly Address[]; ttlSeconds: number; aliases: readonly Name[] }
  /** The server knows where the name leads, but not what is there. */
  | { kind: 'led-on'; target: Name; ttlSeconds: number; aliases: readonly Name[] }
  | { kind: 'no-such-name' | 'no-address'; ttlSeconds: number; aliases: readonly Name[] }
  | { kind: 'unusable'; reason: 'server-failure' | 'server-refused' | 'lame' }
  | { kind: 'alias-loop' };

export const MAX_ALIASES = 16;

/** `before` are names that earlier replies of the same lookup led through. */
export function readReply(message: Message, asked: Name, family: 'a' | 'aaaa', before: readonly Name[] = []): Reading {
  if (message.rcode !== RCODE.NOERROR && message.rcode !== RCODE.NXDOMAIN) {
    return { kind: 'unusable', reason: message.rcode === RCODE.REFUSED ? 'server-refused' : 'server-failure' };
  }
  const seen = new Set([...before, asked].map(nameKey));
  const aliases: Name[] = [];
  let ttlSeconds = Number.POSITIVE_INFINITY;
  let name = asked;
  for (;;) {
    const records = message.answers.filter((record) => record.class === CLASS.IN && sameName(record.name, name));
    const found = records.filter((record) => record.data.kind === family);
    if (found.length > 0)
      return { kind: 'addresses', addresses: addressesOf(found), ttlSeconds: minTtl(found, ttlSeconds), aliases };
    const alias = records.find((record) => record.data.kind === 'cname');
    if (alias?.data.kind !== 'cname') break;
    name = alias.data.target;
    ttlSeconds = minTtl([alias], ttlSeconds);
    aliases.push(name);
    if (seen.has(nameKey(name)) || before.length + aliases.length > MAX_ALIASES) return { kind: 'alias-loop' };
    seen.add(nameKey(name));
  }
  return readAbsence(message, name, ttlSeconds, aliases);
}

/** Nothing there for `name`. RFC 2308 §2.1 and §2.2 tell the kinds apart; RFC 6604 §3: the code is about the last alias. */
function readAbsence(message: Message, name: Name, aliasTtlSeconds: number, aliases: readonly Name[]): Reading {
  const soa = message.authorities.find((record) => record.data.kind === 'soa' && isAtOrUnder(name, record.name));
  const negativeTtl = soa?.data.kind === 'soa' ? Math.min(soa.ttlSeconds, soa.data.minimum) : 0;
  const ttlSeconds = clampNegativeTtl(Math.min(negativeTtl, aliasTtlSeconds));
  if (message.rcode === RCODE.NXDOMAIN) return { kind: 'no-such-name', ttlSeconds, aliases };
  if (soa !== undefined) return { kind: 'no-address', ttlSeconds, aliases };
  if (aliases.length > 0) return { kind: 'led-on', target: name, ttlSeconds: aliasTtlSeconds, aliases };
  const isReferral = message.authorities.some((record) => record.data.kind === 'ns');
  return isReferral ? { kind: 'unusable', reason: 'lame' } : { kind: 'no-address', ttlSeconds, aliases };
}

function addressesOf(records: readonly ResourceRecord[]): Address[] {
  const addresses = records.flatMap(({ data }) => (data.kind === 'a' || data.kind === 'aaaa' ? [data.address] : []));
  return [...new Set(addresses)];
}

/** The least TTL among `start` and those of the records. */
export function minTtl(records: readonly ResourceRecord[], start: number): number {
  // RFC 2181 §8: a TTL with the topmost bit set is zero.
  return records.reduce((least, { ttlSeconds }) => Math.min(least, ttlSeconds > 0x7fffffff ? 0 : ttlSeconds), start);
}
