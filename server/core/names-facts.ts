// What the DNS doctor looks at, gathered before anything is made of it.
import type { Aliases } from './alias.ts';
import type { CaaRecord } from './caa.ts';
import type { Hostname } from './hostname.ts';
import { addressRecord, cnameRecord, type DnsRecord } from './names-finding.ts';
import type { PrivateAnswer, PublicDnsFacts, PublicLookup } from './path.ts';

export type NameSubject = { kind: 'gateway' | 'portal' } | { kind: 'app'; appId: string; appName: string };

/** Somebody inside who answers DNS: this machine's own servers, or those of a site. */
export type InsideView = {
  by: { kind: 'machine' } | { kind: 'site'; name: string };
  lookup: PublicLookup;
  /** What the same servers say of the gateway's name. */
  gatewayAddresses: readonly string[];
  /** False where they say that it does not exist. */
  knowsGateway: boolean;
  /** The gateway finds the app's upstream by this very name, at these servers. */
  isUpstreamName: boolean;
};

/** Records that decide, and the name that has them; `none`: neither the name nor any above it has one. */
export type CaaFacts =
  | { kind: 'found'; at: string; records: readonly CaaRecord[] }
  | { kind: 'none' }
  | { kind: 'failed' };

/** Of the certificate that a gateway shows for the name. `coveredBy` is the name in it that fits; null when none does. */
export type CertificateNames = { names: readonly string[]; issuer: string; coveredBy: string | null };

export type PublicNameFacts = {
  host: Hostname;
  subject: NameSubject;
  dns: PublicDnsFacts;
  /** It is the top of its zone in public DNS, where no CNAME can be (RFC 1034 §3.6.2). */
  isApex: boolean;
  inside: readonly InsideView[];
  /** Null where no certificate is Foyer's to show. */
  certificate: CertificateNames | null;
  caa: CaaFacts | null;
};

/** A name that upstreams are found by. `publicAddresses`: what public DNS says of it; null where it was not asked. */
export type PrivateNameFacts = {
  host: string;
  site: string;
  appIds: readonly string[];
  appNames: readonly string[];
  servers: readonly { server: string; answer: PrivateAnswer }[];
  publicAddresses: readonly string[] | null;
};

/** Of an app that nobody can open: disabled, or deleted a short while ago. */
export type LeftSubject = { kind: 'disabled'; appId: string; appName: string } | { kind: 'deleted'; appName: string };

/** `isWildcard`: a name beside it that nobody ever made leads the same way, so there is no record of its own to remove. */
export type LeftNameFacts = {
  host: Hostname;
  subject: LeftSubject;
  dns: Pick<PublicDnsFacts, 'lookup' | 'gatewayName' | 'gatewayAddresses' | 'alias'>;
  isWildcard: boolean;
};

/**
 * The cluster's name, or that of one of its sub-clusters, as those are told it who answer DNS inside. `addresses`: every one that we answer
 * it with, whoever asks and whichever nodes are up.
 */
export type ClusterNameFacts = {
  host: Hostname;
  addresses: readonly string[];
  loadBalancers: readonly string[];
  views: readonly Pick<InsideView, 'by' | 'lookup'>[];
};

/** A DNS server that answered nothing and was asked no more. `site`: whose it is; null for one of this machine's, inside or outside. */
export type PassedOverServer = { server: string; site: string | null; isOutside: boolean };

export type NamesFacts = {
  portal: Hostname;
  gatewayName: Hostname | null;
  clusterName: Hostname | null;
  aliases: Pick<Aliases, 'zone' | 'addresses' | 'nameServers'> | null;
  /** What public DNS says who serves the zone of aliases. */
  aliasServers: { kind: 'found'; names: readonly string[] } | { kind: 'none' | 'failed' } | null;
  /** Where people inside find a gateway: one of this machine, or of the cluster. */
  ownAddresses: readonly string[];
  publicNames: readonly PublicNameFacts[];
  leftNames: readonly LeftNameFacts[];
  clusterNames: readonly ClusterNameFacts[];
  privateNames: readonly PrivateNameFacts[];
  passedOver: readonly PassedOverServer[];
};

/** What leads to the gateway: a CNAME, or where none can be `address`, one of it. Null where that is not known. */
export function leadingRecord({ dns, host, isApex }: PublicNameFacts, address: string | undefined): DnsRecord | null {
  if (!isApex) return dns.target === null ? null : cnameRecord(host, dns.target);
  return address === undefined ? null : addressRecord(host, address);
}

/** Whose name it is. */
export function about({ host, subject }: PublicNameFacts) {
  return { name: host, appIds: subject.kind === 'app' ? [subject.appId] : [] };
}

/** What people call it. */
export function whatOf({ host, subject }: PublicNameFacts): string {
  return subject.kind === 'app' ? subject.appName : host;
}
