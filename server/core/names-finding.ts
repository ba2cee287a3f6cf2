// What is found about names: a stable word, a sentence, and where one mends it the record to create.

export const NAMES_CODES = {
  'gateway-unnamed': 'warning',
  'gateway-missing': 'error',
  'gateway-inside': 'warning',
  'gateway-hosted': 'error',
  'public-dns-silent': 'warning',
  'public-dns-failed': 'error',
  'server-silent': 'warning',
  'name-missing': 'error',
  'leads-nowhere': 'error',
  'target-missing': 'error',
  'alias-gone': 'error',
  'alias-foreign': 'error',
  'alias-unanswered': 'error',
  'alias-loop': 'error',
  'leads-partly': 'error',
  'leads-elsewhere': 'error',
  'leads-inside': 'error',
  'leads-by-address': 'warning',
  'record-left': 'warning',
  'alias-zone-undelegated': 'error',
  'alias-zone-elsewhere': 'warning',
  'alias-addresses': 'warning',
  'cluster-missing': 'warning',
  'cluster-failed': 'error',
  'cluster-elsewhere': 'error',
  'ttl-long': 'warning',
  'caa-forbids': 'warning',
  'caa-nobody': 'warning',
  'caa-failed': 'warning',
  'certificate-name': 'error',
  'inside-bypass': 'warning',
  'inside-shared': 'warning',
  'inside-missing': 'warning',
  'private-missing': 'error',
  'private-no-address': 'error',
  'private-loop': 'error',
  'private-outside-zones': 'error',
  'private-no-servers': 'error',
  'private-failed': 'error',
  'private-disagree': 'warning',
  'private-some-fail': 'warning',
  'private-server-silent': 'warning',
  'private-public': 'warning',
} as const satisfies Record<string, 'warning' | 'error'>;

export type NamesCode = keyof typeof NAMES_CODES;

export type DnsRecord = { name: string; type: string; value: string; ttlSeconds: number };

/**
 * `name` is the name that it is about, `appIds` whose it is: none for what concerns all. `isPrivate`: it tells of the site or of
 * what DNS says inside, which is not for everybody who owns an app.
 */
export type NamesFinding = {
  code: NamesCode;
  level: 'warning' | 'error';
  name: string;
  appIds: readonly string[];
  /** Who says so, where several are asked: what tells two findings of one name apart. */
  by: string;
  isPrivate: boolean;
  sentence: string;
  record: DnsRecord | null;
};

/** Low enough that a mistake is over in minutes, high enough that nobody notices. */
export const ADVISED_TTL_SECONDS = 300;

export function findingOf(
  code: NamesCode,
  about: { name: string; appIds?: readonly string[]; by?: string; isPrivate?: boolean },
  sentence: string,
  record: DnsRecord | null = null,
): NamesFinding {
  const { name, appIds = [], by = '', isPrivate = false } = about;
  return { code, level: NAMES_CODES[code], name, appIds, by, isPrivate, sentence, record };
}

/** The same finding as at an earlier time has the same key. */
export function findingKey({ by, code, name }: Pick<NamesFinding, 'by' | 'code' | 'name'>): string {
  return [code, name, by].join(' ');
}

export function cnameRecord(name: string, target: string): DnsRecord {
  return { name, type: 'CNAME', value: `${target}.`, ttlSeconds: ADVISED_TTL_SECONDS };
}

export function addressRecord(name: string, address: string): DnsRecord {
  return { name, type: address.includes(':') ? 'AAAA' : 'A', value: address, ttlSeconds: ADVISED_TTL_SECONDS };
}

/** As a zone file has it (RFC 1035 §5.1). */
export function zoneLine({ name, ttlSeconds, type, value }: DnsRecord): string {
  return `${name}. ${ttlSeconds} IN ${type} ${value}`;
}
