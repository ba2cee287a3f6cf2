// What each header name means to a gateway. The only place that knows which names are reserved.

/**
 * `reserved`: an app trusts it, so nobody outside may send it. `hop`: belongs to one connection (RFC 9110 §7.6.1).
 * `framing`: recomputed or checked by us. The rest passes.
 */
export type HeaderClass = 'reserved' | 'hop' | 'framing' | 'host' | 'cookie' | 'pass';

/** Names as normalised: lower case, `_` and `.` read as `-`, as CGI-style apps do. */
const RESERVED_PREFIXES = [
  'foyer-',
  'x-foyer-',
  'x-forwarded-',
  'x-auth-request-',
  'x-original-',
  'x-rewrite-',
  'x-middleware-',
  'x-pomerium-',
  'cf-access-',
  'x-authentik-',
  'x-goog-iap-',
  'x-goog-authenticated-',
  'x-amzn-oidc-',
  'x-webauth-',
  'x-ms-client-principal',
  'tailscale-',
];
const RESERVED = new Set([
  'remote-user',
  'remote-groups',
  'remote-name',
  'remote-email',
  'remote-role',
  'remote-addr',
  'remote-host',
  'x-remote-user',
  'x-remote-group',
  'x-remote-groups',
  'x-remote-email',
  'x-remote-name',
  'x-auth-user',
  'x-auth-email',
  'x-auth-groups',
  'x-authenticated-user',
  'x-forwarded',
  'forwarded',
  'forwarded-for',
  'x-real-ip',
  'x-client-ip',
  'client-ip',
  'proxy-client-ip',
  'wl-proxy-client-ip',
  'x-azure-clientip',
  'x-envoy-external-address',
  'x-scheme',
  'x-cluster-client-ip',
  'x-host',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
  'x-url-scheme',
  'front-end-https',
  'proxy',
]);
const HOP = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'proxy-authenticate',
  'proxy-authorization',
  'expect',
]);

const classes = new Map<string, HeaderClass>();
const MAX_REMEMBERED = 2_000;

export function headerClass(name: string): HeaderClass {
  const known = classes.get(name);
  if (known) return known;
  const found = classify(name);
  if (classes.size < MAX_REMEMBERED) classes.set(name, found);
  return found;
}

function classify(name: string): HeaderClass {
  const lower = name.toLowerCase();
  const normal = lower.replace(/[_.]/g, '-');
  if (RESERVED.has(normal) || RESERVED_PREFIXES.some((prefix) => normal.startsWith(prefix))) return 'reserved';
  // An underscore spelling of a framing name is not the framing header, and no app should take it for one.
  if (normal !== lower && (HOP.has(normal) || normal === 'host' || normal === 'content-length' || normal === 'cookie'))
    return 'reserved';
  if (HOP.has(lower)) return 'hop';
  if (lower === 'content-length') return 'framing';
  if (lower === 'host') return 'host';
  if (lower === 'cookie') return 'cookie';
  return 'pass';
}
