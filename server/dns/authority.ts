// Answers one query packet out of static zones: bytes in, bytes out, no sockets.
import {
  CLASS,
  type Edns,
  type Header,
  type Message,
  OPCODE,
  type Question,
  RCODE,
  type ResourceRecord,
  TYPE,
} from './message.ts';
import { isAtOrUnder, type Name } from './name.ts';
import { decode, decodeHeader, encode } from './wire.ts';
import { lookupZone, type Zone } from './zone.ts';

/** The largest UDP payload that passes every common path unfragmented (DNS flag day 2020). */
export const UDP_PAYLOAD_OCTETS = 1232;
const MIN_UDP_OCTETS = 512;
const MAX_CHAIN = 16;

/** Null means that the packet gets no reply at all. */
export function answerPacket(packet: Uint8Array, transport: 'udp' | 'tcp', zones: readonly Zone[]): Buffer | null {
  const header = decodeHeader(packet);
  // Replying to a response would let two servers talk to each other for ever.
  if (header === null || header.isResponse) return null;
  if (header.opcode !== OPCODE.QUERY) return encode(replyTo(header, RCODE.NOTIMP));
  const decoded = decode(packet);
  if (decoded.kind === 'malformed') return encode(replyTo(header, RCODE.FORMERR));
  const query = decoded.message;
  const reply = answerQuery(query, zones);
  const udpLimit = Math.min(Math.max(query.edns?.udpPayloadSize ?? 0, MIN_UDP_OCTETS), UDP_PAYLOAD_OCTETS);
  return encode(reply, transport === 'udp' ? udpLimit : undefined);
}

function answerQuery(query: Message, zones: readonly Zone[]): Message {
  const edns: Edns | null = query.edns && {
    udpPayloadSize: UDP_PAYLOAD_OCTETS,
    version: 0,
    dnssecOk: query.edns.dnssecOk,
    options: [],
  };
  const question = query.questions[0];
  if (question === undefined) return { ...replyTo(query, RCODE.FORMERR), edns };
  const base: Message = { ...replyTo(query, RCODE.NOERROR), questions: [question], edns };
  if (query.edns !== null && query.edns.version > 0) return { ...base, rcode: RCODE.BADVERS }; // RFC 6891 §6.1.3
  const zone = zoneFor(zones, question.name);
  const isTransfer = question.type === TYPE.AXFR || question.type === TYPE.IXFR;
  if (question.class !== CLASS.IN || isTransfer || question.type === TYPE.OPT || zone === null)
    return { ...base, rcode: RCODE.REFUSED };
  return {
    ...base,
    isAuthoritative: true,
    ...(question.type === TYPE.ANY ? minimalAny(question, zone) : sectionsFor(question, zone, zones)),
  };
}

type Sections = Partial<Pick<Message, 'rcode' | 'isAuthoritative' | 'answers' | 'authorities' | 'additionals'>>;

/** Follows aliases from zone to zone while the target is still ours (RFC 1034 §4.3.2 step 3a); a target elsewhere is the client's to ask for. */
function sectionsFor(question: Question, first: Zone, zones: readonly Zone[]): Sections {
  const answers: ResourceRecord[] = [];
  let name = question.name;
  for (let zone: Zone | null = first; zone !== null && answers.length < MAX_CHAIN; zone = zoneFor(zones, name)) {
    const found = lookupZone(zone, name, question.type);
    answers.push(...found.chain);
    switch (found.kind) {
      case 'success':
        answers.push(...found.records);
        if (found.leftAt === null) return { answers };
        name = found.leftAt;
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
function minimalAny(question: Question, zone: Zone): Sections {
  const found = lookupZone(zone, question.name, TYPE.ANY);
  if (found.kind === 'no-name') return { rcode: RCODE.NXDOMAIN, answers: found.chain, authorities: [found.soa] };
  if (found.kind === 'delegation')
    return { isAuthoritative: false, authorities: found.servers, additionals: found.glue };
  const data = { kind: 'unknown' as const, type: 13, bytes: Buffer.from('\x07RFC8482\x00', 'latin1') };
  return { answers: [{ name: question.name, class: CLASS.IN, ttlSeconds: 3600, data }] };
}

function zoneFor(zones: readonly Zone[], name: Name): Zone | null {
  let best: Zone | null = null;
  for (const zone of zones) {
    if (isAtOrUnder(name, zone.origin) && zone.origin.length >= (best?.origin.length ?? 0)) best = zone;
  }
  return best;
}

function replyTo(header: Header, rcode: number): Message {
  return {
    id: header.id,
    isResponse: true,
    opcode: header.opcode,
    isAuthoritative: false,
    isTruncated: false,
    recursionDesired: header.recursionDesired,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: header.checkingDisabled,
    rcode,
    questions: [],
    answers: [],
    authorities: [],
    additionals: [],
    edns: null,
  };
}
