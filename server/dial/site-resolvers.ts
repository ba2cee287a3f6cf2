// One resolver per site, for as long as the site's servers and zones stay the same, and what each has to tell for metrics.
import type { Logger } from 'pino';
import type { Site } from '#server/core/app.ts';
import type { Exchange } from '#server/dns/exchange.ts';
import { createResolver, type Resolver } from '#server/dns/resolve.ts';

export type SiteResolversOptions = { now: () => number; log: Logger; exchange: Exchange };

export type SiteResolvers = {
  for(site: Site): Resolver;
  view(): readonly SiteDnsView[];
  /** Forgets the sites that are gone, their health included. What was counted stays counted. */
  retain(isThere: (siteId: string) => boolean): void;
  close(): void;
};

/** Since the process began; `serversDown` is now, and null for a site that is gone. */
export type SiteDnsView = {
  siteId: string;
  lookups: number;
  failures: number;
  staleAnswers: number;
  serversDown: number | null;
};

type Counts = Omit<SiteDnsView, 'siteId' | 'serversDown'>;
type Entry = { settings: string; resolver: Resolver };

export function createSiteResolvers({ now, log, exchange }: SiteResolversOptions): SiteResolvers {
  const bySite = new WeakMap<Site, Resolver>();
  const bySiteId = new Map<string, Entry>();
  const counted = new Map<string, Counts>();

  function open({ id, dnsServers, zones }: Site): Resolver {
    const counts = counted.get(id) ?? { lookups: 0, failures: 0, staleAnswers: 0 };
    counted.set(id, counts);
    return createResolver({
      ...{ servers: dnsServers, zones, exchange, now, log: log.child({ site: id }) },
      counts: {
        asked: () => counts.lookups++,
        failed: () => counts.failures++,
        stale: () => counts.staleAnswers++,
      },
    });
  }

  return {
    for(site) {
      const known = bySite.get(site);
      if (known !== undefined) return known;
      const settings = JSON.stringify([site.dnsServers, site.zones]);
      const entry = bySiteId.get(site.id);
      // A replaced resolver is not closed: its last lookups end by themselves within seconds.
      const resolver = entry?.settings === settings ? entry.resolver : open(site);
      bySite.set(site, resolver);
      bySiteId.set(site.id, { settings, resolver });
      return resolver;
    },
    view: () =>
      Array.from(counted, ([siteId, counts]) => {
        const servers = bySiteId.get(siteId)?.resolver.servers();
        const down = servers?.filter(({ circuit }) => circuit.kind === 'open').length;
        return { siteId, ...counts, serversDown: down ?? null };
      }),
    retain(isThere) {
      for (const siteId of bySiteId.keys()) if (!isThere(siteId)) bySiteId.delete(siteId);
    },
    close() {
      for (const { resolver } of bySiteId.values()) resolver.close();
    },
  };
}
