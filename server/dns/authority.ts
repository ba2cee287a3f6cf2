// Answers out of zones that we are the authority for: a question in, the sections of a reply out; and a whole server's answerer made of that.
import type { Answerer, Client } from './answerer.ts';
import { readInbound, replyToQuery, writeReply } from './inbound.ts';
import { CLASS, type Message, type Question, RCODE, type ResourceRecord, TYPE } from './message.ts';
import { isAtOrUnder, type Name, nameKey } from './name.ts';
import { lookupZone, type Zone } from './zone.ts';

const MAX_CHAIN = 16;

/** A server for these zones and nothing else. `zones` is read for every query, so that a new set counts at once and as a whole. */
export function zoneAnswerer(zones: () => readonly Zone[]): Answerer {
  return (packet, { transport }) => answerPacket(packet, transport, zones());
}

/** Null means that the packet gets no reply at all. */
export function answerPacket(
  packet: Uint8Array,
  transport: Client['transport'],
  zones: readonly Zone[],
): Buffer | null {
  const inbound = readInbound(packet);
  if (inbound.kind === 'nothing') return null;
  if (inbound.kind === 'reply') return writeReply(inbound.reply, null, transport);
  const { query, question } = inbound;
  return writeReply(answerQuery(query, question, zones), query, transport);
}

function answerQuery(query: Message, question: Question, zones: readonly Zone[]): Message {
  const zone = zoneFor(zones, question.name);
  const isTransfer = question.type === TYPE.AXFR || question.type === TYPE.IXFR;
  if (question.class !== CLASS.IN || isTransfer || question.type === TYPE.OPT || zone === null)
    return replyToQuery(query, RCODE.REFUSED);
  return {
    ...replyToQuery(query, RCODE.NOERROR),
    ...authoritative(question, zone, (name) => zoneFor(zones, name)),
  };
}

export type Sections = Partial<Pick<Message, 'rcode' | 'isAuthoritative' | 'answers' | 'authorities' | 'additionals'>>;

/** What the zone `first` says. `zoneOf` finds where an alias leads on. */
export function authoritative(question: Question, first: Zone, zoneOf: (name: Name) => Zone | null): Sections {
  const sections = question.type === TYPE.ANY ? minimalAny(question, first) : sectionsFor(question, first, zoneOf);
  return { isAuthoritative: true, ...sections };
}

/**
 * Follows aliases from zone to zone while the target is still ours (RFC 1034 §4.3.2 step 3a); a target elsewhere is the client's to ask for. Aliases
 * that lead back to each other are SERVFAIL.
 */
function sectionsFor(question: Question, first: Zone, zoneOf: (name: Name) => Zone | null): Sections {
  const answers: ResourceRecord[] = [];
  const passed = new Set<string>();
  let name = question.name;
  for (let zone: Zone | null = first; zone !== null && answers.length < MAX_CHAIN; zone = zoneOf(name)) {
    const found = lookupZone(zone, name, question.type, (target) => zoneOf(target) === zone);
    answers.push(...found.chain);
    switch (found.kind) {
      case 'success':
        answers.push(...found.records);
        if (found.leftAt === null) return { answers };
        for (const { name: owner } of found.chain) passed.add(nameKey(owner));
        name = found.leftAt;
        if (passed.has(nameKey(name))) return { rcode: RCODE.SERVFAIL, isAuthoritative: false };
        break;
      case 'no-data':
        return { answers, authorities: [found.soa] };
      case 'no-name':
        return { rcode: RCODE.NXDOMAIN, answers, authorities: [found.soa] };
      case 'delegation':
        return { isAuthoritative: answers.length > 0, answers, authorities: found.servers, additionals: found.glue };
      default:
        found satisfies never;
    }
  }
  return { answers };
}

/** RFC 8482 §4.2: one made-up HINFO instead of everything, so that ANY is no amplifier. */
export function hinfoFor(name: Name): ResourceRecord {
  const data = { kind: 'unknown' as const, type: 13, bytes: Buffer.from('\x07RFC8482\x00', 'latin1') };
  return { name, class: CLASS.IN, ttlSeconds: 3600, data };
}

function minimalAny(question: Question, zone: Zone): Sections {
  // The name is there, wherever its alias leads.
  const found = lookupZone(zone, question.name, TYPE.ANY, () => false);
  if (found.kind === 'no-name') return { rcode: RCODE.NXDOMAIN, answers: found.chain, authorities: [found.soa] };
  if (found.kind === 'delegation')
    return { isAuthoritative: false, authorities: found.servers, additionals: found.glue };
  return { answers: [hinfoFor(question.name)] };
}

export function zoneFor(zones: readonly Zone[], name: Name): Zone | null {
  let best: Zone | null = null;
  for (const zone of zones) {
    if (isAtOrUnder(name, zone.origin) && zone.origin.length >= (best?.origin.length ?? 0)) best = zone;
  }
  return best;
}
