// The labels of aliases, each computed once in a process: the catalogue is read anew with every change of it.
import { aliasKey, aliasLabel } from '#server/core/alias.ts';
import type { Store } from './handle.ts';

type Known = Map<string, { round: number; label: string }>;

const knownOf = new WeakMap<Store, Known>();

/** `apps`: how many there are now; what is remembered of those that are gone is forgotten when it is more. */
export function aliasLabels(store: Store, apps: number): (appId: string, round: number) => string {
  const before = knownOf.get(store);
  const known: Known = before && before.size <= 2 * apps ? before : new Map();
  knownOf.set(store, known);
  const key = aliasKey(store.secret);
  return (appId, round) => {
    const found = known.get(appId);
    if (found?.round === round) return found.label;
    const label = aliasLabel(key, appId, round);
    known.set(appId, { round, label });
    return label;
  };
}
