// The doctor looks at the nameserver's file: whether it can be read, whether its lists are there, and what the office's DNS server needs to know.
import { existsSync } from 'node:fs';
import { type Address, familyOf } from '#server/core/address.ts';
import type { Endpoint } from '#server/core/app.ts';
import { endpointText } from '#server/core/dns-server.ts';
import { type Hostname, parseHostname } from '#server/core/hostname.ts';
import type { Exchange } from '#server/dns/exchange.ts';
import { CLASS, type RecordData, TYPE } from '#server/dns/message.ts';
import { nameFromHostname, nameText } from '#server/dns/name.ts';
import { createLog } from '../log.ts';
import { machineAddresses } from '../machine-addresses.ts';
import type { NameserverFile } from '../nameserver/file.ts';
import { DNS_PORT, HIGH_PORT } from '../nameserver/listeners.ts';
import { readSetup } from '../nameserver/setup.ts';
import { isLocalhost } from '../path/public-lookup.ts';
import { error, type Finding, ok, warning } from './finding.ts';
import { checkForwarding } from './forward-lines.ts';

/**
 * `hosts` are all names that lead to the gateway by what its Foyer says; the file may name more. `nodes`: the addresses of its cluster's
 * gateways, to which names lead inside where there is one.
 */
export async function checkNameserver(
  path: string | null,
  { hosts, nodes }: { hosts: readonly Hostname[]; nodes: readonly Address[] },
  exchange: Exchange,
): Promise<Finding[]> {
  if (path === null) return [];
  // As foyer nameserver itself reads it, with the files that it names.
  const read = readSetup(path, createLog({ level: 'silent', program: 'doctor' }));
  if (read.kind === 'invalid') return read.problems.map((problem) => error('nameserver-file', problem));
  const { file } = read.setup;
  return [
    ok('nameserver-file', `The nameserver’s file ${path} can be used.`),
    ...[...file.block.files, ...file.allow.files]
      .filter((list) => !existsSync(list))
      .map((list) => error('nameserver-lists', `The list ${list} is not there: make it, or take it out of ${path}.`)),
    ...(file.gateway === null
      ? [
          ok(
            'office-names',
            `${path} has no "gateway", so no app’s name is answered here, and none has to be forwarded.`,
          ),
        ]
      : await forwarding(file, { ...file.gateway, nodes }, hosts, exchange)),
  ];
}

async function forwarding(
  file: NameserverFile,
  { inside, names, nodes }: NonNullable<NameserverFile['gateway']> & { nodes: readonly Address[] },
  known: readonly Hostname[],
  exchange: Exchange,
): Promise<Finding[]> {
  const own = names.flatMap((name) => parseHostname(nameText(name)) ?? []);
  // Names under localhost are each machine's own.
  const hosts = [...new Set([...known, ...own])].filter((name) => !isLocalhost(name));
  const [host] = hosts;
  const at = reachableAt(file);
  if (host === undefined)
    return [
      warning(
        'office-names',
        'No name is known that could be forwarded: name the portal with --portal and --token-file, or list names under "gateway" in the file.',
      ),
    ];
  if (at === null) return checkForwarding(hosts, at);
  const places = portsOf(at).map((port) => ({ ...at, port }));
  const answering = await firstAnswering(places, { host, inside: [...inside, ...nodes] }, exchange);
  const silent = warning(
    'office-names',
    `Nobody answers ${host} with the gateway’s inside address at ${places.map(endpointText).join(' or ')}: run foyer nameserver there with this file, and let this machine ask it. Until then nobody knows on which port it answers, and these lines are for ${at.port}.`,
  );
  return [...(answering === null ? [silent] : []), ...checkForwarding(hosts, answering ?? at)];
}

/** Somebody else may have port 53, and then another server answers there. */
function portsOf({ port }: Endpoint): number[] {
  return port === DNS_PORT ? [DNS_PORT, HIGH_PORT] : [port];
}

/** One of ours leads the name to the gateway's inside address; who does not is another server. */
async function firstAnswering(
  places: readonly Endpoint[],
  { host, inside }: { host: Hostname; inside: readonly Address[] },
  exchange: Exchange,
): Promise<Endpoint | null> {
  const type = inside.some((address) => familyOf(address) === 4) ? TYPE.A : TYPE.AAAA;
  const question = { name: nameFromHostname(host), type, class: CLASS.IN };
  for (const place of places) {
    const result = await exchange(place, question, { timeoutMs: ANSWER_MS });
    const addresses = result.kind === 'failed' ? [] : result.message.answers.flatMap(({ data }) => addressIn(data));
    if (addresses.some((address) => inside.includes(address))) return place;
  }
  return null;
}

function addressIn(data: RecordData): Address[] {
  return data.kind === 'a' || data.kind === 'aaaa' ? [data.address] : [];
}

const ANSWER_MS = 2_000;

/** Where other machines can ask; null where none can. A wildcard is any address of this machine of its family. */
function reachableAt({ listen }: NameserverFile): Endpoint | null {
  const found = listen.find(({ address }) => !isLoopback(address));
  if (found === undefined || !WILDCARDS.includes(found.address)) return found ?? null;
  const address = machineAddresses().find(
    (own) => familyOf(own) === familyOf(found.address) && !isLoopback(own) && !own.startsWith('fe80:'),
  );
  return address === undefined ? null : { address, port: found.port };
}

const WILDCARDS: readonly string[] = ['0.0.0.0', '::'];

function isLoopback(address: Address): boolean {
  return address === '::1' || address.startsWith('127.');
}
