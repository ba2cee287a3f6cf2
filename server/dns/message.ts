// What a DNS message says, free of how it is written on the wire.
import type { Address } from '#server/core/address.ts';
import type { Name } from './name.ts';

/** Type codes (RFC 1035 §3.2.2 and later) of the records and questions that Foyer knows by name. */
export const TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  SVCB: 64,
  HTTPS: 65,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
} as const;

export const CLASS = { IN: 1, CH: 3, ANY: 255 } as const;
export const OPCODE = { QUERY: 0, STATUS: 2, NOTIFY: 4, UPDATE: 5 } as const;
export const RCODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, BADVERS: 16 } as const;

/** The largest UDP payload that passes every common path unfragmented (DNS flag day 2020). */
export const UDP_PAYLOAD_OCTETS = 1232;

/** RFC 7830 §3. */
export const PADDING_OPTION = 12;

export type Question = { name: Name; type: number; class: number };

export type ServiceParam = { key: number; value: Uint8Array };

/** `mname`, `rname` and the five numbers of RFC 1035 §3.3.13; `minimum` is the negative TTL (RFC 2308 §4). */
export type Soa = {
  mname: Name;
  rname: Name;
  serial: number;
  refresh: number;
  retry: number;
  expire: number;
  minimum: number;
};

/**
 * One record's data. `address` is IPv4 in `a` and IPv6 in `aaaa`; numbers fit their field; a `txt` has at least one string of at most 255 bytes;
 * service parameters rise strictly by key. `unknown` (RFC 3597) also holds known types of classes other than IN; it is never OPT.
 */
export type RecordData =
  | { kind: 'a' | 'aaaa'; address: Address }
  | { kind: 'cname' | 'ns' | 'ptr'; target: Name }
  | ({ kind: 'soa' } & Soa)
  | { kind: 'mx'; preference: number; exchange: Name }
  | { kind: 'txt'; strings: readonly Uint8Array[] }
  | { kind: 'srv'; priority: number; weight: number; port: number; target: Name }
  | { kind: 'svcb' | 'https'; priority: number; target: Name; params: readonly ServiceParam[] }
  | { kind: 'unknown'; type: number; bytes: Uint8Array };

/** `ttlSeconds` is the 32-bit field as it is on the wire; whoever trusts it clamps it first. */
export type ResourceRecord = { name: Name; class: number; ttlSeconds: number; data: RecordData };

export type EdnsOption = { code: number; value: Uint8Array };

/** The OPT record (RFC 6891 §6.1) without the upper bits of the code, which are in `Message.rcode`. */
export type Edns = {
  udpPayloadSize: number;
  version: number;
  dnssecOk: boolean;
  options: readonly EdnsOption[];
};

export type Header = {
  id: number;
  isResponse: boolean;
  opcode: number;
  isAuthoritative: boolean;
  isTruncated: boolean;
  recursionDesired: boolean;
  recursionAvailable: boolean;
  authenticData: boolean;
  checkingDisabled: boolean;
  /** Twelve bits with EDNS, four without. */
  rcode: number;
};

/** `additionals` never holds the OPT record: that is `edns`. */
export type Message = Header & {
  questions: readonly Question[];
  answers: readonly ResourceRecord[];
  authorities: readonly ResourceRecord[];
  additionals: readonly ResourceRecord[];
  edns: Edns | null;
};

const typeOfKind = {
  a: TYPE.A,
  aaaa: TYPE.AAAA,
  cname: TYPE.CNAME,
  ns: TYPE.NS,
  ptr: TYPE.PTR,
  soa: TYPE.SOA,
  mx: TYPE.MX,
  txt: TYPE.TXT,
  srv: TYPE.SRV,
  svcb: TYPE.SVCB,
  https: TYPE.HTTPS,
} as const;

export function typeOf(data: RecordData): number {
  return data.kind === 'unknown' ? data.type : typeOfKind[data.kind];
}
