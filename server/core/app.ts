// What an app is: its public names, its upstream, and the site that the upstream lives in.
import type { Address } from './address.ts';
import type { Hostname } from './hostname.ts';

/** How an `https` upstream proves itself. `unverified` is shown to admins wherever the app is shown. */
export type UpstreamTls =
  | { kind: 'system' }
  | { kind: 'ca'; pem: string }
  /** Exactly this certificate: lower-case hex SHA-256 of its DER; name and dates are not looked at. */
  | { kind: 'pinned'; sha256: string }
  | { kind: 'unverified' };

/** The Host that the upstream sees. */
export type HostHeader = { kind: 'public' } | { kind: 'internal' } | { kind: 'fixed'; value: Hostname };

export type Upstream = {
  scheme: 'http' | 'https';
  /** A name that the site's private DNS answers, or the literal address that an admin entered. */
  host: Hostname | Address;
  port: number;
  hostHeader: HostHeader;
  tls: UpstreamTls;
};

/** The plain header families of the field, sent beside the signed assertion when an app asks for them. */
export const IDENTITY_HEADER_FAMILIES = ['remote', 'x-forwarded', 'x-auth-request'] as const;
export type IdentityHeaderFamily = (typeof IDENTITY_HEADER_FAMILIES)[number];

/** A catalogue entry. Host names are unique over all apps and the portal; `hosts[0]` is the one the launcher opens. */
export type App = {
  id: string;
  name: string;
  description: string;
  hosts: readonly [Hostname, ...Hostname[]];
  showInLauncher: boolean;
  enabled: boolean;
  siteId: string;
  upstream: Upstream;
  identityHeaders: readonly IdentityHeaderFamily[];
  /** Stricter than the session's own length; null leaves it. */
  maxSessionMs: number | null;
};

export type Endpoint = { address: Address; port: number };

/** A private network: its DNS servers, the names they are asked for, and the addresses that may be dialled there. */
export type Site = {
  id: string;
  name: string;
  dnsServers: readonly Endpoint[];
  /** Names the servers are asked for; empty means every name. */
  zones: readonly Hostname[];
  /** CIDR ranges that may be dialled; empty means none but `endpoints`. */
  ranges: readonly string[];
  /** Exact address and port pairs that are allowed although the address is loopback or this host's own. */
  endpoints: readonly Endpoint[];
};
