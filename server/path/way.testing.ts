// A whole way for tests: public DNS, a gateway's listener, private DNS and a context that looks at them; what does not matter is filled in.
import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import type { TestContext } from 'node:test';
import type { Aliases } from '#server/core/alias.ts';
import type { App, Endpoint, Site } from '#server/core/app.ts';
import type { Identity } from '#server/core/identity.ts';
import type { PathStep, PathStepName, PathStepOf } from '#server/core/path.ts';
import { sessionAsIf } from '#server/core/path-policy.ts';
import type { Assignment } from '#server/core/policy.ts';
import { buildSnapshot, type Portal } from '#server/core/snapshot.ts';
import { startBind, zoneText } from '#server/dns/bind.testing.ts';
import { address, host } from '#server/dns/packet.testing.ts';
import { DEFAULT_LIMITS } from '#server/http/limits.ts';
import { type Authority, createAuthority } from '../certificates.testing.ts';
import { silentLog } from '../dial/dial.testing.ts';
import { ProviderAgent } from './provider-agent.ts';
import { type TraceContext, trace } from './trace.ts';

export const GATEWAY_AT = '127.0.0.21';
export const HOST = host('wiki.corp.example');
const KEY_ID = 'key-of-this-installation';

export const GRACE: Identity = {
  userId: 'grace',
  issuer: 'foyer',
  subject: '',
  email: 'grace@corp.example',
  name: 'Grace Member',
  role: 'member',
  groupIds: ['staff'],
  groupNames: ['Staff'],
  disabled: false,
};

export type Way = {
  context: TraceContext;
  authority: Authority;
  /** Every step of one look, by its name. */
  look(app: App): Promise<Steps>;
};
export type Steps = { [S in PathStepName]: PathStepOf<S> };

export type WayOptions = {
  site: Site;
  /** Of corp.example; the gateway's own and the app's are right when nothing else is said. */
  publicRecords?: string;
  assignments?: readonly Assignment[];
  certificateNames?: readonly string[];
  aliases?: Aliases | null;
  parts?: Partial<TraceContext>;
};

const RIGHT_RECORDS = `gw A ${GATEWAY_AT}\nwiki CNAME gw`;

export async function startWay(t: TestContext, options: WayOptions): Promise<Way> {
  const { assignments = [{ kind: 'group', groupId: 'staff' }], publicRecords = RIGHT_RECORDS, site } = options;
  const bind = await startBind({ zones: { 'corp.example': zoneText('corp.example', publicRecords) } });
  t.after(() => bind.stop());
  const authority = await createAuthority('Corp');
  const leaf = await authority.issue({ names: options.certificateNames ?? ['*.corp.example'] });
  const jwks = JSON.stringify({ keys: [{ kid: KEY_ID }] });
  const gateway = await listenAt(
    t,
    createTlsServer({ ...leaf }, (_request, response) => response.end(jwks)),
    GATEWAY_AT,
  );
  const portal: Portal = {
    origin: `https://portal.corp.example:${gateway.port}`,
    hostname: host('portal.corp.example'),
    scheme: 'https',
    port: gateway.port,
  };
  let app: App | null = null;
  const snapshot = () =>
    buildSnapshot({
      revision: 1,
      portal,
      catalogue: app ? [{ kind: 'app', app, assignments }] : [],
      sites: [site],
      aliases: options.aliases ?? null,
    }).snapshot;
  const context: TraceContext = {
    portal,
    gatewayName: host('gw.corp.example'),
    publicDns: [bind],
    listener: gateway,
    own: [],
    limits: DEFAULT_LIMITS,
    via: 'foyer-test',
    log: silentLog,
    snapshot,
    feedConfirmedAt: Date.now,
    now: Date.now,
    heldNames: async () => [],
    loadApp: async () => app,
    signingKeyIds: async () => new Set([KEY_ID]),
    signIn: async () => ({ localAccounts: true, providers: [] }),
    providerAgent: (protocol) => new ProviderAgent(protocol, { own: { listeners: [], addresses: [] } }),
    ...options.parts,
  };
  return {
    context,
    authority,
    async look(wanted) {
      app = wanted;
      const told: PathStep[] = [];
      await trace(
        context,
        {
          appId: wanted.id,
          host: HOST,
          route: -1,
          session: sessionAsIf(GRACE, Date.now()),
          clientAddress: '192.0.2.7',
          supportId: 'TESTSUPPORT1',
          signal: new AbortController().signal,
        },
        (step) => told.push(step),
      );
      return Object.fromEntries(told.map((step) => [step.step, step])) as Steps;
    },
  };
}

export async function listenAt(t: TestContext, server: Server, at: string, port = 0): Promise<Endpoint> {
  server.listen(port, at);
  await once(server, 'listening');
  t.after(() => {
    if ('closeAllConnections' in server) (server as { closeAllConnections(): void }).closeAllConnections();
    server.close();
  });
  return { address: address(at), port: (server.address() as AddressInfo).port };
}

/** `step: code` of every step, in the order of the way. */
export function codesOf(steps: Steps): string[] {
  return Object.values(steps).map(({ code, state, step }) => `${step}: ${code} (${state})`);
}
