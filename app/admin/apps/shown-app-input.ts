// What a form sends for parts of an app that its person may see but not change: the same as is stored.
import type { ShownApp, ShownUpstream } from './shown-app.ts';

/** Site, upstream, names, paths and share of the gateway as they are; everything else as it was typed. */
export function withFixedPlace(typed: Record<string, unknown>, app: ShownApp): Record<string, unknown> {
  const { routes, concurrency } = app.traffic;
  const kept = routes.map((route) => ({ ...route, upstream: keptUpstream(route.upstream) }));
  const traffic = { ...(typed.traffic as Record<string, unknown>), routes: kept, concurrency };
  return { ...typed, hosts: app.hosts, siteId: app.siteId, upstream: keptUpstream(app.upstream), traffic };
}

function keptUpstream(upstream: ShownUpstream): Record<string, unknown> {
  const certificate = upstream.clientCertificate;
  return { ...upstream, clientCertificate: certificate && { kind: 'kept', id: certificate.id } };
}

/** A whole app as its own form would send it, untouched. */
export function inputOf(app: ShownApp): Record<string, unknown> {
  const { id: _, ...rest } = app;
  return withFixedPlace({ ...rest, traffic: { ...app.traffic } }, app);
}
