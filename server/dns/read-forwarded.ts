// Reads what a server said about a question that we pass on, and keeps only what answers it: nothing is learnt that was not asked for.
import { type Address, addressBytes, familyOf } from '#server/core/address.ts';
import { embedded } from '#server/core/check-address.ts';
import { clampNegativeTtl, clampTtl } from './cache.ts';
import { CLASS, type Message, type Question, RCODE, type RecordData, type ResourceRecord, typeOf } from './message.ts';
import { isAtOrUnder, type Name, nameKey, sameName } from './name.ts';
import { MAX_ALIASES, minTtl } from './read-reply.ts';

/** What may be passed on. Owner names that are the question's own are its very object, so that another spelling can take their place. */
export type Forwarded = {
  kind: 'reply';
  /** The name asked for; records of its own have this very object as their name. */
  asked: Name;
  rcode: number;
  authenticData: boolean;
  answers: readonly ResourceRecord[];
  authorities: readonly ResourceRecord[];
  /** How long it may be kept. */
  ttlSeconds: number;
  /** Something was left out because it leads inside (F6). */
  filtered: boolean;
  /** Where the last alias leads, when the server says nothing of what is there; null for anything else, and where `mayLeadOn` is not so. */
  leadsTo: Name | null;
};

export type ReadForwarded =
  | Forwarded
  | { kind: 'unusable'; reason: 'server-failure' | 'server-refused' | 'alias-loop' };

export type ReadRules = {
  /** Reports whether answers about this name may hold private addresses. */
  mayBePrivate: boolean;
  /** Signatures are for those who asked for them (RFC 4035 §3.2.1). */
  dnssecOk: boolean;
  /** The servers proved their names: what others say of signatures anybody on the way can say (RFC 4035 §4.9.3). */
  isProven: boolean;
  /** The servers may know only their own zone, as authorities do, and leave it to us to ask others for an alias's target. */
  mayLeadOn: boolean;
};

const RRSIG = 46;
/** NSEC, NSEC3 and their signatures prove an absence (RFC 4035 §3.1.3). */
const PROOFS: ReadonlySet<number> = new Set([RRSIG, 47, 50]);

export function readForwarded(message: Message, question: Question, rules: ReadRules): ReadForwarded {
  const { rcode } = message;
  if (rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN)
    return { kind: 'unusable', reason: rcode === RCODE.REFUSED ? 'server-refused' : 'server-failure' };
  const chain = chainOf(message, question, rules.dnssecOk);
  if (chain === null) return { kind: 'unusable', reason: 'alias-loop' };
  const answers = rules.mayBePrivate ? chain.records : chain.records.flatMap(withoutPrivate);
  const leadsTo = rules.mayLeadOn && isLeftOpen(message, chain) ? chain.end : null;
  const isNegative = leadsTo === null && (rcode === RCODE.NXDOMAIN || !chain.isAnswered);
  const filtered = answers !== chain.records && answers.length < chain.records.length;
  const proofs = isNegative ? proofsFor(message, chain.end, rules.dnssecOk) : [];
  const negativeTtl = negativeTtlOf(proofs);
  return {
    kind: 'reply',
    asked: question.name,
    rcode,
    authenticData: message.authenticData && rules.isProven && !filtered,
    answers: answers.map(clamped),
    // Whoever is told keeps the absence by these.
    authorities: proofs.map((proof) => ({ ...proof, ttlSeconds: clampNegativeTtl(minTtl([proof], negativeTtl)) })),
    ttlSeconds: isNegative
      ? clampNegativeTtl(minTtl(answers, negativeTtl))
      : clampTtl(minTtl(answers, Number.POSITIVE_INFINITY)),
    filtered,
    leadsTo,
  };
}

type Chain = { records: ResourceRecord[]; end: Name; isAnswered: boolean };

/** The aliases from the question on, and what was asked for at their end. Null for a loop, or more aliases than anybody needs. */
function chainOf(message: Message, question: Question, dnssecOk: boolean): Chain | null {
  const records: ResourceRecord[] = [];
  const seen = new Set([nameKey(question.name)]);
  let name = question.name;
  for (;;) {
    const here = message.answers.filter((record) => record.class === CLASS.IN && sameName(record.name, name));
    const asked = here.filter(({ data }) => typeOf(data) === question.type);
    const alias = asked.length > 0 ? undefined : here.find(({ data }) => data.kind === 'cname');
    const wanted = asked.length > 0 ? asked : alias ? [alias] : [];
    const signatures = dnssecOk && wanted.length > 0 ? here.filter(({ data }) => covers(data, wanted)) : [];
    records.push(...[...wanted, ...signatures].map((record) => ({ ...record, name })));
    if (alias?.data.kind !== 'cname') return { records, end: name, isAnswered: asked.length > 0 };
    name = alias.data.target;
    if (seen.has(nameKey(name)) || seen.size > MAX_ALIASES) return null;
    seen.add(nameKey(name));
  }
}

/** RFC 2308 §2.2: with an SOA the end of the aliases has no such data. */
function isLeftOpen({ authorities, rcode }: Message, { end, isAnswered, records }: Chain): boolean {
  if (rcode !== RCODE.NOERROR || isAnswered || records.length === 0) return false;
  return !authorities.some(({ data, name }) => data.kind === 'soa' && isAtOrUnder(end, name));
}

/** RFC 4034 §3.1.1: a signature begins with the type that it is about. */
function covers(data: RecordData, wanted: readonly ResourceRecord[]): boolean {
  if (data.kind !== 'unknown' || data.type !== RRSIG) return false;
  const [high = 0, low = 0] = data.bytes;
  return wanted.some((record) => typeOf(record.data) === high * 256 + low);
}

/** Every name that an answer leads to: a block list has a say about these as well (D11). */
export function targetsOf(records: readonly ResourceRecord[]): readonly Name[] {
  return records.flatMap(({ data }) => ('target' in data && data.target.length > 0 ? [data.target] : []));
}

/** The SOA of a zone that the name lies in; with DO also what proves that nothing is there. */
function proofsFor(message: Message, name: Name, dnssecOk: boolean): ResourceRecord[] {
  return message.authorities.filter((record) => {
    if (record.class !== CLASS.IN) return false;
    if (record.data.kind === 'soa') return isAtOrUnder(name, record.name);
    return dnssecOk && PROOFS.has(typeOf(record.data));
  });
}

/** RFC 2308 §5; without an SOA nobody said how long, so hardly at all. */
function negativeTtlOf(proofs: readonly ResourceRecord[]): number {
  const soa = proofs.find(({ data }) => data.kind === 'soa');
  return soa?.data.kind === 'soa' ? clampNegativeTtl(minTtl([soa], soa.data.minimum)) : 0;
}

function clamped(record: ResourceRecord): ResourceRecord {
  return { ...record, ttlSeconds: clampTtl(record.ttlSeconds) };
}

/** F6: an address of this network in an answer from outside would let a web page reach in. Hints of HTTPS records are addresses too. */
function withoutPrivate(record: ResourceRecord): ResourceRecord[] {
  const { data } = record;
  if (data.kind === 'a' || data.kind === 'aaaa') return isPrivate(data.address) ? [] : [record];
  if (data.kind !== 'https' && data.kind !== 'svcb') return [record];
  const params = data.params.filter(({ key }) => key !== IPV4_HINT && key !== IPV6_HINT);
  return [params.length === data.params.length ? record : { ...record, data: { ...data, params } }];
}

/** RFC 9460 §7.3. */
const IPV4_HINT = 4;
const IPV6_HINT = 6;

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
