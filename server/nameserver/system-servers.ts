// The DNS servers of this machine, for the plaintext fallback: never ourselves, and Quad9 where there is none.
import { getServers } from 'node:dns';
import { readFileSync } from 'node:fs';
import { type Address, parseAddress } from '#server/core/address.ts';
import type { Endpoint } from '#server/core/app.ts';
import { parseDnsServer } from '#server/core/dns-server.ts';
import { machineAddresses } from '#server/machine-addresses.ts';

/** `resolvConf` and `resolvedConf` are the texts of the files; null where there is none. `servers` is what Node says where neither is. */
export type SystemDns = { resolvConf: string | null; resolvedConf: string | null; servers: readonly string[] };

const DNS_PORT = 53;
/** Where systemd-resolved listens for programs; whom it asks stands in a file of its own. */
const RESOLVED_STUBS = ['127.0.0.53', '127.0.0.54'];
const LAST_RESORT = ['9.9.9.9', '149.112.112.112'];

export function systemServers(own: readonly Endpoint[]): readonly Endpoint[] {
  const system = {
    resolvConf: readText('/etc/resolv.conf'),
    resolvedConf: readText('/run/systemd/resolve/resolv.conf'),
    servers: getServers(),
  };
  return fallbackServers(system, { own, machine: machineAddresses() });
}

/** `machine`: addresses of this machine, at any of which a wildcard listener is found. */
export function fallbackServers(
  { resolvConf, resolvedConf, servers }: SystemDns,
  { own, machine }: { own: readonly Endpoint[]; machine: readonly Address[] },
): readonly Endpoint[] {
  const listed = resolvConf === null ? servers : nameservers(resolvConf);
  const isStub = listed.length > 0 && listed.every((text) => RESOLVED_STUBS.includes(text));
  const texts = isStub && resolvedConf !== null ? nameservers(resolvedConf) : listed;
  const found = texts
    .flatMap((text) => parseDnsServer(text) ?? [])
    .map(({ address, port }) => ({ address, port }))
    .filter((server) => !own.some((listener) => isAt(listener, server, machine)));
  return found.length > 0 ? found : LAST_RESORT.flatMap((text) => parseDnsServer(`${text}:${DNS_PORT}`) ?? []);
}

/** resolv.conf(5): a line each, at most three of them, which nobody has to hold us to. */
function nameservers(text: string): string[] {
  return [...text.matchAll(/^[ \t]*nameserver[ \t]+(\S+)/gm)].map(([, server = '']) => server);
}

function isAt(listener: Endpoint, server: Endpoint, machine: readonly Address[]): boolean {
  if (listener.port !== server.port) return false;
  if (listener.address === server.address) return true;
  const isWildcard = listener.address === parseAddress('0.0.0.0') || listener.address === parseAddress('::');
  return isWildcard && (machine.includes(server.address) || /^127\./.test(server.address));
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
