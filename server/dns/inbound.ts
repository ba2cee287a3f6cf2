// The two ends of every server: what a client's packet asks, and how a reply is written so that this client can take it.
import type { Client } from './answerer.ts';
import {
  type EdnsOption,
  type Header,
  type Message,
  OPCODE,
  PADDING_OPTION,
  type Question,
  RCODE,
  UDP_PAYLOAD_OCTETS,
} from './message.ts';
import { decode, decodeHeader, encode } from './wire.ts';

/** `reply` is all that there is to say to this packet. */
export type Inbound =
  | { kind: 'nothing' }
  | { kind: 'reply'; reply: Message }
  | { kind: 'query'; query: Message; question: Question };

const MIN_UDP_OCTETS = 512;

/** RFC 7830: a client that pads its query over TLS has the reply padded, to a multiple of this (RFC 8467 §4.1). */
const PADDING_BLOCK_OCTETS = 468;

export function readInbound(packet: Uint8Array): Inbound {
  const header = decodeHeader(packet);
  // Replying to a response would let two servers talk to each other for ever.
  if (header === null || header.isResponse) return { kind: 'nothing' };
  if (header.opcode !== OPCODE.QUERY) return { kind: 'reply', reply: replyTo(header, RCODE.NOTIMP) };
  const decoded = decode(packet);
  if (decoded.kind === 'malformed') return { kind: 'reply', reply: replyTo(header, RCODE.FORMERR) };
  const query = decoded.message;
  const question = query.questions[0];
  if (question === undefined) return { kind: 'reply', reply: replyToQuery(query, RCODE.FORMERR) };
  // RFC 6891 §6.1.3
  if (query.edns !== null && query.edns.version > 0)
    return { kind: 'reply', reply: replyToQuery(query, RCODE.BADVERS) };
  return { kind: 'query', query, question };
}

/** An empty reply to one query, with its question, and with EDNS where the query had it (RFC 6891 §6.1.1). */
export function replyToQuery(query: Message, rcode: number, options: readonly EdnsOption[] = []): Message {
  const { edns, questions } = query;
  return {
    ...replyTo(query, rcode),
    questions,
    edns: edns && { udpPayloadSize: UDP_PAYLOAD_OCTETS, version: 0, dnssecOk: edns.dnssecOk, options },
  };
}

/** Writes a reply no larger than the client's transport takes. */
export function writeReply(reply: Message, query: Message | null, transport: Client['transport']): Buffer {
  if (transport === 'udp') {
    const asked = query?.edns?.udpPayloadSize ?? 0;
    return encode(reply, Math.min(Math.max(asked, MIN_UDP_OCTETS), UDP_PAYLOAD_OCTETS));
  }
  const bytes = encode(reply);
  const wantsPadding = transport === 'tls' && query?.edns?.options.some(({ code }) => code === PADDING_OPTION);
  if (!wantsPadding || reply.edns === null) return bytes;
  const length = PADDING_BLOCK_OCTETS - ((bytes.length + 4) % PADDING_BLOCK_OCTETS || PADDING_BLOCK_OCTETS);
  const padding = { code: PADDING_OPTION, value: new Uint8Array(length) };
  return encode({ ...reply, edns: { ...reply.edns, options: [...reply.edns.options, padding] } });
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
