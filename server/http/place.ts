// What a snapshot says of one host, found once and kept with it: a request to one of thousands of apps looks up its host, and nothing else.
import type { App, Upstream } from '#server/core/app.ts';
import type { Permit } from '#server/core/authorize.ts';
import type { Hostname } from '#server/core/hostname.ts';
import { route } from '#server/core/route.ts';
import { appOrigin, type Snapshot } from '#server/core/snapshot.ts';
import { upstreamHost } from './headers.ts';
import type { AppOwner, UpstreamTarget } from './upstream/upstream.ts';

export type Place = {
  readonly app: App;
  /** The catalogue's own text: the request's would keep its whole head in memory. */
  readonly host: Hostname;
  /** As browsers see it, without a trailing slash. */
  readonly origin: string;
  /** The origin without its scheme, as a Host header has it. */
  readonly authority: string;
  /** Who may open the app, by this snapshot; null for nobody, undefined until somebody asked. */
  permit: Permit | null | undefined;
  /** By `route + 1`: the app's own upstream comes first. */
  readonly ways: Way[];
};

/** One of an app's upstreams: whose connections carry a request to it, the Host that it is sent, and where it was found last. */
export type Way = AppOwner & { readonly upstream: Upstream; readonly host: string; target: UpstreamTarget | null };

const places = new WeakMap<Snapshot, Map<Hostname, Place>>();

/** Null when the host is no app's. */
export function placeOf(snapshot: Snapshot, hostname: Hostname): Place | null {
  let known = places.get(snapshot);
  if (known === undefined) {
    known = new Map();
    places.set(snapshot, known);
  }
  const place = known.get(hostname);
  if (place !== undefined) return place;
  const found = route(snapshot, hostname);
  if (found.kind !== 'app') return null;
  const made = placeAt(snapshot, found.app, hostname);
  known.set(made.host, made);
  return made;
}

export function wayTo(
  { app, authority, ways }: Place,
  { route, upstream }: { route: number; upstream: Upstream },
): Way {
  let way = ways[route + 1];
  if (way === undefined) {
    way = { app, route, upstream, host: upstreamHost(upstream, authority), target: null, kept: null };
    ways[route + 1] = way;
  }
  return way;
}

function placeAt(snapshot: Snapshot, app: App, hostname: Hostname): Place {
  const host = app.hosts.find((each) => each === hostname) ?? hostname;
  const origin = appOrigin(snapshot.portal, host);
  const authority = origin.slice(origin.indexOf('://') + 3);
  return { app, host, origin, authority, permit: undefined, ways: [] };
}
