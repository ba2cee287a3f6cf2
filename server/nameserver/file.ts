// The nameserver's configuration file: JSON from outside becomes one value that cannot be wrong, or a sentence for each mistake.
import { resolve } from 'node:path';
import type { Address, AddressRange } from '#server/core/address.ts';
import type { DnsServerAddress, Endpoint } from '#server/core/app.ts';
import type { Name } from '#server/dns/name.ts';
import type { DomainSet, ForwardRoute, LocalZone } from '#server/dns/names.ts';
import { parseInput } from '#server/store/schema/parse-input.ts';
import { fileSchema } from './file-schema.ts';
import { fileWarnings } from './file-warnings.ts';
import type { DnsListenAddress } from './listeners.ts';

/** Paths are absolute. Every list that the file leaves out is at its default (docs/names.md). */
export type NameserverFile = {
  listen: readonly DnsListenAddress[];
  tls: { listen: readonly Endpoint[]; certFile: string; keyFile: string } | null;
  /** None: names that nothing here knows are refused. */
  upstreams: readonly DnsServerAddress[];
  /** Authorities that upstreams may be certified by beside the system's. */
  upstreamCaFile: string | null;
  allowPlaintextFallback: boolean;
  /** Names whose public answers may hold private addresses. */
  allowPrivate: readonly Name[];
  zones: readonly ForwardRoute[];
  records: readonly LocalZone[];
  block: DomainList;
  allow: DomainList;
  /** Where people inside reach the gateway. */
  gateway: { inside: readonly Address[]; names: readonly Name[] } | null;
  /** Whose queries are answered. */
  clients: readonly AddressRange[];
  /** Of one client, answered each second; null for no limit. */
  queriesPerSecond: number | null;
  /** Where `/metrics` and `/livez` are served; null for nowhere. */
  metrics: Endpoint | null;
  /** The link of systemd-resolved that is to ask us, and the domains that it asks us for. */
  resolved: { link: string; domains: readonly string[] } | null;
};

export type DomainList = { files: readonly string[]; names: DomainSet };

/** `warnings` are sentences about what is hardly meant. */
export type ReadFile =
  | { kind: 'file'; file: NameserverFile; warnings: readonly string[] }
  | { kind: 'invalid'; problems: readonly string[] };

/** `folder` is what relative paths are relative to. */
export function readNameserverFile(text: string, folder: string): ReadFile {
  let input: unknown;
  try {
    input = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'invalid', problems: [`The file is not JSON: ${why}.`] };
  }
  const parsed = parseInput(fileSchema, input);
  if (parsed.kind === 'invalid') {
    const problems = Object.entries(parsed.errors).map(([field, sentence]) => `${field || 'The file'}: ${sentence}`);
    return { kind: 'invalid', problems };
  }
  const { tls, block, allow, records, upstreamCa, ...rest } = parsed.value;
  const inFolder = (path: string) => resolve(folder, path);
  const list = ({ files, names }: DomainList) => ({ files: files.map(inFolder), names });
  return {
    kind: 'file',
    file: {
      ...rest,
      tls: tls && { listen: tls.listen, certFile: inFolder(tls.certificate), keyFile: inFolder(tls.key) },
      upstreamCaFile: upstreamCa === null ? null : inFolder(upstreamCa),
      records: records.map(({ local }) => local),
      block: list(block),
      allow: list(allow),
    },
    warnings: fileWarnings(rest.zones, records),
  };
}

/** What holds where there is no file. */
export function defaultNameserverFile(): NameserverFile {
  const result = readNameserverFile('{}', '/');
  if (result.kind === 'invalid') throw new Error(`The defaults are valid: ${result.problems.join(' ')}`);
  return result.file;
}
