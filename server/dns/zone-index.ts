// Finds the zone that a name lies in by the name's own endings, however many zones there are.
import { type Name, nameKeys } from './name.ts';
import type { ForwardRoute, HostedZone, LocalZone, Names } from './names.ts';

/** By the key of each zone's name; the first of two with one name counts. */
export type ZoneIndex = {
  local: ReadonlyMap<string, LocalZone>;
  /** Local zones that also answer for names which do not lie in them. */
  completing: readonly LocalZone[];
  hosted: ReadonlyMap<string, HostedZone>;
  routes: ReadonlyMap<string, ForwardRoute>;
};

const indexes = new WeakMap<Names, ZoneIndex>();

export function zoneIndex(names: Names): ZoneIndex {
  const known = indexes.get(names);
  if (known !== undefined) return known;
  const index = {
    local: keyed(names.local, ({ zone }) => zone.origin),
    completing: names.local.filter(({ search, answersSingleLabels }) => answersSingleLabels || search.length > 0),
    hosted: keyed(names.hosted, ({ origin }) => origin),
    routes: keyed(names.routes, ({ zone }) => zone),
  };
  indexes.set(names, index);
  return index;
}

/** The longest zone first. `keys`: nameKeys of the name. */
export function* covering<T>(zones: ReadonlyMap<string, T>, keys: readonly string[]): Generator<T> {
  if (zones.size === 0) return;
  for (const key of keys) {
    const zone = zones.get(key);
    if (zone !== undefined) yield zone;
  }
}

function keyed<T>(zones: readonly T[], originOf: (zone: T) => Name): ReadonlyMap<string, T> {
  return new Map(zones.toReversed().map((zone) => [nameKeys(originOf(zone))[0] ?? '.', zone]));
}
