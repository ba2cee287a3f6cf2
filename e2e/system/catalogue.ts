// What a test adds to a running Foyer: people, groups, sites, apps and providers by name, written through the store's own functions.
import { join } from 'node:path';
import type { Role } from '#server/core/identity.ts';
import { runCommand } from './child.ts';

export type CatalogueUser = { email: string; name: string; password?: string; role?: Role; provider?: string };
export type CatalogueSite = {
  name: string;
  dnsServers?: { address: string; port: number }[];
  zones?: string[];
  ranges?: string[];
  endpoints?: { address: string; port: number }[];
};
/** `access` names who may open the app: `everyone`, a group's name, or a person's e-mail address. */
export type CatalogueApp = {
  name: string;
  hosts: string[];
  site: string;
  upstream: { scheme: string; host: string; port: number };
  access: string[];
  showInLauncher?: boolean;
  description?: string;
  category?: string;
  icon?: { kind: string; name?: string };
};
export type CatalogueProvider = {
  name: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
  groupsClaim?: string;
  scopes?: string[];
  allowedEmailDomains?: string[];
};
export type Catalogue = {
  providers?: CatalogueProvider[];
  users?: CatalogueUser[];
  groups?: { name: string; members: string[] }[];
  sites?: CatalogueSite[];
  apps?: CatalogueApp[];
  /** Names of apps to delete. */
  goneApps?: string[];
};

/** Which store to write to. The secret is the one that the data directory holds. */
export type SeedTarget = { dataDir: string; portalUrl: string };
/** Ids by name (by e-mail address for people), the sentences of what was refused, and when the last write was done. */
export type Seeded = { ids: Record<string, string>; refusals: Record<string, string>; savedAt: number };

/** Throws when anything is refused, unless `refusals` are what the test is about. */
export async function addToCatalogue(
  target: SeedTarget,
  catalogue: Catalogue,
  expectRefusals = false,
): Promise<Seeded> {
  const program = join(import.meta.dirname, 'seed.ts');
  const printed = await runCommand([process.execPath, program], { input: JSON.stringify({ ...target, catalogue }) });
  const seeded: Seeded = JSON.parse(printed.split('\n').at(-1) ?? '');
  if (!expectRefusals && Object.keys(seeded.refusals).length > 0)
    throw new Error(JSON.stringify(seeded.refusals, null, 2));
  return seeded;
}
