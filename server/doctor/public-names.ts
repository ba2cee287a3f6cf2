// The doctor asks public DNS what a browser would: the gateway's name, the portal's, and every app's.
import { Resolver } from 'node:dns/promises';
import { type Hostname, isWithin, parseHostname } from '../core/hostname.ts';
import { error, type Finding, ok, warning } from './finding.ts';

/** A name as public DNS knows it. `alias` is where its CNAME points, if it is one. */
export type PublicName =
  | { kind: 'found'; alias: Hostname | null; addresses: readonly string[] }
  | { kind: 'missing' }
  | { kind: 'failed'; code: string };

export type LookUp = (name: Hostname) => Promise<PublicName>;

export type NamesToCheck = {
  portal: Hostname;
  gatewayName: Hostname | null;
  apps: readonly { name: string; hosts: readonly Hostname[] }[];
};

/** `servers` are public resolvers to ask instead of the machine's own, which may answer as inside the network. */
export function publicLookUp(servers: readonly string[]): LookUp {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers);
  return async (name) => {
    const [alias, ipv4, ipv6] = await Promise.all([
      ask(() => resolver.resolveCname(name)),
      ask(() => resolver.resolve4(name)),
      ask(() => resolver.resolve6(name)),
    ]);
    const failure = [ipv4, ipv6].find(
      (answer) => typeof answer === 'string' && answer !== 'ENOTFOUND' && answer !== 'ENODATA',
    );
    const addresses = [ipv4, ipv6].flatMap((answer) => (typeof answer === 'string' ? [] : answer)).sort();
    const target = typeof alias === 'string' ? null : parseHostname(alias[0] ?? '');
    if (addresses.length === 0 && typeof failure === 'string') return { kind: 'failed', code: failure };
    return addresses.length === 0 && !target ? { kind: 'missing' } : { kind: 'found', alias: target, addresses };
  };
}

export async function checkPublicNames(
  { portal, gatewayName, apps }: NamesToCheck,
  lookUp: LookUp,
): Promise<Finding[]> {
  const localhost = parseHostname('localhost');
  if (localhost && isWithin(portal, localhost))
    return [ok('public-name', 'Names under localhost lead to this machine by themselves: no DNS record is needed.')];
  if (!gatewayName)
    return [
      warning(
        'gateway-name',
        'FOYER_GATEWAY_NAME is not set: choose a name such as gw.example.com, give it an address record, and make every app a CNAME of it.',
      ),
    ];
  const gateway = await lookUp(gatewayName);
  if (gateway.kind !== 'found' || gateway.addresses.length === 0)
    return [
      error('gateway-name', `${say(gatewayName, gateway)}: add an A record with the public address of this gateway.`),
    ];
  const { addresses } = gateway;
  return [
    ok('gateway-name', `${gatewayName} leads to ${addresses.join(', ')}.`),
    await checkPortal(portal, addresses, lookUp),
    ...(await Promise.all(
      apps.flatMap((app) => app.hosts.map((host) => checkApp(host, app.name, gatewayName, addresses, lookUp))),
    )),
  ];
}

async function checkPortal(portal: Hostname, gateway: readonly string[], lookUp: LookUp): Promise<Finding> {
  const found = await lookUp(portal);
  if (found.kind !== 'found')
    return error('portal-name', `${say(portal, found)}: give it the gateway’s address, ${gateway.join(', ')}.`);
  if (!isWithinSet(found.addresses, gateway))
    return error(
      'portal-name',
      `${portal} leads to ${found.addresses.join(', ')}, the gateway is at ${gateway.join(', ')}: make both the same.`,
    );
  return ok('portal-name', `${portal} leads to the gateway.`);
}

async function checkApp(
  host: Hostname,
  app: string,
  gatewayName: Hostname,
  gateway: readonly string[],
  lookUp: LookUp,
): Promise<Finding> {
  const found = await lookUp(host);
  const record = `${host}. CNAME ${gatewayName}.`;
  if (found.kind !== 'found') return error('app-name', `${say(host, found)}, so nobody can open ${app}: add ${record}`);
  if (found.alias === gatewayName && isWithinSet(found.addresses, gateway))
    return ok('app-name', `${host} is a CNAME of ${gatewayName}.`);
  if (found.addresses.length > 0 && isWithinSet(found.addresses, gateway))
    return ok('app-name', `${host} leads to the gateway’s address, though by another way than ${record}`);
  const where = found.addresses.join(', ') || found.alias || 'nowhere';
  return error(
    'app-name',
    `${host} leads to ${where} and not to the gateway, so ${app} is reached past Foyer or not at all: make it ${record}`,
  );
}

function isWithinSet(some: readonly string[], all: readonly string[]): boolean {
  return some.length > 0 && some.every((address) => all.includes(address));
}

function say(name: Hostname, result: PublicName): string {
  switch (result.kind) {
    case 'missing':
      return `Public DNS does not know ${name}`;
    case 'failed':
      return `Public DNS could not be asked for ${name} (${result.code})`;
    case 'found':
      return `${name} has no address`;
    default:
      return result satisfies never;
  }
}

/** The records, or the code of what went wrong. */
async function ask(question: () => Promise<string[]>): Promise<string[] | string> {
  try {
    return await question();
  } catch (cause) {
    return cause instanceof Error && 'code' in cause ? String(cause.code) : 'UNKNOWN';
  }
}
