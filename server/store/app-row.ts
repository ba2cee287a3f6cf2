// An app between its row and core's type; reading goes through the form's own schema, so a row is trusted no more than a form.
import { isDeepStrictEqual } from 'node:util';
import { type App, PLAIN_TRAFFIC, type Traffic, type Upstream } from '#server/core/app.ts';
import { appState, hasUnverified } from './app-state.ts';
import { type ClientKeys, isStored, openCertificate, type StoredCertificate } from './client-certificate.ts';
import { fold } from './fold.ts';
import { type AppInput, appStored } from './schema/app.ts';
import { parseInput } from './schema/parse-input.ts';
import type { UpstreamInput } from './schema/upstream.ts';
import type { Tables } from './tables.ts';

export type ReadRow<T> = { kind: 'read'; value: T } | { kind: 'unreadable'; problem: string };

/** `hosts` in their order. */
export function readApp(row: Tables['apps'], hosts: readonly string[], keys: ClientKeys): ReadRow<App> {
  const opened = openUpstreams(row, keys);
  if (opened.kind === 'unreadable') return opened;
  const parsed = parseInput(appStored, inputOf(row, hosts, opened.value));
  if (parsed.kind === 'invalid') return { kind: 'unreadable', problem: problemOf(parsed.errors) };
  const { ownerUserId: _, traffic, upstream, ...app } = parsed.value;
  const routes = traffic.routes.map((route) => ({ ...route, upstream: withCertificate(route.upstream) }));
  const value = { id: row.id, ...app, upstream: withCertificate(upstream), traffic: shared({ ...traffic, routes }) };
  return { kind: 'read', value };
}

/** Nearly every app travels plainly: one object says so for all of them. */
function shared(traffic: Traffic): Traffic {
  return isDeepStrictEqual(traffic, PLAIN_TRAFFIC) ? PLAIN_TRAFFIC : traffic;
}

/** The columns that a form decides. `certificates`: of each of the app's upstreams, as `sealCertificates` gives them. */
export function appColumns(app: AppInput, certificates: readonly (StoredCertificate | null)[]) {
  const { upstream } = app;
  const { routes, concurrency, ...traffic } = app.traffic;
  const own = certificates[0] ?? null;
  const stored = routes.map(({ prefix, upstream: each }, at) => ({
    prefix,
    upstream: { ...each, clientCertificate: certificates[at + 1] ?? null },
  }));
  const columns = {
    name: app.name,
    name_folded: fold(app.name),
    description: app.description,
    category: app.category,
    support: app.support,
    icon: JSON.stringify(app.icon),
    show_in_launcher: app.showInLauncher ? 1 : 0,
    enabled: app.enabled ? 1 : 0,
    site_id: app.siteId,
    upstream_scheme: upstream.scheme,
    upstream_host: upstream.host,
    upstream_port: upstream.port,
    upstream_protocol: upstream.protocol,
    host_header: JSON.stringify(upstream.hostHeader),
    tls: JSON.stringify(upstream.tls),
    replicas: JSON.stringify(upstream.replicas),
    client_certificate: own && JSON.stringify(own),
    routes: JSON.stringify(stored),
    concurrency: JSON.stringify(concurrency),
    traffic: JSON.stringify(traffic),
    identity_headers: JSON.stringify(app.identityHeaders),
    max_session_ms: app.maxSessionMs,
  } as const satisfies Partial<Tables['apps']>;
  const unverified = hasUnverified(columns) ? 1 : 0;
  return { ...columns, state: appState(columns), unverified } as const satisfies Partial<Tables['apps']>;
}

/** Every certificate that a row holds, keys sealed. */
export function certificatesIn(row: Tables['apps']): StoredCertificate[] {
  const ofRoutes = routesIn(row).map(({ upstream }) => upstream.clientCertificate);
  return [readJson(row.client_certificate ?? ''), ...ofRoutes].filter(isStored);
}

/** Why a row cannot be read, in one line for an administrator. */
export function problemOf(errors: Readonly<Record<string, string>>): string {
  return Object.entries(errors)
    .map(([path, sentence]) => (path ? `${path}: ${sentence}` : sentence))
    .join(' ');
}

/** JSON that is none reads as undefined: the schema then says that the field is missing. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type RawRoute = Record<string, unknown> & { upstream: Record<string, unknown> };
type Opened = { clientCertificate: unknown; routes: unknown };

/** The row's certificates with their keys open; what is no route at all is left for the schema to refuse. */
function openUpstreams(row: Tables['apps'], keys: ClientKeys): ReadRow<Opened> {
  const problems: string[] = [];
  const opened = (stored: unknown): unknown => {
    const found = openCertificate(keys, row.id, stored);
    if (found.kind === 'opened') return found.value;
    problems.push(found.problem);
    return null;
  };
  const clientCertificate = opened(row.client_certificate === null ? null : (readJson(row.client_certificate) ?? {}));
  const routes = isRoutes(readJson(row.routes))
    ? routesIn(row).map((route) => ({
        ...route,
        upstream: { ...route.upstream, clientCertificate: opened(route.upstream.clientCertificate) },
      }))
    : null;
  return problems[0] === undefined
    ? { kind: 'read', value: { clientCertificate, routes } }
    : { kind: 'unreadable', problem: problems[0] };
}

function routesIn(row: Tables['apps']): readonly RawRoute[] {
  const routes = readJson(row.routes);
  return isRoutes(routes) ? routes : [];
}

function isRoutes(value: unknown): value is RawRoute[] {
  return Array.isArray(value) && value.every((each) => isRecord(each) && isRecord(each.upstream));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withCertificate(upstream: UpstreamInput): Upstream {
  const { clientCertificate: given } = upstream;
  // A row's schema knows no kept one.
  return { ...upstream, clientCertificate: given?.kind === 'new' ? { cert: given.cert, key: given.key } : null };
}

function inputOf(row: Tables['apps'], hosts: readonly string[], opened: Opened): unknown {
  const traffic = readJson(row.traffic);
  return {
    name: row.name,
    description: row.description,
    category: row.category,
    support: row.support,
    icon: readJson(row.icon) ?? null,
    hosts,
    showInLauncher: row.show_in_launcher === 1,
    enabled: row.enabled === 1,
    siteId: row.site_id,
    upstream: {
      scheme: row.upstream_scheme,
      host: row.upstream_host,
      port: row.upstream_port,
      protocol: row.upstream_protocol,
      hostHeader: readJson(row.host_header) ?? null,
      tls: readJson(row.tls) ?? null,
      replicas: readJson(row.replicas) ?? null,
      clientCertificate: opened.clientCertificate,
    },
    identityHeaders: readJson(row.identity_headers) ?? null,
    maxSessionMs: row.max_session_ms,
    traffic: isRecord(traffic)
      ? { ...traffic, routes: opened.routes, concurrency: readJson(row.concurrency) ?? null }
      : null,
  };
}
