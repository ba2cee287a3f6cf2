// The private networks that apps live in.
import type { Site } from '#server/core/app.ts';
import type { Store } from './handle.ts';
import type { Actor, Found, Listed, ListQuery, Saved } from './saved.ts';

export type SiteRecord = { site: Site; appCount: number; createdAt: number; updatedAt: number };

export declare function listSites(store: Store, actor: Actor, query?: ListQuery): Promise<Listed<SiteRecord>>;
export declare function getSite(store: Store, actor: Actor, id: string): Promise<Found<SiteRecord>>;
export declare function saveSite(store: Store, actor: Actor, id: string | null, input: unknown): Promise<Saved>;
/** Refused while apps use the site. */
export declare function deleteSite(store: Store, actor: Actor, id: string): Promise<Saved>;
