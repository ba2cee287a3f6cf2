// One request on an app's host, as every step of its way sees it.
import type { App } from '#server/core/app.ts';
import type { Hostname } from '#server/core/hostname.ts';
import type { Snapshot } from '#server/core/snapshot.ts';
import type { Exchange, Outcome } from './exchange.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { Place } from './place.ts';

/** The snapshot and the time are those that it is decided by. */
export type Visit = {
  gateway: GatewayContext;
  snapshot: Snapshot;
  now: number;
  exchange: Exchange;
  outcome: Outcome;
  app: App;
  host: Hostname;
  /** Of that app and host in the snapshot. */
  place: Place;
};
