// Turns a provider's verified claims into a person: keyed by issuer and subject, admitted only when an admin listed them.
import type { Store } from './handle.ts';

export type ProviderSignIn = { kind: 'ok'; userId: string } | { kind: 'refused'; reason: ProviderRefusal };

export type ProviderRefusal =
  | 'provider-unknown'
  | 'issuer-mismatch'
  | 'claims-invalid'
  | 'email-invalid'
  | 'email-unverified'
  | 'not-listed'
  | 'user-disabled';

/** `claims` are those of an ID token whose signature, audience, nonce and times the caller has verified. */
export declare function signInWithProvider(store: Store, providerId: string, claims: unknown): Promise<ProviderSignIn>;
