// The doctor takes the gateway's own way into every site: its DNS servers by themselves, then every address of every app's upstreams.
import type { App, DnsServerAddress, Endpoint, Site, Upstream } from '../core/app.ts';
import { dnsServerText } from '../core/dns-server.ts';
import { Fault } from '../core/fault.ts';
import { createDialer, type Dialer } from '../dial.ts';
import type { Exchange } from '../dns/exchange.ts';
import { CLASS, RCODE, TYPE } from '../dns/message.ts';
import { nameFromHostname, nameFromLabels } from '../dns/name.ts';
import type { ExchangeFailure } from '../dns/query.ts';
import type { Logger } from '../log.ts';
import { error, type Finding, ok, warning } from './finding.ts';

const DNS_TIMEOUT_MS = 2_000;

export type SitesToCheck = {
  sites: ReadonlyMap<string, Site>;
  apps: readonly App[];
  /** Where Foyer listens: no upstream may lead there. */
  own: readonly Endpoint[];
  exchange: Exchange;
  log: Logger;
};

export async function checkSites({ sites, apps, own, exchange, log }: SitesToCheck): Promise<Finding[]> {
  const servers = [...sites.values()].flatMap((site) =>
    site.dnsServers.map((server) => checkServer(site, server, exchange)),
  );
  const site = (app: App) => sites.get(app.siteId) ?? null;
  const dialer = createDialer({ site, own: () => own, now: Date.now, log, exchange });
  try {
    const upstreams = apps.flatMap(upstreamsOf).map((each) => checkUpstream(each, dialer));
    return [...(await Promise.all(servers)), ...(await Promise.all(upstreams)).flat()];
  } finally {
    dialer.close();
  }
}

/** Any answer to the question for the zone's own SOA shows a server at work, but for an error of its own. */
async function checkServer(site: Site, server: DnsServerAddress, exchange: Exchange): Promise<Finding> {
  const [zone] = site.zones;
  const name = zone ? nameFromHostname(zone) : nameFromLabels([]);
  if (!name) throw new Error('The root has a name.');
  const where = `The DNS server ${dnsServerText(server)} of ${site.name}`;
  const result = await exchange(server, { name, type: TYPE.SOA, class: CLASS.IN }, { timeoutMs: DNS_TIMEOUT_MS });
  if (result.kind === 'failed')
    return error('site-dns', `${where} does not answer (${result.reason}): ${dnsAdvice(result.reason, server)}`);
  const { rcode } = result.message;
  if (rcode === RCODE.REFUSED)
    return error('site-dns', `${where} refuses to answer${zone ? ` for ${zone}` : ''}: allow this machine to ask it.`);
  if (rcode === RCODE.SERVFAIL)
    return warning('site-dns', `${where} answers with SERVFAIL${zone ? ` for ${zone}` : ''}: look at its log.`);
  return ok('site-dns', `${where} answers.`);
}

function dnsAdvice(reason: ExchangeFailure, { tlsName }: DnsServerAddress): string {
  switch (reason) {
    case 'certificate-name':
      return `its certificate is for another name than ${tlsName}. Write the name that it has behind the #, or give it a certificate for this one.`;
    case 'certificate-expired':
      return 'renew its certificate.';
    case 'certificate-untrusted':
      return 'name the authority of its certificate in FOYER_UPSTREAM_CA.';
    case 'tls-failed':
      return 'check that DNS over TLS is on at this port; without it, leave the # and the name away.';
    default:
      return 'check that it runs, and that this machine may ask it.';
  }
}

/** `what` is how people call it. */
type NamedUpstream = { app: App; what: string; upstream: Upstream };

function upstreamsOf(app: App): NamedUpstream[] {
  return [
    { app, what: app.name, upstream: app.upstream },
    ...app.traffic.routes.map(({ prefix, upstream }) => ({ app, what: `${app.name} below ${prefix}`, upstream })),
  ];
}

async function checkUpstream(named: NamedUpstream, dialer: Dialer): Promise<Finding[]> {
  const { app, upstream } = named;
  const places = [upstream, ...upstream.replicas].map(({ host, port }) => ({ ...upstream, host, port, replicas: [] }));
  const tried = await Promise.all(places.map((place) => tryPlace(app, place, dialer)));
  // One that does not work is left out while another one does.
  const report = tried.some(({ reached }) => reached > 0) ? warning : error;
  return [...tried.flatMap((place) => inSentences(named, place, report)), ...trustOf(named)];
}

/** `where` is a URL, with the address where it has several. */
type Tried = { url: string; reached: number; failures: readonly { where: string; cause: unknown }[] };

/** Each address by itself, as a request meets it that is sent there. */
async function tryPlace(app: App, place: Upstream, dialer: Dialer): Promise<Tried> {
  const url = `${place.scheme}://${place.host}:${place.port}`;
  try {
    const target = await dialer.resolve(app, place);
    const { endpoints } = target;
    const outcomes = await Promise.all(
      endpoints.map(async (endpoint) => {
        try {
          (await target.connect([endpoint])).stream.destroy();
          return [];
        } catch (cause) {
          return [{ where: endpoints.length > 1 ? `${url} on ${endpoint.address}` : url, cause }];
        }
      }),
    );
    const failures = outcomes.flat();
    return { url, reached: endpoints.length - failures.length, failures };
  } catch (cause) {
    return { url, reached: 0, failures: [{ where: url, cause }] };
  }
}

function inSentences({ what }: NamedUpstream, { url, failures }: Tried, report: typeof error): Finding[] {
  if (failures.length === 0) return [ok('upstream', `${what} is there, at ${url}.`)];
  return failures.map(({ where, cause }) => {
    const fault = cause instanceof Fault ? `${cause.code}${cause.detail ? `: ${cause.detail}` : ''}` : String(cause);
    const meanwhile = report === warning ? ', and others serve for it' : '';
    return report('upstream', `${what} cannot be reached at ${where} (${fault})${meanwhile}: ${adviceFor(cause)}`);
  });
}

function adviceFor(cause: unknown): string {
  const code = cause instanceof Fault ? cause.code : '';
  if (code.startsWith('upstream-dns')) return 'check the site’s DNS servers.';
  if (code === 'upstream-name-not-found') return 'check the internal name, and the site’s zones.';
  if (code === 'upstream-address-refused')
    return 'add its address to the site’s ranges or endpoints, if it belongs there.';
  if (code === 'site-missing') return 'choose a site for it.';
  if (code.startsWith('upstream-tls')) return 'renew its certificate, or choose in the app’s settings what to trust.';
  return 'check that it runs, and that this machine may connect to it.';
}

function trustOf({ what, upstream }: NamedUpstream): Finding[] {
  if (upstream.scheme !== 'https' || upstream.tls.kind !== 'unverified') return [];
  return [
    warning(
      'upstream-trust',
      `${what} is not verified: anybody between the gateway and it can pose as it. Choose its authority, or trust exactly its certificate.`,
    ),
  ];
}
