// Which authorities may issue certificates for a name (RFC 8659), and which of them issued the one that is shown.

export const CAA_TYPE = 257;

export type CaaRecord = { isCritical: boolean; tag: string; value: string };

/** `nobody`: a record says so, or a critical one is not understood. */
export type MayIssue = { kind: 'anyone' } | { kind: 'nobody' } | { kind: 'only'; issuers: readonly string[] };

/** RFC 8659 §4.1: flags, the length of the tag, tag, value. Null for what is no such record. */
export function parseCaa(bytes: Uint8Array): CaaRecord | null {
  const text = Buffer.from(bytes).toString('latin1');
  const [flags, length] = bytes;
  if (flags === undefined || length === undefined || length === 0) return null;
  const tag = text.slice(2, 2 + length).toLowerCase();
  if (!/^[a-z0-9]+$/.test(tag) || tag.length !== length) return null;
  return { isCritical: (flags & 0x80) !== 0, tag, value: text.slice(2 + length) };
}

/** RFC 8659 §3: the name itself, then every name above it, without the root. The first that has records decides. */
export function caaClimb(name: string): string[] {
  const labels = name.split('.');
  return labels.map((_, at) => labels.slice(at).join('.'));
}

const KNOWN_TAGS = ['issue', 'issuewild', 'iodef', 'issuemail', 'issuevmc', 'contactemail', 'contactphone'];

/** RFC 8659 §4.3: `issuewild` decides about wildcards where there is one. */
export function decidingTag(records: readonly CaaRecord[], isWildcard: boolean): 'issue' | 'issuewild' {
  return isWildcard && records.some(({ tag }) => tag === 'issuewild') ? 'issuewild' : 'issue';
}

/** RFC 8659 §4.1: a critical tag that nobody here understands, which stops whoever does not either; null where there is none. */
export function strangeTag(records: readonly CaaRecord[]): string | null {
  return records.find(({ isCritical, tag }) => isCritical && !KNOWN_TAGS.includes(tag))?.tag ?? null;
}

/** RFC 8659 §4.2. */
export function whoMayIssue(records: readonly CaaRecord[], isWildcard: boolean): MayIssue {
  if (strangeTag(records) !== null) return { kind: 'nobody' };
  const decides = decidingTag(records, isWildcard);
  const deciding = records.filter(({ tag }) => tag === decides);
  if (deciding.length === 0) return { kind: 'anyone' };
  const issuers = deciding.map(({ value }) => (value.split(';')[0] ?? '').trim().toLowerCase());
  const named = [...new Set(issuers.filter((issuer) => issuer !== ''))];
  return named.length === 0 ? { kind: 'nobody' } : { kind: 'only', issuers: named };
}

/** The domains by which the large public authorities are named in CAA records, by a word of their organisation's name. */
const AUTHORITIES: readonly [RegExp, readonly string[]][] = [
  [/let.?s encrypt/i, ['letsencrypt.org']],
  [/google trust services/i, ['pki.goog']],
  [/digicert|geotrust|thawte|rapidssl/i, ['digicert.com', 'geotrust.com', 'thawte.com', 'rapidssl.com']],
  [/sectigo|comodo|zerossl/i, ['sectigo.com', 'comodoca.com', 'usertrust.com', 'zerossl.com']],
  [/globalsign/i, ['globalsign.com']],
  [/amazon/i, ['amazon.com', 'amazontrust.com', 'awstrust.com', 'amazonaws.com']],
  [/godaddy|starfield/i, ['godaddy.com', 'starfieldtech.com']],
  [/buypass/i, ['buypass.com', 'buypass.no']],
  [/swisssign/i, ['swisssign.com']],
  [/d-trust/i, ['d-trust.net', 'dtrust.de']],
  [/deutsche telekom|t-systems/i, ['telesec.de']],
  [/actalis/i, ['actalis.it']],
  [/harica|hellenic academic/i, ['harica.gr']],
  [/ssl corp/i, ['ssl.com']],
];

/** Null for an authority that CAA records do not bind (a company's own) or that is not known here. */
export function caaDomainsOf(issuer: string): readonly string[] | null {
  return AUTHORITIES.find(([words]) => words.test(issuer))?.[1] ?? null;
}
