// Host name → app, portal or nothing. Exact match in a map; never a default app.
import type { App } from './app.ts';
import type { Hostname } from './hostname.ts';
import type { Snapshot } from './snapshot.ts';

export type Route = { kind: 'app'; app: App; host: Hostname } | { kind: 'portal' } | { kind: 'unknown' };

export function route(snapshot: Snapshot, host: Hostname): Route {
  if (host === snapshot.portal.hostname) return { kind: 'portal' };
  const app = snapshot.appsByHost.get(host);
  return app ? { kind: 'app', app, host } : { kind: 'unknown' };
}
