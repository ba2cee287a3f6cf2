// An app as its editor shows it: of a certificate only what a person recognises it by, so that nothing of it can leak.
import type { App, PathRoute, Traffic, Upstream } from '#server/core/app.ts';
import { certificateId, expiryOf, subjectOf } from '#server/store/schema/certificate.ts';

export type ShownCertificate = {
  id: string;
  subject: string;
  /** Epoch milliseconds. */
  expiresAt: number;
  isExpired: boolean;
};
export type ShownUpstream = Omit<Upstream, 'clientCertificate'> & { clientCertificate: ShownCertificate | null };
export type ShownRoute = Omit<PathRoute, 'upstream'> & { upstream: ShownUpstream };
export type ShownApp = Omit<App, 'upstream' | 'traffic'> & {
  upstream: ShownUpstream;
  traffic: Omit<Traffic, 'routes'> & { routes: readonly ShownRoute[] };
};

export function shownApp(app: App, now: number): ShownApp {
  const shown = (upstream: Upstream): ShownUpstream => ({
    ...upstream,
    clientCertificate: upstream.clientCertificate && shownCertificate(upstream.clientCertificate.cert, now),
  });
  const routes = app.traffic.routes.map((route) => ({ ...route, upstream: shown(route.upstream) }));
  return { ...app, upstream: shown(app.upstream), traffic: { ...app.traffic, routes } };
}

function shownCertificate(cert: string, now: number): ShownCertificate {
  const expiresAt = expiryOf(cert);
  return { id: certificateId(cert), subject: subjectOf(cert), expiresAt, isExpired: expiresAt <= now };
}
