// What the nameserver's files say at one moment: its configuration, its certificate, its upstreams' authorities; read together, used together.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { readCertificates } from '#server/certificates.ts';
import { readAuthorities } from '#server/certs/authorities.ts';
import { type Address, familyOf } from '#server/core/address.ts';
import { endpointText } from '#server/core/dns-server.ts';
import { clientFilter } from '#server/dns/client-filter.ts';
import type { Logger } from '#server/log.ts';
import { defaultNameserverFile, type NameserverFile, readNameserverFile } from './file.ts';
import type { DnsListenAddress, WantedListeners } from './listeners.ts';

export type NameserverSetup = {
  file: NameserverFile;
  listeners: WantedListeners;
  /** PEM texts of authorities beside the system's. */
  upstreamCa: readonly string[];
  mayAsk(client: Address): boolean;
};

export type ReadSetup = { kind: 'setup'; setup: NameserverSetup } | { kind: 'invalid'; problems: readonly string[] };

/** `path` null: everything is at its default. */
export function readSetup(path: string | null, log: Logger): ReadSetup {
  if (path === null) return withFiles(defaultNameserverFile(), log);
  const read = readText(path);
  if (read.kind === 'invalid') return read;
  const parsed = readNameserverFile(read.text, dirname(path));
  if (parsed.kind === 'invalid')
    return { kind: 'invalid', problems: parsed.problems.map((problem) => `${path}: ${problem}`) };
  for (const warning of parsed.warnings) log.warn(`${path}: ${warning}`);
  return withFiles(parsed.file, log);
}

/** Every file whose change is a change of the set-up; lists are not among them. */
export function filesOf(path: string | null, { file }: NameserverSetup): readonly string[] {
  const { tls, upstreamCaFile } = file;
  return [path, tls?.certFile, tls?.keyFile, upstreamCaFile].flatMap((each) => each ?? []);
}

/**
 * What is to be open now. A wildcard is each address of this machine by itself: replies by UDP have to come from the address that was asked, and
 * of a socket for all addresses the system chooses one.
 */
export function wantedListeners({ listeners }: NameserverSetup, machine: readonly Address[]): WantedListeners {
  const own = machine.filter((address) => !address.startsWith('fe80:'));
  const each = (listen: readonly DnsListenAddress[]): DnsListenAddress[] =>
    listen.flatMap((at) => {
      const { address, port } = at;
      if (!WILDCARDS.includes(address)) return at;
      return own.filter((one) => familyOf(one) === familyOf(address)).map((one) => ({ address: one, port }));
    });
  const { plain, tls } = listeners;
  return { plain: unique(each(plain)), tls: tls && { ...tls, listen: unique(each(tls.listen)) } };
}

const WILDCARDS: readonly string[] = ['0.0.0.0', '::'];

function unique(endpoints: readonly DnsListenAddress[]): readonly DnsListenAddress[] {
  return [...new Map(endpoints.map((each) => [endpointText(each), each])).values()];
}

export function listsOf({ file: { allow, block } }: NameserverSetup): readonly string[] {
  return [...new Set([...allow.files, ...block.files])];
}

function withFiles(file: NameserverFile, log: Logger): ReadSetup {
  const ca = file.upstreamCaFile === null ? null : readAuthorities(file.upstreamCaFile);
  if (ca?.kind === 'invalid')
    return {
      kind: 'invalid',
      problems: [`${file.upstreamCaFile} cannot be used (${ca.why}): name a PEM file of authorities.`],
    };
  const certificates = readCertificates(file.tls === null ? [] : [file.tls], log);
  if (certificates.kind === 'invalid') return { kind: 'invalid', problems: [certificates.sentence] };
  const [pair] = certificates.texts;
  const tls =
    file.tls !== null && pair !== undefined
      ? { listen: file.tls.listen, pair: { cert: pair.cert, key: pair.key } }
      : null;
  return {
    kind: 'setup',
    setup: {
      file,
      listeners: { plain: file.listen, tls },
      upstreamCa: ca === null ? [] : [ca.pem],
      mayAsk: clientFilter(file.clients),
    },
  };
}

type ReadText = { kind: 'text'; text: string } | { kind: 'invalid'; problems: readonly string[] };

function readText(path: string): ReadText {
  try {
    return { kind: 'text', text: readFileSync(path, 'utf8') };
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    return { kind: 'invalid', problems: [`${path} cannot be read (${why}): name a file that this user may read.`] };
  }
}
