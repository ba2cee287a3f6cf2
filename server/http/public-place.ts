// What browsers call a host, as text: made once for each host of a snapshot, since every request says it several times.
import type { Hostname } from '#server/core/hostname.ts';
import { appOrigin, type Snapshot } from '#server/core/snapshot.ts';

/** `authority` is the origin without its scheme, as a Host header has it. */
export type PublicPlace = { origin: string; authority: string };

const places = new WeakMap<Snapshot, Map<Hostname, PublicPlace>>();

/** `host` is one of the snapshot's. */
export function publicPlace(snapshot: Snapshot, host: Hostname): PublicPlace {
  let known = places.get(snapshot);
  if (!known) {
    known = new Map();
    places.set(snapshot, known);
  }
  let place = known.get(host);
  if (!place) {
    const origin = appOrigin(snapshot.portal, host);
    place = { origin, authority: origin.slice(origin.indexOf('://') + 3) };
    known.set(host, place);
  }
  return place;
}
