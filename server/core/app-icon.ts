// Which uploaded picture who may see: it is as much a part of an app as its name.
import type { Identity } from './identity.ts';
import { isAssigned } from './policy.ts';
import type { Snapshot } from './snapshot.ts';

/** Reports whether a person may open an app that shows this picture, whether it stands in their launcher or not. */
export function showsIcon(snapshot: Snapshot, identity: Identity, sha256: string): boolean {
  if (identity.disabled) return false;
  return [...snapshot.appsById.values()].some((app) => {
    if (app.icon.kind !== 'uploaded' || app.icon.sha256 !== sha256 || !app.enabled) return false;
    const rule = snapshot.rulesByApp.get(app.id);
    return rule !== undefined && isAssigned(rule, identity);
  });
}
