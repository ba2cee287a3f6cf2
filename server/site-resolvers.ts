// One resolver per site, for as long as the site's servers and zones stay the same.
import type { Logger } from 'pino';
import type { Site } from '#server/core/app.ts';
import type { Exchange } from '#server/dns/exchange.ts';
import { createResolver, type Resolver } from '#server/dns/resolve.ts';

export type SiteResolversOptions = { now: () => number; log: Logger; exchange?: Exchange };

export type SiteResolvers = { for(site: Site): Resolver; close(): void };

type Entry = { settings: string; resolver: Resolver };

export function createSiteResolvers(options: SiteResolversOptions): SiteResolvers {
  const bySite = new WeakMap<Site, Resolver>();
  const bySiteId = new Map<string, Entry>();
  return {
    for(site) {
      const known = bySite.get(site);
      if (known !== undefined) return known;
      const settings = JSON.stringify([site.dnsServers, site.zones]);
      const entry = bySiteId.get(site.id);
      // A replaced resolver is not closed: its last lookups end by themselves within seconds.
      const { resolver } =
        entry?.settings === settings
          ? entry
          : { resolver: createResolver({ ...options, servers: site.dnsServers, zones: site.zones }) };
      bySite.set(site, resolver);
      bySiteId.set(site.id, { settings, resolver });
      return resolver;
    },
    close() {
      for (const { resolver } of bySiteId.values()) resolver.close();
    },
  };
}
