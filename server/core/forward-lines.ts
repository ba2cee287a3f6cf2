// What to write into a DNS server so that it asks others about some zones: the lines for Windows, BIND, Unbound and dnsmasq.
import type { Endpoint } from './app.ts';
import type { Hostname } from './hostname.ts';

export type ForwardLines = { program: string; lines: readonly string[] };

const DNS_PORT = 53;

/** Windows can forward to port 53 alone, so with another port it has no line. */
export function forwardLines(zones: readonly Hostname[], servers: readonly Endpoint[]): readonly ForwardLines[] {
  const isUsual = servers.every(({ port }) => port === DNS_PORT);
  const addresses = servers.map(({ address }) => address).join(', ');
  const windows = (zone: Hostname) =>
    `Add-DnsServerConditionalForwarderZone -Name "${zone}" -MasterServers ${addresses}`;
  const forwarders = servers
    .map(({ address, port }) => `${address}${port === DNS_PORT ? '' : ` port ${port}`};`)
    .join(' ');
  const bind = (zone: Hostname) => `zone "${zone}" { type forward; forward only; forwarders { ${forwarders} }; };`;
  const forwardAddresses = servers
    .map(({ address, port }) => `forward-addr: ${address}${port === DNS_PORT ? '' : `@${port}`}`)
    .join(' ');
  // A zone that is signed outside is not signed by us, and the addresses are private: both would be held against the answer.
  const unbound = (zone: Hostname) => [
    `server: domain-insecure: "${zone}." private-domain: "${zone}."`,
    `forward-zone: name: "${zone}." ${forwardAddresses}`,
  ];
  const dnsmasq = (zone: Hostname) => [
    ...servers.map(({ address, port }) => `server=/${zone}/${address}${port === DNS_PORT ? '' : `#${port}`}`),
    `rebind-domain-ok=/${zone}/`,
  ];
  // Without it dnsmasq stays with a server that has died for up to twenty seconds, however often it is asked.
  const dnsmasqToo = servers.length > 1 ? ['all-servers'] : [];
  return [
    ...(isUsual ? [{ program: 'Windows DNS (PowerShell)', lines: zones.map(windows) }] : []),
    { program: 'BIND', lines: zones.map(bind) },
    { program: 'Unbound', lines: zones.flatMap(unbound) },
    { program: 'dnsmasq', lines: [...zones.flatMap(dnsmasq), ...dnsmasqToo] },
  ];
}
