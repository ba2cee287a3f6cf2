// An app, a site and a dialer for tests; what does not matter is filled in.
import { pino } from 'pino';
import { parseAddress } from '#server/core/address.ts';
import {
  type App,
  type Endpoint,
  PLAIN_LOOK,
  PLAIN_TRAFFIC,
  PLAIN_UPSTREAM,
  type Site,
  type Upstream,
} from '#server/core/app.ts';
import { host } from '#server/dns/packet.testing.ts';

export const silentLog = pino({ level: 'silent' });

export function site(parts: Partial<Site> = {}): Site {
  return { id: 'site-1', name: 'Office', dnsServers: [], zones: [], ranges: [], endpoints: [], ...parts };
}

export function app(upstream: Partial<Omit<Upstream, 'host'>> & { host: string }): App {
  return {
    id: 'app-1',
    name: 'Wiki',
    description: '',
    hosts: [host('wiki.corp.example')],
    ...PLAIN_LOOK,
    showInLauncher: true,
    enabled: true,
    siteId: 'site-1',
    upstream: {
      ...PLAIN_UPSTREAM,
      scheme: 'http',
      port: 80,
      hostHeader: { kind: 'public' },
      tls: { kind: 'system' },
      ...upstream,
      host: parseAddress(upstream.host) ?? host(upstream.host),
    },
    identityHeaders: [],
    maxSessionMs: null,
    traffic: PLAIN_TRAFFIC,
  };
}

/** Allows these loopback addresses at this port, as an admin would by naming them. */
export function endpoints(port: number, ...addresses: string[]): Endpoint[] {
  return addresses.flatMap((text) => {
    const address = parseAddress(text);
    return address === null ? [] : [{ address, port }];
  });
}
