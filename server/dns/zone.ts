// A static DNS zone: plain records in, and for each question what the zone knows about it.
import { CLASS, type RecordData, type ResourceRecord, type Soa, TYPE, typeOf } from './message.ts';
import { ancestor, isAtOrUnder, type Name, nameFromLabels, nameKey } from './name.ts';
import { readRecordText } from './record-text.ts';

/** So many aliases are followed at once; that they lead in no circle is checked when the zone is built. */
const MAX_CHAIN = 16;

/** One line as in a zone file. Names are relative to the zone unless they end in a dot; `@` is the zone itself. */
export type ZoneLine = { name: string; type: string; value: string; ttlSeconds?: number };

export type ZoneSource = {
  origin: Name;
  lines: readonly ZoneLine[];
  serial?: number;
  ttlSeconds?: number;
  negativeTtlSeconds?: number;
  /** The server that the SOA names; `ns` in the zone where none is given. */
  primary?: Name;
};

/** All names lie in the zone, no name has a CNAME beside other data, and no CNAME leads back to itself. Never changed: a new one replaces it. */
export type Zone = { origin: Name; soa: ResourceRecord; nodes: ReadonlyMap<string, readonly ResourceRecord[]> };

export type ZoneResult = { kind: 'zone'; zone: Zone } | { kind: 'invalid'; problem: string };

/**
 * What a zone knows. `chain` holds the CNAMEs that were followed; `success` may hold no record when the chain goes on at `leftAt`, outside the zone or
 * beyond what is followed.
 */
export type ZoneAnswer =
  | { kind: 'success'; chain: readonly ResourceRecord[]; records: readonly ResourceRecord[]; leftAt: Name | null }
  | { kind: 'no-data' | 'no-name'; chain: readonly ResourceRecord[]; soa: ResourceRecord }
  | {
      kind: 'delegation';
      chain: readonly ResourceRecord[];
      servers: readonly ResourceRecord[];
      glue: readonly ResourceRecord[];
    };

export function buildZone(source: ZoneSource): ZoneResult {
  const { origin, ttlSeconds = 60 } = source;
  const records: ResourceRecord[] = [];
  for (const line of source.lines) {
    const read = readRecordText(line, origin, ttlSeconds);
    if (read.kind === 'invalid') return read;
    if (!isAtOrUnder(read.record.name, origin))
      return { kind: 'invalid', problem: `${line.name} lies outside the zone` };
    records.push(read.record);
  }
  const soa = soaOf(source);
  const zone = { origin, soa, nodes: nodesOf(origin, [soa, ...records]) };
  const problem = firstProblem(zone);
  return problem === null ? { kind: 'zone', zone } : { kind: 'invalid', problem };
}

/**
 * Follows RFC 1034 §4.3.2 within one zone; owner names come back as they were asked, case included. An alias's target that is not `isIts`, as the
 * zone is not the authority for all names below its own, is where the chain leaves it.
 */
export function lookupZone(
  zone: Zone,
  asked: Name,
  type: number,
  isIts = (target: Name) => isAtOrUnder(target, zone.origin),
): ZoneAnswer {
  const chain: ResourceRecord[] = [];
  let name = asked;
  while (chain.length < MAX_CHAIN) {
    const servers = delegationAbove(zone, name);
    if (servers !== null) return { kind: 'delegation', chain, servers, glue: glueFor(zone, servers) };
    const node = nodeFor(zone, name);
    if (node === null) return { kind: 'no-name', chain, soa: negativeSoa(zone) };
    const records = node.filter((record) => typeOf(record.data) === type).map((record) => ({ ...record, name }));
    if (records.length > 0) return { kind: 'success', chain, records, leftAt: null };
    const cname = node.find((record) => record.data.kind === 'cname');
    if (cname?.data.kind !== 'cname') return { kind: 'no-data', chain, soa: negativeSoa(zone) };
    chain.push({ ...cname, name });
    name = cname.data.target;
    if (!isIts(name)) break;
  }
  return { kind: 'success', chain, records: [], leftAt: name };
}

/** What the zone has of a name, by its wildcard where it is not written out; null where the name does not exist. */
export function nodeFor(zone: Zone, name: Name): readonly ResourceRecord[] | null {
  return zone.nodes.get(nameKey(name)) ?? wildcardFor(zone, name);
}

function soaOf({ origin, serial = 1, ttlSeconds = 60, negativeTtlSeconds = 5, primary }: ZoneSource): ResourceRecord {
  // Nobody asks for these two, and there is no room for more below the longest names.
  const mname = primary ?? nameFromLabels(['ns', ...origin]) ?? origin;
  const rname = nameFromLabels(['hostmaster', ...origin]) ?? origin;
  const soa: Soa = { mname, rname, serial, refresh: 3600, retry: 600, expire: 86400, minimum: negativeTtlSeconds };
  return { name: origin, class: CLASS.IN, ttlSeconds, data: { kind: 'soa', ...soa } };
}

/** Every name down from the origin is a node, also those that only lie on the way to one (empty non-terminals, RFC 8020 §2). */
function nodesOf(origin: Name, records: readonly ResourceRecord[]): ReadonlyMap<string, readonly ResourceRecord[]> {
  const nodes = new Map<string, ResourceRecord[]>();
  for (const record of records) {
    for (let depth = origin.length; depth <= record.name.length; depth++) {
      const key = nameKey(ancestor(record.name, depth));
      const node = nodes.get(key) ?? [];
      if (depth === record.name.length) node.push(record);
      nodes.set(key, node);
    }
  }
  return nodes;
}

function firstProblem(zone: Zone): string | null {
  const { nodes, origin } = zone;
  for (const [key, records] of nodes) {
    const alias = records.find(({ data }) => data.kind === 'cname');
    // RFC 1034 §3.6.2: an alias is nothing else.
    if (alias && records.length > 1) return `${key} has a CNAME beside other records`;
    if (alias && loops(zone, alias.name)) return `${key} is an alias that leads back to itself`;
  }
  if (nodes.get(nameKey(origin))?.some((record) => record.data.kind === 'cname'))
    return 'the zone itself cannot be an alias';
  return null;
}

/** A wildcard leads wherever it is met to the same name, which it may itself be there for. */
function loops(zone: Zone, start: Name): boolean {
  const seen = new Set<string>();
  for (let name = start; isAtOrUnder(name, zone.origin); ) {
    const key = nameKey(name);
    if (seen.has(key)) return true;
    seen.add(key);
    const data = nodeFor(zone, name)?.find((record) => record.data.kind === 'cname')?.data;
    if (data?.kind !== 'cname') return false;
    name = data.target;
  }
  return false;
}

/** The highest NS set between the zone's own and the name: below it the zone has no authority (RFC 1034 §4.2.1). */
function delegationAbove(zone: Zone, name: Name): readonly ResourceRecord[] | null {
  for (let depth = zone.origin.length + 1; depth <= name.length; depth++) {
    const servers = zone.nodes.get(nameKey(ancestor(name, depth)))?.filter((record) => record.data.kind === 'ns') ?? [];
    if (servers.length > 0) return servers;
  }
  return null;
}

function glueFor(zone: Zone, servers: readonly ResourceRecord[]): ResourceRecord[] {
  return servers.flatMap(({ data }) => {
    const node = data.kind === 'ns' ? zone.nodes.get(nameKey(data.target)) : undefined;
    return node?.filter((record) => isAddress(record.data)) ?? [];
  });
}

function isAddress(data: RecordData): boolean {
  return typeOf(data) === TYPE.A || typeOf(data) === TYPE.AAAA;
}

/** RFC 4592 §3.3.1: only the wildcard right below the closest name that exists counts. */
function wildcardFor(zone: Zone, name: Name): readonly ResourceRecord[] | null {
  for (let depth = name.length - 1; depth >= zone.origin.length; depth--) {
    const encloser = ancestor(name, depth);
    if (zone.nodes.has(nameKey(encloser)))
      return zone.nodes.get(nameKey(['*', ...encloser] as readonly string[] as Name)) ?? null;
  }
  return null;
}

/** RFC 2308 §3: the SOA's TTL in a negative answer is no longer than its minimum. */
export function negativeSoa(zone: Zone): ResourceRecord {
  const { soa } = zone;
  return soa.data.kind === 'soa' ? { ...soa, ttlSeconds: Math.min(soa.ttlSeconds, soa.data.minimum) } : soa;
}
