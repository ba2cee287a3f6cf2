// A query, what came of it, and which message counts as the answer to it: the same for every transport.
import { randomInt } from 'node:crypto';
import type { DnsServerAddress } from '#server/core/app.ts';
import { type EdnsOption, type Message, OPCODE, type Question, RCODE, UDP_PAYLOAD_OCTETS } from './message.ts';

/** `unreachable` and `closed` come from the network, `timeout` from silence, `malformed` from an answer that a stream delivered but nobody can use. */
export type ExchangeFailure =
  | 'timeout'
  | 'unreachable'
  | 'closed'
  | 'malformed'
  | 'aborted'
  /** Too many queries to this server are under way already; it was not asked. */
  | 'overloaded'
  /** No TLS came about; or it did, and the far end did not prove its name. It was not asked. */
  | 'tls-failed'
  | 'certificate-name'
  | 'certificate-expired'
  | 'certificate-untrusted';

export type ExchangeResult =
  | { kind: 'answered'; message: Message; transport: 'udp' | 'tcp' | 'tls' }
  | { kind: 'failed'; reason: ExchangeFailure };

/** One transport: sends one query message and resolves with the first message that `isReplyTo` it; `until` ends it. Never rejects. */
export type Ask = (server: DnsServerAddress, query: Message, until: AbortSignal) => Promise<ExchangeResult>;

/** What a query says beside its question; a server that knows no EDNS is not told. `authenticData`: it is to say whether it validated (RFC 6840 §5.7). */
export type QueryExtra = {
  authenticData: boolean;
  dnssecOk: boolean;
  checkingDisabled: boolean;
  options: readonly EdnsOption[];
};

export const NO_EXTRA: QueryExtra = { authenticData: false, dnssecOk: false, checkingDisabled: false, options: [] };

export function queryFor(question: Question, kind: 'edns' | 'plain', extra: QueryExtra = NO_EXTRA): Message {
  const { authenticData, checkingDisabled, dnssecOk, options } = extra;
  return {
    id: randomInt(0x10000),
    isResponse: false,
    opcode: OPCODE.QUERY,
    isAuthoritative: false,
    isTruncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    authenticData,
    checkingDisabled,
    rcode: RCODE.NOERROR,
    questions: [question],
    answers: [],
    authorities: [],
    additionals: [],
    edns: kind === 'edns' ? { udpPayloadSize: UDP_PAYLOAD_OCTETS, version: 0, dnssecOk, options } : null,
  };
}

/** Reports whether a message is the answer to this very query (RFC 5452 §9.1): id, opcode and question, its case included. */
export function isReplyTo(query: Message, message: Message): boolean {
  if (!message.isResponse || message.id !== query.id || message.opcode !== query.opcode) return false;
  const [asked, repeated] = [query.questions[0], message.questions[0]];
  // A server that could not read the query cannot repeat it.
  if (repeated === undefined) return message.rcode === RCODE.FORMERR || message.rcode === RCODE.NOTIMP;
  if (asked === undefined || asked.type !== repeated.type || asked.class !== repeated.class) return false;
  return asked.name.length === repeated.name.length && asked.name.every((label, at) => label === repeated.name[at]);
}
