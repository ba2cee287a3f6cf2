// Gathers what the DNS doctor judges: every public name from outside and inside, every internal name at each of its servers.
import { randomBytes } from 'node:crypto';
import type { Address } from '#server/core/address.ts';
import { aliasOnWay, publicTarget } from '#server/core/alias.ts';
import type { DnsServerAddress, Site } from '#server/core/app.ts';
import type { Cluster } from '#server/core/cluster.ts';
import { dnsServerText } from '#server/core/dns-server.ts';
import { type Hostname, isWithin, parseHostname } from '#server/core/hostname.ts';
import { leadsHere } from '#server/core/judge-left-name.ts';
import type {
  ClusterNameFacts,
  LeftNameFacts,
  NamesFacts,
  PassedOverServer,
  PrivateNameFacts,
  PublicNameFacts,
} from '#server/core/names-facts.ts';
import type { PublicLookup } from '#server/core/path.ts';
import { isInside } from '#server/core/path-judge.ts';
import type { Portal, Snapshot } from '#server/core/snapshot.ts';
import { RCODE, TYPE } from '#server/dns/message.ts';
import { nameText } from '#server/dns/name.ts';
import type { Logger } from '../../log.ts';
import { askEachServer } from '../../path/private-names.ts';
import { isLocalhost, type LookUpPublic, machineServers, publicLookup } from '../../path/public-lookup.ts';
import { caaLookup, type LookUpCaa } from './caa-lookup.ts';
import { lookOrder } from './look-order.ts';
import {
  type ClusterName,
  clusterNames,
  type DeletedNames,
  type InternalName,
  internalNames,
  type LeftName,
  leftNames,
  mayAskPublic,
  type NamedHost,
  namedHosts,
} from './names-to-check.ts';
import { passOverSilent } from './pass-over.ts';
import { type Ask, publicQuestion, type Ways } from './public-question.ts';
import type { CertificateOf } from './shown-certificates.ts';

export type NamesContext = {
  portal: Portal;
  gatewayName: Hostname | null;
  /** Asked for what browsers outside are told; empty for the machine's own, and then inside is not told from outside. */
  publicDns: readonly DnsServerAddress[];
  /** Asked for what people inside are told. */
  insideDns(): readonly DnsServerAddress[];
  /** A PEM file of authorities that servers over TLS may prove their names by, beside the system's. */
  caFile: string | null;
  /** Where gateways of this machine are found by people inside. */
  ownAddresses: readonly string[];
  certificateOf: CertificateOf;
  snapshot(): Snapshot;
  /** As far back as deleted apps are known. */
  deletedApps(): Promise<readonly DeletedNames[]>;
  /** Null while there is none. */
  cluster(): Promise<Cluster | null>;
  now(): number;
  log: Logger;
};

export type GatherOptions = Ways & {
  /** Where the last look ended, as that said. */
  startAt: string | null;
  /** Of all names, how many have been looked at. */
  onProgress(done: number, total: number): void;
};

/** `endedAt`: where the time was over; null when every name was looked at. */
export type Gathered = { facts: NamesFacts; endedAt: string | null };

/** Names that are looked at at the same time. */
const AT_ONCE = 8;

export async function gatherNames(context: NamesContext, options: GatherOptions): Promise<Gathered> {
  const { exchange, passedOver } = passOverSilent(options.exchange);
  const ways = { exchange, signal: options.signal };
  const { gatewayName, portal, snapshot } = context;
  const current = snapshot();
  const hosts = namedHosts(current, portal, gatewayName);
  const left = leftNames(current, await context.deletedApps(), hosts);
  const internal = internalNames(current);
  // Names under localhost are nobody's to ask for.
  const isLocal = hosts.every(({ host }) => isLocalhost(host));
  const cluster = await context.cluster();
  const nodeAddresses = cluster?.nodes.flatMap(({ addresses }) => [...addresses.lan, ...addresses.nat]) ?? [];
  const asking = await startAsking(context, { current, isLocal, nodeAddresses }, ways);
  const publicNames: PublicNameFacts[] = [];
  const leftOver: LeftNameFacts[] = [];
  const clusterFacts: ClusterNameFacts[] = [];
  const privateNames: PrivateNameFacts[] = [];
  const job = <N extends { host: Hostname }, F>(
    kind: string,
    name: N,
    look: (name: N) => Promise<F>,
    kept: F[],
  ): Job => ({
    key: `${kind} ${name.host}`,
    async run() {
      const facts = await look(name);
      return () => void kept.push(facts);
    },
  });
  const ofCluster = isLocal ? [] : clusterNames(cluster);
  const lists = [
    hosts.map((name) => job('public', name, (each) => publicName(each, context, asking), publicNames)),
    left.map((name) => job('left', name, (each) => leftName(each, context, asking), leftOver)),
    ofCluster.map((name) => job('cluster', name, (each) => clusterName(each, context, asking), clusterFacts)),
    internal.map((name) =>
      job(`of ${name.site.id}`, name, (each) => privateName(each, hosts, context, asking), privateNames),
    ),
  ];
  const endedAt = await runAll(lookOrder(lists, options.startAt), options);
  const { aliases } = current;
  const facts = {
    ...{ portal: portal.hostname, gatewayName, clusterName: cluster?.name ?? null },
    ...{ aliases, ownAddresses: [...context.ownAddresses, ...nodeAddresses] },
    aliasServers: aliases && !isLocal ? await aliasServers(aliases.zone, asking.ask) : null,
    ...{ publicNames, leftNames: leftOver, clusterNames: clusterFacts, privateNames },
    passedOver: passedOverServers(context, current, passedOver()),
  };
  return { facts, endedAt };
}

/** Whose each is, as often as it is somebody's. */
function passedOverServers(
  { insideDns, publicDns }: NamesContext,
  { sitesById }: Snapshot,
  passedOver: readonly string[],
): PassedOverServer[] {
  const among = (servers: readonly DnsServerAddress[]) =>
    servers.map(dnsServerText).filter((server) => passedOver.includes(server));
  const outside = among(publicDns.length > 0 ? publicDns : machineServers());
  const inside = publicDns.length > 0 ? among(insideDns()) : [];
  return [
    ...outside.map((server) => ({ server, site: null, isOutside: true })),
    ...inside.filter((server) => !outside.includes(server)).map((server) => ({ server, site: null, isOutside: false })),
    ...[...sitesById.values()].flatMap(({ dnsServers, name }) =>
      among(dnsServers).map((server) => ({ server, site: name, isOutside: false })),
    ),
  ];
}

type Asking = {
  current: Snapshot;
  exchange: Ways['exchange'];
  outside: LookUpPublic;
  ask: Ask;
  caa: LookUpCaa;
  gatewayAddresses: readonly string[];
  inside: readonly Inside[];
  /** Site id and name of everything that upstreams are found by. */
  upstreamNames: ReadonlySet<string>;
};

type Inside = {
  by: { kind: 'machine' } | { kind: 'site'; name: string };
  site: Site | null;
  lookUp: LookUpPublic;
  gateway: PublicLookup | null;
};

async function startAsking(
  context: NamesContext,
  { current, isLocal, nodeAddresses }: { current: Snapshot; isLocal: boolean; nodeAddresses: readonly Address[] },
  ways: Ways,
): Promise<Asking> {
  const { gatewayName, publicDns } = context;
  const servers = publicDns.length > 0 ? publicDns : machineServers();
  const outside = publicLookup(servers, ways);
  const ask = publicQuestion(servers, ways);
  const gateway = gatewayName !== null && !isLocal ? await outside(gatewayName) : null;
  const views = isLocal ? [] : insideViews(context, current, ways);
  const inside = await Promise.all(
    views.map(async (view) => ({ ...view, gateway: gatewayName === null ? null : await view.lookUp(gatewayName) })),
  );
  // From outside nobody gets to an address inside, whosever it is.
  const nodes = nodeAddresses.filter((address) => publicDns.length === 0 || !isInside(address));
  const known = [...(gateway?.addresses ?? []), ...(current.aliases?.addresses ?? []), ...nodes];
  const gatewayAddresses = [...new Set(known)];
  const upstreamNames = new Set(internalNames(current).map(({ host, site }) => `${site.id} ${host}`));
  const { exchange } = ways;
  return { current, exchange, outside, ask, caa: caaLookup(ask), gatewayAddresses, inside, upstreamNames };
}

/** The servers of people here where outside is somebody else, and the DNS of every site: people there ask it too. */
function insideViews(
  { insideDns, publicDns }: NamesContext,
  { sitesById }: Snapshot,
  ways: Ways,
): Omit<Inside, 'gateway'>[] {
  const machine = publicDns.length > 0 ? insideDns() : [];
  const sites = [...sitesById.values()].filter(({ dnsServers }) => dnsServers.length > 0);
  return [
    ...(machine.length > 0
      ? [{ by: { kind: 'machine' as const }, site: null, lookUp: publicLookup(machine, ways) }]
      : []),
    ...sites.map((site) => ({
      by: { kind: 'site' as const, name: site.name },
      site,
      lookUp: publicLookup(site.dnsServers, ways),
    })),
  ];
}

async function publicName(
  { host, subject }: NamedHost,
  { certificateOf, gatewayName }: NamesContext,
  asking: Asking,
): Promise<PublicNameFacts> {
  const { aliases } = asking.current;
  const lookup = await asking.outside(host);
  const isLocal = lookup.kind === 'localhost';
  const appId = subject.kind === 'app' ? subject.appId : null;
  const certificate = isLocal || subject.kind === 'gateway' ? null : certificateOf(host);
  const issuedFor = (certificate?.coveredBy ?? host).replace(/^\*\./, '');
  const views = asking.inside.filter(({ site }) => !isLocal && (site === null || isAskedFor(site, host)));
  return {
    host,
    subject,
    dns: {
      lookup,
      gatewayName,
      gatewayAddresses: asking.gatewayAddresses,
      target: publicTarget(aliases, appId, gatewayName),
      alias: aliasOnWay(aliases, lookup.hops, appId),
    },
    isApex: await isApex(lookup, host, asking.ask),
    inside: await Promise.all(
      views.map(async ({ by, gateway, lookUp, site }) => ({
        by,
        lookup: await lookUp(host),
        gatewayAddresses: gateway?.addresses ?? [],
        knowsGateway: gateway?.kind !== 'missing',
        isUpstreamName: site !== null && asking.upstreamNames.has(`${site.id} ${host}`),
      })),
    ),
    certificate,
    caa: certificate === null ? null : await asking.caa(issuedFor),
  };
}

/** A name that is not there, or that is a CNAME, is the top of nothing. */
async function isApex({ hops, kind }: PublicLookup, host: Hostname, ask: Ask): Promise<boolean> {
  const isAlias = hops.some(({ name, type }) => name === host && type === 'CNAME');
  if (isAlias || (kind !== 'found' && kind !== 'no-address')) return false;
  const answer = await ask(host, TYPE.SOA);
  return (
    answer?.answers.some(({ data, name }) => data.kind === 'soa' && nameText(name).toLowerCase() === host) ?? false
  );
}

async function leftName(
  { host, subject }: LeftName,
  { gatewayName }: NamesContext,
  asking: Asking,
): Promise<LeftNameFacts> {
  const wayOf = async (name: Hostname): Promise<LeftNameFacts['dns']> => {
    const lookup = await asking.outside(name);
    const alias = aliasOnWay(asking.current.aliases, lookup.hops, null);
    return { lookup, gatewayName, gatewayAddresses: asking.gatewayAddresses, alias };
  };
  const dns = await wayOf(host);
  const beside = leadsHere({ dns }) ? unmadeNameBeside(host) : null;
  return { host, subject, dns, isWildcard: beside !== null && leadsHere({ dns: await wayOf(beside) }) };
}

/** Only a wildcard (RFC 4592) answers for it. */
function unmadeNameBeside(host: Hostname): Hostname | null {
  return parseHostname(`${randomBytes(8).toString('hex')}${host.slice(host.indexOf('.'))}`);
}

/** Public DNS is not asked (F7): where the cluster's name is public it is the gateway's, and that is looked at as such. */
async function clusterName(
  name: ClusterName,
  { gatewayName, publicDns }: NamesContext,
  { inside, outside }: Asking,
): Promise<ClusterNameFacts> {
  const { host } = name;
  const views = [
    // Without FOYER_PUBLIC_DNS outside is this machine's own servers.
    ...(publicDns.length === 0 && host !== gatewayName ? [{ by: { kind: 'machine' as const }, lookUp: outside }] : []),
    ...inside.filter(({ site }) => site === null || isAskedFor(site, host)),
  ];
  return {
    ...name,
    views: await Promise.all(views.map(async ({ by, lookUp }) => ({ by, lookup: await lookUp(host) }))),
  };
}

/** The site's servers are asked for nothing but its zones, by the doctor as by the gateway. */
function isAskedFor({ zones }: Site, host: Hostname): boolean {
  return zones.length === 0 || zones.some((zone) => isWithin(host, zone));
}

async function privateName(
  { apps, host, site }: InternalName,
  hosts: readonly NamedHost[],
  { log, now }: NamesContext,
  { exchange, outside, gatewayAddresses }: Asking,
): Promise<PrivateNameFacts> {
  const [servers, lookup] = await Promise.all([
    askEachServer(site, [host], { exchange, log, now }),
    mayAskPublic(host, hosts) ? outside(host) : null,
  ]);
  const foreign = lookup?.addresses.filter((address) => !gatewayAddresses.includes(address)) ?? null;
  // A wildcard says nothing of this name.
  const beside = foreign?.length ? unmadeNameBeside(host) : null;
  const wildcard = beside === null ? null : await outside(beside);
  return {
    ...{ host, site: site.name },
    publicAddresses: foreign?.filter((address) => !wildcard?.addresses.includes(address)) ?? null,
    appIds: apps.map(({ id }) => id),
    appNames: apps.map(({ name }) => name),
    servers: servers.flatMap(({ answers: [answer], server }) => (answer ? [{ server, answer }] : [])),
  };
}

async function aliasServers(zone: Hostname, ask: Ask): Promise<NonNullable<NamesFacts['aliasServers']>> {
  const answer = await ask(zone, TYPE.NS);
  if (answer === null) return { kind: 'failed' };
  const names = answer.answers.flatMap(({ data }) => (data.kind === 'ns' ? [nameText(data.target).toLowerCase()] : []));
  if (names.length > 0) return { kind: 'found', names };
  return answer.rcode === RCODE.REFUSED ? { kind: 'failed' } : { kind: 'none' };
}

/** What was found is kept by the function that a job gives: what came of a look that was cut short is not. `key` is its own. */
type Job = { key: string; run(): Promise<() => void> };

/** The first job that was not done before the signal; null when each was. A job that throws ends all: it is a bug, and no finding. */
async function runAll(
  jobs: readonly Job[],
  { onProgress, signal }: Pick<GatherOptions, 'onProgress' | 'signal'>,
): Promise<string | null> {
  let next = 0;
  const done = new Set<Job>();
  onProgress(0, jobs.length);
  const work = async () => {
    for (let job = jobs[next++]; job !== undefined && !signal.aborted; job = jobs[next++]) {
      const keep = await job.run();
      if (signal.aborted) return;
      keep();
      done.add(job);
      onProgress(done.size, jobs.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return jobs.find((job) => !done.has(job))?.key ?? null;
}
