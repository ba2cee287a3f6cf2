// The doctor looks at the nameserver's file: whether it can be read, whether its lists are there, and what the office's DNS server needs to know.
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Address } from '#server/core/address.ts';
import type { Endpoint } from '#server/core/app.ts';
import type { Hostname } from '#server/core/hostname.ts';
import { machineAddresses } from '../machine-addresses.ts';
import { type NameserverFile, readNameserverFile } from '../nameserver-file.ts';
import { error, type Finding, ok } from './finding.ts';
import { checkForwarding } from './forward-lines.ts';

/** `hosts` are all names that lead to the gateway. */
export function checkNameserver(path: string | null, hosts: readonly Hostname[]): Finding[] {
  if (path === null) return [];
  const read = readText(path);
  if (read.kind === 'unreadable') return [error('nameserver-file', `FOYER_NAMESERVER_FILE: ${read.sentence}`)];
  const parsed = readNameserverFile(read.text, dirname(path));
  if (parsed.kind === 'invalid')
    return parsed.problems.map((problem) => error('nameserver-file', `${path}: ${problem}`));
  const { file } = parsed;
  return [
    ok('nameserver-file', `The nameserver’s file ${path} can be used.`),
    ...[...file.block.files, ...file.allow.files]
      .filter((list) => !existsSync(list))
      .map((list) => error('nameserver-lists', `The list ${list} is not there: make it, or take it out of ${path}.`)),
    ...(file.gateway === null ? [] : checkForwarding(hosts, reachableAt(file))),
  ];
}

/** Where other machines can ask; null where none can. A wildcard is any address of this machine. */
function reachableAt({ listen }: NameserverFile): Endpoint | null {
  const found = listen.find(({ address }) => !isLoopback(address));
  if (found === undefined || !WILDCARDS.includes(found.address)) return found ?? null;
  const address = machineAddresses().find((own) => !isLoopback(own) && !own.startsWith('fe80:'));
  return address === undefined ? null : { address, port: found.port };
}

const WILDCARDS: readonly string[] = ['0.0.0.0', '::'];

function isLoopback(address: Address): boolean {
  return address === '::1' || address.startsWith('127.');
}

function readText(path: string): { kind: 'text'; text: string } | { kind: 'unreadable'; sentence: string } {
  try {
    return { kind: 'text', text: readFileSync(path, 'utf8') };
  } catch (cause) {
    return {
      kind: 'unreadable',
      sentence: `The file cannot be read: ${cause instanceof Error ? cause.message : cause}`,
    };
  }
}
