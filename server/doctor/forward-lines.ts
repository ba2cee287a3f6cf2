// What to write into an office's own DNS server so that it asks Foyer about the apps.
import type { Endpoint } from '#server/core/app.ts';
import { forwardLines } from '#server/core/forward-lines.ts';
import { type Hostname, isWithin, parseHostname } from '#server/core/hostname.ts';
import { type Finding, ok, warning } from './finding.ts';

/** The domains that hold the hosts, none within another. A host right below a top-level domain is its own: nobody forwards all of `com`. */
export function forwardZones(hosts: readonly Hostname[]): readonly Hostname[] {
  const parents = hosts.map((host) => {
    const parent = parseHostname(host.slice(host.indexOf('.') + 1));
    return parent?.includes('.') ? parent : host;
  });
  const zones = [...new Set(parents)].sort((one, other) => one.length - other.length);
  return zones.filter((zone, at) => !zones.slice(0, at).some((larger) => isWithin(zone, larger))).sort();
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
