// OpenID Connect providers; the client secret is sealed at rest and leaves this file only through `providerWithSecret`.

import type { Store } from './handle.ts';
import type { Actor, Found, Listed, Saved } from './saved.ts';

export type Provider = {
  id: string;
  name: string;
  issuer: string;
  clientId: string;
  /** The claim that lists a person's groups; null takes none. */
  groupsClaim: string | null;
  /** Verified addresses of these domains may enter without being listed. */
  allowedEmailDomains: readonly string[];
  scopes: readonly string[];
  enabled: boolean;
};

export declare function listProviders(store: Store, actor: Actor): Promise<Listed<Provider>>;
export declare function getProvider(store: Store, actor: Actor, id: string): Promise<Found<{ provider: Provider }>>;
/** `input`: schema/provider.ts; an empty client secret keeps the one that is stored. */
export declare function saveProvider(store: Store, actor: Actor, id: string | null, input: unknown): Promise<Saved>;
export declare function deleteProvider(store: Store, actor: Actor, id: string): Promise<Saved>;
/** What the sign-in page shows before anybody is known: enabled providers, by name. */
export declare function signInProviders(store: Store): Promise<readonly { id: string; name: string }[]>;
/** For the sign-in itself; null when unknown or disabled. */
export declare function providerWithSecret(
  store: Store,
  id: string,
): Promise<(Provider & { clientSecret: string }) | null>;
