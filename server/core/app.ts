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

/** One place where an upstream listens. */
export type UpstreamPlace = {
  /** A name that the site's private DNS answers, or the literal address that an admin entered. */
  host: Hostname | Address;
  port: number;
};

/**
 * What the gateway shows an upstream that asks for a certificate. PEM texts, the leaf first. The key never leaves store and
 * data plane: everywhere else it is empty.
 */
export type ClientCertificate = { cert: string; key: string };

/**
 * The protocol spoken to an upstream. `h2` over TLS is what ALPN has to choose, in clear text it is prior knowledge
 * (RFC 9113 §3.3). WebSocket handshakes always take HTTP/1.1.
 */
export type UpstreamProtocol = 'http/1.1' | 'h2';

export type Upstream = UpstreamPlace & {
  scheme: 'http' | 'https';
  hostHeader: HostHeader;
  tls: UpstreamTls;
  protocol: UpstreamProtocol;
  clientCertificate: ClientCertificate | null;
  /** More places that serve the same app; `host` and `port` are the first. */
  replicas: readonly UpstreamPlace[];
};

/** What most upstreams are: HTTP/1.1, no certificate of ours, one place. */
export const PLAIN_UPSTREAM = {
  protocol: 'http/1.1',
  clientCertificate: null,
  replicas: [],
} as const satisfies Partial<Upstream>;

/** What a header becomes. `value` null removes it; it never names a reserved or hop-by-hop header. */
export type HeaderEdit = { name: string; value: string | null };

/** Requests whose path is `prefix` or lies below it (whole segments, byte for byte) go to this upstream. */
export type PathRoute = { prefix: string; upstream: Upstream };

/** How an app's requests travel. A null limit means the gateway's own. */
export type Traffic = {
  /** The longest matching prefix wins; what matches none goes to the app's `upstream`. */
  routes: readonly PathRoute[];
  /** Redirects that name the upstream's own origin are rewritten to the app's public one. */
  mapLocation: boolean;
  /** Cookies for the upstream's own host name become cookies of the app's public host. */
  mapCookieDomain: boolean;
  requestHeaders: readonly HeaderEdit[];
  responseHeaders: readonly HeaderEdit[];
  /** Milliseconds. */
  timeouts: { connect: number | null; headers: number | null; idle: number | null };
  /** Requests under way to the app, and of one person to it; more wait in a short queue. */
  concurrency: { app: number | null; person: number | null };
  /** A GET of this path is asked of every address; one that fails is not chosen. Null: real traffic alone decides. */
  healthCheck: { path: string; everyMs: number } | null;
  /** While set, people get this text with 503 in place of the app. */
  maintenance: string | null;
};

export const PLAIN_TRAFFIC: Traffic = {
  routes: [],
  mapLocation: true,
  mapCookieDomain: true,
  requestHeaders: [],
  responseHeaders: [],
  timeouts: { connect: null, headers: null, idle: null },
  concurrency: { app: null, person: null },
  healthCheck: null,
  maintenance: null,
};

/** The plain header families of the field, sent beside the signed assertion when an app asks for them. */
export const IDENTITY_HEADER_FAMILIES = ['remote', 'x-forwarded', 'x-auth-request'] as const;
export type IdentityHeaderFamily = (typeof IDENTITY_HEADER_FAMILIES)[number];

/** The glyphs that Foyer brings for apps without an icon of their own. Names are stored: one is never renamed or removed. */
export const SHIPPED_ICONS = [
  'book',
  'document',
  'folder',
  'archive',
  'mail',
  'chat',
  'phone',
  'video',
  'calendar',
  'clock',
  'people',
  'badge',
  'ticket',
  'chart',
  'wallet',
  'cart',
  'truck',
  'building',
  'map',
  'globe',
  'code',
  'terminal',
  'database',
  'server',
  'cloud',
  'shield',
  'key',
  'wrench',
  'printer',
  'image',
] as const;
export type ShippedIcon = (typeof SHIPPED_ICONS)[number];

/** Drawn from the app's name, one of ours, or an uploaded picture by the lower-case hex SHA-256 of its stored bytes. */
export type AppIcon = { kind: 'drawn' } | { kind: 'shipped'; name: ShippedIcon } | { kind: 'uploaded'; sha256: string };

/** What an app shows of itself beside its name, when nobody has said. */
export const PLAIN_LOOK = {
  category: '',
  support: '',
  icon: { kind: 'drawn' },
} as const satisfies Partial<App>;

/** A catalogue entry. Host names are unique over all apps and the portal; `hosts[0]` is the one the launcher opens. */
export type App = {
  id: string;
  name: string;
  description: string;
  /** Where it belongs among the others, in an administrator's own word; '' for nowhere. */
  category: string;
  /** Where its people get help, see core/support.ts; '' for none. */
  support: string;
  icon: AppIcon;
  hosts: readonly [Hostname, ...Hostname[]];
  showInLauncher: boolean;
  enabled: boolean;
  siteId: string;
  upstream: Upstream;
  identityHeaders: readonly IdentityHeaderFamily[];
  /** Stricter than the session's own length; null leaves it. */
  maxSessionMs: number | null;
  traffic: Traffic;
};

export type Endpoint = { address: Address; port: number };

/** With `tlsName` it is asked by DNS over TLS, and that is the name its certificate proves (RFC 8310 §5.1). */
export type DnsServerAddress = Endpoint & { tlsName?: string };

/** A private network: its DNS servers, the names they are asked for, and the addresses that may be dialled there. */
export type Site = {
  id: string;
  name: string;
  dnsServers: readonly DnsServerAddress[];
  /** Names the servers are asked for; empty means every name. */
  zones: readonly Hostname[];
  /** CIDR ranges that may be dialled; empty means none but `endpoints`. */
  ranges: readonly string[];
  /** Exact address and port pairs that are allowed although the address is loopback or this host's own. */
  endpoints: readonly Endpoint[];
};
