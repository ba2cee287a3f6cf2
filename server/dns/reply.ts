// The parts that every reply of the engine is made of.

import type { Sections } from './authority.ts';
import { replyToQuery } from './inbound.ts';
import { CLASS, type EdnsOption, type Message, RCODE, type ResourceRecord } from './message.ts';
import { type Name, nameFromLabels, ROOT } from './name.ts';
import type { Life } from './packet-cache.ts';

/** `repeated`: the very same query was answered before. */
export const OUTCOMES = [
  'repeated',
  'local',
  'hosted',
  'blocked',
  'forwarded',
  'failed',
  'refused',
  'limited',
  'malformed',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** `life`: for how long the very same query may have the very same reply; null where that depends on who asks, or on chance. */
export type Answered = { reply: Message; life: Life | null; outcome: Outcome };

/** Extended DNS errors (RFC 8914 §4). */
export const EDE_OPTION = 15;
export const EDE = {
  other: 0,
  stale: 3,
  notReady: 14,
  blocked: 15,
  filtered: 17,
  prohibited: 18,
  noReachable: 22,
  networkError: 23,
} as const;

/** What is answered to be blocked is soon asked again. */
const BLOCK_TTL_SECONDS = 10;

export type More = Sections & Partial<Pick<Message, 'recursionAvailable' | 'authenticData'>>;

/** A client that spoke no EDNS is told no extended error. `text` is for people (RFC 8914 §2, EXTRA-TEXT). */
export function replyWith(query: Message, rcode: number, more: More, ede?: number, text = ''): Message {
  const options = ede === undefined ? [] : [extendedError(ede, text)];
  return { ...replyToQuery(query, rcode, options), ...more };
}

function extendedError(ede: number, text: string): EdnsOption {
  return { code: EDE_OPTION, value: Buffer.concat([Uint8Array.of(ede >> 8, ede & 0xff), Buffer.from(text)]) };
}

/** Why a name, or what it leads to, does not exist here: `rule` covers it. A reply by UDP has little room, so neither has what it says. */
export function blockedReply(query: Message, name: Name, rule: string, recursionAvailable: boolean): Message {
  const more = { recursionAvailable, ...absence(name, BLOCK_TTL_SECONDS) };
  return replyWith(query, RCODE.NXDOMAIN, more, EDE.blocked, rule.slice(0, MAX_EXTRA_TEXT));
}

const MAX_EXTRA_TEXT = 150;

/** What says that a name, or all below it, is not there. */
export function absence(apex: Name, ttlSeconds: number): Sections {
  return { authorities: [madeUpSoa(apex, ttlSeconds)] };
}

/** An SOA for names that no zone of ours has, so that resolvers keep the absence for as long as we mean it (RFC 2308 §5). */
function madeUpSoa(apex: Name, ttlSeconds: number): ResourceRecord {
  const mname = nameFromLabels(['ns', 'foyer', 'invalid']) ?? ROOT;
  const rname = nameFromLabels(['nobody', 'invalid']) ?? ROOT;
  const times = { serial: 1, refresh: 3600, retry: 600, expire: 86_400, minimum: ttlSeconds };
  return record(apex, ttlSeconds, { kind: 'soa', mname, rname, ...times });
}

export function record(name: Name, ttlSeconds: number, data: ResourceRecord['data']): ResourceRecord {
  return { name, class: CLASS.IN, ttlSeconds, data };
}
