// The environment of a Foyer process, parsed once: every FOYER_ variable becomes a value that cannot be wrong, or a sentence.
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { defaultListen, type ListenAddress, parseListen } from './config/listen-address.ts';
import { LIMIT_VARIABLES, readLimits } from './config/read-limits.ts';
import { type AddressRange, parseAddress, parseRange } from './core/address.ts';
import type { DnsServerAddress } from './core/app.ts';
import { parseDnsServer } from './core/dns-server.ts';
import { type Hostname, isWithin, parseHostname } from './core/hostname.ts';
import { type Portal, parsePortal } from './core/snapshot.ts';
import { readGatewayMemory } from './gateway/memory.ts';
import type { Limits } from './http/limits.ts';
import { type MetricsListen, readMetricsListen } from './metrics/metrics-listen.ts';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A certificate chain and its private key, as file names. They are read by certs/files.ts, again on every SIGHUP. */
export type CertificateFiles = { certFile: string; keyFile: string };

/** Where the access log's lines go. `stdout` has them while the log's level is `info` or below. */
export type AccessLog = { kind: 'stdout' } | { kind: 'off' } | { kind: 'file'; path: string };

/** Paths are absolute. `listen` is never empty; it names a TLS listener only where `certificates` is not empty. */
export type Config = {
  portal: Portal;
  /** The name that apps are CNAMEs of. Null where nobody needs one (the demo). */
  gatewayName: Hostname | null;
  listen: readonly ListenAddress[];
  /** Where operators find metrics and readiness; never one of `listen`. */
  metricsListen: MetricsListen;
  dataDir: string;
  /** Peers whose forwarded headers are believed. Empty: nobody's. */
  trustedProxies: readonly AddressRange[];
  certificates: readonly CertificateFiles[];
  /** How many gateway processes run. */
  gateways: number;
  /** What one gateway process may take, in bytes. */
  gatewayMemory: number;
  limits: Limits;
  logLevel: LogLevel;
  accessLog: AccessLog;
  /** A PEM file of authorities that are trusted beside the system's, for upstreams and sign-in providers. */
  upstreamCaFile: string | null;
  /** DNS servers that are asked what browsers outside are told. Empty: the machine's own. */
  publicDns: readonly DnsServerAddress[];
  /** DNS servers that are asked what people inside are told. Empty: the machine's own. */
  insideDns: readonly DnsServerAddress[];
  /** What `foyer nameserver` is told, by its file. Null where it was told nothing. */
  nameserverFile: string | null;
  /** `off` takes the portal's service worker out of every browser that has it. */
  serviceWorker: 'on' | 'off';
  /** This machine's running number in a cluster of gateways; null outside of one. */
  clusterNode: number | null;
  /** FOYER_ variables that mean nothing, probably misspelt; the supervisor and the doctor name them. */
  unknownVariables: readonly string[];
};

export type Environment = Readonly<Record<string, string | undefined>>;
export type ReadConfig = { kind: 'config'; config: Config } | { kind: 'invalid'; problems: readonly string[] };

const DEFAULT_DATA_DIR = '.data';

/** The portal's Unix socket lives in the data directory; sockaddr_un has room for 104 bytes where it is smallest, macOS. */
const MAX_DATA_DIR_BYTES = 104 - '/portal.sock'.length - 1;
const MAX_GATEWAYS = 64;

/** The names that are read here or, for the secret, in store/secret.ts. Limits have a table of their own, http/limits.ts. */
const VARIABLES = [
  'FOYER_PORTAL_URL',
  'FOYER_GATEWAY_NAME',
  'FOYER_LISTEN',
  'FOYER_METRICS_LISTEN',
  'FOYER_DATA_DIR',
  'FOYER_TRUSTED_PROXIES',
  'FOYER_TLS_CERTS',
  'FOYER_SECRET_KEY',
  'FOYER_SECRET_KEY_FILE',
  'FOYER_GATEWAYS',
  'FOYER_GATEWAY_MEMORY',
  'FOYER_LOG_LEVEL',
  'FOYER_ACCESS_LOG',
  'FOYER_UPSTREAM_CA',
  'FOYER_PUBLIC_DNS',
  'FOYER_INSIDE_DNS',
  'FOYER_SERVICE_WORKER',
  'FOYER_NAMESERVER_FILE',
  'FOYER_CLUSTER_NODE',
] as const;
type Variable = (typeof VARIABLES)[number];

/** Set by Foyer itself for its own processes. */
const INTERNAL_VARIABLES = ['FOYER_RUNTIME'];

/** `takesBrowsers`: false for a program that reads the same settings and serves no browser, so that nothing has to end TLS. */
export function readConfig(env: Environment, { takesBrowsers = true } = {}): ReadConfig {
  const problems: string[] = [];
  const text = (name: Variable): string | null => env[name]?.trim() || null;
  const portal = readPortal(text('FOYER_PORTAL_URL'), problems);
  const certificates = readCertificates(text('FOYER_TLS_CERTS'), problems);
  const trustedProxies = readRanges(text('FOYER_TRUSTED_PROXIES'), problems);
  const gateways = readGateways(text('FOYER_GATEWAYS'), problems);
  const listen = readListen(text('FOYER_LISTEN'), portal, problems);
  const config = {
    gatewayName: readGatewayName(text('FOYER_GATEWAY_NAME'), problems),
    listen,
    metricsListen: readMetricsListen(text('FOYER_METRICS_LISTEN'), listen, problems),
    dataDir: readDataDir(text('FOYER_DATA_DIR'), problems),
    trustedProxies,
    certificates,
    gateways,
    gatewayMemory: readGatewayMemory(env, gateways, problems),
    limits: readLimits(env, problems),
    logLevel: readLogLevel(text('FOYER_LOG_LEVEL'), problems),
    accessLog: readAccessLog(text('FOYER_ACCESS_LOG'), problems),
    upstreamCaFile: absolute(text('FOYER_UPSTREAM_CA')),
    publicDns: readServers('FOYER_PUBLIC_DNS', env, problems),
    insideDns: readServers('FOYER_INSIDE_DNS', env, problems),
    nameserverFile: absolute(text('FOYER_NAMESERVER_FILE')),
    serviceWorker: readServiceWorker(text('FOYER_SERVICE_WORKER'), problems),
    clusterNode: readClusterNode(text('FOYER_CLUSTER_NODE'), problems),
    unknownVariables: unknownVariables(env),
  };
  if (text('FOYER_SECRET_KEY') && text('FOYER_SECRET_KEY_FILE'))
    problems.push('FOYER_SECRET_KEY and FOYER_SECRET_KEY_FILE are both set: keep one of them and unset the other.');
  if (portal && takesBrowsers && problems.length === 0) checkTls(portal, config, problems);
  return portal && problems.length === 0
    ? { kind: 'config', config: { portal, ...config } }
    : { kind: 'invalid', problems };
}

/** Where the portal process listens and the gateways find it. */
export function portalSocket(config: Pick<Config, 'dataDir'>): string {
  return join(config.dataDir, 'portal.sock');
}

function readPortal(text: string | null, problems: string[]): Portal | null {
  if (!text) {
    problems.push(
      'FOYER_PORTAL_URL is missing: set it to the address that people type for the portal, for example https://portal.example.com.',
    );
    return null;
  }
  const portal = parsePortal(text, parseHostname);
  if (!portal) {
    problems.push(
      `FOYER_PORTAL_URL is no portal address: ${JSON.stringify(text)}. Write scheme and host name, without a path or an IP address, for example https://portal.example.com.`,
    );
    return null;
  }
  if (portal.scheme === 'http' && !isLocalhost(portal.hostname))
    problems.push(
      `FOYER_PORTAL_URL uses http, and browsers keep sign-in cookies only over https: write https://${portal.hostname}. (http works for names under localhost alone.)`,
    );
  return portal;
}

function isLocalhost(hostname: Hostname): boolean {
  const localhost = parseHostname('localhost');
  return localhost !== null && isWithin(hostname, localhost);
}

function readGatewayName(text: string | null, problems: string[]): Hostname | null {
  if (!text) return null;
  const name = parseHostname(text);
  if (!name?.includes('.'))
    problems.push(
      `FOYER_GATEWAY_NAME is no full host name: ${JSON.stringify(text)}. Write the name that your apps are CNAMEs of, for example gw.example.com.`,
    );
  return name;
}

function readListen(text: string | null, portal: Portal | null, problems: string[]): readonly ListenAddress[] {
  if (!text) return portal ? defaultListen(portal) : [];
  const listen: ListenAddress[] = [];
  for (const entry of list(text)) {
    const parsed = parseListen(entry, portal?.scheme ?? 'https');
    if (!parsed) {
      problems.push(
        `FOYER_LISTEN has an entry that is no listening address: ${JSON.stringify(entry)}. Write an IP address and a port, for example 127.0.0.1:8080, :443 or https://[::]:443.`,
      );
    } else if (
      listen.some((other) => other.port === parsed.port && other.port !== 0 && other.address === parsed.address)
    ) {
      problems.push(`FOYER_LISTEN names ${entry} twice: keep one of them.`);
    } else {
      listen.push(parsed);
    }
  }
  if (listen.length === 0 && problems.length === 0)
    problems.push('FOYER_LISTEN is an empty list: name an address, for example :443, or unset it.');
  return listen;
}

function readDataDir(text: string | null, problems: string[]): string {
  const dataDir = resolve(text ?? DEFAULT_DATA_DIR);
  if (Buffer.byteLength(dataDir) > MAX_DATA_DIR_BYTES)
    problems.push(
      `FOYER_DATA_DIR is too long for the portal’s socket: ${dataDir}. Choose a directory of at most ${MAX_DATA_DIR_BYTES} bytes.`,
    );
  return dataDir;
}

function readRanges(text: string | null, problems: string[]): readonly AddressRange[] {
  const ranges: AddressRange[] = [];
  for (const entry of list(text ?? '')) {
    const address = parseAddress(entry);
    const range = address ? { address, prefix: address.includes(':') ? 128 : 32 } : parseRange(entry);
    if (range) ranges.push(range);
    else
      problems.push(
        `FOYER_TRUSTED_PROXIES has an entry that is no address range: ${JSON.stringify(entry)}. Write the network with zero host bits, for example 10.0.0.0/8, or one address.`,
      );
  }
  return ranges;
}

function readServers(variable: Variable, env: Environment, problems: string[]): readonly DnsServerAddress[] {
  const servers: DnsServerAddress[] = [];
  for (const entry of list(env[variable] ?? '')) {
    const server = parseDnsServer(entry);
    if (server) servers.push(server);
    else
      problems.push(
        `${variable} has an entry that is no DNS server: ${JSON.stringify(entry)}. Write an IP address, with a port where it is not 53, for example 9.9.9.9, or 9.9.9.9#dns.quad9.net for DNS over TLS.`,
      );
  }
  return servers;
}

function readCertificates(text: string | null, problems: string[]): readonly CertificateFiles[] {
  const certificates: CertificateFiles[] = [];
  for (const entry of list(text ?? '')) {
    const [certFile, keyFile, ...rest] = entry.split(':');
    if (certFile && keyFile && rest.length === 0)
      certificates.push({ certFile: resolve(certFile), keyFile: resolve(keyFile) });
    else
      problems.push(
        `FOYER_TLS_CERTS has an entry that is no pair of files: ${JSON.stringify(entry)}. Write the certificate, a colon and the key, for example /etc/foyer/cert.pem:/etc/foyer/key.pem.`,
      );
  }
  return certificates;
}

function readGateways(text: string | null, problems: string[]): number {
  if (!text) return Math.min(availableParallelism(), MAX_GATEWAYS);
  const gateways = /^[0-9]{1,3}$/.test(text) ? Number(text) : 0;
  if (gateways < 1 || gateways > MAX_GATEWAYS)
    problems.push(
      `FOYER_GATEWAYS is no number of processes: ${JSON.stringify(text)}. Write 1 to ${MAX_GATEWAYS}, or unset it for one per core.`,
    );
  return gateways;
}

export function readLogLevel(text: string | null, problems: string[]): LogLevel {
  const level = LOG_LEVELS.find((known) => known === (text ?? 'info'));
  if (!level)
    problems.push(`FOYER_LOG_LEVEL is no level: ${JSON.stringify(text)}. Write one of ${LOG_LEVELS.join(', ')}.`);
  return level ?? 'info';
}

function readServiceWorker(text: string | null, problems: string[]): Config['serviceWorker'] {
  if (text === null || text === 'on' || text === 'off') return text ?? 'on';
  problems.push(`FOYER_SERVICE_WORKER is neither on nor off: ${JSON.stringify(text)}. Write off, or unset it.`);
  return 'on';
}

function readClusterNode(text: string | null, problems: string[]): number | null {
  if (text === null) return null;
  if (/^[1-9][0-9]{0,3}$/.test(text)) return Number(text);
  problems.push(
    `FOYER_CLUSTER_NODE is no running number: ${JSON.stringify(text)}. Write this machine’s number in the cluster, such as 1, or unset it.`,
  );
  return null;
}

/** A word that is neither would be a file that nobody looks for, in whatever directory Foyer was started. */
function readAccessLog(text: string | null, problems: string[]): AccessLog {
  const word = text?.toLowerCase() ?? 'stdout';
  if (word === 'stdout' || word === 'off') return { kind: word };
  // A name with an ending is a file of the working directory; a lone word was meant as one of the two above.
  if (!/[/\\.]/.test(word))
    problems.push(
      `FOYER_ACCESS_LOG names no place: ${JSON.stringify(text)}. Write stdout, off, or a file’s path with a slash, for example /var/log/foyer/access.log.`,
    );
  return { kind: 'file', path: resolve(text ?? '') };
}

/** Who ends TLS has to be clear: a listener with a certificate, or a proxy in front that is named. */
function checkTls(
  portal: Portal,
  config: Pick<Config, 'listen' | 'certificates' | 'trustedProxies'>,
  problems: string[],
): void {
  const hasTls = config.listen.some((address) => address.tls);
  if (hasTls && config.certificates.length === 0)
    problems.push(
      'A listener is https but FOYER_TLS_CERTS is empty: name a certificate and its key, for example FOYER_TLS_CERTS=/etc/foyer/cert.pem:/etc/foyer/key.pem, or let a proxy end TLS with FOYER_LISTEN=http://127.0.0.1:8080 and FOYER_TRUSTED_PROXIES.',
    );
  if (portal.scheme === 'https' && !hasTls && config.listen.length > 0 && config.trustedProxies.length === 0)
    problems.push(
      'The portal is https but nothing ends TLS: make a listener https, or name the proxy in front of Foyer in FOYER_TRUSTED_PROXIES.',
    );
  if (portal.scheme === 'http' && hasTls)
    problems.push('A listener is https but FOYER_PORTAL_URL is http: make both the same, best https.');
}

export function unknownVariables(env: Environment): readonly string[] {
  const known: readonly string[] = [...VARIABLES, ...LIMIT_VARIABLES, ...INTERNAL_VARIABLES];
  return Object.keys(env).filter((name) => name.startsWith('FOYER_') && !known.includes(name));
}

function absolute(path: string | null): string | null {
  return path === null ? null : resolve(path);
}

function list(text: string): string[] {
  return text.split(/[,\s]+/).filter((entry) => entry !== '');
}
