// What to write into an office's own DNS server so that it asks Foyer about the apps.
import type { Endpoint } from '#server/core/app.ts';
import { forwardLines } from '#server/core/forward-lines.ts';
import { type Hostname, isWithin, parseHostname } from '#server/core/hostname.ts';
import { type Finding, ok, warning } from './finding.ts';

/**
 * The domains that hold the hosts, none within another. One host is no reason to forward all that lies beside it, and where a registry
 * gives out names (`co.uk`) two are none either.
 */
export function forwardZones(hosts: readonly Hostname[]): readonly Hostname[] {
  const zones = hosts.map((host) => {
    const parent = parseHostname(host.slice(host.indexOf('.') + 1));
    if (!parent?.includes('.') || isRegistry(parent)) return host;
    return hosts.filter((each) => isWithin(each, parent)).length > 1 ? parent : host;
  });
  const shortestFirst = [...new Set(zones)].sort((one, other) => one.length - other.length);
  return shortestFirst.filter((zone, at) => !shortestFirst.slice(0, at).some((each) => isWithin(zone, each))).sort();
}

/** As `co.uk`, `com.au` and `gv.at` are; a company with a name so short gets a line for each of its hosts. */
function isRegistry(domain: Hostname): boolean {
  return /^[a-z]{2,3}\.[a-z]{2}$/.test(domain);
}

/** `at` is where the office's DNS server reaches `foyer nameserver`; null where it listens for this machine alone. */
export function checkForwarding(hosts: readonly Hostname[], at: Endpoint | null): Finding[] {
  if (at === null)
    return [
      warning(
        'office-names',
        'foyer nameserver listens on loopback alone, so no other DNS server can ask it: name an address of the office’s network under "listen" in its file.',
      ),
    ];
  const zones = forwardZones(hosts);
  return forwardLines(zones, [at]).map(({ program, lines }) =>
    ok(
      'office-names',
      `For people inside, forward the apps’ names to foyer nameserver. ${program}:\n${lines.map((line) => `    ${line}`).join('\n')}`,
    ),
  );
}
