// The doctor takes the gateway's own way into every site: its DNS servers by themselves, then every app's upstream.
import type { App, Endpoint, Site } from '../core/app.ts';
import { Fault } from '../core/fault.ts';
import { createDialer } from '../dial.ts';
import { exchange } from '../dns/exchange.ts';
import { CLASS, RCODE, TYPE } from '../dns/message.ts';
import { nameFromHostname, nameFromLabels } from '../dns/name.ts';
import type { Logger } from '../log.ts';
import { error, type Finding, ok, warning } from './finding.ts';

const DNS_TIMEOUT_MS = 2_000;

export type SitesToCheck = {
  sites: ReadonlyMap<string, Site>;
  apps: readonly App[];
  /** Where Foyer listens: no upstream may lead there. */
  own: readonly Endpoint[];
  log: Logger;
};

export async function checkSites({ sites, apps, own, log }: SitesToCheck): Promise<Finding[]> {
  const servers = [...sites.values()].flatMap((site) => site.dnsServers.map((server) => checkServer(site, server)));
  const dialer = createDialer({ site: (app) => sites.get(app.siteId) ?? null, own: () => own, now: Date.now, log });
  try {
    const upstreams = apps.map(async (app) => [await checkUpstream(app, dialer), ...trustOf(app)]);
    return [...(await Promise.all(servers)), ...(await Promise.all(upstreams)).flat()];
  } finally {
    dialer.close();
  }
}

/** Any answer to the question for the zone's own SOA shows a server at work, but for an error of its own. */
async function checkServer(site: Site, server: Endpoint): Promise<Finding> {
  const [zone] = site.zones;
  const name = zone ? nameFromHostname(zone) : nameFromLabels([]);
  if (!name) throw new Error('The root has a name.');
  const where = `The DNS server ${server.address} port ${server.port} of ${site.name}`;
  const result = await exchange(server, { name, type: TYPE.SOA, class: CLASS.IN }, { timeoutMs: DNS_TIMEOUT_MS });
  if (result.kind === 'failed')
    return error(
      'site-dns',
      `${where} does not answer (${result.reason}): check that it runs, and that this machine may ask it.`,
    );
  const { rcode } = result.message;
  if (rcode === RCODE.REFUSED)
    return error('site-dns', `${where} refuses to answer${zone ? ` for ${zone}` : ''}: allow this machine to ask it.`);
  if (rcode === RCODE.SERVFAIL)
    return warning('site-dns', `${where} answers with SERVFAIL${zone ? ` for ${zone}` : ''}: look at its log.`);
  return ok('site-dns', `${where} answers.`);
}

async function checkUpstream(app: App, dialer: ReturnType<typeof createDialer>): Promise<Finding> {
  const { scheme, host, port } = app.upstream;
  const upstream = `${scheme}://${host}:${port}`;
  try {
    const target = await dialer.resolve(app, app.upstream);
    const { stream } = await target.connect(target.endpoints);
    stream.destroy();
    return ok('upstream', `${app.name} is there, at ${upstream}.`);
  } catch (cause) {
    const fault = cause instanceof Fault ? `${cause.code}${cause.detail ? `: ${cause.detail}` : ''}` : String(cause);
    return error('upstream', `${app.name} cannot be reached at ${upstream} (${fault}): ${adviceFor(cause)}`);
  }
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

function trustOf(app: App): Finding[] {
  if (app.upstream.scheme !== 'https' || app.upstream.tls.kind !== 'unverified') return [];
  return [
    warning(
      'upstream-trust',
      `${app.name} is not verified: anybody between the gateway and it can pose as it. Choose its authority, or trust exactly its certificate.`,
    ),
  ];
}
