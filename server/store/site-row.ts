// A site between its row and core's type.
import type { Site } from '#server/core/app.ts';
import { problemOf, type ReadRow, readJson } from './app-row.ts';
import { fold } from './fold.ts';
import { parseInput } from './schema/parse-input.ts';
import { type SiteInput, siteInput } from './schema/site.ts';
import type { Tables } from './tables.ts';

export function readSite(row: Tables['sites']): ReadRow<Site> {
  const parsed = parseInput(siteInput, {
    name: row.name,
    dnsServers: readJson(row.dns_servers) ?? null,
    zones: readJson(row.zones) ?? null,
    ranges: readJson(row.ranges) ?? null,
    endpoints: readJson(row.endpoints) ?? null,
  });
  if (parsed.kind === 'invalid') return { kind: 'unreadable', problem: problemOf(parsed.errors) };
  return { kind: 'read', value: { id: row.id, ...parsed.value } };
}

export function siteColumns(site: SiteInput) {
  return {
    name: site.name,
    name_folded: fold(site.name),
    dns_servers: JSON.stringify(site.dnsServers),
    zones: JSON.stringify(site.zones),
    ranges: JSON.stringify(site.ranges),
    endpoints: JSON.stringify(site.endpoints),
  } satisfies Partial<Tables['sites']>;
}
