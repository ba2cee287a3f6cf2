// Health checks of apps that nobody has opened yet, or for a while: who comes first is not the one who finds out that an address is ill.
import { isFault } from '#server/core/fault.ts';
import type { Snapshot } from '#server/core/snapshot.ts';
import type { GatewayContext } from './gateway-context.ts';
import { placeOf, type Way, wayTo } from './place.ts';

/** How often it has to be called; new addresses of an app's name are found so often. */
export const KEEP_CHECKING_MS = 10_000;

type Gateway = Pick<GatewayContext, 'snapshot' | 'dial' | 'upstreams'>;

const known = new WeakMap<Snapshot, Way[]>();

/** Begins the health checks of the catalogue's apps, and keeps them going. Apps without one cost nothing. */
export function keepChecking(gateway: Gateway): void {
  const snapshot = gateway.snapshot();
  let ways = known.get(snapshot);
  if (ways === undefined) {
    ways = waysToCheck(snapshot);
    known.set(snapshot, ways);
  }
  for (const way of ways) void keepWay(gateway, snapshot, way);
}

async function keepWay({ dial, snapshot, upstreams }: Gateway, of: Snapshot, way: Way): Promise<void> {
  try {
    way.target = await dial.resolve(way.app, way.upstream, way.target);
  } catch (error) {
    // There is no address to ask. Whoever opens the app is told why, and so is the doctor.
    if (isFault(error)) return;
    throw error;
  }
  if (snapshot() === of) upstreams.keepChecking(way, way.target, way.host);
}

/** By the first of its names, as its requests are sent. */
function waysToCheck(snapshot: Snapshot): Way[] {
  return [...snapshot.appsById.values()].flatMap((app) => {
    const [host] = app.hosts;
    if (app.traffic.healthCheck === null || !app.enabled || host === undefined) return [];
    const place = placeOf(snapshot, host);
    if (place === null) return [];
    const routes = app.traffic.routes.map(({ upstream }, route) => ({ route, upstream }));
    return [{ route: -1, upstream: app.upstream }, ...routes].map((chosen) => wayTo(place, chosen));
  });
}
