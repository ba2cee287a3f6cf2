// `foyer doctor`: examines a set-up from the environment to every app's upstream, and says what is wrong and how to mend it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, type Environment, readConfig, unknownVariables } from './config.ts';
import { type Address, parseAddress } from './core/address.ts';
import type { DnsServerAddress } from './core/app.ts';
import type { Cluster } from './core/cluster.ts';
import { parseDnsServer } from './core/dns-server.ts';
import type { Hostname } from './core/hostname.ts';
import { buildSnapshot, type Portal, type Snapshot } from './core/snapshot.ts';
import { openExchange } from './dial/own-exchange.ts';
import type { Exchange } from './dns/exchange.ts';
import { checkCertificates, checkUpstreamCa } from './doctor/certificates.ts';
import { error, type Finding, ok, warning } from './doctor/finding.ts';
import { checkLimits } from './doctor/limits.ts';
import {
  checkClock,
  checkDataDir,
  checkNode,
  checkPorts,
  checkSecret,
  clockIsSynchronized,
  newestFile,
} from './doctor/machine.ts';
import { checkNames } from './doctor/names/check.ts';
import { namesInWords } from './doctor/names/in-words.ts';
import type { DeletedNames } from './doctor/names/names-to-check.ts';
import { namesContext } from './doctor/names-doctor.ts';
import { checkNameserver } from './doctor/nameserver.ts';
import { checkSites } from './doctor/sites.ts';
import { machineMemory } from './gateway/memory.ts';
import { readFileLimit } from './http/overload-facts.ts';
import { createLog } from './log.ts';
import { askPortalHosts, type PortalOptions } from './nameserver/follow-portal.ts';
import { nameserverPath } from './nameserver/settings.ts';
import { withStore } from './prepare.ts';
import { readCluster } from './store/cluster.ts';
import { loadSecret } from './store/secret.ts';
import { loadSnapshot } from './store/snapshot.ts';
import { deletedNames } from './store/undo.ts';
import { hasAdmin } from './store/users.ts';

export type DoctorOptions = {
  json: boolean;
  /** Public DNS servers to ask in place of the configured ones, or the machine's own. */
  dns: readonly string[];
  /** The file of `foyer nameserver`, before the environment's. */
  config?: string;
} & PortalOptions;

/** Returns the exit code: 0 when no finding is an error. */
export async function doctor(options: DoctorOptions, env: Environment): Promise<number> {
  const findings = await examine(options, env);
  const failed = findings.some((finding) => finding.level === 'error');
  process.stdout.write(options.json ? `${JSON.stringify({ ok: !failed, findings }, null, 2)}\n` : inWords(findings));
  return failed ? 1 : 0;
}

async function examine(options: DoctorOptions, env: Environment): Promise<readonly Finding[]> {
  const node = checkNode(process.version);
  const dns = readDns(options.dns);
  if (isOffice(options, env)) return [node, ...dns.findings, ...(await examineOffice(options, env))];
  const read = readConfig(env);
  if (read.kind === 'invalid') return [node, ...read.problems.map((problem) => error('configuration', problem))];
  const config = { ...read.config, nameserverFile: nameserverPath(env, options) };
  const machine = [
    node,
    ...dns.findings,
    ok('configuration', `The configuration is complete: the portal is ${config.portal.origin}.`),
    ...config.unknownVariables.map(noVariable),
    checkClock(Date.now(), newestFile(config.dataDir), clockIsSynchronized()),
    checkDataDir(config.dataDir),
    checkSecret(env, config.dataDir),
    ...checkPorts(config),
    ...checkUpstreamCa(config.upstreamCaFile),
    ...checkLimits(config, { fileLimit: readFileLimit(), memoryBytes: machineMemory() }),
  ];
  const catalogue = await readCatalogue(config, env);
  const log = createLog({ level: 'silent', program: 'doctor' });
  const { exchange, close } = openExchange({ now: Date.now, caFile: config.upstreamCaFile });
  const apps = catalogue.kind === 'read' ? [...catalogue.snapshot.appsById.values()] : [];
  const enabled = apps.filter((app) => app.enabled);
  const hosts = [config.portal.hostname, ...enabled.flatMap((app) => app.hosts)];
  try {
    const snapshot = catalogue.kind === 'read' ? catalogue.snapshot : emptySnapshot(config.portal);
    const names = await checkNames({
      ...namesContext(
        config,
        { current: () => snapshot },
        { deletedApps: async () => catalogue.deleted, cluster: async () => catalogue.cluster },
        log,
      ),
      ...(dns.servers.length > 0 ? { publicDns: dns.servers } : {}),
    });
    return [
      ...machine,
      ...catalogue.findings,
      ...checkCertificates(config, hosts, Date.now()),
      ...namesInWords(names),
      ...(await checkOffice(options, env, {
        hosts: config.gatewayName === null ? hosts : [...hosts, config.gatewayName],
        nodes: catalogue.cluster?.nodes.flatMap(({ addresses }) => Object.values(addresses).flat()) ?? [],
        exchange,
      })),
      ...(catalogue.kind === 'read'
        ? await checkSites({
            sites: catalogue.snapshot.sitesById,
            apps: enabled,
            own: ownEndpoints(config),
            exchange,
            log,
          })
        : []),
    ];
  } finally {
    close();
  }
}

function noVariable(name: string): Finding {
  return warning('configuration', `${name} means nothing to Foyer: check its spelling.`);
}

/** An office's machine may run `foyer nameserver` and no Foyer: then its file is all that there is to examine. */
function isOffice(options: DoctorOptions, env: Environment): boolean {
  const hasPortal = Boolean(env.FOYER_PORTAL_URL?.trim());
  return !hasPortal && (nameserverPath(env, options) !== null || namesPortal(options));
}

async function examineOffice(options: DoctorOptions, env: Environment): Promise<Finding[]> {
  const { exchange, close } = openExchange({ now: Date.now });
  try {
    const unused =
      options.dns.length > 0
        ? [warning('dns-option', '--dns counts for a Foyer, and no FOYER_PORTAL_URL names one.')]
        : [];
    const unknown = unknownVariables(env).map(noVariable);
    return [...unused, ...unknown, ...(await checkOffice(options, env, { hosts: [], nodes: [], exchange }))];
  } finally {
    close();
  }
}

/** `hosts` are those of the Foyer on this machine. A portal that is named goes before it, as for `foyer nameserver`. */
async function checkOffice(
  options: DoctorOptions,
  env: Environment,
  { hosts, nodes, exchange }: { hosts: readonly Hostname[]; nodes: readonly Address[]; exchange: Exchange },
): Promise<Finding[]> {
  const file = nameserverPath(env, options);
  if (file === null && namesPortal(options))
    return [error('nameserver-file', 'Name the nameserver’s file with --config.')];
  const asked = await askPortalHosts(options, env);
  if (asked.kind === 'invalid')
    return [error('portal-names', asked.sentence), ...(await checkNameserver(file, { hosts, nodes }, exchange))];
  return checkNameserver(file, { hosts: asked.kind === 'hosts' ? asked.hosts : hosts, nodes }, exchange);
}

function namesPortal({ portal, tokenFile }: PortalOptions): boolean {
  return portal !== undefined || tokenFile !== undefined;
}

type Catalogue = { deleted: readonly DeletedNames[]; cluster: Cluster | null; findings: Finding[] } & (
  | { kind: 'read'; snapshot: Snapshot }
  | { kind: 'unread' }
);

const UNREAD = { kind: 'unread' as const, deleted: [], cluster: null };

/** Without a store there are no apps, and the portal and the gateway have names all the same. */
function emptySnapshot(portal: Portal): Snapshot {
  return buildSnapshot({ revision: 0, portal, catalogue: [], sites: [] }).snapshot;
}

/** A set-up that was never started has no catalogue, and that is no fault. */
async function readCatalogue(config: Config, env: Environment): Promise<Catalogue> {
  if (!existsSync(join(config.dataDir, 'foyer.db')))
    return {
      ...UNREAD,
      findings: [warning('store', 'There is no store yet, so no apps were examined: run foyer start.')],
    };
  const loaded = loadSecret({ env, dataDir: config.dataDir });
  if (loaded.kind === 'invalid') return { ...UNREAD, findings: [] };
  try {
    return await withStore(config, loaded.secret, async (store) => {
      const { snapshot, problems } = await loadSnapshot(store, 'opened');
      const admin = (await hasAdmin(store))
        ? ok('administrator', 'Somebody administers Foyer.')
        : warning('administrator', 'Nobody administers Foyer: make a link with foyer admin link.');
      const broken = problems.map(({ appId, problem }) =>
        error('catalogue', `The app ${appId} is switched off: ${problem}`),
      );
      return {
        kind: 'read' as const,
        snapshot,
        deleted: await deletedNames(store),
        cluster: (await readCluster(store)).cluster,
        findings: [admin, ...broken],
      };
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return { ...UNREAD, findings: [error('store', `The store cannot be read: ${why}`)] };
  }
}

function readDns(texts: readonly string[]): { servers: DnsServerAddress[]; findings: Finding[] } {
  const read = texts.map((text) => ({ text, server: parseDnsServer(text) }));
  return {
    servers: read.flatMap(({ server }) => server ?? []),
    findings: read.flatMap(({ server, text }) =>
      server
        ? []
        : error(
            'dns-option',
            `--dns names no DNS server: ${JSON.stringify(text)}. Write an IP address, such as 9.9.9.9, or 9.9.9.9#dns.quad9.net for DNS over TLS.`,
          ),
    ),
  };
}

function ownEndpoints({ listen }: Config) {
  const unspecified = parseAddress('::');
  return listen.flatMap(({ address, port }) => {
    const own = address ?? unspecified;
    return own ? [{ address: own, port }] : [];
  });
}

function inWords(findings: readonly Finding[]): string {
  const signs = { ok: '✓', warning: '!', error: '✗' } as const;
  const lines = findings.flatMap(({ level, record, sentence }) => [
    `${signs[level]} ${sentence}`,
    ...(record ? [`    ${record}`] : []),
  ]);
  const count = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length;
  const errors = count('error');
  const warnings = count('warning');
  const end =
    errors === 0 && warnings === 0
      ? 'Nothing is wrong.'
      : `${errors} ${errors === 1 ? 'thing is' : 'things are'} wrong, ${warnings} ${warnings === 1 ? 'is' : 'are'} worth a look.`;
  return `${lines.join('\n')}\n\n${end}\n`;
}
