// The keys that sign assertions: ES256 pairs, sealed at rest, the next one published before it is used.
import type { JSONWebKeySet, JWK } from 'jose';
import type { Store } from './handle.ts';

export type SigningKeys = { active: { kid: string; privateJwk: JWK }; publicJwks: JSONWebKeySet };

/** Makes or rotates keys when it is time; otherwise one read. */
export declare function currentSigningKeys(store: Store): Promise<SigningKeys>;
