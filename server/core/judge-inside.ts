// What people inside are told of a public name: an internal record that leads them past the gateway, or nowhere.
import { about, type InsideView, leadingRecord, type NamesFacts, type PublicNameFacts, whatOf } from './names-facts.ts';
import { addressRecord, type DnsRecord, findingOf, type NamesFinding } from './names-finding.ts';
import { leadsByName } from './path-judge.ts';

export function judgeInside(name: PublicNameFacts, facts: NamesFacts): NamesFinding[] {
  return name.inside.flatMap((view) => insideView(name, view, facts) ?? []);
}

function insideView(name: PublicNameFacts, view: InsideView, facts: NamesFacts): NamesFinding | null {
  const { dns, host } = name;
  const { lookup } = view;
  const by = view.by.kind === 'machine' ? lookup.servers.join(', ') : view.by.name;
  const base = { ...about(name), by: view.by.kind === 'machine' ? 'machine' : view.by.name, isPrivate: true };
  const record = recordInside(name, view.gatewayAddresses[0] ?? dns.gatewayAddresses[0]);
  // Who does not even know the gateway is told of once, for that.
  const isKnownAbove = view.knowsGateway || name.subject.kind === 'gateway';
  if (lookup.kind === 'missing' && dns.lookup.kind === 'found' && isKnownAbove)
    return findingOf(
      'inside-missing',
      base,
      `The DNS of ${by} does not know ${host}, though public DNS does: people who ask it cannot open ${whatOf(name)}. Create the record there too, or forward ${host} to foyer nameserver.`,
      record,
    );
  if (lookup.kind !== 'found') return null;
  // The gateway's own name says by itself where the gateway is.
  if (name.subject.kind === 'gateway' || leadsByName(lookup, [dns.gatewayName, dns.target])) return null;
  const gateway = new Set([...dns.gatewayAddresses, ...view.gatewayAddresses, ...facts.ownAddresses]);
  const told = new Set(dns.lookup.addresses);
  const past = lookup.addresses.filter((address) => !gateway.has(address) && !told.has(address));
  if (past.length === 0) return null;
  if (view.isUpstreamName)
    return findingOf(
      'inside-shared',
      base,
      `The DNS of ${by} answers ${host} with ${past.join(', ')}, which is how the gateway finds the app: people who ask the same servers go past Foyer. Give the upstream an internal name of its own, then forward ${host} to foyer nameserver.`,
    );
  return findingOf(
    'inside-bypass',
    base,
    `The DNS of ${by} answers ${host} with ${past.join(', ')}, which is not the gateway: people who ask it go past Foyer. Forward ${host} to foyer nameserver there, or replace its record by this one.`,
    record,
  );
}

/** The gateway's own name is an address, the others are CNAMEs where they can be. */
function recordInside(name: PublicNameFacts, gateway: string | undefined): DnsRecord | null {
  const { dns, host, subject } = name;
  const [address] = dns.lookup.addresses;
  if (subject.kind === 'gateway') return address === undefined ? null : addressRecord(host, address);
  return leadingRecord(name, gateway);
}
