// What a gateway tells of each site's private DNS, by the site's id.
import type { SiteDnsView } from '../dial/site-resolvers.ts';
import { byLabel, counter, type Family, gauge } from './family.ts';

export function dnsFamilies(sites: readonly SiteDnsView[]): Family[] {
  const of = (count: (site: SiteDnsView) => number | null) =>
    byLabel(
      'site',
      sites.flatMap((site) => {
        const value = count(site);
        return value === null ? [] : [[site.siteId, value] as const];
      }),
    );
  return [
    counter(
      'foyer_dns_lookups_total',
      'Names that a site’s DNS servers were asked for.',
      of(({ lookups }) => lookups),
    ),
    counter(
      'foyer_dns_failures_total',
      'Lookups that ended without an answer of theirs.',
      of(({ failures }) => failures),
    ),
    counter(
      'foyer_dns_stale_answers_total',
      'Old answers that were used because none of the servers could be asked.',
      of(({ staleAnswers }) => staleAnswers),
    ),
    gauge(
      'foyer_dns_servers_down',
      'Servers that are passed over because they do not answer.',
      of(({ serversDown }) => serversDown),
      'max',
    ),
  ];
}
