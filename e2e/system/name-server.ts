// A real BIND that is authoritative for one zone on one machine of the network, and tells which questions it was asked.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../tools/prerequisites.ts';
import { startChild } from './child.ts';
import type { Machine } from './network.ts';

/** One question that reached the server. */
export type Query = { client: string; name: string; type: string };
export type NameServer = { address: string; queries(): Query[]; stop(): Promise<void> };

const QUERY = /client (?:@\S+ )?([^#\s]+)#\d+ \([^)]*\): query: (\S+) IN (\S+)/;

/** `records` are lines of a zone file, without SOA and NS. */
export async function startNameServer(
  machine: Machine,
  address: string,
  zone: string,
  records: readonly string[],
): Promise<NameServer> {
  const folder = mkdtempSync(join(tmpdir(), 'foyer-bind-'));
  writeFileSync(join(folder, 'zone'), zoneFile(address, records));
  writeFileSync(join(folder, 'named.conf'), configuration(folder, address, zone));
  const named = startChild([...machine.enter, findProgram('named') ?? 'named', '-g', '-c', join(folder, 'named.conf')]);
  await named.line(/ running$/);
  return {
    address,
    queries: () => named.lines().flatMap(parseQuery),
    async stop() {
      await named.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

function parseQuery(line: string): Query[] {
  const [, client, name, type] = QUERY.exec(line) ?? [];
  return client && name && type ? [{ client, name: name.toLowerCase(), type }] : [];
}

function zoneFile(address: string, records: readonly string[]): string {
  return `$TTL 5\n@ IN SOA ns hostmaster 1 3600 600 86400 5\n@ IN NS ns\nns IN A ${address}\n${records.join('\n')}\n`;
}

function configuration(folder: string, address: string, zone: string): string {
  return `options {
  directory "${folder}"; pid-file none; session-keyfile none;
  listen-on { ${address}; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; querylog yes; notify no; minimal-responses yes;
};
controls { };
zone "${zone}" { type primary; file "zone"; };
`;
}
