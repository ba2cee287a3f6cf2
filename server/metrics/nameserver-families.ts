// What a nameserver tells of its answers, its memory, and the servers that it asks.
import type { EngineView } from '../dns/engine.ts';
import { byLabel, counter, type Family, gauge, one } from './family.ts';

export function nameserverFamilies({
  counts,
  entries,
  flights,
  octets,
  outcomes,
  packetOctets,
  servers,
}: EngineView): Family[] {
  const down = servers.filter(({ circuit }) => circuit.kind === 'open').length;
  return [
    counter(
      'foyer_nameserver_queries_total',
      'Queries by what became of them.',
      byLabel('outcome', Object.entries(outcomes)),
    ),
    counter(
      'foyer_nameserver_cache_lookups_total',
      'Names of other servers that were looked for in the cache.',
      byLabel('result', [
        ['hit', counts.hits],
        ['miss', counts.misses],
      ]),
    ),
    counter(
      'foyer_nameserver_stale_answers_total',
      'Old answers that were given in place of a failure.',
      one(counts.stale),
    ),
    counter(
      'foyer_nameserver_failures_total',
      'Questions to other servers that ended without an answer.',
      one(counts.failures),
    ),
    gauge('foyer_nameserver_cache_entries', 'Answers of other servers that are kept.', one(entries)),
    gauge(
      'foyer_nameserver_cache_bytes',
      'What they and the replies made of them take, about.',
      one(octets + packetOctets),
    ),
    gauge('foyer_nameserver_open_questions', 'Questions to other servers that are under way.', one(flights)),
    gauge('foyer_nameserver_servers_down', 'Servers that are passed over because they do not answer.', one(down)),
  ];
}
