// The frozen, versioned, indexed configuration that the data plane reads: built whole, swapped whole.
import type { Aliases } from './alias.ts';
import type { App, Site } from './app.ts';
import type { Brand } from './brand.ts';
import type { Hostname } from './hostname.ts';
import { type AccessRule, type Assignment, compileAccessRule } from './policy.ts';

export type Snapshot = {
  /** The change feed's revision that this snapshot was read at. */
  revision: number;
  portal: Portal;
  appsByHost: ReadonlyMap<Hostname, App>;
  appsById: ReadonlyMap<string, App>;
  rulesByApp: ReadonlyMap<string, AccessRule>;
  sitesById: ReadonlyMap<string, Site>;
  /** Of all apps, disabled ones too; null while no alias zone is delegated. */
  aliases: Aliases | null;
};

/** Where the portal and the apps are seen from outside. `origin` has no trailing slash: `https://portal.example`. */
export type Portal = {
  origin: string;
  hostname: Hostname;
  scheme: 'http' | 'https';
  /** The port that browsers use for the portal and every app. */
  port: number;
  /** What its pages look like; absent in what was only configured. */
  brand?: Brand;
};

/** One row of the catalogue as read: good, or the sentence that says why not. A bad row disables its own app only. */
export type CatalogueEntry =
  | { kind: 'app'; app: App; assignments: readonly Assignment[] }
  | { kind: 'invalid'; appId: string; problem: string };

export type SnapshotProblem = { appId: string; problem: string };

/** Compiles rows into a snapshot. The first app that names a host keeps it; a later one is reported and left out. */
export function buildSnapshot(input: {
  revision: number;
  portal: Portal;
  catalogue: readonly CatalogueEntry[];
  sites: readonly Site[];
  brand?: Brand;
  aliases?: Aliases | null;
}): { snapshot: Snapshot; problems: readonly SnapshotProblem[] } {
  const problems: SnapshotProblem[] = [];
  const appsByHost = new Map<Hostname, App>();
  const appsById = new Map<string, App>();
  const rulesByApp = new Map<string, AccessRule>();
  // Many apps are open to the same people: one rule for all of them is one that is at hand.
  const rules = new Map<string, AccessRule>();
  for (const entry of input.catalogue) {
    if (entry.kind === 'invalid') {
      problems.push({ appId: entry.appId, problem: entry.problem });
      continue;
    }
    const { app } = entry;
    const taken = app.hosts.find((host) => host === input.portal.hostname || appsByHost.has(host));
    if (taken) {
      problems.push({ appId: app.id, problem: `The host name ${taken} belongs to the portal or to another app.` });
      continue;
    }
    for (const host of app.hosts) appsByHost.set(host, app);
    appsById.set(app.id, app);
    const text = JSON.stringify(entry.assignments);
    const rule = rules.get(text) ?? compileAccessRule(entry.assignments);
    rules.set(text, rule);
    rulesByApp.set(app.id, rule);
  }
  const sitesById = new Map(input.sites.map((site) => [site.id, site]));
  const snapshot = Object.freeze({
    revision: input.revision,
    portal: input.brand ? { ...input.portal, brand: input.brand } : input.portal,
    appsByHost,
    appsById,
    rulesByApp,
    sitesById,
    aliases: input.aliases ?? null,
  });
  return { snapshot, problems };
}

/** The origin of one app host as browsers see it; default ports are left out (RFC 6454 §6.1). */
export function appOrigin(portal: Portal, host: Hostname): string {
  const isDefaultPort = portal.port === (portal.scheme === 'https' ? 443 : 80);
  return `${portal.scheme}://${host}${isDefaultPort ? '' : `:${portal.port}`}`;
}

/** Parses the portal's public URL: http or https, a host name, no path, query, fragment or user. Null otherwise. */
export function parsePortal(url: string, parseHostname: (text: string) => Hostname | null): Portal | null {
  if (!URL.canParse(url)) return null;
  const parsed = new URL(url);
  const hostname = parseHostname(parsed.hostname);
  const isBare = parsed.pathname === '/' && !parsed.search && !parsed.hash && !parsed.username && !parsed.password;
  if (!hostname || !isBare || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')) return null;
  const scheme = parsed.protocol === 'https:' ? 'https' : 'http';
  const port = parsed.port === '' ? (scheme === 'https' ? 443 : 80) : Number(parsed.port);
  return { origin: parsed.origin, hostname, scheme, port };
}
