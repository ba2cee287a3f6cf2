// Everything that one engine answers by: built whole, swapped whole, read once per query.
import type { Address } from '#server/core/address.ts';
import type { DnsServerAddress, Endpoint } from '#server/core/app.ts';
import type { Name } from './name.ts';
import type { Zone } from './zone.ts';

/** Never changed: a new one replaces it. The order of the fields is the order in which a query meets them (plan.ts). */
export type Names = {
  /** A name on both lists is allowed. */
  allow: DomainSet;
  block: DomainSet;
  leases: LeaseTable;
  local: readonly LocalZone[];
  hosted: readonly HostedZone[];
  routes: readonly ForwardRoute[];
  /** Whoever is asked for everything else; null where nobody is. */
  upstreams: Upstreams | null;
  /** Zones whose answers from upstreams may hold private addresses (F6). */
  rebindingAllowed: readonly Name[];
};

/** Domains, each with everything below it or without. */
export type DomainSet = {
  readonly size: number;
  /** The rule that covers a name, as text, with the list that has it where there are several; null where none does. */
  match(name: Name): string | null;
};

/** Addresses out of 100.64.0.0/10 that stand for apps on an agent's device. */
export type LeaseTable = {
  addressOf(name: Name): Address | null;
  nameOf(address: Address): Name | null;
};

/** Records of our own, for names that are nobody else's to know. */
export type LocalZone = {
  zone: Zone;
  /** Endings that people may leave the zone's own name out for: `host.<search>` is `host.<zone>`. */
  search: readonly Name[];
  /** `host` alone is `host.<zone>` too. */
  answersSingleLabels: boolean;
  /**
   * `whole`: a name that is not there does not exist. `exact`: the rest of the zone is somebody else's, and asked for there. `addresses`: so is what
   * its names have beside their addresses and what leads to them (plan.ts), such as the mail of a company's own name.
   */
  covers: 'whole' | 'exact' | 'addresses';
};

/**
 * A zone that we are the authority for, as one client sees it; null while there is nothing true to say, which is SERVFAIL.
 * `isPublic`: it is delegated in public DNS, so that everybody may ask for it, whoever may ask for other names. `isEnding`: it is no zone, and stands for
 * one whose names are not known yet: what a local zone has written out with the same ending is known.
 */
export type HostedZone = {
  origin: Name;
  zoneFor(client: Address): HostedView | null;
  isPublic?: boolean;
  isEnding?: boolean;
};

/** `isUnsaid`: its own name has addresses, and there is none to tell now, which is SERVFAIL; the rest of it is true. */
export type HostedView = Zone & { isUnsaid?: boolean };

/** A private zone and the servers that know it. */
export type ForwardRoute = {
  zone: Name;
  servers: readonly DnsServerAddress[];
  /** `one`: of several addresses, each answer has one. */
  select: 'all' | 'one';
  /** How long an answer may be used after its TTL while no server can be asked; 0 for never. */
  staleMs: number;
};

/** `plaintextFallback`: asked by UDP where every server fails; null for never (D8). */
export type Upstreams = {
  servers: readonly DnsServerAddress[];
  plaintextFallback: readonly Endpoint[] | null;
  /** How long one server may take. */
  timeoutMs: number;
  /** How long an answer may be used after its TTL while no server can be asked; 0 for never. */
  staleMs: number;
};

export const NO_DOMAINS: DomainSet = { size: 0, match: () => null };
export const NO_LEASES: LeaseTable = { addressOf: () => null, nameOf: () => null };

/** Nothing is known, and nobody is asked. */
export const NO_NAMES: Names = {
  allow: NO_DOMAINS,
  block: NO_DOMAINS,
  leases: NO_LEASES,
  local: [],
  hosted: [],
  routes: [],
  upstreams: null,
  rebindingAllowed: [],
};
