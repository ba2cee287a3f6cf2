// The public name of an app that nobody can open: a record that still leads to us is one that somebody forgot.
import type { LeftNameFacts } from './names-facts.ts';
import { findingOf, type NamesFinding } from './names-finding.ts';

export function judgeLeftName(name: LeftNameFacts): NamesFinding[] {
  if (!leadsHere(name) || name.isWildcard) return [];
  const { dns, host, subject } = name;
  const own = dns.lookup.hops.filter((hop) => hop.name === host).map(({ type, value }) => `${host} ${type} ${value}`);
  const records = own.join(', ');
  const sentence =
    subject.kind === 'disabled'
      ? `${host} still leads to Foyer, and ${subject.appName} is disabled. If it stays so, remove from public DNS: ${records}.`
      : `${host} still leads to Foyer, and ${subject.appName} is deleted. Remove from public DNS: ${records}.`;
  return [
    findingOf('record-left', { name: host, appIds: subject.kind === 'disabled' ? [subject.appId] : [] }, sentence),
  ];
}

/** By any alias, whoever has it now, by the gateway's name, or by an address of the gateway. */
export function leadsHere({ dns }: Pick<LeftNameFacts, 'dns'>): boolean {
  const { alias, gatewayAddresses, gatewayName, lookup } = dns;
  return (
    alias !== null ||
    lookup.hops.some(({ type, value }) => type === 'CNAME' && value === gatewayName) ||
    lookup.addresses.some((address) => gatewayAddresses.includes(address))
  );
}
