// Whether a name of the cluster leads to its nodes: the zone is ours, and others have to forward or delegate it to the load balancers.
import type { ClusterNameFacts } from './names-facts.ts';
import { findingOf, type NamesFinding } from './names-finding.ts';

export function judgeClusterName({ addresses, host, loadBalancers, views }: ClusterNameFacts): NamesFinding[] {
  const balancers = loadBalancers.join(', ');
  const answered = views.filter(({ lookup }) => lookup.kind !== 'silent');
  const knowing = answered.filter(({ lookup }) => lookup.kind !== 'missing');
  // People of one site may well have no business with the cluster; that nobody at all knows it is a cluster that nobody gets to.
  if (answered.length > 0 && knowing.length === 0) {
    const asked = answered.map(shown).join(', ');
    const sentence = `No DNS server that was asked (${asked}) knows ${host}, a name of the cluster. Forward it to foyer nameserver on the load balancers: ${balancers}.`;
    return [findingOf('cluster-missing', { name: host, isPrivate: true }, sentence)];
  }
  return knowing.flatMap((view) => {
    const { by, lookup } = view;
    const about = { name: host, by: by.kind === 'machine' ? 'machine' : by.name, isPrivate: true };
    const who = shown(view);
    if (lookup.addresses.length === 0)
      return [
        findingOf(
          'cluster-failed',
          about,
          `The DNS of ${who} gives no address for ${host}, a name of the cluster: it does not reach foyer nameserver on the load balancers (${balancers}), or no gateway is up. Look at the forwarding, then at the gateways.`,
        ),
      ];
    const foreign = lookup.addresses.filter((address) => !addresses.includes(address));
    if (foreign.length === 0) return [];
    return [
      findingOf(
        'cluster-elsewhere',
        about,
        `The DNS of ${who} answers ${host}, a name of the cluster, with ${foreign.join(', ')}, which is none of its gateways. Remove what is there, and forward the name to foyer nameserver on the load balancers: ${balancers}.`,
      ),
    ];
  });
}

function shown({ by, lookup }: ClusterNameFacts['views'][number]): string {
  return by.kind === 'machine' ? lookup.servers.join(', ') : by.name;
}
