// A private network as forms and files give it.
import { z } from 'zod';
import { parseRange } from '#server/core/address.ts';
import { dnsServerText } from '#server/core/dns-server.ts';
import { dnsServer, endpoint, hostname, line, listOf, read } from './field.ts';

export type SiteInput = z.output<typeof siteInput>;

const range = read(
  (text) => (parseRange(text) ? text.toLowerCase() : null),
  'This is no address range. Write one such as 192.168.1.0/24, with the bits behind the prefix zero.',
);

const endpointKey = (each: { address: string; port: number }): string => `${each.address} ${each.port}`;

export const siteInput = z.strictObject({
  name: line(80),
  dnsServers: listOf(dnsServer, 16, dnsServerText).default([]),
  zones: listOf(hostname, 200).default([]),
  ranges: listOf(range, 500).default([]),
  endpoints: listOf(endpoint, 500, endpointKey).default([]),
});
