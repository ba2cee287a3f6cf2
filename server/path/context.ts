// What looking at paths works with in the portal program: the gateway's settings, and the store for what is looked up anew.
import type { Config } from '../config.ts';
import { type Address, parseAddress } from '../core/address.ts';
import type { Endpoint } from '../core/app.ts';
import { viaPseudonym } from '../core/via.ts';
import { ownListeners } from '../dial/own-listeners.ts';
import type { FollowedSnapshot } from '../follow-snapshot.ts';
import type { Logger } from '../log.ts';
import { appToDial } from '../store/app-to-dial.ts';
import type { Store } from '../store/handle.ts';
import { ownHost } from '../store/own-host.ts';
import { listProviders } from '../store/providers.ts';
import { currentSigningKeys } from '../store/signing-keys.ts';
import { hasLocalAccounts } from '../store/users.ts';
import { askHeldNames } from './held-names.ts';
import { ProviderAgent } from './provider-agent.ts';
import type { TraceContext } from './trace.ts';

const LOOPBACK = parseAddress('127.0.0.1') as Address;

export function pathContext(
  config: Config,
  secret: Buffer,
  { store, followed, log }: { store: Store; followed: FollowedSnapshot; log: Logger },
): TraceContext {
  return {
    portal: config.portal,
    gatewayName: config.gatewayName,
    publicDns: config.publicDns,
    listener: listenerOf(config),
    own: ownListeners(config),
    limits: config.limits,
    via: viaPseudonym(secret),
    log,
    snapshot: followed.current,
    feedConfirmedAt: followed.confirmedAt,
    now: Date.now,
    heldNames: (appId) => askHeldNames(appId, log),
    loadApp: (id) => appToDial(store, id),
    signingKeyIds: async () => {
      const { publicJwks } = await currentSigningKeys(store);
      return new Set(publicJwks.keys.flatMap(({ kid }) => kid ?? []));
    },
    // Where this machine is itself may have changed since the last request.
    providerAgent: (protocol) => new ProviderAgent(protocol, { own: ownHost(store) }),
    signIn: async () => {
      const [localAccounts, listed] = await Promise.all([
        hasLocalAccounts(store),
        listProviders(store, { kind: 'system' }),
      ]);
      const providers = listed.kind === 'listed' ? listed.rows.filter(({ enabled }) => enabled) : [];
      return { localAccounts, providers: providers.map(({ name, issuer }) => ({ name, issuer })) };
    },
  };
}

/** The one that speaks the portal's scheme; none where a proxy in front ends TLS. */
function listenerOf({ listen, portal }: Pick<Config, 'listen' | 'portal'>): Endpoint | null {
  const found = listen.find(({ tls }) => tls === (portal.scheme === 'https'));
  return found ? { address: found.address ?? LOOPBACK, port: found.port || portal.port } : null;
}
