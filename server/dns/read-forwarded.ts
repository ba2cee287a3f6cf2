// Reads what a server said about a question that we pass on, and keeps only what answers it: nothing is learnt that was not asked for.
import { addressOf } from '#server/core/address.ts';
import { isPrivate } from '#server/core/check-address.ts';
import { clampNegativeTtl, clampTtl } from './cache.ts';
import { CLASS, type Message, type Question, RCODE, type RecordData, type ResourceRecord, typeOf } from './message.ts';
import { isAtOrUnder, type Name, nameFromLabels, nameKey, sameName } from './name.ts';
import { MAX_ALIASES, minTtl } from './read-reply.ts';
import { Reader } from './reader.ts';
import { EDE_OPTION } from './reply.ts';

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
  /** `ede` is why, in the server's own word. */
  | { kind: 'unusable'; reason: 'server-failure' | 'server-refused' | 'lame' | 'alias-loop'; ede?: number };

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

const DNAME = 39;
const RRSIG = 46;
/** NSEC and NSEC3 prove an absence, also that of the name that a wildcard answers for (RFC 4035 §3.1.3). */
const PROOFS: ReadonlySet<number> = new Set([47, 50]);

/** `message` is a server's reply to this question. Of what is `unusable` nothing is told on: another server may know better. */
export function readForwarded(message: Message, question: Question, rules: ReadRules): ReadForwarded {
  const { rcode } = message;
  if (rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN)
    return {
      kind: 'unusable',
      reason: rcode === RCODE.REFUSED ? 'server-refused' : 'server-failure',
      ede: extendedErrorOf(message),
    };
  const chain = chainOf(message, question, rules.dnssecOk);
  if (chain === null) return { kind: 'unusable', reason: 'alias-loop' };
  if (isReferral(message, chain)) return { kind: 'unusable', reason: 'lame' };
  const answers = rules.mayBePrivate ? chain.records : withoutPrivate(chain.records);
  const leadsTo = rules.mayLeadOn && isLeftOpen(message, chain) ? chain.end : null;
  const isNegative = leadsTo === null && (rcode === RCODE.NXDOMAIN || !chain.isAnswered);
  const filtered = answers !== chain.records;
  const proofs = rules.dnssecOk ? proofsFor(message, chain.names) : [];
  const authorities = isNegative ? [...absenceOf(message, chain.end, rules.dnssecOk), ...proofs] : proofs;
  const negativeTtl = negativeTtlOf(authorities);
  return {
    kind: 'reply',
    asked: question.name,
    rcode,
    authenticData: message.authenticData && rules.isProven && !filtered,
    answers: answers.map(clamped),
    // Whoever is told keeps an absence by these.
    authorities: authorities.map((each) =>
      isNegative ? { ...each, ttlSeconds: clampNegativeTtl(minTtl([each], negativeTtl)) } : clamped(each),
    ),
    ttlSeconds: isNegative
      ? clampNegativeTtl(minTtl(answers, negativeTtl))
      : clampTtl(minTtl([...answers, ...authorities], Number.POSITIVE_INFINITY)),
    filtered,
    leadsTo,
  };
}

/** RFC 8914 §2. */
function extendedErrorOf({ edns }: Message): number | undefined {
  const value = edns?.options.find(({ code }) => code === EDE_OPTION)?.value;
  return value === undefined || value.length < 2 ? undefined : (value[0] ?? 0) * 256 + (value[1] ?? 0);
}

/** `names` are all that it leads through, both ends included. */
type Chain = { records: readonly ResourceRecord[]; names: readonly Name[]; end: Name; isAnswered: boolean };

/** The aliases from the question on, and what was asked for at their end. Null for a loop, or more aliases than anybody needs. */
function chainOf(message: Message, question: Question, dnssecOk: boolean): Chain | null {
  const records: ResourceRecord[] = [];
  const seen = new Set([nameKey(question.name)]);
  const names = [question.name];
  let name = question.name;
  for (;;) {
    const here = message.answers.filter((record) => record.class === CLASS.IN && sameName(record.name, name));
    const asked = here.filter(({ data }) => typeOf(data) === question.type);
    const alias = asked.length > 0 ? undefined : here.find(({ data }) => data.kind === 'cname');
    const wanted = asked.length > 0 ? asked : alias ? [alias] : [];
    const signatures = dnssecOk && wanted.length > 0 ? here.filter(({ data }) => covers(data, wanted)) : [];
    if (dnssecOk && alias?.data.kind === 'cname') records.push(...redirectionOf(message, name, alias.data.target));
    records.push(...[...wanted, ...signatures].map((record) => ({ ...record, name })));
    if (alias?.data.kind !== 'cname') return { records, names, end: name, isAnswered: asked.length > 0 };
    name = alias.data.target;
    names.push(name);
    if (seen.has(nameKey(name)) || seen.size > MAX_ALIASES) return null;
    seen.add(nameKey(name));
  }
}

/** RFC 2308 §2.2: who names other servers and no SOA has not said that there is no such data, only who would know. */
function isReferral({ authorities, isAuthoritative, rcode }: Message, { records }: Chain): boolean {
  if (rcode !== RCODE.NOERROR || isAuthoritative || records.length > 0) return false;
  const has = (kind: RecordData['kind']) => authorities.some(({ data }) => data.kind === kind);
  return has('ns') && !has('soa');
}

/** RFC 2308 §2.2: with an SOA the end of the aliases has no such data; and a server that recurses has looked for it. */
function isLeftOpen({ authorities, rcode, recursionAvailable }: Message, { end, isAnswered, records }: Chain): boolean {
  if (rcode !== RCODE.NOERROR || isAnswered || records.length === 0 || recursionAvailable) return false;
  return !authorities.some(({ data, name }) => data.kind === 'soa' && isAtOrUnder(end, name));
}

/** RFC 6672 §5.3: an alias that was made from a DNAME has no signature of its own; that of the DNAME proves it. */
function redirectionOf({ answers }: Message, name: Name, target: Name): ResourceRecord[] {
  const redirections = answers.filter(({ class: recordClass, data, name: owner }) => {
    if (recordClass !== CLASS.IN || data.kind !== 'unknown' || data.type !== DNAME) return false;
    const below = name.length - owner.length;
    const to = below > 0 && isAtOrUnder(name, owner) ? nameIn(data.bytes, 0) : null;
    const made = to === null ? null : nameFromLabels([...name.slice(0, below), ...to.name]);
    return made !== null && to?.end === data.bytes.length && sameName(made, target);
  });
  const [redirection] = redirections;
  if (redirection === undefined) return [];
  const signatures = answers.filter(
    (each) => each.class === CLASS.IN && sameName(each.name, redirection.name) && covers(each.data, [redirection]),
  );
  return [redirection, ...signatures];
}

/** A name in data that we keep as bytes; where it has pointers or is none, null. */
function nameIn(bytes: Uint8Array, at: number): { name: Name; end: number } | null {
  const reader = new Reader(bytes, at);
  const name = reader.name('refused');
  return reader.failure === null ? { name, end: reader.at } : null;
}

/** RFC 4034 §3.1.1: a signature begins with the type that it is about. Null for anything else. */
function coveredType(data: RecordData): number | null {
  if (data.kind !== 'unknown' || data.type !== RRSIG) return null;
  const [high = 0, low = 0] = data.bytes;
  return high * 256 + low;
}

function covers(data: RecordData, wanted: readonly ResourceRecord[]): boolean {
  const type = coveredType(data);
  return type !== null && wanted.some((record) => typeOf(record.data) === type);
}

/** Every name that an answer leads to: a block list has a say about these as well (D11). */
export function targetsOf(records: readonly ResourceRecord[]): readonly Name[] {
  return records.flatMap(({ data }) => ('target' in data && data.target.length > 0 ? [data.target] : []));
}

/** The SOA of a zone that the name lies in, with its signature where that was asked for. */
function absenceOf({ authorities }: Message, name: Name, dnssecOk: boolean): ResourceRecord[] {
  const ours = authorities.filter((each) => each.class === CLASS.IN && isAtOrUnder(name, each.name));
  const soas = ours.filter(({ data }) => data.kind === 'soa');
  return dnssecOk ? [...soas, ...ours.filter(({ data }) => covers(data, soas))] : soas;
}

/** What proves that something is not there, of zones that these names lie in: whose it is, its signature says (RFC 4034 §3.1.7). */
function proofsFor({ authorities }: Message, names: readonly Name[]): ResourceRecord[] {
  const signatures = authorities.filter(({ class: recordClass, data, name }) => {
    const type = coveredType(data);
    if (recordClass !== CLASS.IN || data.kind !== 'unknown' || type === null || !PROOFS.has(type)) return false;
    const signer = nameIn(data.bytes, SIGNER_AT)?.name ?? null;
    return signer !== null && isAtOrUnder(name, signer) && names.some((each) => isAtOrUnder(each, signer));
  });
  const isSigned = ({ data, name }: ResourceRecord) =>
    signatures.some((each) => coveredType(each.data) === typeOf(data) && sameName(each.name, name));
  return authorities.filter((each) => {
    if (signatures.includes(each)) return true;
    return each.class === CLASS.IN && PROOFS.has(typeOf(each.data)) && isSigned(each);
  });
}

/** RFC 4034 §3.1: what stands in front of a signer's name has a fixed length. */
const SIGNER_AT = 18;

/** RFC 2308 §5; without an SOA nobody said how long, so hardly at all. */
function negativeTtlOf(proofs: readonly ResourceRecord[]): number {
  const soa = proofs.find(({ data }) => data.kind === 'soa');
  return soa?.data.kind === 'soa' ? clampNegativeTtl(minTtl([soa], soa.data.minimum)) : 0;
}

function clamped(record: ResourceRecord): ResourceRecord {
  return { ...record, ttlSeconds: clampTtl(record.ttlSeconds) };
}

/** F6: an address of this network in an answer from outside would let a web page reach in. A set that is not whole any more has no signature. */
function withoutPrivate(records: readonly ResourceRecord[]): readonly ResourceRecord[] {
  const changed = new Set<string>();
  const kept = records.flatMap((record) => {
    const left = publicPart(record);
    if (left !== record) changed.add(`${nameKey(record.name)} ${typeOf(record.data)}`);
    return left === null ? [] : [left];
  });
  if (changed.size === 0) return records;
  return kept.filter(({ data, name }) => {
    const type = coveredType(data);
    return type === null || !changed.has(`${nameKey(name)} ${type}`);
  });
}

/** The record itself where nothing has to go, and null where all of it has. Hints of HTTPS records are addresses too. */
function publicPart(record: ResourceRecord): ResourceRecord | null {
  const { data } = record;
  if (data.kind === 'a' || data.kind === 'aaaa') return isPrivate(data.address) ? null : record;
  if (data.kind !== 'https' && data.kind !== 'svcb') return record;
  const params = data.params.filter(({ key, value }) => {
    if (key === IPV4_HINT) return isPublicHint(value, 4);
    return key !== IPV6_HINT || isPublicHint(value, 16);
  });
  return params.length === data.params.length ? record : { ...record, data: { ...data, params } };
}

function isPublicHint(value: Uint8Array, octets: 4 | 16): boolean {
  if (value.length === 0 || value.length % octets !== 0) return false;
  for (let at = 0; at < value.length; at += octets)
    if (isPrivate(addressOf(value.subarray(at, at + octets)))) return false;
  return true;
}

/** RFC 9460 §7.3. */
const IPV4_HINT = 4;
const IPV6_HINT = 6;
